// `settings`: the same table as the settings pane. A secret is never printed, and a key that
// Mailchimp refuses is never saved.

import Basics
import Domain
import Glibc
import Storage

enum SettingsCommands {
  static let untested = Command.Option.flag(
    "untested", "Save an API key without trying it, for a machine that is offline.")

  static let group = CommandGroup(
    "settings", "The settings of the workspace", alone: "list",
    [list, get, set, unset, export, import_])

  private static let list = Command(
    "settings list", "List every setting with its value",
    notes: "A * marks what must be set before anything works.",
    shape: """
      {"settings": [{"key": "mailchimp.audience", "value": "1a2b3c", "default": "",
        "isSet": true, "isSecret": false, "isRequired": true, "section": "Mailchimp",
        "label": "Audience id", "type": "text", "help": "…"}]}
      The value of a secret is null, or where it lies: env:NAME or file:PATH. A type is text, secret, number (with "least" and "most"),
      toggle, or choice (with "choices").
      """
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let values = try workspace.readBlocking { (reading) throws(Problem) in
        try reading.settings.values()
      }
      run.report(["settings": .array(Settings.all.map { json($0, values) })]) {
        var table = TextTable([.left("key"), .left("value"), .left("")])
        for setting in Settings.all {
          let isSet = values.texts[setting.key] != nil
          table.rows.append([
            setting.key + (setting.isRequired ? " *" : ""), shown(setting, values),
            isSet ? "" : "(default)",
          ])
        }
        run.output.table(table)
      }
    }
    return .done
  }

  private static let get = Command(
    "settings get", "Print the value of one setting",
    [.init("KEY", .one, "The setting, such as recipients.scope.")],
    notes: """
      Of a secret only the last characters are shown, and where it lies elsewhere that place: env:NAME \
      or file:PATH. A command:COMMAND may hold a secret, and counts as one.
      """,
    shape: #"{"key": "recipients.scope", "value": "everyone", "default": "everyone", …}"#
  ) { (run) throws(Problem) in
    let setting = try description(run.argument(0))
    try run.withWorkspace { (workspace) throws(Problem) in
      let values = try workspace.readBlocking { (reading) throws(Problem) in
        try reading.settings.values()
      }
      run.report(json(setting, values)) { run.output.line(shown(setting, values)) }
    }
    return .done
  }

  private static let set = Command(
    "settings set", "Change one setting",
    [
      .init("KEY", .one, "The setting, such as recipients.scope."),
      .init("VALUE", .one, "Its value; - reads it from standard input, without an echo."),
    ],
    options: [untested],
    notes: """
      The API key is tried before it is saved: with mailchimp.url where that is set, else at the \
      data centre at the key's end. It may be a reference instead of the key itself: env:NAME, \
      file:PATH or command:COMMAND.
      """,
    shape:
      """
      {"done": true, "settings": 1}, after an API key also {"account": {"name": "…", …},
        "dataCentre": "us19", "reminder": {"page": "https://…", "why": "…"}}
      """
  ) { (run) throws(Problem) in
    let setting = try description(run.argument(0))
    var text = run.argument(1)
    if text == "-" {
      text = setting.isSecret ? try run.context.readSecret() : try run.context.readInput()
      if text.hasSuffix("\n") { text.removeLast() }
    }
    return try save([SettingChange(key: setting.key, text: text)], run)
  }

  private static let unset = Command(
    "settings unset", "Take one setting back to its default",
    [.init("KEY", .one, "The setting.")], shape: #"{"done": true}"#
  ) { (run) throws(Problem) in
    let setting = try description(run.argument(0))
    return try save([SettingChange(key: setting.key, text: nil)], run)
  }

  private static let export = Command(
    "settings export", "Print what is set, for `settings import`",
    notes: """
      Secrets are left out, and commands that tell one; where one lies, env:NAME or file:PATH, is not.
      """, shape: #"{"recipients.scope": "opted-in"}"#
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let values = try workspace.readBlocking { (reading) throws(Problem) in
        try reading.settings.values()
      }
      let set = Settings.all.filter { !isHidden($0, values) && values.texts[$0.key] != nil }
      let json = JSONValue.object(
        Dictionary(uniqueKeysWithValues: set.map { ($0.key, .string(values.texts[$0.key] ?? "")) }))
      run.report(json) {
        for setting in Settings.all where values.texts[setting.key] != nil {
          run.output.line(
            isHidden(setting, values)
              ? "# \(setting.key) is set; a secret is not exported."
              : "\(setting.key) = \(values.texts[setting.key] ?? "")")
        }
      }
    }
    return .done
  }

  private static let import_ = Command(
    "settings import", "Set what a file says, all of it or nothing",
    [
      .init(
        "FILE", .one, "Lines of KEY = VALUE, as `settings export` prints; - for standard input.")
    ],
    options: [untested], notes: "Lines that are empty or begin with # are skipped.",
    shape: #"{"done": true, "settings": 3}"#
  ) { (run) throws(Problem) in
    let path = run.argument(0)
    let text = path == "-" ? try run.context.readInput() : try FileText.read(path)
    var changes: [SettingChange] = []
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() {
      let line = Text.oneLine(line)
      if line.isEmpty || line.hasPrefix("#") { continue }
      let place = ["file": path, "line": String(number + 1)]
      guard let equals = line.firstIndex(of: "=") else {
        throw Problem(
          "settings.not-a-line", "Line \(number + 1) of \(Text.oneLine(path)) has no '='.",
          remedy: "Write it as KEY = VALUE.", fields: place)
      }
      let key = Text.oneLine(line[..<equals])
      let value = Text.oneLine(line[line.index(after: equals)...])
      do throws(Problem) {
        try description(key).validate(value)
      } catch {
        var problem = error
        problem.sentence = "Line \(number + 1) of \(Text.oneLine(path)): \(error.sentence)"
        problem.fields.merge(place) { _, new in new }
        throw problem
      }
      changes.append(SettingChange(key: key, text: value))
    }
    return try save(changes, run)
  }

  private static func save(_ changes: [SettingChange], _ run: CommandRun) throws(Problem)
    -> ExitCode
  {
    try run.withWorkspace { (workspace) throws(Problem) in
      let isUntested = run.has(untested)
      let user = run.context.user
      let connection = try waitFor { () async throws(Problem) -> NewConnection? in
        let access = try AccountAccess(workspace)
        guard let account = try await access.save(changes, as: user, untested: isUntested)
        else { return nil }
        return try await access.connection(of: account)
      }
      if run.json {
        var value = connection.map(ConnectionCommands.json) ?? [:]
        value["done"] = true
        value["settings"] = .int(Int64(changes.count))
        run.output.json(.object(value))
      } else if let connection {
        let account = connection.account
        run.output.line("Saved. The key belongs to \(account.name) (\(account.role)).")
        run.output.lines(Array(connection.sentences().dropFirst()))
      } else {
        run.output.line("Saved.")
      }
      return .done
    }
  }

  private static func description(_ key: String) throws(Problem) -> SettingDescription {
    guard let setting = Settings.description(of: key) else {
      let keys = Settings.all.map(\.key)
      throw Problem(
        "settings.unknown", "There is no setting '\(Text.oneLine(key))'.",
        remedy: "See them all with `listkeeper settings list`."
          + Suggestion.sentence(key, among: keys), fields: ["key": key])
    }
    return setting
  }

  private static func shown(_ setting: SettingDescription, _ values: SettingValues) -> String {
    let text = values.texts[setting.key] ?? setting.defaultText
    return isHidden(setting, values) ? (text.isEmpty ? "" : Secret(text).hint) : text
  }

  /// A secret itself; where one lies is shown and exported like any other setting.
  private static func isHidden(_ setting: SettingDescription, _ values: SettingValues) -> Bool {
    setting.isSecret && !Secret(values.texts[setting.key] ?? "").isPlace
  }

  private static func json(_ setting: SettingDescription, _ values: SettingValues) -> JSONValue {
    let text = values.texts[setting.key]
    var json: [String: JSONValue] = [
      "key": .string(setting.key),
      "value": isHidden(setting, values) ? .null : .string(text ?? setting.defaultText),
      "default": .string(setting.defaultText), "isSet": .bool(text != nil),
      "isSecret": .bool(setting.isSecret), "section": .string(setting.section.rawValue),
      "help": .string(setting.help), "label": .string(setting.label),
      "isRequired": .bool(setting.isRequired),
    ]
    switch setting.kind {
    case .text: json["type"] = "text"
    case .secret: json["type"] = "secret"
    case .toggle: json["type"] = "toggle"
    case .number(let range):
      json["type"] = "number"
      json["least"] = .int(Int64(range.lowerBound))
      json["most"] = .int(Int64(range.upperBound))
    case .choice(let names):
      json["type"] = "choice"
      json["choices"] = .array(names.map { .string($0) })
    }
    return .object(json)
  }
}

