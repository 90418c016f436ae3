// The console as its user feels it: the release binary on a pseudo-terminal, 120×36. Start to first
// paint, key to changed screen at rest and while a sync runs, processor time when idle, memory.
// The times are read outside the program and include the terminal emulator of the harness.

import Basics
import Domain
import Foundation
import Sandbox
import Screen
import Storage
import Support

enum ConsoleBench {
  static func run() async throws {
    let people = Bench.size("LISTKEEPER_BENCH_PEOPLE", default: 20_000)
    print("\nConsole, \(people) people, 120x36; budgets: paint 30 ms, key 5 ms p50, 16 ms p99")
    let scenario = try await Scenario { $0.latency = .milliseconds(50) }
    try await SyncBench.add(people, to: scenario)
    let home = try TemporaryDirectory()
    let session = try TerminalSession(
      try builtProduct("listkeeper"), ["--workspace", scenario.workspace.path],
      environment: ["HOME": home.path, "XDG_STATE_HOME": home.path, "LC_ALL": "C.UTF-8"],
      size: Size(120, 36))
    let started = try await SyncBench.seconds { try await session.waits(for: "Force sync") }
    Bench.row("start to first paint", String(format: "%.0f ms", started * 1000))
    session.press("2")
    try await session.waits(for: "@town")

    try await settle(scenario)
    let figures = SessionFigures(session: session)
    try await keys("at rest", figures)
    let id = try await scenario.workspace.write(as: "bench") { (tx) throws(Problem) in
      try tx.requests.insert(.forceSync(approve: true))
    }
    try await running(scenario)
    try await keys("while a sync runs", figures)
    figures.memory("memory while a sync runs")
    try await finished(id, scenario)
    figures.memory("memory after the sync")
    try await figures.idle()
    try await session.send(signal: SIGTERM)
    _ = try await session.exitCode()
    await scenario.end()
  }

  private static func keys(_ when: String, _ figures: SessionFigures) async throws {
    try await figures.keys("Down and Up \(when)", 200) { $0 % 40 < 20 ? "Down" : "Up" }
    try await figures.keys("Page-Down and -Up \(when)", 40) { $0 % 10 < 5 ? "PgDn" : "PgUp" }
  }

  /// Nothing is left to be taken in.
  private static func settle(_ scenario: Scenario) async throws {
    try await poll(scenario) {
      """
      SELECT NOT EXISTS (SELECT 1 FROM message WHERE kind = 'person changed' AND state = 'ready')
      """
    }
  }

  private static func running(_ scenario: Scenario) async throws {
    try await poll(scenario) { "SELECT EXISTS (SELECT 1 FROM execution WHERE status = 'running')" }
  }

  private static func finished(_ request: RequestID, _ scenario: Scenario) async throws {
    try await poll(scenario) {
      """
      SELECT EXISTS (SELECT 1 FROM request r JOIN execution e ON e.id = r.execution_id
      WHERE r.id = \(request.rawValue) AND e.status IN ('succeeded', 'partial', 'failed', 'cancelled'))
      """
    }
  }

  /// Another process writes, so the file is asked again and again.
  private static func poll(_ scenario: Scenario, _ sql: () -> String) async throws {
    let question = sql()
    while try await scenario.workspace.read({ (reading) throws(Problem) in
      try reading.database.integer(question)
    }) == 0 {
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}
