// From words to a command and what was given to it. Pure: the same words always mean the same, and
// what is not declared is refused with the nearest thing that is.

import Basics
import Domain

/// What the words asked for.
package enum ParsedLine: Sendable {
  case run(Command, Invocation)
  /// Help on this command or group; nil: on everything.
  case help(HelpTopic?)
  case version
  /// No command: the console.
  case console(Invocation)
}

package enum HelpTopic: Sendable {
  case group(CommandGroup)
  case command(Command)
  /// How something is done that is no command.
  case guidance(Guidance)
  case manual
}

/// What was given to a command.
package struct Invocation: Sendable, Equatable {
  /// By option name, in their order; a flag has one empty value.
  package var options: [String: [String]] = [:]
  package var arguments: [String] = []

  package init() {}

  package func has(_ option: Command.Option) -> Bool { options[option.name] != nil }

  /// The last value given.
  package subscript(_ option: Command.Option) -> String? { options[option.name]?.last }

  /// Every value given.
  package func all(_ option: Command.Option) -> [String] { options[option.name] ?? [] }
}

package struct CommandParser: Sendable {
  package let sections: [CommandSection]

  package init(_ sections: [CommandSection]) { self.sections = sections }

  var groups: [CommandGroup] { sections.flatMap(\.groups) }

  package func parse(_ words: [String]) throws(Problem) -> ParsedLine {
    var state = State()
    var rest = words[...]
    var endsOptions = false
    while let word = rest.popFirst() {
      if endsOptions {
        try take(argument: word, &state)
      } else if word == "--" {
        endsOptions = true
        if state.command == nil, state.group != nil { try settle(&state) }
      } else if word.hasPrefix("--") {
        try take(long: word.dropFirst(2), &rest, &state)
      } else if word.hasPrefix("-"), word.count > 1 {
        try take(short: word, &state)
      } else {
        try take(argument: word, &state)
      }
    }
    if state.invocation.has(.version) { return .version }
    if state.invocation.has(.help) { return .help(state.topic) }
    guard let group = state.group else { return .console(state.invocation) }
    if group.name == "help" {
      if state.invocation.has(CommandTool.manual) { return .help(.manual) }
      return .help(try topic(state.invocation.arguments))
    }
    try settle(&state)
    guard let command = state.command else { throw missingWord(of: group) }
    try check(command, state.invocation)
    return .run(command, state.invocation)
  }

  private struct State {
    var group: CommandGroup?
    var command: Command?
    var invocation = Invocation()

    /// True while the words name a topic of the help.
    var isHelp = false

    var topic: HelpTopic? { command.map { .command($0) } ?? group.map { .group($0) } }
  }

  // MARK: Words

  private func take(argument word: String, _ state: inout State) throws(Problem) {
    guard let group = state.group else {
      guard let found = groups.first(where: { $0.name == word }) else {
        let names = groups.map(\.name) + (state.isHelp ? Guidance.all.map(\.name) : [])
        throw Problem(
          "usage.unknown-command", "There is no command '\(Text.oneLine(word))'.",
          remedy: "Run `listkeeper help` for all of them."
            + Suggestion.sentence(word, among: names))
      }
      state.group = found
      if found.isSingle { state.command = found.commands[0] }
      return
    }
    if state.command == nil {
      guard let found = group.commands.first(where: { $0.words.last == word }) else {
        let names = group.commands.compactMap(\.words.last)
        throw Problem(
          "usage.unknown-command",
          "There is no command '\(group.name) \(Text.oneLine(word))'.",
          remedy: "Give one of: \(names.joined(separator: ", "))."
            + Suggestion.sentence(word, among: names))
      }
      state.command = found
      return
    }
    state.invocation.arguments.append(word)
  }

  /// Decides for the command that the first word alone means.
  private func settle(_ state: inout State) throws(Problem) {
    guard state.command == nil, let group = state.group else { return }
    guard let alone = group.alone else { throw missingWord(of: group) }
    state.command = alone
  }

  private func missingWord(of group: CommandGroup) -> Problem {
    Problem(
      "usage.missing-command", "'\(group.name)' needs to know what to do.",
      remedy: "Give one of: \(group.commands.compactMap(\.words.last).joined(separator: ", ")).")
  }

  // MARK: Options

  private func take(
    long word: Substring, _ rest: inout ArraySlice<String>, _ state: inout State
  ) throws(Problem) {
    let name = String(word.prefix { $0 != "=" })
    let given = word.firstIndex(of: "=").map { String(word[word.index(after: $0)...]) }
    let option = try option(&state, "--\(name)") { $0.name == name }
    guard let placeholder = option.value else {
      if given != nil {
        throw usage(state, "usage.value-not-wanted", "--\(name) takes no value.")
      }
      state.invocation.options[name, default: []].append("")
      return
    }
    guard let value = given ?? rest.popFirst() else {
      throw usage(
        state, "usage.missing-value", "--\(name) needs a value: \(option.synopsis).",
        fields: ["value": placeholder])
    }
    state.invocation.options[name, default: []].append(value)
  }

  private func take(short word: String, _ state: inout State) throws(Problem) {
    let isKnown = known(state).contains { option in option.short.map { "-\($0)" } == word }
    let takesSearch = state.command?.arguments.contains { $0.count == .search } ?? false
    let takesMinus = state.command?.arguments.contains { $0.name == "VALUE" } ?? false
    if !isKnown, takesSearch || takesMinus {
      // `-tag:vip` excludes by a tag: a word of the search, not an option.
      return try take(argument: word, &state)
    }
    let option = try option(&state, word) { option in option.short.map { "-\($0)" } == word }
    state.invocation.options[option.name, default: []].append("")
  }

  private func known(_ state: State) -> [Command.Option] {
    ((state.command ?? state.group?.alone)?.options ?? []) + Command.Option.global
  }

  private func option(
    _ state: inout State, _ written: String, _ isMeant: (Command.Option) -> Bool
  ) throws(Problem) -> Command.Option {
    if let option = Command.Option.global.first(where: isMeant) { return option }
    if state.group != nil, state.group?.name != "help", state.command == nil {
      try settle(&state)
    }
    if let option = state.command?.options.first(where: isMeant) { return option }
    let all = (state.command?.options ?? []) + Command.Option.global
    throw usage(
      state, "usage.unknown-option", "There is no option \(Text.oneLine(written)) here.",
      suggestion: Suggestion.sentence(written, among: all.map { "--\($0.name)" }))
  }

  // MARK: Checks

  private func check(_ command: Command, _ invocation: Invocation) throws(Problem) {
    var state = State()
    state.command = command
    let count = invocation.arguments.count
    let least = command.arguments.filter { $0.count == .one || $0.count == .several }.count
    if count < least {
      let missing = command.arguments.filter { $0.count == .one || $0.count == .several }[count]
      throw usage(
        state, "usage.missing-argument",
        "'\(command.name)' needs \(missing.name): \(missing.help)")
    }
    let isOpen = command.arguments.contains { $0.count == .search || $0.count == .several }
    if !isOpen, count > command.arguments.count {
      throw usage(
        state, "usage.too-many-arguments",
        "'\(Text.oneLine(invocation.arguments[command.arguments.count]))' is too much for"
          + " '\(command.name)'.")
    }
    if invocation.has(.json), command.shape == nil {
      throw usage(state, "usage.no-json", "'\(command.name)' has nothing to print as JSON.")
    }
    for option in [Command.Option.plain, .readOnly] where invocation.has(option) {
      throw usage(
        state, "usage.\(option.name)-is-for-console",
        "\(option.synopsis) goes without a command.")
    }
  }

  private func usage(
    _ state: State, _ code: String, _ sentence: String, suggestion: String = "",
    fields: [String: String] = [:]
  ) -> Problem {
    let topic = state.command?.name ?? state.group?.name
    return Problem(
      code, sentence,
      remedy: "Run `listkeeper help\(topic.map { " " + $0 } ?? "")`." + suggestion,
      fields: fields)
  }

  private func topic(_ words: [String]) throws(Problem) -> HelpTopic? {
    if let first = words.first, let guidance = Guidance.named(first), words.count == 1,
      !groups.contains(where: { $0.name == first })
    {
      return .guidance(guidance)
    }
    var state = State()
    state.isHelp = true
    for word in words.prefix(2) { try take(argument: word, &state) }
    return state.topic
  }
}
