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
    Bench.row("start to first paint", milliseconds((ContinuousClock.now - clock).seconds))
    session.press("Esc")
    try await session.waits(for: "Force sync")
    try await logs(session, lines)
    try await executions(session)
    try await session.send(signal: SIGTERM)
    _ = try await session.exitCode()
  }

  private static func logs(_ session: TerminalSession, _ lines: Int) async throws {
    try await timed("logs: pane to its last lines", session, ["7"]) { $0.contains("following") }
    try await keys("logs: Page-Up from the end", session, "PgUp", 200)
    try await keys("logs: Up", session, "Up", 100)
    try await timed("logs: g to the first lines", session, ["g"]) { $0.contains("Line 1 ") }
    try await keys("logs: Page-Down from the start", session, "PgDn", 200)
    try await timed("logs: G to the last lines", session, ["G"]) { $0.contains("The last line") }
    try await timed("logs: E to the error above", session, ["E"]) { $0.contains("went wrong") }
    session.press("g")
    try await session.waits(for: "Line 1 ")
    try await timed("logs: a search with its hit at 90 %", session, type("needle")) {
      $0.contains("The needle lies here")
    }
    session.press("g")
    try await session.waits(for: "Line 1 ")
    for key in type("this is nowhere") { session.press(key) }
    try await session.waits(for: "0%")
    try await keys("logs: Down while a search goes on", session, "Down", 100)
    if let pid = session.pid { Bench.row("memory in logs", Memory(pid: pid).text) }
    // The first leaves the search, the second what was searched for; apart, or they are one key.
    for _ in 0..<2 where session.screen.contains("searching") {
      session.press("Esc")
      try await Task.sleep(for: .milliseconds(300))
    }
    try await timed("logs: @ to a time", session, ["@"] + letters("-1h") + ["Enter"]) {
      // Two lines a second.
      $0.contains("Line \((lines - 7200) / 1000)")
    }
    try await timed("logs: errors only", session, ["o"]) { $0.contains("errors only") }
  }

  private static func executions(_ session: TerminalSession) async throws {
    try await timed("executions: pane to its first rows", session, ["6"]) {
      $0.contains("succeeded") && $0.contains("Executions")
    }
    try await keys("executions: Page-Down from the start", session, "PgDn", 200)
    try await keys("executions: Down", session, "Down", 100)
    try await timed("executions: G to the last rows", session, ["G"]) { $0.contains(" #1 ") }
    try await timed("executions: filter 'went wrong'", session, ["b", "a"]) {
      $0.contains("Executions: failed or partial") && !$0.contains("succeeded")
    }
    if let pid = session.pid { Bench.row("memory in executions", Memory(pid: pid).text) }
  }

  // MARK: Measuring

  private static func letters(_ text: String) -> [Key] { text.unicodeScalars.map { Key($0) } }
  private static func type(_ text: String) -> [Key] { ["/"] + letters(text) + ["Enter"] }
  private static func milliseconds(_ seconds: Double) -> String {
    String(format: "%.1f ms", seconds * 1000)
  }

  private static func timed(
    _ name: String, _ session: TerminalSession, _ keys: [Key],
    until holds: @escaping @Sendable (ScreenReader) -> Bool
  ) async throws {
    let clock = ContinuousClock.now
    for key in keys { session.press(key) }
    try await session.waits(for: name, within: .seconds(120), until: holds)
    Bench.row(name, milliseconds((ContinuousClock.now - clock).seconds))
  }

  /// Presses a key again and again, each time until every row in view is there.
  private static func keys(
    _ name: String, _ session: TerminalSession, _ key: Key, _ count: Int
  ) async throws {
    var first: [Double] = []
    var whole: [Double] = []
    let bytes = session.byteCount
    for _ in 0..<count {
      let before = session.screen.lines
      let clock = ContinuousClock.now
      session.press(key)
      try await session.waits(for: "another screen") { $0.lines != before }
      first.append((ContinuousClock.now - clock).seconds * 1000)
      try await session.waits(for: "every row") { !$0.lines.contains { $0.hasPrefix("│  …  ") } }
      whole.append((ContinuousClock.now - clock).seconds * 1000)
    }
    first.sort()
    whole.sort()
    Bench.row(
      name,
      String(
        format: "p50 %.2f ms, p99 %.2f ms; complete p50 %.2f, p99 %.2f", first[count / 2],
        first[count * 99 / 100], whole[count / 2], whole[count * 99 / 100]),
      "\((session.byteCount - bytes) / count) bytes each")
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
