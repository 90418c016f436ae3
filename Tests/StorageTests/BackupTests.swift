// Copies of a workspace, and the way back to one: what they hold, what they refuse, and what of the
// present outlives a return to the past.

import Basics
import Domain
import Foundation
import SQLite
import Support
import Testing

@testable import Storage

@Suite struct BackupTests {
  let folder: TemporaryDirectory
  let path: String

  init() throws {
    folder = try TemporaryDirectory()
    path = folder.file("a.listkeeper")
  }

  private func add(_ email: String, optIn: OptIn = .yes, to workspace: Workspace) throws -> PersonID
  {
    try workspace.writeBlocking(as: "test") { (tx) throws(Problem) in
      var person = Person(id: PersonID(0), noticedAt: tx.now)
      person.emails = [email]
      person.optIn = optIn
      return try tx.directory.add(person)
    }
  }

  private func optIn(_ id: PersonID, in workspace: Workspace) throws -> String? {
    try workspace.readBlocking { (reading) throws(Problem) in
      try reading.database.one("SELECT opt_in FROM person WHERE id = ?", id) { $0.text(0) }
    }
  }

  private func count(_ table: String, _ path: String) throws -> Int {
    let workspace = try Workspace.open(at: path, readOnly: true)
    defer { workspace.close() }
    return try workspace.readBlocking { (reading) throws(Problem) in
      try reading.database.integer("SELECT count(*) FROM \(table)")
    }
  }

  @Test func `a backup made while somebody writes holds whole transactions`() async throws {
    let workspace = try Workspace.create(at: path)
    defer { workspace.close() }
    let writing = Task {
      for number in 0..<200 {
        try await workspace.write(as: "test") { (tx) throws(Problem) in
          var person = Person(id: PersonID(0), noticedAt: tx.now)
          person.emails = ["p\(number)@town.dev", "q\(number)@town.dev"]
          try tx.directory.add(person)
        }
      }
    }
    var counts: [Int] = []
    for number in 0..<4 {
      let copy = try workspace.backUp(to: folder.file("\(number).backup"))
      let people = try count("person", copy.path)
      #expect(try count("address", copy.path) == people * 2)
      counts.append(people)
      let size = try FileManager.default.attributesOfItem(atPath: copy.path)[.size] as? Int64
      #expect(copy.bytes == size)
    }
    try await writing.value
    #expect(counts == counts.sorted())
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(names.filter { $0.contains(".backup") }.count == 4)
  }

  @Test func `a backup is its owner's alone and replaces a file only when asked`() throws {
    let workspace = try Workspace.create(at: path)
    defer { workspace.close() }
    let place = try folder.write("taken", "not a backup")
    let problem = #expect(throws: Problem.self) { try workspace.backUp(to: place) }
    #expect(problem?.code == "backup.exists")
    #expect(try String(contentsOfFile: place, encoding: .utf8) == "not a backup")
    let copy = try workspace.backUp(to: place, replacing: true)
    let rights = try FileManager.default.attributesOfItem(atPath: place)[.posixPermissions] as? Int
    #expect(rights == 0o600)
    #expect(try count("account", copy.path) == 1)
    for wrong in [path, folder.file("none/a.backup")] {
      #expect(throws: Problem.self) { try workspace.backUp(to: wrong, replacing: true) }
    }
  }

