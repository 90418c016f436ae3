// Whoever stops reading a source is not kept waiting by it, and what the source started ends.

import Basics
import Domain
import Glibc
import SQLite
import Support
import Testing

@testable import PeopleSources

@Suite struct StoppedReadingTests {
  @Test func `stopping ends a command that has long to go`() async throws {
    let folder = try TemporaryDirectory()
    let fifo = folder.file("alive")
    #expect(mkfifo(fifo, 0o600) == 0)
    let source = CommandOutput("echo started >'\(fifo)'; exec 3<>'\(fifo)'; sleep 600")
    let task = Task {
      var count = 0
      for try await page in source.people(changedSince: nil) { count += page.count }
      return count
    }
    let reader = try await Blocking.run { open(fifo, O_RDONLY) }
    defer { close(reader) }
    let isStarted = try await Blocking.run {
      var byte: UInt8 = 0
      return read(reader, &byte, 1) == 1
    }
    #expect(isStarted)
    task.cancel()
    let problem = await #expect(throws: Problem.self) { _ = try await task.value }
    #expect(problem?.code == "cancelled")
    // The end of what the command held open: it is gone.
    try await Blocking.run {
      var byte: UInt8 = 0
      while read(reader, &byte, 1) == 1 {}
    }
  }

  @Test(.timeLimit(.minutes(10))) func `stopping ends a query and a statement without an end`()
    async throws
  {
    let folder = try TemporaryDirectory()
    let path = folder.file("people.db")
    let database = try Connection(path: path, keepingJournal: true)
    try database.script("CREATE TABLE people (external_id TEXT, first_name TEXT)")
    let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
    let source = SQLiteDatabase(
      path,
      query:
        "\(endless) SELECT x AS external_id, (SELECT count(*) FROM people) AS first_name FROM n"
        + " WHERE x <= \(PeoplePage.size)",
      writeBack: "\(endless) INSERT INTO people SELECT :external_id, x FROM n WHERE x < 0")
    let pages = Observed(0)
    let reading = Task {
      for try await _ in source.people(changedSince: nil) { pages.update { $0 += 1 } }
    }
    // One page, and then nothing for ever.
    #expect(await pages.waits(within: .seconds(120)) { $0 == 1 })
    reading.cancel()
    _ = await reading.result
    let writing = Task {
      try await source.record(WriteBack(person: PersonID(1), externalID: "k1", values: [:]))
    }
    writing.cancel()
    let problem = await #expect(throws: Problem.self) { try await writing.value }
    #expect(problem?.code == "cancelled")
    // Nothing holds the database any more.
    try database.execute("INSERT INTO people VALUES ('k1', 'Ada')")
  }

  @Test func `stopping ends a command that is being told a change`() async throws {
    let folder = try TemporaryDirectory()
    let fifo = folder.file("told")
    #expect(mkfifo(fifo, 0o600) == 0)
    let source = CommandOutput("true", writeBack: "echo started >'\(fifo)'; sleep 600")
    let task = Task {
      try await source.record(
        WriteBack(person: PersonID(1), externalID: "k1", values: [.firstName: "Ada"]))
    }
    let reader = try await Blocking.run { open(fifo, O_RDONLY) }
    defer { close(reader) }
    task.cancel()
    let problem = await #expect(throws: Problem.self) { try await task.value }
    #expect(problem?.code == "cancelled")
  }
}
