import Basics
import Domain
import Foundation
import SQLite
import Support
import Testing

@testable import Storage

/// A clock that stands where it was put.
struct FixedTime: TimeSource {
  var instant = Instant(milliseconds: 1_800_000_000_000)
  func now() -> Instant { instant }
  func sleep(until deadline: Instant) async throws {}
}

@Suite struct WorkspaceTests {
  let folder: TemporaryDirectory
  let path: String

  init() throws {
    folder = try TemporaryDirectory()
    path = folder.file("a.listkeeper")
  }

  func rights(of path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return try #require(attributes[.posixPermissions] as? Int)
  }

  @Test func `a new workspace is its owner's alone and holds what it starts with`() throws {
    let workspace = try Workspace.create(at: path)
    defer { workspace.close() }
    #expect(try rights(of: path) == 0o600)
    #expect(try rights(of: path + "-wal") == 0o600)
    let (accounts, tags, key) = try workspace.readBlocking { (reading) throws(Problem) in
      (
        try reading.database.rows("SELECT name FROM account") { $0.text(0) },
        try reading.database.rows("SELECT tag FROM field_mapping ORDER BY position") {
          $0.text(0)
        },
        try reading.database.one("SELECT hash_key FROM workspace") { $0.blob(0) } ?? []
      )
    }
    #expect(accounts == [Account.defaultName])
    #expect(tags == ["FNAME", "LNAME", "PHONE", "BIRTHDAY"])
    #expect(key.count == 32)
    #expect(Set(key).count > 8)
  }

  @Test func `opening twice keeps the key of the first time`() throws {
    func key() throws -> [UInt8]? {
      let workspace = try Workspace.open(at: path)
      defer { workspace.close() }
      return try workspace.readBlocking { (reading) throws(Problem) in
        try reading.database.one("SELECT hash_key FROM workspace") { $0.blob(0) }
      }
    }
    try Workspace.create(at: path).close()
    #expect(try key() == key())
  }

  @Test func `what is no workspace is refused in words and left as it was`() throws {
    func code(_ path: String) -> String? {
      do throws(Problem) {
        try Workspace.open(at: path).close()
        return nil
      } catch {
        #expect(error.sentence.contains(path))
        #expect(!error.remedy.isEmpty)
        return error.code
      }
    }
    #expect(code(folder.file("none")) == "workspace.missing")
    #expect(code(folder.path) == "workspace.is-folder")
    let text = try folder.write("notes.txt", String(repeating: "Buy milk. ", count: 500))
    #expect(code(text) == "workspace.foreign")
    #expect(try String(contentsOfFile: text, encoding: .utf8).hasPrefix("Buy milk."))
    let foreign = folder.file("foreign.db")
    try Connection(path: foreign, keepingJournal: true).script("CREATE TABLE t (a)")
    #expect(code(foreign) == "workspace.foreign")
    try Workspace.create(at: path).close()
    let newer = folder.file("newer.listkeeper")
    try FileManager.default.copyItem(atPath: path, toPath: newer)
    try Connection(path: newer, mode: .readWrite).script("PRAGMA user_version=99")
    #expect(code(newer) == "workspace.newer")
  }

