// One organisation, told through the real program: a workspace filled in by its preset, a practice
// Mailchimp in a process of its own, commands, an engine under `serve`, a console on a terminal. What
// must stay true: each step is seen from three sides that do not know each other, what the program
// says, what the workspace holds, and what Mailchimp was asked and holds.

import Basics
import Domain
import Foundation
import Screen
import Storage
import Support

final class PresetStory: Sendable {
  /// One call of the API, as the practice Mailchimp wrote it down.
  struct Call: Sendable, Equatable, CustomStringConvertible {
    var method: String
    var path: String
    var body: JSONValue

    var description: String { "\(method) \(path) \(body)" }
  }

  let directory: TemporaryDirectory
  let mailchimp: PracticeProcess
  let program: Program
  private let seen = Locked(0)
  private let engine = Locked<ChildProcess?>(nil)

  /// Whose audience it is about; the practice Mailchimp's first one, until another is made.
  private let audienceID = Locked<String?>(nil)

  var site: PracticeSite {
    let first = mailchimp.site
    let id = audienceID.withLock { $0 } ?? first.audience
    return PracticeSite(port: first.port, key: first.key, audience: id)
  }

  func moves(to audience: String) { audienceID.withLock { $0 = audience } }

  /// A workspace by `init --preset`, pointed at a practice Mailchimp; it has no key yet.
  init(_ preset: String, people: Int = 0) async throws {
    directory = try TemporaryDirectory()
    mailchimp = try await PracticeProcess(in: directory, people: people)
    program = try Program(workspace: directory.file("\(preset).listkeeper"))
    try await says("init", "--preset", preset)
    try await says("settings", "set", "mailchimp.url", mailchimp.url)
  }

  /// Ends whatever still runs; what a test leaves behind at a failure ends with its object.
  func end() async throws {
    try await stopServing()
    try await mailchimp.end()
  }

  // MARK: The program

  /// Runs a command that must end with this code; everything it printed, errors last.
  @discardableResult
  func says(_ arguments: String..., exit: Int32 = 0) async throws -> String {
    let ended = try await ChildProcess.run(
      program.executable, ["--workspace", program.workspace] + arguments)
    guard ended.code == exit else {
      throw Violation(
        "\(arguments) ended with \(ended.code), not \(exit): \(ended.output) \(ended.errors)")
    }
    return ended.output + ended.errors
  }

  /// Runs the engine without a console until `stopServing`; it listens on the port it returns.
  @discardableResult
  func serve() async throws -> UInt16 {
    let child = try program.start("serve", "--listen", "127.0.0.1:0")
    let printed = try await child.prints(".\n")
    engine.withLock { $0 = child }
    let number = printed.split(separator: "port ").last?.prefix { $0.isNumber }
    guard let port = number.flatMap({ UInt16($0) }) else {
      throw Violation("serve names no port: \(printed)")
    }
    return port
  }

  func stopServing() async throws {
    let child = engine.withLock { engine in
      defer { engine = nil }
      return engine
    }
    guard let child else { return }
    child.send(signal: SIGTERM)
    let ended = try await child.ended()
    if ended.code != 0 { throw Violation("serve ended with \(ended.code): \(ended.errors)") }
  }

  /// The console on this workspace, with places of its own; it hosts the engine where none runs.
  func console(_ size: Size = Size(100, 30)) throws -> TerminalSession {
    try TerminalSession(
      program.executable, ["--workspace", program.workspace],
      environment: [
        "HOME": directory.path, "XDG_STATE_HOME": directory.file("state"),
        "XDG_CONFIG_HOME": directory.file("config"), "TMPDIR": directory.path,
        "LC_ALL": "C.UTF-8",
      ], size: size)
  }

  /// A workspace without key and audience opens with its set-up, which can be left for the panes.
  func leaveSetUp(_ console: TerminalSession) async throws {
    try await console.waits(for: "Step 1 of 6")
    console.press("Esc")
    // Gone before the next key, which would be one with the Esc before it.
    try await console.waits(forNo: "Step 1 of 6")
    try await console.waits(for: "Force sync")
  }

  /// Leaves a console as its user does.
  func quit(_ console: TerminalSession) async throws {
    console.press("q", "y")
    let code = try await console.exitCode()
    if code != 0 { throw Violation("The console ended with \(code).") }
  }

  // MARK: The workspace

  /// Reads the file itself, beside the program.
  func read<Value: Sendable>(
    _ body: @escaping @Sendable (WorkspaceReading) throws(Problem) -> Value
  ) async throws -> Value {
    let workspace = try Workspace.open(at: program.workspace)
    defer { workspace.close() }
    return try await workspace.read(body)
  }

