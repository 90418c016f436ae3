// What a command is, as data: its words, what it takes, what it prints, and how it runs. The parser
// and every `--help` read this and nothing else, so a command cannot take what it does not document.

import Basics

package struct Command: Sendable {
  /// As typed: `["people", "list"]`.
  package var words: [String]
  /// One line for lists of commands, without a full stop.
  package var summary: String
  package var arguments: [Argument]
  package var options: [Option]
  /// Paragraphs below the options; empty when there is nothing to add.
  package var notes: String
  /// What `--json` prints, as an example; nil where the command has no report.
  package var shape: String?
  package var run: @Sendable (CommandRun) throws(Problem) -> ExitCode

  package init(
    _ words: String, _ summary: String, _ arguments: [Argument] = [], options: [Option] = [],
    notes: String = "", shape: String? = nil,
    run: @escaping @Sendable (CommandRun) throws(Problem) -> ExitCode
  ) {
    self.words = words.split(separator: " ").map(String.init)
    self.summary = summary
    self.arguments = arguments
    self.options = options
    self.notes = notes
    self.shape = shape
    self.run = run
  }

  package var name: String { words.joined(separator: " ") }

  /// A word that stands by itself.
  package struct Argument: Sendable, Equatable {
    package enum Count: Sendable, Equatable {
      case one, optional
      /// All that follow; none is allowed. A word such as `-tag:vip` is one of them.
      case search
      /// All that follow; one at least.
      case several
    }
    package var name: String
    package var count: Count
    package var help: String

    package init(_ name: String, _ count: Count = .one, _ help: String) {
      self.name = name
      self.count = count
      self.help = help
    }

    var synopsis: String {
      switch count {
      case .one: name
      case .optional: "[\(name)]"
      case .search: "[\(name)]"
      case .several: "\(name)…"
      }
    }
  }

  /// A word that begins with `--`. Commands name theirs as constants, so that what is read is what
  /// was declared.
  package struct Option: Sendable, Hashable {
    /// Without the `--`.
    package var name: String
    package var short: Character?
    /// What its value is called; nil for a flag.
    package var value: String?
    package var help: String

    package static func flag(_ name: String, short: Character? = nil, _ help: String) -> Self {
      Option(name: name, short: short, value: nil, help: help)
    }

    package static func value(_ name: String, _ value: String, _ help: String) -> Self {
      Option(name: name, short: nil, value: value, help: help)
    }

    var synopsis: String { "--\(name)" + (value.map { " \($0)" } ?? "") }
  }
}

/// Commands that share their first word, or one command by itself.
package struct CommandGroup: Sendable {
  package var name: String
  package var summary: String
  package var commands: [Command]
  /// What the first word alone means; nil where a second word is needed.
  package var alone: Command?

  package init(_ name: String, _ summary: String, alone: String? = nil, _ commands: [Command]) {
    self.name = name
    self.summary = summary
    self.commands = commands
    self.alone = alone.flatMap { word in commands.first { $0.words.last == word } }
  }

  package init(_ command: Command) {
    name = command.name
    summary = command.summary
    commands = [command]
    alone = command
  }

  /// True for a command that has only one word.
  var isSingle: Bool { commands.count == 1 && commands[0].words.count == 1 }
}

/// A heading of the main help and what stands under it.
package struct CommandSection: Sendable {
  package var title: String
  package var groups: [CommandGroup]

  package init(_ title: String, _ groups: [CommandGroup]) {
    self.title = title
    self.groups = groups
  }
}

/// Options that every command takes.
extension Command.Option {
  package static let workspace = value(
    "workspace", "FILE", "The workspace to work on, instead of the default one.")
  package static let json = flag("json", "Print JSON instead of lines.")
  package static let plain = value(
    "plain", "PANE", "Print a pane of the console as lines, and end.")
  package static let readOnly = flag(
    "read-only", "Open the console to look: it changes nothing.")
  package static let log = value("log", "FILE", "Write the diagnostic log to this file.")
  package static let help = flag("help", short: "h", "Say what a command does and takes.")
  package static let version = flag("version", "Print the version.")

  static let global: [Command.Option] = [
    .workspace, .json, .plain, .readOnly, .log, .help, .version,
  ]
}

/// How a command ended; scripts may rely on the numbers.
package enum ExitCode: Int32, Sendable, CaseIterable {
  case done = 0
  case failed = 1
  case usage = 2
  case held = 3
  case configuration = 4
  case engineElsewhere = 5

  var meaning: String {
    switch self {
    case .done: "done"
    case .failed: "failed"
    case .usage: "the command was not understood"
    case .held: "held for review"
    case .configuration: "configuration or credentials"
    case .engineElsewhere: "another engine holds the workspace (serve)"
    }
  }

  /// What a command that ended with `problem` exits with.
  package static func of(_ problem: Problem) -> ExitCode {
    let code = problem.code
    if code.hasPrefix("usage.") || code == "preset.unknown" { return .usage }
    if code == "mailchimp.many-gone" { return .held }
    if code == "engine.held" || code == "engine.lost" { return .engineElsewhere }
    if wrongSetUp.contains(where: { code == $0 || code.hasPrefix($0 + ".") }) {
      return .configuration
    }
    return .failed
  }

  /// Codes, and beginnings of codes, of what somebody must set right before anything can work.
  private static let wrongSetUp = [
    "settings", "workspace", "secret", "keys", "theme", "mapping", "configuration",
    "http.tls-refused",
    "mailchimp.key-refused", "mailchimp.key-missing", "mailchimp.key-malformed",
    "mailchimp.key-without-data-centre", "mailchimp.key-truncated", "mailchimp.url-malformed",
    "mailchimp.not-permitted", "mailchimp.wrong-address", "mailchimp.audience-vanished",
    "mailchimp.no-such-audience", "mailchimp.plan-full", "login",
  ]
}
