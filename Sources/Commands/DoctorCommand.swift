// `doctor`: everything around the program that may be wrong, each with what to do.

import Basics
import Console
import Domain
import Foundation
import HTTP
import SQLite
import Storage

enum DoctorCommand {
  struct Finding: Sendable, Equatable {
    enum Level: String, Sendable { case ok, warning, error }
    var level: Level
    var what: String
    var sentence: String
    var remedy = ""

    init(_ level: Level, _ what: String, _ sentence: String, remedy: String = "") {
      self.level = level
      self.what = what
      self.sentence = sentence
      self.remedy = remedy
    }

    init(_ level: Level, _ what: String, _ problem: Problem) {
      self.init(level, what, problem.sentence, remedy: problem.remedy)
    }
  }

  static let group = CommandGroup(
    Command(
      "doctor", "Look for what may be wrong around Listkeeper",
      notes: "Ends with exit code 1 when it finds an error.",
      shape: """
        {"findings": [{"level": "ok", "what": "SQLite", "sentence": "…", "remedy": ""}]}
        where level is ok, warning or error.
        """
    ) { (run) throws(Problem) in
      let findings = libraries() + surroundings(run.context) + workspace(run)
      run.report([
        "findings": .array(
          findings.map {
            [
              "level": .string($0.level.rawValue), "what": .string($0.what),
              "sentence": .string($0.sentence), "remedy": .string($0.remedy),
            ]
          })
      ]) {
        let width = findings.map(\.what.count).max() ?? 0
        for finding in findings {
          let what = finding.what + String(repeating: " ", count: width - finding.what.count)
          let level = finding.level.rawValue
          let pad = String(repeating: " ", count: 7 - level.count)
          run.output.line("\(level)\(pad)  \(what)  \(finding.sentence)")
          if !finding.remedy.isEmpty {
            run.output.line(String(repeating: " ", count: width + 11) + finding.remedy)
          }
        }
      }
      return findings.contains { $0.level == .error } ? .failed : .done
    })

  // MARK: Libraries

  private static func libraries() -> [Finding] {
    let sqlite = Connection.libraryVersion
    return [
      Finding(.ok, "Listkeeper", "Version \(CommandTool.version)."),
      Finding(
        .ok, "SQLite",
        hasLogResetFix(sqlite)
          ? "Version \(sqlite)."
          : "Version \(sqlite): its log can be damaged where two connections empty it"
            + " (fixed in 3.51.3); Listkeeper lets only the engine empty it, so leave that to it."),
      Finding(.ok, "libcurl", "Version \(HTTPClient.libraryVersion)."),
    ]
  }

  /// The WAL-reset bug is fixed in 3.51.3 and was brought to 3.50.7 and 3.44.6.
  static func hasLogResetFix(_ version: String) -> Bool {
    let parts = version.split(separator: ".").compactMap { Int($0) } + [0, 0, 0]
    switch (parts[0], parts[1]) {
    case (3, 44): return parts[2] >= 6
    case (3, 50): return parts[2] >= 7
    case (3, 51): return parts[2] >= 3
    default: return parts[0] > 3 || parts[1] > 51
    }
  }

  // MARK: Terminal, locale, clock

  private static func surroundings(_ context: CommandContext) -> [Finding] {
    [terminal(context), locale(context), clock(context.time.now())] + own(context)
  }

  private static func terminal(_ context: CommandContext) -> Finding {
    let name = context.environment("TERM") ?? ""
    guard context.output.isTerminal else {
      return Finding(.ok, "terminal", "Standard output is no terminal.")
    }
    if name.isEmpty || name == "dumb" {
      return Finding(
        .warning, "terminal", "TERM is '\(Text.oneLine(name))'; the console cannot open.",
        remedy: "Use listkeeper --plain PANE, or set TERM to what the terminal is.")
    }
    return Finding(.ok, "terminal", "TERM is \(Text.oneLine(name)).")
  }

  /// Keys and themes of somebody's own. The console opens without them and says the same.
  private static func own(_ context: CommandContext) -> [Finding] {
    var findings: [Finding] = []
    do throws(Problem) {
      let count = try OwnFolder.readKeys(environment: context.environment).count
      let sentence =
        count == 0
        ? "The console has the keys it came with."
        : "\(Phrase.number(count)) actions have your own."
      findings.append(Finding(.ok, "keys", sentence))
    } catch {
      findings.append(Finding(.warning, "keys", error))
    }
    let shelf = ThemeShelf(environment: context.environment)
    for theme in shelf.choices() where theme.isOwn {
      findings.append(
        shelf.theme(theme.name).problem.map { Finding(.warning, "theme", $0) }
          ?? Finding(.ok, "theme", "Yours named \(theme.name) can be read."))
    }
    return findings
  }

  private static func locale(_ context: CommandContext) -> Finding {
    let names = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap(context.environment)
    let name = names.first { !$0.isEmpty } ?? ""
    let isUTF8 = ["utf-8", "utf8"].contains { name.lowercased().hasSuffix($0) }
    if isUTF8 { return Finding(.ok, "locale", "It is \(Text.oneLine(name)).") }
    return Finding(
      .warning, "locale",
      "The locale is '\(Text.oneLine(name))', which is not UTF-8; Listkeeper uses C.UTF-8.",
      remedy: "Set LANG=C.UTF-8 for other programs' sake.")
  }

