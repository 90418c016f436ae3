import Basics
import Domain
import Foundation
import SQLite
import Support
import Testing

@testable import Storage

@Suite struct EngineLockTests {
  let folder: TemporaryDirectory
  let path: String

  init() throws {
    folder = try TemporaryDirectory()
    path = folder.file("a.listkeeper")
  }

  @Test func `one engine a workspace, and its holder is named`() async throws {
    let here = try Workspace.create(at: path)
    let there = try Workspace.open(at: path)
    #expect(try EngineLock.holder(of: path) == nil)
    let lock = try await EngineLock.acquire(here, version: "1")
    #expect(try EngineLock.holder(of: path)?.isThisProcess == true)
    let refusal = await #expect(throws: Problem.self) {
      try await EngineLock.acquire(there, version: "1")
    }
    #expect(refusal?.code == "engine.held")
    #expect(refusal?.sentence.contains("\(getpid())") == true)
    await lock.release()
    #expect(try EngineLock.holder(of: path) == nil)
    #expect(FileManager.default.fileExists(atPath: path + ".lock"))
    let next = try await EngineLock.acquire(there, version: "1")
    #expect(next.term == lock.term + 1)
  }

  @Test func `the lock goes when its holder does`() async throws {
    let workspace = try Workspace.create(at: path)
    var lock: EngineLock? = try await EngineLock.acquire(workspace, version: "1")
    #expect(try EngineLock.holder(of: path) != nil)
    #expect(lock != nil)
    lock = nil
    #expect(try EngineLock.holder(of: path) == nil)
  }

  @Test func `two names of one workspace share one lock`() async throws {
    let workspace = try Workspace.create(at: path)
    let other = folder.file("other.listkeeper")
    try FileManager.default.createSymbolicLink(atPath: other, withDestinationPath: path)
    let lock = try await EngineLock.acquire(workspace, version: "1")
    #expect(try EngineLock.holder(of: other)?.isThisProcess == true)
    let linked = try Workspace.open(at: other)
    await #expect(throws: Problem.self) { try await EngineLock.acquire(linked, version: "1") }
    await lock.release()
  }

  @Test func `what an older engine still writes is refused whole`() async throws {
    let workspace = try Workspace.create(at: path)
    let old = try await EngineLock.acquire(workspace, version: "1")
    let oldTerm = old.term
    await old.release()
    let new = try await EngineLock.acquire(workspace, version: "1")
    let refusal = await #expect(throws: Problem.self) {
      try await workspace.write(as: "engine") { (tx) throws(Problem) in
        try EngineLock.fence(term: oldTerm, on: tx)
        try tx.database.execute("INSERT INTO person (account_id) VALUES (1)")
      }
    }
    #expect(refusal?.code == "engine.lost")
    let people = try await workspace.write(as: "engine") { (tx) throws(Problem) in
      try new.fence(tx)
      return try tx.database.integer("SELECT count(*) FROM person")
    }
    #expect(people == 0)
  }

  @Test func `another process's commit and the end of its engine are noticed`() async throws {
    let workspace = try Workspace.create(at: path)
    let watch = try ChangeWatch(workspace)
    let changes = workspace.changes.stream()
    let shell = try Connection(path: path, mode: .readWrite)
    try shell.execute("INSERT INTO person (account_id) VALUES (1)")
    for await _ in changes { break }
    let other = try Workspace.open(at: path)
    let lock = try await EngineLock.acquire(other, version: "1")
    await lock.release()
    for await _ in changes { break }
    withExtendedLifetime(watch) {}
  }
}
