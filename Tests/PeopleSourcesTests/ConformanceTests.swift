// What every source promises, whatever it is: one suite for all of them.

import Basics
import Domain
import Foundation
import HTTP
import SQLite
import Support
import Testing

@testable import PeopleSources

@Suite struct SourceConformanceTests {
  static let people: [PracticeRow] = [
    ["external_id": "k1", "first_name": "Ada", "email": "ada@lovelace.dev"],
    ["external_id": "k2", "first_name": "Łę 中文", "last_name": "O'Neil", "email": "b@c.dev"],
    ["external_id": "k3", "first_name": "Alan", "email": "alan@turing.dev", "active": "no"],
  ]

  @Test(arguments: PracticeKind.allCases)
  func `it tells everybody once, by key, and the same people twice`(kind: PracticeKind) async throws
  {
    let practice = try PracticeSource(kind, Self.people)
    let first = try await practice.all()
    #expect(first.people.map(\.externalID) == ["k1", "k2", "k3"])
    #expect(
      first.people.map { $0.word.values["first_name"] } == ["Ada", "Łę 中文", "Alan"])
    #expect(first.people.map { $0.word.values["email"] }.last == "alan@turing.dev")
    #expect(first.people.last?.word.values["active"] == "no")
    #expect(first.refused.isEmpty)
    #expect(try await practice.all().people == first.people)
    #expect(try await !practice.source.describe().name.isEmpty)
  }

  @Test(arguments: PracticeKind.allCases)
  func `a change shows in the word of that person alone`(kind: PracticeKind) async throws {
    let practice = try PracticeSource(kind, Self.people)
    let before = try await practice.all()
    var changed = Self.people
    changed[1]["last_name"] = "King"
    try practice.set(changed)
    let after = try await practice.all()
    let differing = zip(before.people, after.people).filter { $0.word != $1.word }
    #expect(differing.map(\.1.externalID) == ["k2"])
    #expect(differing.first?.1.word.values["last_name"] == "King")
  }

  @Test(arguments: PracticeKind.allCases)
  func `a bad row is refused with its place and reason, and keeps nobody back`(
    kind: PracticeKind
  ) async throws {
    var rows = Self.people
    rows[0]["active"] = "perhaps"
    rows.insert(["external_id": "", "first_name": "Nobody"], at: 1)
    let practice = try PracticeSource(kind, rows)
    let page = try await practice.all()
    #expect(page.people.map(\.externalID) == ["k2", "k3"])
    #expect(page.refused.map(\.externalID) == ["k1", nil])
    for refusal in page.refused {
      #expect(!refusal.place.isEmpty)
      #expect(refusal.problem.sentence.contains(refusal.place))
    }
    #expect(page.refused.first?.problem.code == "import.does-not-fit")
    #expect(page.refused.last?.problem.code == "source.no-key")
  }

  @Test(arguments: PracticeKind.allCases)
  func `one that fails ends with a problem and not with nobody`(kind: PracticeKind) async throws {
    let practice = try PracticeSource(kind, Self.people)
    try practice.break()
    let problem = await #expect(throws: Problem.self) { _ = try await practice.all() }
    #expect(problem?.code.isEmpty == false)
    #expect(problem?.sentence.hasSuffix(".") == true || kind == .commandCSV || kind == .commandJSON)
  }

  @Test(arguments: PracticeKind.allCases)
  func `control characters do not come in`(kind: PracticeKind) async throws {
    let practice = try PracticeSource(
      kind, [["external_id": "k1", "first_name": "A\u{1B}[31mda\u{7}", "email": "a@b.dev"]])
    let page = try await practice.all()
    #expect(page.people.first?.word.values["first_name"] == "A[31mda")
  }

  @Test(arguments: [PracticeKind.csv, .sqlite, .commandCSV, .commandJSON])
  func `pages are made when they are asked for`(kind: PracticeKind) async throws {
    let rows = (0..<6000).map {
      ["external_id": "k\($0)", "first_name": "P\($0)", "email": "p\($0)@town.dev"]
    }
    let practice = try PracticeSource(kind, rows)
    var sizes: [Int] = []
    for try await page in practice.source.people(changedSince: nil) { sizes.append(page.count) }
    #expect(sizes == Array(repeating: PeoplePage.size, count: 12))
    // Who stops asking ends the reading: nothing is left behind that waits.
    for try await _ in practice.source.people(changedSince: nil) { break }
  }

  @Test(arguments: [PracticeKind.sqlite, .commandCSV, .commandJSON, .scim, .http])
  func `what changed goes back under the person's key`(kind: PracticeKind) async throws {
    let practice = try PracticeSource(kind, Self.people)
    #expect(try await practice.source.describe().canWriteBack)
    try await practice.source.record(
      WriteBack(person: PersonID(1), externalID: "k2", values: [.firstName: "Zoë"]))
    switch kind {
    case .sqlite:
      let page = try await practice.all()
      #expect(page.people.map { $0.word.values["first_name"] } == ["Ada", "Zoë", "Alan"])
      #expect(page.people[1].word.values["email"] == "b@c.dev")
    case .commandCSV, .commandJSON:
      let told = try String(contentsOfFile: practice.folder.file("told.json"), encoding: .utf8)
      #expect(try JSONValue.parse(told) == ["external_id": "k2", "first_name": "Zoë"])
    default:
      let call = try #require(practice.platform.calls.withLock { $0.last })
      #expect(call.method == "PATCH")
      #expect(call.target.hasSuffix("/k2"))
      if kind == .scim {
        #expect(
          call.body["Operations"]
            == [["op": "replace", "path": "name.givenName", "value": "Zoë"]])
      } else {
        #expect(call.body == ["name": ["first": "Zoë"]])
      }
    }
  }

  @Test func `a database is never made, and its writer is told who is not there`() async throws {
    let practice = try PracticeSource(.sqlite, Self.people)
    let path = practice.folder.file("none.db")
    let none = SQLiteDatabase(path, query: "SELECT 1")
    await #expect(throws: Problem.self) {
      for try await _ in none.people(changedSince: nil) {}
    }
    #expect(!FileManager.default.fileExists(atPath: practice.folder.file("none.db")))
    let problem = await #expect(throws: Problem.self) {
      try await practice.source.record(
        WriteBack(person: PersonID(1), externalID: "nobody", values: [.firstName: "x"]))
    }
    #expect(problem?.code == "source.nobody-there")
    // A query that writes is refused: it is opened for reading only.
    let writing = SQLiteDatabase(
      practice.folder.file("people.db"), query: "DELETE FROM people RETURNING external_id, email")
    await #expect(throws: Problem.self) {
      for try await _ in writing.people(changedSince: nil) {}
    }
    #expect(try await practice.all().people.count == 3)
  }

  @Test func `a command that fails says its exit code and one clean line`() async throws {
    let practice = try PracticeSource(.commandCSV, Self.people)
    try practice.break()
    let problem = try #require(
      await #expect(throws: Problem.self) { _ = try await practice.all() })
    #expect(
      problem.sentence
        == "The command of source.command ended with exit code 7: no [31mdatabase password=•••")
    #expect(problem.isTransientAtSource)
  }

  @Test func `half a line and too long a time tell nothing`() async throws {
    let half = CommandOutput("printf 'external_id,first_name\\nk1,Ada\\nk2,Al'")
    let problem = await #expect(throws: Problem.self) {
      for try await _ in half.people(changedSince: nil) {}
    }
    #expect(problem?.code == "source.half-line")
    let folder = try TemporaryDirectory()
    let slow = CommandOutput(
      "echo external_id,first_name; (sleep 600; touch '\(folder.file("left"))') & sleep 600",
      limit: .milliseconds(200))
    let late = await #expect(throws: Problem.self) {
      for try await _ in slow.people(changedSince: nil) {}
    }
    #expect(late?.code == "source.unavailable")
  }

  @Test func `a query without an end is ended, and says which and what to do`() async throws {
    let practice = try PracticeSource(.sqlite, Self.people)
    let endless =
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
      + "SELECT i AS external_id, 'a' AS first_name FROM n WHERE i < 0"
    let path = practice.folder.file("people.db")
    let slow = SQLiteDatabase(path, query: endless, limit: .milliseconds(50))
    let problem = await #expect(throws: Problem.self) {
      for try await _ in slow.people(changedSince: nil) {}
    }
    #expect(problem?.code == "source.too-slow")
    #expect(problem?.sentence.contains("source.query") == true)
    #expect(problem?.sentence.contains("WITH RECURSIVE n") == true)
    #expect(problem?.remedy.contains("source.time-limit") == true)
    #expect(problem?.isTransientAtSource == false)
    // A statement that writes back is ended too, and has written nothing.
    let writer = SQLiteDatabase(
      path, query: "SELECT 1",
      writeBack: "UPDATE people SET first_name = :first_name WHERE external_id = :external_id "
        + "AND (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
        + "SELECT count(*) FROM n) > 0", limit: .milliseconds(50))
    let late = await #expect(throws: Problem.self) {
      try await writer.record(
        WriteBack(person: PersonID(1), externalID: "k1", values: [.firstName: "x"]))
    }
    #expect(late?.code == "source.too-slow")
    #expect(late?.sentence.contains("source.write-back") == true)
    #expect(try await practice.all().people.first?.word.values["first_name"] == "Ada")
  }

  @Test func `waiting for whoever takes the people in does not count`() async throws {
    let rows = (0..<2600).map { ["external_id": "k\($0)", "first_name": "P\($0)"] }
    let practice = try PracticeSource(.sqlite, rows)
    let path = practice.folder.file("people.db")
    let connection = try Connection(path: path, mode: .readOnly, keepingJournal: true)
    let work = WorkLimit(.milliseconds(1), on: connection)
    // What would be far over the limit is taken out of it.
    try work.pausing { () throws(Problem) in
      let until = ContinuousClock.now + .milliseconds(5)
      while ContinuousClock.now < until {}
    }
    #expect(try connection.integer("SELECT 1") == 1)
    #expect(!work.hasPassed)
  }

  @Test func `a wrong key is told as one, and is not tried again`() async throws {
    let practice = try PracticeSource(.scim, Self.people)
    let wrong = HTTPPlatform(
      practice.platform.url + "/scim",
      layout: {
        var layout = HTTPPlatform.Layout()
        layout.isSCIM = true
        return layout
      }(), http: try HTTPClient()
    ) { Secret("other") }
    let problem = await #expect(throws: Problem.self) {
      for try await _ in wrong.people(changedSince: nil) {}
    }
    #expect(problem?.code == "source.key-refused")
    #expect(problem?.isTransientAtSource == false)
  }

  @Test func `SCIM asks for who changed since the last reading`() async throws {
    let practice = try PracticeSource(.scim, Self.people)
    let cursor = try await practice.all().cursor
    _ = try await practice.all(since: cursor)
    let target = try #require(practice.platform.calls.withLock { $0.map(\.target).last })
    #expect(target.contains("filter=meta.lastModified"))
  }
}