  private static func clock(_ now: Instant) -> Finding {
    let earliest = CivilDate(year: 2026, month: 1, day: 1)?.daysSince1970 ?? 0
    if now.milliseconds < earliest * 86_400_000 {
      return Finding(
        .error, "clock", "The clock says \(now), which cannot be.",
        remedy: "Set it, for example with timedatectl set-ntp true.")
    }
    let paris = TimeZone(identifier: "Europe/Paris")
    guard let paris, paris.nextDaylightSavingTimeTransition != nil else {
      return Finding(
        .error, "clock", "Time zones are not installed.",
        remedy: "Install them: apt-get install tzdata")
    }
    return Finding(.ok, "clock", "It is \(now); time zones are installed.")
  }

  // MARK: The workspace

  private static func workspace(_ run: CommandRun) -> [Finding] {
    let path = run.workspacePath
    do throws(Problem) {
      let workspace = try Workspace.open(at: path, time: run.context.time)
      defer { workspace.close() }
      var findings = workspace.notices.map { Finding(.warning, "rights", $0) }
      findings.append(Finding(.ok, "workspace", "\(workspace.path) opens."))
      findings += integrity(workspace)
      findings += engine(workspace)
      findings.append(connection(workspace))
      findings += webhook(workspace)
      return findings
    } catch {
      let isMissing = error.code == "workspace.missing"
      return [Finding(isMissing ? .warning : .error, "workspace", error)]
    }
  }

  private static func integrity(_ workspace: Workspace) -> [Finding] {
    do throws(Problem) {
      let lines = try workspace.readBlocking { (reading) throws(Problem) in
        try reading.database.rows("PRAGMA integrity_check(5)") { $0.text(0) }
          + (try reading.database.rows("PRAGMA foreign_key_check") {
            "A row of \($0.text(0)) names one that is not there."
          })
      }
      if lines == ["ok"] { return [Finding(.ok, "integrity", "The file is whole.")] }
      return lines.filter { $0 != "ok" }.prefix(5).map {
        Finding(
          .error, "integrity", Text.oneLine($0),
          remedy: "Put the file aside and restore the newest backup.")
      }
    } catch {
      return [Finding(.error, "integrity", error)]
    }
  }

  private static func engine(_ workspace: Workspace) -> [Finding] {
    do throws(Problem) {
      guard let holder = try EngineLock.holder(of: workspace.path) else {
        return [Finding(.ok, "engine", "None runs.")]
      }
      return [Finding(.ok, "engine", "Process \(holder.pid.map(String.init) ?? "?") runs it.")]
    } catch {
      return [Finding(.error, "engine", error)]
    }
  }

  /// Nothing where none is wanted; else how it stands, and whether its listener answers.
  private static func webhook(_ workspace: Workspace) -> [Finding] {
    do throws(Problem) {
      let health = try workspace.readBlocking { (reading) throws(Problem) in
        try reading.reports.webhook()
      }
      guard health.state != .off else { return [] }
      var findings: [Finding] = []
      if let problem = health.problem {
        findings.append(Finding(.warning, "webhook", problem))
      } else {
        findings.append(Finding(.ok, "webhook", health.sentence))
      }
      guard let address = health.listensAt else {
        return findings + [
          Finding(
            .warning, "listener", "No engine listens for the webhook now.",
            remedy: "Start one: listkeeper serve")
        ]
      }
      return findings + [listener(address)]
    } catch {
      return [Finding(.error, "webhook", error)]
    }
  }

  private static func listener(_ address: String) -> Finding {
    // Who listens everywhere is asked on this machine.
    let place = address.hasPrefix("0.0.0.0:") ? "127.0.0.1" + address.dropFirst(7) : address
    do throws(Problem) {
      let answer = try waitFor { () throws(Problem) in
        let http = try HTTPClient()
        defer { http.stop() }
        return try await http.send(
          HTTPClientRequest("GET", "http://\(place)/healthz", totalTime: .seconds(5)))
      }
      return answer.status == 200
        ? Finding(.ok, "listener", "It answers at \(address).")
        : Finding(
          .warning, "listener", "It answers at \(address), with \(answer.status).",
          remedy: "See the engine's log.")
    } catch {
      return Finding(
        .error, "listener", "Nothing answers at \(address). \(error.sentence)",
        remedy: "Start the engine again, or give webhook.listen another address.")
    }
  }

  private static func connection(_ workspace: Workspace) -> Finding {
    do throws(Problem) {
      let isSet = try workspace.readBlocking { (reading) throws(Problem) in
        try reading.settings.values().isSet(Settings.key)
      }
      guard isSet else { return Finding(.warning, "connection", Problem.noKey) }
      let access = try AccountAccess(workspace)
      let account = try waitFor { () throws(Problem) in try await access.account() }
      return Finding(
        .ok, "connection", "Mailchimp takes the key of \(account.name) (\(account.role)).")
    } catch {
      return Finding(.error, "connection", error)
    }
  }
}
