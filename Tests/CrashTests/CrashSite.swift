// The built program on a workspace of its own and a practice Mailchimp that stops it wherever a test
// wants. What must stay true: the program is killed for real, by the kernel, between two effects;
// nothing in it knows of tests.

import Basics
import Domain
import Glibc
import SQLite
import Sandbox
import Storage
import Support
import Testing

final class CrashSite: Sendable {
  let scenario: Scenario
  private let watch: ChangeWatch
  private let program: String

  init(
    settings: [String: String] = [:], people: Int = 0,
    _ configure: (inout SandboxConfiguration) -> Void = { _ in }
  ) async throws {
    scenario = try await Scenario(settings: settings, configure)
    watch = try ChangeWatch(scenario.workspace)
    program = try builtProduct("listkeeper")
    try await crowd(people)
  }

  var mailchimp: SandboxServer { scenario.mailchimp }

  func crowd(_ count: Int) async throws {
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      for number in 0..<count {
        var person = Person(id: PersonID(0), noticedAt: tx.now)
        person.emails = ["person\(number)@town.dev"]
        person.firstName = "P\(number)"
        try tx.directory.add(person)
      }
    }
  }

  func start(_ arguments: String...) throws -> ChildProcess {
    try ChildProcess(program, ["--workspace", scenario.workspace.path] + arguments)
  }

  /// An engine that says it runs.
  func serve() async throws -> ChildProcess {
    let child = try start("serve")
    try await child.prints("runs")
    return child
  }

  func run(_ arguments: String...) async throws -> ChildProcess.Ended {
    try await start(arguments).ended(within: .seconds(50))
  }

  private func start(_ arguments: [String]) throws -> ChildProcess {
    try ChildProcess(program, ["--workspace", scenario.workspace.path] + arguments)
  }

  /// Serves, asks, and kills as soon as `count` requests have come to `place`.
  func kill(
    at place: SandboxHold.Place, of method: String, _ path: String, count: Int = 1,
    doing deed: @Sendable (Scenario) async throws -> Void
  ) async throws {
    let hold = mailchimp.hold(place, method: method, path: path)
    let child = try await serve()
    try await deed(scenario)
    await hold.reached(count)
    child.send(signal: SIGKILL)
    let ended = try await child.ended()
    #expect(ended.code == 128 + SIGKILL)
    hold.release()
    try checkFile()
  }

  func checkFile() throws {
    let connection = try Connection(path: scenario.workspace.path, mode: .readWrite)
    let verdict = try connection.rows("PRAGMA integrity_check") { $0.text(0) }
    #expect(verdict == ["ok"])
    #expect(try connection.rows("PRAGMA foreign_key_check") { $0.text(0) }.isEmpty)
  }

  /// Nothing is in hand, nothing is due, and no execution is shown as going on.
  func rests() async throws {
    _ = try await scenario.when { (reading) throws(Problem) in
      let open = try reading.database.integer(
        """
        SELECT (SELECT count(*) FROM message
            WHERE state = 'leased' OR (state = 'ready' AND run_at <= ?))
          + (SELECT count(*) FROM execution WHERE status IN ('running', 'waiting'))
          + (SELECT count(*) FROM request WHERE state = 'waiting')
        """, reading.now)
      return open == 0 ? true : nil
    }
  }

  /// Ends the engine as systemd would.
  func stop(_ child: ChildProcess) async throws {
    child.send(signal: SIGTERM)
    let ended = try await child.ended()
    #expect(ended.code == 0, "\(ended.errors)")
    let leased = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.integer("SELECT count(*) FROM message WHERE state = 'leased'")
    }
    #expect(leased == 0)
  }

  /// Another sync finds nothing to do.
  func syncsNothing() async throws {
    mailchimp.forgetExchanges()
    let ended = try await run("sync", "--resync", "--wait")
    #expect(ended.code == 0, "\(ended.output)\(ended.errors)")
    #expect(mailchimp.exchanges.allSatisfy { $0.method == "GET" })
  }

  func firstSync() async throws {
    let ended = try await run("sync", "--approve", "latest", "--wait")
    #expect(ended.code == 0, "\(ended.output)\(ended.errors)")
  }

  func end() async { await scenario.end() }
}