  /// What `find` finds in the workspace, as soon as another process has written it.
  func when<Value: Sendable>(
    _ what: String, _ find: @escaping @Sendable (WorkspaceReading) throws(Problem) -> Value?
  ) async throws -> Value {
    let workspace = try Workspace.open(at: program.workspace)
    defer { workspace.close() }
    let watch = try ChangeWatch(workspace)
    defer { withExtendedLifetime(watch) {} }
    let changes = workspace.changes.stream()
    let isLate = Locked(false)
    let clock = Task {
      // A sleep, because what is waited for may never happen: the time-out of the harness.
      try await Task.sleep(for: .seconds(180))
      isLate.withLock { $0 = true }
      workspace.changes.ring()
    }
    defer { clock.cancel() }
    if let found = try await workspace.read(find) { return found }
    for await _ in changes {
      if let found = try await workspace.read(find) { return found }
      if isLate.withLock({ $0 }) { break }
    }
    throw Violation("Waited in vain for \(what).")
  }

  /// The newest execution so far; 0 before the first.
  func newest() async throws -> Int64 {
    try await read { (reading) throws(Problem) in
      Int64(try reading.database.integer("SELECT coalesce(max(id), 0) FROM execution"))
    }
  }

  /// The first execution after `id` with this trigger, once it has ended.
  func ending(after id: Int64, trigger: String) async throws -> JSONValue {
    let found = try await when("an execution by \(trigger)") { (reading) throws(Problem) in
      try reading.database.one(
        """
        SELECT id FROM execution WHERE id > ? AND trigger = ? AND finished_at IS NOT NULL
        ORDER BY id LIMIT 1
        """, id, trigger
      ) { $0.int64(0) }
    }
    return try await program.json("executions", "show", "\(found)")
  }

  /// Waits until all of these, by their external ids, stand so; state and reason as in `place`.
  func waits(for people: String..., toBe place: String) async throws {
    let names = JSONValue.array(people.map { .string($0) })
    _ = try await when("\(people) to be \(place)") { (reading) throws(Problem) -> Bool? in
      let count = try reading.database.integer(
        """
        SELECT count(*) FROM standing s JOIN person p ON p.id = s.person_id
        WHERE p.external_id IN (SELECT value FROM json_each(?))
          AND s.state || CASE s.reason WHEN '' THEN '' ELSE ': ' || s.reason END = ?
        """, names, place)
      return count == people.count ? true : nil
    }
  }

  /// State and reason as the workspace keeps them, as `excluded: child`; by external id or address.
  func place(_ who: String) async throws -> String {
    try await read { (reading) throws(Problem) in
      let id = try Self.person(who, reading)
      let found = try reading.database.one(
        """
        SELECT state || CASE reason WHEN '' THEN '' ELSE ': ' || reason END FROM standing
        WHERE person_id = ?
        """, id
      ) { $0.text(0) }
      return found ?? "nowhere"
    }
  }

  /// A person's consent ledger, oldest first, as `yes → no, Mailchimp, evidence`.
  func ledger(_ who: String) async throws -> [String] {
    try await read { (reading) throws(Problem) in
      let id = try Self.person(who, reading)
      return try reading.reports.consentHistory(of: id).reversed().map {
        "\($0.old) → \($0.new), \($0.by), \($0.evidence)"
      }
    }
  }

  static func person(_ who: String, _ reading: WorkspaceReading) throws(Problem) -> PersonID {
    let found = try reading.database.one(
      """
      SELECT id FROM person WHERE external_id = ?1
      UNION ALL SELECT person_id FROM address WHERE key = lower(?1) LIMIT 1
      """, who
    ) { $0.int64(0) }
    guard let found else { throw Problem("test", "There is nobody called \(who).") }
    return PersonID(found)
  }

  // MARK: Mailchimp

  /// What was asked of the API since this was last looked at.
  func calls() throws -> [Call] {
    let all = try mailchimp.exchanges()
    let known = seen.withLock { seen in
      defer { seen = all.count }
      return seen
    }
    return all.dropFirst(known).map {
      Call(
        method: $0["method"]?.string ?? "", path: $0["path"]?.string ?? "",
        body: $0["request_body"] ?? .null)
    }
  }

  /// Those of them that are no reading.
  func writes() throws -> [Call] { try calls().filter { $0.method != "GET" } }

  /// A contact as Mailchimp holds it; nil where it holds none.
  func contact(_ address: String) async throws -> JSONValue? {
    try await site.contacts()[address.lowercased()]
  }

  func status(_ address: String) async throws -> String? {
    try await contact(address)?["status"]?.string
  }

  /// The address of the audience's sign-up form, as Mailchimp tells it.
  func signUpForm() async throws -> String {
    let told = try await RawHTTP(port: site.port, key: site.key)
      .call("GET", "/3.0/lists/\(site.audience)")
    return told["subscribe_url_long"].string ?? ""
  }

  /// Statuses by address, archived contacts too.
  func audience() async throws -> [String: String] {
    try await site.contacts().mapValues { $0["status"]?.string ?? "" }
  }
}