  @Test func `going back keeps what is there, and its refusals outlive the return`() throws {
    let workspace = try Workspace.create(at: path)
    defer { workspace.close() }
    let audience = "a1b2c3"
    let ada = try add("ada@town.dev", to: workspace)
    let ben = try add("ben@town.dev", to: workspace)
    try workspace.writeBlocking(as: "test") { (tx) throws(Problem) in
      var progress = AudienceProgress()
      progress.readAt = tx.now
      progress.firstSyncAt = tx.now
      try tx.audiences.save([Audience(id: audience, name: "News")])
      try tx.audiences.save(progress, of: audience)
      let open = try tx.executions.create(.pushPeople, .change, audienceID: audience)
      try tx.executions.start(open)
    }
    let copy = try workspace.backUp(to: folder.file("old.backup"))
    let cleo = try add("cleo@town.dev", to: workspace)
    try workspace.writeBlocking(as: "test", evidence: "form") { (tx) throws(Problem) in
      _ = try tx.directory.update(ada) { $0.optIn = .no }
      try tx.consent.suppress(
        [
          Suppression(
            key: AddressKey("gone@town.dev"), reason: .unsubscribed, at: tx.now,
            evidence: "a webhook")
        ], in: audience)
      try tx.engine.setPaused(true)
    }
    let done = try Restoration.restore(copy.path, to: path, by: "tester")
    #expect(done.people == 2)
    #expect(done.suppressions == 1)
    #expect(done.optOuts == 1)
    #expect(done.ledgerEntries >= 1)
    // The object that was open all along sees what is there now.
    #expect(try optIn(ada, in: workspace) == "no")
    #expect(try optIn(ben, in: workspace) == "yes")
    #expect(try optIn(cleo, in: workspace) == nil)
    try workspace.readBlocking { (reading) throws(Problem) in
      let key = AddressKey("gone@town.dev")
      #expect(try reading.consent.suppressions(audience, at: [key])[key]?.reason == .unsubscribed)
      let progress = try reading.audiences.progress(of: audience)
      #expect(progress.readAt == nil && progress.firstSyncAt == nil)
      #expect(try reading.engine.record().isPaused)
      #expect(try reading.executions.open().isEmpty)
      let entries = try reading.database.rows(
        "SELECT new FROM consent_entry WHERE person_id = ? ORDER BY id", ada
      ) { $0.text(0) }
      #expect(entries.first == "opt-in yes")
      #expect(entries.contains("opt-in no"))
    }
    // What was there before is whole, beside it.
    let kept = try #require(done.keptAs)
    #expect(try count("person", kept) == 3)
    let back = try Restoration.restore(kept, to: path, by: "tester")
    #expect(back.people == 3)
    #expect(try optIn(cleo, in: workspace) == "yes")
  }

  @Test func `a return is refused while an engine runs`() async throws {
    let workspace = try Workspace.create(at: path)
    defer { workspace.close() }
    let copy = try workspace.backUp(to: folder.file("old.backup"))
    let lock = try await EngineLock.acquire(workspace, version: "1")
    let problem = #expect(throws: Problem.self) {
      try Restoration.restore(copy.path, to: path, by: "tester")
    }
    #expect(problem?.code == "engine.running")
    await lock.release()
    let before = lock.term
    _ = try Restoration.restore(copy.path, to: path, by: "tester")
    let next = try await EngineLock.acquire(workspace, version: "1")
    #expect(next.term > before)
    await next.release()
  }

  @Test func `what is no backup of this workspace is refused and nothing changes`() throws {
    let workspace = try Workspace.create(at: path)
    defer { workspace.close() }
    _ = try add("ada@town.dev", to: workspace)
    let other = try Workspace.create(at: folder.file("b.listkeeper"))
    let theirs = try other.backUp(to: folder.file("theirs.backup"))
    other.close()
    let newer = try workspace.backUp(to: folder.file("newer.backup"))
    try Connection(path: newer.path, mode: .readWrite, keepingJournal: true)
      .script("PRAGMA user_version = 99")
    let cases = [
      (theirs.path, "restore.other-workspace"), (newer.path, "workspace.newer"),
      (try folder.write("text", "hello"), "workspace.foreign"),
      (folder.file("none"), "restore.missing"), (path, "restore.onto-itself"),
    ]
    for (file, code) in cases {
      let problem = #expect(throws: Problem.self) {
        try Restoration.restore(file, to: path, by: "tester")
      }
      #expect(problem?.code == code)
      #expect(problem?.remedy.isEmpty == false)
    }
    #expect(try count("person", path) == 1)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(!names.contains { $0.contains("restor") })
  }

  @Test
  func `a damaged workspace is put aside only when that is said, a missing one needs nothing`()
    throws
  {
    let workspace = try Workspace.create(at: path)
    _ = try add("ada@town.dev", to: workspace)
    let copy = try workspace.backUp(to: folder.file("old.backup"))
    workspace.close()
    try FileManager.default.removeItem(atPath: path)
    for suffix in ["-wal", "-shm"] where FileManager.default.fileExists(atPath: path + suffix) {
      try FileManager.default.removeItem(atPath: path + suffix)
    }
    #expect(try Restoration.restore(copy.path, to: path, by: "tester").keptAs == nil)
    #expect(try count("person", path) == 1)

    try Data("this was a workspace".utf8).write(to: URL(filePath: path))
    let problem = #expect(throws: Problem.self) {
      try Restoration.restore(copy.path, to: path, by: "tester")
    }
    #expect(problem?.code == "restore.present-unreadable")
    let done = try Restoration.restore(copy.path, to: path, by: "tester", force: true)
    #expect(try count("person", path) == 1)
    let kept = try String(contentsOfFile: try #require(done.keptAs), encoding: .utf8)
    #expect(kept == "this was a workspace")
  }
}
