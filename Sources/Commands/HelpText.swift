// Help as lines, made from what commands declare. Everything fits in 80 columns.

import Basics
import Domain
import Screen

enum HelpText {
  private static let width = 80

  static func everything(_ sections: [CommandSection]) -> [String] {
    var lines = [
      "Listkeeper keeps a Mailchimp audience in step with your people.", "",
      "Usage: listkeeper [--workspace FILE] [COMMAND]", "",
      "Without a command the console opens; `listkeeper demo` opens it on a practice",
      "Mailchimp with sample people, with nothing to configure.",
    ]
    let blocks = sections.map { $0.groups.map(entry) }
    let left = blocks.joined().map { CharacterWidth.of($0.0) }.max()
    for (section, block) in zip(sections, blocks) {
      lines += ["", section.title] + pairs(block, left: left)
    }
    lines += ["", "Options"] + options(Command.Option.global)
    lines += ["", "Exit codes"]
    lines += pairs(ExitCode.allCases.map { ("\($0.rawValue)", $0.meaning) })
    lines += ["", "`listkeeper help COMMAND` says more about one. Topics:"]
    lines += CharacterWidth.wrap(
      Guidance.all.map(\.name).joined(separator: ", ") + ".", to: width - 2
    ).map { "  \($0)" }
    return lines
  }

  static func guidance(_ guidance: Guidance) -> [String] {
    [guidance.title, ""]
      + guidance.lines.flatMap { line -> [String] in
        if line.text.isEmpty { return [""] }
        let blank = String(repeating: " ", count: line.margin.count)
        return CharacterWidth.wrap(line.text, to: width - blank.count).enumerated()
          .map { ($0 == 0 ? line.margin : blank) + $1 }
      }
  }

  private static func entry(_ group: CommandGroup) -> (String, String) {
    if group.isSingle {
      return (synopsis(group.commands[0], program: false, options: false), group.summary)
    }
    let words = group.commands.compactMap(\.words.last).joined(separator: ", ")
    return (group.name, "\(group.summary): \(words)")
  }

  static func group(_ group: CommandGroup) -> [String] {
    if group.isSingle { return command(group.commands[0]) }
    var lines = [
      "\(group.summary).", "", "Usage: listkeeper \(group.name) COMMAND", "", "Commands",
    ]
    lines += pairs(
      group.commands.map { command in
        let head = ([command.words[1]] + command.arguments.map(\.synopsis)).joined(separator: " ")
        return (head, command.summary)
      })
    if let alone = group.alone {
      lines += ["", "`listkeeper \(group.name)` alone is `listkeeper \(alone.name)`."]
    }
    lines += ["", "`listkeeper help \(group.name) COMMAND` says more about one."]
    return lines
  }

  static func command(_ command: Command) -> [String] {
    var lines = ["\(command.summary).", ""]
    lines += hanging("Usage: ", synopsis(command, program: true, options: true))
    if !command.arguments.isEmpty {
      lines += ["", "Arguments"] + pairs(command.arguments.map { ($0.name, $0.help) })
    }
    if !command.options.isEmpty { lines += ["", "Options"] + options(command.options) }
    if !command.notes.isEmpty {
      lines.append("")
      lines += CharacterWidth.wrap(command.notes, to: width)
    }
    if let shape = command.shape {
      lines +=
        ["", "--json prints"] + shape.split(separator: "\n").flatMap { indented(String($0)) }
    }
    return lines
  }

  /// `listkeeper sync [--resync] [--wait]`
  static func synopsis(_ command: Command, program: Bool, options: Bool) -> String {
    var words = (program ? ["listkeeper"] : []) + command.words
    words += command.arguments.map(\.synopsis)
    if options {
      words += command.options.map { "[\($0.synopsis)]" }
      if command.shape != nil { words.append("[--json]") }
    }
    return words.joined(separator: " ")
  }

  private static func options(_ options: [Command.Option]) -> [String] {
    pairs(
      options.map { option in
        (option.synopsis + (option.short.map { ", -\($0)" } ?? ""), option.help)
      })
  }

  /// Two columns; the right one is wrapped.
  private static func pairs(_ pairs: [(String, String)], left wanted: Int? = nil) -> [String] {
    let left = min(26, wanted ?? pairs.map { CharacterWidth.of($0.0) }.max() ?? 0)
    var lines: [String] = []
    for (head, text) in pairs {
      var wrapped = CharacterWidth.wrap(text, to: width - left - 4)
      if wrapped.isEmpty { wrapped = [""] }
      if CharacterWidth.of(head) > left {
        lines.append("  \(head)")
      } else {
        lines.append("  " + CharacterWidth.fit(head, to: left) + "  " + wrapped.removeFirst())
      }
      lines += wrapped.map { String(repeating: " ", count: left + 4) + $0 }
    }
    return lines
  }

  /// A line two columns in; where it is wrapped, what follows stands two further in.
  private static func indented(_ line: String) -> [String] {
    let own = String(repeating: " ", count: line.prefix { $0 == " " }.count + 2)
    let text = String(line.drop { $0 == " " })
    let pieces = CharacterWidth.wrap(text, to: width - own.count - 2)
    return pieces.enumerated().map { own + ($0 == 0 ? "" : "  ") + $1 }
  }

  private static func hanging(_ head: String, _ text: String) -> [String] {
    var lines: [String] = []
    var line = head
    let indent = String(repeating: " ", count: head.count)
    for word in text.split(separator: " [") {
      let piece = lines.isEmpty && line == head ? String(word) : "[\(word)"
      if line != head, line != indent, line.count + 1 + piece.count > width {
        lines.append(line)
        line = indent
      }
      line += (line == head || line == indent ? "" : " ") + piece
    }
    return lines + [line]
  }
}