  @Test func `a workspace somebody keeps locked is named as locked`() throws {
    try Workspace.create(at: path).close()
    let holder = try Connection(path: path, mode: .readWrite)
    try holder.script(
      "PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; DELETE FROM message; COMMIT;")
    // Opening would wait five seconds; its words come from the same refusal.
    let refusal = try #require(throws: Problem.self) {
      try Connection(path: path, mode: .readWrite, patience: .zero)
        .integer("SELECT count(*) FROM person")
    }
    let problem = WorkspaceFile.problem(refusal, at: path)
    #expect(problem.code == "workspace.locked")
  }

  @Test func `creating over a file refuses and keeps the file`() throws {
    let file = try folder.write("mine.listkeeper", "mine")
    let problem = #expect(throws: Problem.self) { try Workspace.create(at: file) }
    #expect(problem?.code == "workspace.exists")
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
  }

  @Test func `a file that others may read is closed to them and that is said`() throws {
    try Workspace.create(at: path).close()
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
    let workspace = try Workspace.open(at: path)
    defer { workspace.close() }
    #expect(workspace.notices.map(\.code) == ["workspace.rights-corrected"])
    #expect(try rights(of: path) == 0o600)
  }

  @Test func `a workspace opened for reading cannot be written through`() throws {
    try Workspace.create(at: path).close()
    let workspace = try Workspace.open(at: path, readOnly: true)
    defer { workspace.close() }
    let problem = #expect(throws: Problem.self) {
      try workspace.writeBlocking(as: "test") { _ in }
    }
    #expect(problem?.code == "workspace.opened-read-only")
    let people = try workspace.readBlocking { (reading) throws(Problem) in
      try reading.database.integer("SELECT count(*) FROM person")
    }
    #expect(people == 0)
  }

  @Test func `a write carries its author and a stranger's is audited as outside`() throws {
    let workspace = try Workspace.create(at: path, time: FixedTime())
    defer { workspace.close() }
    try workspace.writeBlocking(as: "ada", evidence: "form 7") { (tx) throws(Problem) in
      try tx.database.execute(
        "INSERT INTO person (account_id, first_name, opt_in) VALUES (1, 'Grace', 'yes')")
    }
    let shell = try Connection(path: path, mode: .readWrite)
    try shell.execute("UPDATE person SET first_name = 'Anita' WHERE id = 1")
    let audit = try shell.rows("SELECT at, who, field, old, new FROM audit ORDER BY id") {
      "\($0.int64(0) == FixedTime().instant.milliseconds) \($0.text(1)): \($0.text(2)) "
        + "\($0.text(3))→\($0.text(4))"
    }
    #expect(
      audit == [
        "true ada: person →added", "false outside Listkeeper: first_name Grace→Anita",
      ])
    let ledger = try shell.rows("SELECT by, new, evidence FROM consent_entry") {
      [$0.text(0), $0.text(1), $0.text(2)]
    }
    #expect(ledger == [["ada", "opt-in yes", "form 7"]])
    let queued = try shell.rows("SELECT kind, subject, state FROM message") {
      [$0.text(0), $0.text(1), $0.text(2)]
    }
    #expect(queued == [["person changed", "person:1", "ready"]])
  }

  @Test func `what a write throws undoes all it did, its author too`() throws {
    let workspace = try Workspace.create(at: path)
    defer { workspace.close() }
    let problem = #expect(throws: Problem.self) {
      try workspace.writeBlocking(as: "ada") { (tx) throws(Problem) in
        try tx.database.execute("INSERT INTO person (account_id) VALUES (1)")
        throw Problem("test", "Stop.")
      }
    }
    #expect(problem?.code == "test")
    let left = try workspace.readBlocking { (reading) throws(Problem) in
      try reading.database.integer(
        "SELECT (SELECT count(*) FROM person) + (SELECT count(*) FROM acting WHERE who IS NOT NULL)"
      )
    }
    #expect(left == 0)
  }

  @Test func `audit and consent ledger refuse to be rewritten`() throws {
    let workspace = try Workspace.create(at: path)
    defer { workspace.close() }
    try workspace.writeBlocking(as: "ada") { (tx) throws(Problem) in
      try tx.database.execute("INSERT INTO person (account_id, opt_in) VALUES (1, 'no')")
    }
    for statement in [
      "UPDATE audit SET who = 'me'", "UPDATE consent_entry SET new = 'opt-in yes'",
      "DELETE FROM consent_entry",
    ] {
      let problem = #expect(throws: Problem.self) {
        try workspace.writeBlocking(as: "eve") { (tx) throws(Problem) in
          try tx.database.execute(statement)
        }
      }
      #expect(problem?.fields["constraint"] == "trigger", "\(statement)")
    }
  }

  @Test func `a person who goes leaves the addresses they shared to be looked at`() throws {
    let workspace = try Workspace.create(at: path)
    defer { workspace.close() }
    let subjects = try workspace.writeBlocking(as: "ada") { (tx) throws(Problem) in
      try tx.database.script(
        """
        INSERT INTO person (id, account_id) VALUES (1, 1), (2, 1);
        UPDATE person SET manager_id = 1 WHERE id = 2;
        INSERT INTO address (person_id, position, email) VALUES (1, 0, ' Ada@Example.org');
        DELETE FROM message;
        DELETE FROM person WHERE id = 1;
        """)
      return try tx.database.rows("SELECT subject FROM message ORDER BY subject") { $0.text(0) }
    }
    #expect(subjects == ["address:ada@example.org", "person:2"])
  }

  @Test func `a commit rings those who registered and ends a wait`() async throws {
    let workspace = try Workspace.create(at: path)
    defer { workspace.close() }
    let wakeup = try Wakeup()
    workspace.changes.register(wakeup)
    let stream = workspace.changes.stream()
    try await workspace.write(as: "ada") { (tx) throws(Problem) in
      try tx.database.execute("INSERT INTO person (account_id) VALUES (1)")
    }
    for await _ in stream { break }
    #expect(wakeup.silence())
  }

  @Test func `the default path follows XDG and ignores a relative one`() {
    #expect(
      WorkspaceFile.defaultPath { ["XDG_DATA_HOME": "/data"][$0] }
        == "/data/listkeeper/default.listkeeper")
    #expect(
      WorkspaceFile.defaultPath { ["XDG_DATA_HOME": "data", "HOME": "/home/a"][$0] }
        == "/home/a/.local/share/listkeeper/default.listkeeper")
  }
}
