// The manual page, in the words of the help and of the table of keys: nothing is written twice.
// Printed as man(7) macros by `listkeeper help --man`.

import Basics
import Console
import Domain

struct ManualPage {
  let sections: [CommandSection]
  let version: String

  var lines: [String] {
    var lines = [
      #".\" Made by `listkeeper help --man`."#,
      ".TH LISTKEEPER 1 \"\" \"Listkeeper \(version)\" \"User Commands\"", ".SH NAME",
      "listkeeper \\- keep a Mailchimp audience in step with an organisation's people",
      ".SH SYNOPSIS", ".B listkeeper",
      "[\\fB\\-\\-workspace\\fR \\fIFILE\\fR] [\\fICOMMAND\\fR]", ".SH DESCRIPTION",
      Self.text(
        "Without a command the console opens: a full screen over the workspace, with the sync"
          + " engine behind it where no other process runs one. `listkeeper demo` opens it on a"
          + " practice Mailchimp with sample people, with nothing to configure."),
      ".SH COMMANDS",
    ]
    for section in sections {
      lines.append(".SS \(Self.text(section.title))")
      lines += section.groups.flatMap(\.commands).flatMap(entry)
    }
    lines.append(".SH OPTIONS")
    lines += Command.Option.global.flatMap(Self.entry)
    lines.append(".SH KEYS")
    for (title, rows) in ConsoleSession.keySections() {
      lines.append(".SS \(Self.text(title))")
      lines += rows.flatMap { [".TP", ".B \(Self.text($0.keys))", Self.text($0.help)] }
    }
    lines.append(".SH SETTINGS")
    lines += Settings.all.flatMap { setting in
      [".TP", ".B \(Self.text(setting.key))", Self.text(setting.help)]
        + (setting.defaultText.isEmpty ? [] : [Self.text("Default: \(setting.defaultText).")])
    }
    for guidance in Guidance.all {
      lines.append(".SH \(Self.text(guidance.title.uppercased()))")
      lines += guidance.paragraphs.flatMap(Self.paragraph)
    }
    lines += [".SH EXIT STATUS"]
    lines += ExitCode.allCases.flatMap { [".TP", ".B \($0.rawValue)", Self.text($0.meaning)] }
    lines += [".SH FILES"]
    lines += Self.files.flatMap { [".TP", ".I \(Self.text($0.0))", Self.text($0.1)] }
    lines += [".SH ENVIRONMENT"]
    lines += Self.environment.flatMap { [".TP", ".B \(Self.text($0.0))", Self.text($0.1)] }
    return lines
  }

  private static let files = [
    (
      "$XDG_DATA_HOME/listkeeper/default.listkeeper",
      "The workspace where --workspace names none; ~/.local/share where the variable is not set."
    ),
    ("$XDG_CONFIG_HOME/listkeeper/themes/NAME.theme", "Themes of your own."),
    ("$XDG_STATE_HOME/listkeeper/listkeeper.log", "The diagnostic log of the console."),
  ]

  private static let environment = [
    ("NO_COLOR", "Shapes and words only."),
    ("TERM, COLORTERM", "What the terminal can; truecolor for all colours of a theme."),
    ("ESCDELAY", "Milliseconds to wait whether an Esc begins a key; 25 unless set."),
  ]

  private func entry(_ command: Command) -> [String] {
    var lines = [
      ".TP", ".B \(Self.text(HelpText.synopsis(command, program: false, options: false)))",
      Self.text("\(command.summary)."),
    ]
    if !command.notes.isEmpty { lines += [".IP", Self.text(command.notes)] }
    guard !command.options.isEmpty else { return lines }
    return lines + [".RS"] + command.options.flatMap(Self.entry) + [".RE"]
  }

  private static func entry(_ option: Command.Option) -> [String] {
    let short = option.short.map { ", -\($0)" } ?? ""
    return [".TP", ".B \(text(option.synopsis + short))", text(option.help)]
  }

  private static func paragraph(_ paragraph: Guidance.Paragraph) -> [String] {
    switch paragraph {
    case .text(let text): [".PP", Self.text(text)]
    case .steps(let steps):
      steps.enumerated().flatMap { [".IP \($0 + 1). 4", Self.text($1)] }
    case .examples(let examples): [".PP", ".nf", ".RS"] + examples.map(text) + [".RE", ".fi"]
    }
  }

  /// Text that no macro reads: one line, its backslashes and minus signs escaped, and nothing that
  /// begins like a request.
  static func text(_ text: String) -> String {
    let line = Text.oneLine(text)
    let escaped = line.replacing("\\", with: "\\e").replacing("-", with: "\\-")
    return line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" + escaped : escaped
  }
}