@Suite struct SourceWordTests {
  let old = SourceWord(["first_name": "Ada", "email": "a@b.dev", "email2": "c@d.dev"])

  @Test func `only what the source changed is news`() {
    var new = old
    new.values["first_name"] = "Augusta"
    #expect(new.news(since: old, isKnownHere: true).values == ["first_name": "Augusta"])
    #expect(old.news(since: old, isKnownHere: true).values.isEmpty)
  }

  @Test func `a column that is left out is no news, and none when it is back`() {
    var fewer = old
    fewer.values["first_name"] = nil
    #expect(fewer.news(since: old, isKnownHere: true).values.isEmpty)
  }

  @Test func `addresses change as a list`() {
    var new = old
    new.values["email2"] = "e@f.dev"
    #expect(
      new.news(since: old, isKnownHere: true).values
        == ["email": "a@b.dev", "email2": "e@f.dev"])
  }

  @Test func `the first word empties nothing of somebody who stands here`() {
    let first = SourceWord(["first_name": "", "last_name": "King"])
    #expect(first.news(since: nil, isKnownHere: true).values == ["last_name": "King"])
    #expect(first.news(since: nil, isKnownHere: false) == first)
  }

  @Test(arguments: [
    ("psql: FATAL: password=abc wrong", "psql: FATAL: password=••• wrong"),
    ("postgres://me:secret@host/db is gone", "postgres://•••@host/db is gone"),
    ("\u{1B}]0;x\u{7}first\nsecond", "]0;xfirst"), ("key abcd1234 refused", "key ••• refused"),
    ("", ""),
  ])
  func `what another program said is shown without secrets`(said: String, shown: String) {
    #expect(ErrorLine.clean(said.utf8, hiding: [Secret("abcd1234")]) == shown)
  }
}
