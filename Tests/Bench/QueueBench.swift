// Messages a second, put in and leased and completed, one by one and 500 at a time, beside the same
// statements run by the `sqlite3` shell at the same `synchronous=FULL`.

import Basics
import Foundation
import Queue
import SQLite
import Support

enum QueueBench {
  static func run() throws {
    let count = Bench.size("LISTKEEPER_BENCH_MESSAGES", default: 50_000)
    print("\nQueue, \(count) messages of 150 bytes, synchronous=FULL")
    let folder = try TemporaryDirectory()
    let connection = try Connection(path: folder.file("queue"))
    try connection.script(MessageQueue.schema)
    let body = String(repeating: "x", count: 150)
    let now = SystemTime().now()

    let singles = count / 10
    let singlePut = try Bench.time {
      for index in 0..<singles { try put(index, body, now, connection) }
    }
    let singleDone = try Bench.time {
      for index in 0..<singles { _ = try lease(1, "s\(index)", now, connection) }
    }
    let batchPut = try Bench.time {
      for start in stride(from: 0, to: count, by: 500) {
        try connection.transaction { () throws(Problem) in
          for index in start..<min(start + 500, count) {
            try put(index, body, now, connection)
          }
        }
      }
    }
    let batchDone = try Bench.time {
      var left = count
      while left > 0 { left -= try lease(500, "b\(left)", now, connection) }
    }

    let peerSingle = try shell(count: singles, batch: 1, body: body, folder)
    let peerBatch = try shell(count: count, batch: 500, body: body, folder)
    report("put in, one by one", singles, singlePut, peerSingle.put)
    report("leased and completed, one by one", singles, singleDone, peerSingle.done)
    report("put in, 500 a transaction", count, batchPut, peerBatch.put)
    report("leased and completed, 500 a transaction", count, batchDone, peerBatch.done)
    Bench.row("memory", Memory().text)
  }

  private static func report(_ name: String, _ count: Int, _ seconds: Double, _ peer: Double?) {
    let beside =
      peer.map {
        "sqlite3 shell \(Bench.perSecond(count, $0)), ratio "
          + String(format: "%.2f", $0 / seconds)
      } ?? "no sqlite3 shell here"
    Bench.row(name, Bench.perSecond(count, seconds), beside)
  }

  private static func put(
    _ index: Int, _ body: String, _ now: Instant, _ connection: Connection
  ) throws(Problem) {
    try MessageQueue.enqueue(
      NewMessage(kind: "bench", subject: "subject:\(index)", body: body, runAt: now),
      on: connection)
  }

  private static func lease(
    _ limit: Int, _ token: String, _ now: Instant, _ connection: Connection
  ) throws(Problem) -> Int {
    try connection.transaction { () throws(Problem) in
      let leased = try MessageQueue.lease(
        kinds: ["bench"], limit: limit, now: now, term: 1, token: token, duration: .minutes(1),
        excludingSubjects: [], on: connection)
      for message in leased {
        guard try MessageQueue.complete(message.id, token: token, on: connection) else {
          throw Problem("bench", "A lease was lost.")
        }
      }
      return leased.count
    }
  }

  /// The plainest queue the shell can run: insert; update to leased, delete. The floor.
  private static func shell(
    count: Int, batch: Int, body: String, _ folder: TemporaryDirectory
  ) throws -> (put: Double?, done: Double?) {
    let setup = """
      PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
      CREATE TABLE IF NOT EXISTS job (id INTEGER PRIMARY KEY, state INTEGER, due INTEGER, body TEXT);
      CREATE INDEX IF NOT EXISTS job_due ON job (due, id) WHERE state = 0;

      """
    var put = setup
    var done = setup
    for start in stride(from: 0, to: count, by: batch) {
      put += "BEGIN IMMEDIATE;\n"
      for _ in start..<min(start + batch, count) {
        put += "INSERT INTO job (state, due, body) VALUES (0, 1, '\(body)');\n"
      }
      put += "COMMIT;\n"
      done += """
        BEGIN IMMEDIATE;
        UPDATE job SET state = 1 WHERE id IN
          (SELECT id FROM job WHERE state = 0 ORDER BY due, id LIMIT \(batch));
        DELETE FROM job WHERE state = 1;
        COMMIT;

        """
    }
    let file = folder.file("peer-\(batch)")
    return (try run(put, file, folder), try run(done, file, folder))
  }

  private static func run(
    _ script: String, _ database: String, _ folder: TemporaryDirectory
  ) throws -> Double? {
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/sqlite3") else { return nil }
    let path = try folder.write("script.sql", script)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
    process.arguments = [database, ".read \(path)"]
    process.standardOutput = FileHandle.nullDevice
    return try Bench.time {
      try process.run()
      process.waitUntilExit()
    }
  }
}
