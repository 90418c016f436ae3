// A connection that only reads, on a thread of its own, so that no screen waits for the writer or
// for another screen. Each closure sees the file as it was at one moment; keep closures short,
// because the log cannot be emptied while one runs. That moment is before the closure begins: a clock
// it reads never stands before what it sees.

import Basics

package final class Reader: Sendable {
  package let path: String
  private let queue: WorkQueue<@Sendable (Connection) -> Void>
  private let thread: WorkThread
  private let interrupter: Interrupter

  package convenience init(path: String) throws(Problem) {
    try self.init(Connection(path: path, mode: .readOnly))
  }

  /// Takes `connection` over, for one that has functions of its own registered.
  package init(_ connection: sending Connection) throws(Problem) {
    path = connection.path
    interrupter = connection.interrupter
    let queue = WorkQueue<@Sendable (Connection) -> Void>()
    self.queue = queue
    let handover = Handover(connection)
    thread = try WorkThread {
      while let job = queue.next() { job(handover.connection) }
    }
  }

  deinit { queue.close() }

  package func read<Value: Sendable>(
    _ body: @escaping @Sendable (Connection) throws(Problem) -> Value
  ) async throws(Problem) -> Value {
    let result: Result<Value, Problem> = await withCheckedContinuation { continuation in
      let isTaken = queue.push { continuation.resume(returning: Reader.snapshot($0, body)) }
      if !isTaken { continuation.resume(returning: .failure(.closed(path))) }
    }
    return try result.get()
  }

  /// The same for callers that may block; never call it from an async function or from `body`.
  package func readBlocking<Value: Sendable>(
    _ body: @escaping @Sendable (Connection) throws(Problem) -> Value
  ) throws(Problem) -> Value {
    let reply = Reply<Value>()
    guard queue.push({ reply.say(Reader.snapshot($0, body)) }) else { throw .closed(path) }
    return try reply.wait()
  }

  /// Ends the read that runs now, if one does; it throws `sqlite.interrupted`.
  package func interrupt() { interrupter.interrupt() }

  /// Answers what was asked, closes the connection, and refuses whatever is asked later.
  package func close() {
    queue.close()
    thread.join()
  }

  private static func snapshot<Value>(
    _ connection: Connection, _ body: (Connection) throws(Problem) -> Value
  ) -> Result<Value, Problem> {
    do throws(Problem) {
      return .success(
        try connection.transaction(.deferred) { () throws(Problem) in
          // BEGIN alone fixes nothing; the first read does.
          try connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1")
          return try body(connection)
        })
    } catch {
      return .failure(error)
    }
  }
}
