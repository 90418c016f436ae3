// Executions and logs of a long history, by the real binary on a real pseudo-terminal.

import Basics
import Domain
import Foundation
import Screen
import Storage
import Support
import Testing

@Suite(.serialized) struct HistoryOnTerminalTests {
  /// A workspace with 30,000 executions and 450,000 log lines, so that lists are guessed at and a
  /// search takes several pieces.
  private func history(_ home: ConsoleHome) throws -> String {
    let path = home.workspace
    let workspace = try Workspace.create(at: path)
    try workspace.writeBlocking(as: "test") { (tx) throws(Problem) in
      // Of these days: what is older than its retention goes when an engine runs.
      let start = tx.now - .seconds(450_000)
      // The index of words is not what is tried here, and takes longest to fill.
      try tx.database.script("DROP TRIGGER log_text_added")
      try tx.database.execute(
        """
        INSERT INTO execution (flow, trigger, audience_id, status, detected_changes, queued_at,
          started_at, finished_at, refused)
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)
        SELECT 'directory → Mailchimp', 'change', 'a1',
          CASE i % 1000 WHEN 0 THEN 'failed' ELSE 'succeeded' END, 0, ?1 + i * 15000,
          ?1 + i * 15000, ?1 + i * 15000 + 5, i % 1000 = 0
        FROM n
        """, start)
      try tx.database.execute(
        """
        INSERT INTO log_line (execution_id, at, level, sentence)
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 450000)
        SELECT 1 + (i - 1) / 15, ?1 + i * 1000, CASE WHEN i = 20 THEN 3 ELSE 1 END,
          CASE i WHEN 405000 THEN 'The needle lies here.' WHEN 20 THEN 'It went wrong.'
            ELSE 'Line ' || i || ' says little.' END
        FROM n
        """, start)
    }
    workspace.close()
    return path
  }

  private func type(_ text: String, in session: TerminalSession) {
    for scalar in text.unicodeScalars { session.press(Key(scalar)) }
  }

  @Test func `a row further in the executions costs the rows that change, not a screen`()
    async throws
  {
    let home = try ConsoleHome()
    let session = try await home.console(on: try history(home), size: Size(120, 36))
    try await session.waits(for: "Force sync")
    session.press("6")
    try await session.waits(for: "─ #30000 change ─")
    let before = session.screen.bytes
    for number in 1...20 {
      session.press("j")
      try await session.waits(for: "─ #\(30_000 - number) change ─")
    }
    #expect(session.screen.bytes - before < 20 * 350)
    try await session.send(signal: SIGTERM)
    _ = try await session.exitCode()
  }

  @Test func `a log of any length is read from both ends, searched, and left for its execution`()
    async throws
  {
    let home = try ConsoleHome()
    let session = try await home.console(on: try history(home), size: Size(120, 36))
    try await session.waits(for: "Force sync")
    session.press("7")
    try await session.waits(for: "Line 450000 ")
    try await session.waits(for: "about 450,000")
    session.press("PgUp", "PgUp")
    try await session.waits(for: "Line 449920 ")
    session.press("g")
    try await session.waits(for: "Line 1 ")
    type("/NEEDLE", in: session)
    session.press("Enter")
    try await session.waits(for: "The needle lies here.")
    type("/nowhere at all", in: session)
    session.press("Enter")
    try await session.waits(for: "There is no further line like that.")
    session.press("E")
    try await session.waits(for: "It went wrong.")
    session.press("@")
    type("-1h", in: session)
    session.press("Enter")
    try await session.waits(for: "Line 4464")
    session.press("x", "o")
    try await session.waits(for: "#2976")
    try await session.send(signal: SIGTERM)
    _ = try await session.exitCode()
  }

  @Test func `a filter that one console saves is there in the next`() async throws {
    let home = try ConsoleHome()
    let path = try history(home)
    let session = try await home.console(on: path, size: Size(120, 36))
    try await session.waits(for: "Force sync")
    session.press("6")
    try await session.waits(for: "about 30,000")
    session.press("G")
    try await session.waits(for: "  #1 ")
    session.press("&")
    try await session.waits(for: "Filter executions")
    session.press("Space", "^S")
    try await session.waits(for: "of 30 ")
    session.press("b")
    try await session.waits(for: "Went wrong")
    session.press("Esc")
    try await session.waits(forNo: "Went wrong")
    type("/failed", in: session)
    session.press("Enter", "b", "+")
    try await session.waits(for: "Name of this filter")
    type("Broken", in: session)
    session.press("Enter")
    try await session.waits(for: "b shows them")
    try await session.send(signal: SIGTERM)
    _ = try await session.exitCode()

    // It opens where the last one was left, with what was filtered there.
    let next = try await home.console(on: path, size: Size(120, 36), isNew: false)
    try await next.waits(for: "Executions: failed or partial, \"failed\"")
    next.press("Esc")
    try await next.waits(for: "about 30,000")
    next.press("b")
    try await next.waits(for: "Broken")
    next.press("c")
    try await next.waits(for: "Executions: failed or partial, \"failed\"")
    try await next.send(signal: SIGTERM)
    _ = try await next.exitCode()
  }
}
