// What was said to Mailchimp, word for word, goes after a week and beyond its size.

import Basics
import Domain
import PeopleSources
import Storage
import Support
import Testing

@testable import Engine

@Suite struct JanitorTests {
  private let folder: TemporaryDirectory
  private let workspace: Workspace

  init() throws {
    folder = try TemporaryDirectory()
    workspace = try Workspace.create(at: folder.file("a.listkeeper"))
  }

  private func say(_ count: Int, at: Instant, bytes: Int = 10) throws {
    try workspace.writeBlocking(as: "test") { (tx) throws(Problem) in
      try tx.executions.record(
        (0..<count).map { _ in
          ExchangeRow(
            id: 0, at: at, method: "PUT", path: "/", status: 200, tookMilliseconds: 1,
            requestBytes: bytes, responseBytes: bytes, problem: "",
            requestBody: String(repeating: "x", count: bytes),
            responseBody: String(repeating: "x", count: bytes))
        }, of: nil)
    }
  }

  private func kept() throws -> [Int64] {
    try workspace.readBlocking { (reading) throws(Problem) in
      try reading.database.rows("SELECT exchange_id FROM exchange_body ORDER BY 1") {
        $0.int64(0)
      }
    }
  }

  private func janitor(weighs: Bool) async throws -> (Janitor, EngineLock) {
    let lock = try await EngineLock.acquire(workspace, version: "1")
    return (
      Janitor(workspace: workspace, term: lock.term, log: .silent, weighs: weighs), lock
    )
  }

  @Test func `every old body goes, however many there are, and the exchanges stay`() async throws {
    let now = workspace.time.now()
    try say(1201, at: now - .days(8))
    try say(3, at: now)
    let (janitor, lock) = try await janitor(weighs: false)
    await janitor.clean(settings: SettingValues())
    #expect(try kept() == [1202, 1203, 1204])
    // A second time: the exchanges of old are still there, and hold nothing up.
    try say(2, at: now - .days(8))
    try say(1, at: now)
    await janitor.clean(settings: SettingValues())
    #expect(try kept() == [1202, 1203, 1204, 1207])
    let exchanges = try workspace.readBlocking { (reading) throws(Problem) in
      try reading.database.integer("SELECT count(*) FROM exchange")
    }
    #expect(exchanges == 1207)
    await lock.release()
  }

  @Test func `the newest bodies stay, as many as there is room for`() async throws {
    let now = workspace.time.now()
    try say(700, at: now, bytes: 50)
    let (janitor, lock) = try await janitor(weighs: true)
    try await janitor.cleanBodies(before: now - .days(7), most: 1000)
    #expect(try kept() == Array(691...700))
    try await janitor.cleanBodies(before: now - .days(7), most: 1000)
    #expect(try kept().count == 10)
    await lock.release()
  }
}

@Suite struct OpenReadingTests {
  @Test func `a reading that was cancelled has not come to its end`() async {
    let pages = Locked(3)
    let reading = OpenReading(
      PlanID(1),
      AsyncThrowingStream {
        pages.withLock { left in
          left -= 1
          return left >= 0 ? PeoplePage() : nil
        }
      })
    let problem = await Task {
      withUnsafeCurrentTask { $0?.cancel() }
      do throws(Problem) {
        _ = try await reading.next()
        return nil as Problem?
      } catch {
        return error
      }
    }.value
    #expect(problem?.code == "cancelled")
  }
}
