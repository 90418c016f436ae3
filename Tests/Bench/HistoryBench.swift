// Executions and logs at size, as their user feels them: the release binary on a pseudo-terminal,
// 120×36, over a million executions and ten million log lines. Key to first and to complete screen,
// bytes per page, a search whose hit lies at nine tenths of the log, keys while one goes on, memory.
// The times are read outside the program and include the terminal emulator of the harness.

import Basics
import Foundation
import Screen
import Storage
import Support

enum HistoryBench {
  static func run() async throws {
    let runs = Bench.size("LISTKEEPER_BENCH_EXECUTIONS", default: 1_000_000)
    let lines = Bench.size("LISTKEEPER_BENCH_LINES", default: 10_000_000)
    print("\nHistory, \(runs) executions, \(lines) log lines, 120x36")
    let home = try TemporaryDirectory()
    let path = home.file("history.listkeeper")
    let filling = try Bench.time { try fill(path, runs: runs, lines: lines) }
    let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    Bench.row("filling the file", String(format: "%.0f s, %d MB", filling, size / 1_000_000))

    let clock = ContinuousClock.now
    let session = try TerminalSession(
      try builtProduct("listkeeper"), ["--workspace", path],
      environment: ["HOME": home.path, "XDG_STATE_HOME": home.path, "LC_ALL": "C.UTF-8"],
      size: Size(120, 36))
    // A workspace without key and audience opens with its set-up.
    try await session.waits(for: "Step 1 of 6")
    Bench.row(
      "start to first paint", SessionFigures.milliseconds((ContinuousClock.now - clock).seconds))
    session.press("Esc")
    try await session.waits(for: "Force sync")
    let figures = SessionFigures(session: session)
    try await figures.idle()
    try await logs(figures, lines)
    try await executions(figures)
    try await session.send(signal: SIGTERM)
    _ = try await session.exitCode()
    try await PeersBench.run(workspace: path, lines: lines, home)
  }

  private static func pages(
    _ name: String, _ figures: SessionFigures, _ key: Key, _ count: Int
  ) async throws {
    try await figures.keys(
      name, count, until: { !$0.lines.contains { $0.hasPrefix("│  …  ") } }
    ) { _ in key }
  }

  private static func logs(_ figures: SessionFigures, _ lines: Int) async throws {
    let session = figures.session
    try await figures.timed("logs: pane to its last lines", ["7"]) {
      $0.contains("The last line")
    }
    try await pages("logs: Page-Up from the end", figures, "PgUp", 200)
    try await pages("logs: Up", figures, "Up", 100)
    try await figures.timed("logs: g to the first lines", ["g"]) { $0.contains("Line 1 ") }
    try await pages("logs: Page-Down from the start", figures, "PgDn", 200)
    try await figures.timed("logs: G to the last lines", ["G"]) { $0.contains("The last line") }
    try await figures.timed("logs: E to the error above", ["E"]) { $0.contains("went wrong") }
    session.press("g")
    try await session.waits(for: "Line 1 ")
    try await figures.timed("logs: a search with its hit at 90 %", type("needle")) {
      $0.contains("The needle lies here")
    }
    session.press("g")
    try await session.waits(for: "Line 1 ")
    for key in type("this is nowhere") { session.press(key) }
    try await session.waits(for: "0%")
    try await pages("logs: Down while a search goes on", figures, "Down", 100)
    figures.memory("memory in logs")
    // The first leaves the search, the second what was searched for; apart, or they are one key.
    for _ in 0..<2 where session.screen.contains("searching") {
      session.press("Esc")
      try await Task.sleep(for: .milliseconds(300))
    }
    try await figures.timed("logs: @ to a time", ["@"] + SessionFigures.letters("-1h") + ["Enter"])
    {
      // Two lines a second, and the log was written some minutes ago.
      let screen = $0
      return (0..<4).contains { screen.contains("Line \((lines - 7200) / 1000 + $0)") }
    }
    try await figures.timed("logs: errors only", ["o"]) { $0.contains("errors only") }
  }

  private static func executions(_ figures: SessionFigures) async throws {
    try await figures.timed("executions: pane to its first rows", ["6"]) {
      $0.contains("succeeded") && $0.contains("Executions")
    }
    try await pages("executions: Page-Down from the start", figures, "PgDn", 200)
    try await pages("executions: Down", figures, "Down", 100)
    try await figures.timed("executions: G to the last rows", ["G"]) { $0.contains(" #1 ") }
    try await figures.timed("executions: filter 'went wrong'", ["b", "a"]) {
      $0.contains("Executions: failed or partial") && !$0.contains("succeeded")
    }
    figures.memory("memory in executions")
  }

  /// A search as it is typed.
  private static func type(_ text: String) -> [Key] {
    ["/"] + SessionFigures.letters(text) + ["Enter"]
  }

  // MARK: The file

  private static func fill(_ path: String, runs: Int, lines: Int) throws {
    let workspace = try Workspace.create(at: path)
    defer { workspace.close() }
    // Of these months: what is older than its retention goes when an engine runs.
    let now = SystemTime().now()
    let runsBegin = now - .seconds(5 * runs)
    let linesBegin = now - .milliseconds(500 * lines)
    // Pieces, so that the write-ahead log stays small.
    for start in stride(from: 1, through: runs, by: 100_000) {
      let last = min(runs, start + 99_999)
      try workspace.writeBlocking(as: "bench") { (tx) throws(Problem) in
        try tx.database.execute(
          """
          INSERT INTO execution (flow, trigger, audience_id, status, updated, refused,
            detected_changes, queued_at, started_at, finished_at, done, total)
          WITH RECURSIVE n (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
          SELECT CASE i % 3 WHEN 0 THEN 'Mailchimp → directory' ELSE 'directory → Mailchimp' END,
            CASE i % 5 WHEN 0 THEN 'poll' WHEN 1 THEN 'schedule' ELSE 'change' END, 'a1',
            CASE i % 997 WHEN 0 THEN 'failed' WHEN 1 THEN 'partial' ELSE 'succeeded' END,
            i % 7, CASE i % 997 WHEN 1 THEN 3 ELSE 0 END, i % 7 > 0,
            ?3 + i * 5000, ?3 + i * 5000, ?3 + i * 5000 + 900, 9, 9
          FROM n
          """, start, last, runsBegin)
      }
      _ = try workspace.checkpoint()
    }
    for start in stride(from: 1, through: lines, by: 200_000) {
      let last = min(lines, start + 199_999)
      try workspace.writeBlocking(as: "bench") { (tx) throws(Problem) in
        try tx.database.execute(
          """
          INSERT INTO log_line (execution_id, at, level, sentence)
          WITH RECURSIVE n (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
          SELECT 1 + (i - 1) * ?4 / ?3, ?5 + i * 500,
            CASE WHEN i % 9973 = 0 THEN 3 WHEN i % 997 = 0 THEN 2 ELSE 1 END,
            CASE WHEN i = ?3 * 9 / 10 THEN 'The needle lies here.'
              WHEN i = ?3 THEN 'The last line.'
              WHEN i % 9973 = 0 THEN 'Line ' || i || ' went wrong: Mailchimp answered 500.'
              ELSE 'Line ' || i || ' says that person #' || (i % 200000)
                || ' is in step with the audience, with nothing to send.' END
          FROM n
          """, start, last, lines, runs, linesBegin)
      }
      _ = try workspace.checkpoint()
    }
  }
}