extension CommandContext {
  /// A line of standard input; typed on a terminal it is not echoed.
  func readSecret() throws(Problem) -> String {
    guard isatty(input) == 1 else { return try readInput() }
    // From here on ^C asks: it must not leave a terminal that shows nothing of what is typed.
    try stop.listen()
    errors.put(Array("Value (not shown): ".utf8))
    errors.flush()
    var saved = termios()
    tcgetattr(input, &saved)
    var silent = saved
    silent.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(input, TCSAFLUSH, &silent)
    defer {
      tcsetattr(input, TCSAFLUSH, &saved)
      errors.line()
    }
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while line.count < 16384 {
      guard stop.wait(readable: input) else {
        throw Problem("cancelled", "Nothing was entered.", remedy: "")
      }
      guard read(input, &byte, 1) == 1, byte != 0x0A else { break }
      line.append(byte)
    }
    return String(decoding: line, as: UTF8.self)
  }
}

/// Small files that people write.
enum FileText {
  private static let longest = 16 << 20

  static func read(_ path: String) throws(Problem) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw Problem(
        "file.unreadable", "The file \(Text.oneLine(path)) cannot be read.",
        remedy: "Check its name and its rights.", fields: ["file": path],
        cause: String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count == 0 { break }
      if count < 0 {
        if errno == EINTR { continue }
        throw Problem(
          "file.unreadable", "The file \(Text.oneLine(path)) cannot be read to its end.",
          remedy: "Check that it is a file, and copy it to this machine.", fields: ["file": path],
          cause: String(cString: strerror(errno)))
      }
      bytes += buffer[..<count]
      if bytes.count > longest {
        throw Problem(
          "file.too-large", "The file \(Text.oneLine(path)) is larger than 16 MiB.",
          remedy: "Check that it is the file that is meant.", fields: ["file": path])
      }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Problem(
        "file.not-text", "The file \(Text.oneLine(path)) is not UTF-8 text.",
        remedy: "Save it as UTF-8.", fields: ["file": path])
    }
    return text
  }
}
