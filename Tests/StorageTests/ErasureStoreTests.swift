import Basics
import Domain
import Queue
import Support
import Testing

@testable import Storage

@Suite struct ErasureStoreTests {
  let test: TestWorkspace

  init() throws { test = try TestWorkspace() }

  /// Somebody with this name, an execution that failed because of them, and a line of its log.
  private func failing(_ first: String, _ last: String, told: String) throws -> PersonID {
    try test.write { (tx) throws(Problem) in
      var person = Person(id: PersonID(0), noticedAt: tx.now)
      person.firstName = first
      person.lastName = last
      let id = try tx.directory.add(person)
      let execution = try tx.executions.create(
        .pushPeople, .change, audienceID: nil, status: .running)
      try tx.executions.log(
        [LogLine(at: tx.now, .error, "\(told): No e-mail address.")], of: execution)
      try tx.executions.finish(
        execution, as: .failed,
        because: Problem("people.no-address", "\(told): No e-mail address.", remedy: "Add one."))
      return id
    }
  }

  private func texts() throws -> String {
    try test.read { (reading) throws(Problem) in
      try reading.database.rows(
        "SELECT sentence FROM log_line UNION ALL SELECT problem FROM execution"
      ) { $0.text(0) }.joined(separator: "\n")
    }
  }

  @Test(arguments: [
    ("Östen", "Åberg", "Östen Åberg"), ("Анна", "Иванова", "Анна Иванова"),
    ("Ann", "Lee", "Ann Lee"), ("Émile", "Zola", "ÉMILE ZOLA"),
  ])
  func `lines that name who is forgotten go, in whatever letters`(
    first: String, last: String, told: String
  ) throws {
    let id = try failing(first, last, told: told)
    #expect(try texts().contains(told))
    try test.write { (tx) throws(Problem) in
      _ = try tx.erasures.erase(tx.erasures.subject(id), by: tx.who)
    }
    #expect(!(try texts().contains(told)))
  }

  @Test func `lines with the name somebody had before go too`() throws {
    let id = try failing("Ann", "Lee", told: "Ann Lee")
    for (first, last) in [("Ann", "Bey"), ("Anna", "Bey")] {
      try test.write { (tx) throws(Problem) in
        try tx.directory.update(id) {
          $0.firstName = first
          $0.lastName = last
        }
      }
    }
    try test.write { (tx) throws(Problem) in
      _ = try tx.erasures.erase(tx.erasures.subject(id), by: tx.who)
    }
    #expect(!(try texts().contains("Ann Lee")))
  }

  /// Listings are followed by the ids of those a page ended with; a chunk is called by its first.
  @Test func `work that waits, and a reading of who holds a tag, names nobody forgotten`() throws {
    let id = try test.add("Ann", "ann@x.org")
    let mark = Digest.md5("ann@x.org".utf8)
    try test.write { (tx) throws(Problem) in
      for (kind, subject, body) in [
        (
          "send chunk", "chunk:1:ann@x.org",
          #"{"execution":1,"addresses":["ann@x.org","bea@x.org"]}"#
        ),
        ("read audience", "audience:2", #"{"execution":2,"tail":["\#(mark) 5","other 6"]}"#),
      ] {
        try MessageQueue.enqueue(
          NewMessage(kind: kind, subject: subject, body: body, runAt: tx.now), on: tx.database)
      }
      try tx.database.execute(
        "INSERT INTO kept_tag (audience_id, name, read_tail) VALUES ('a', 'Club', ?)",
        #"["\#(mark) 5","other 6"]"#)
      _ = try tx.erasures.erase(tx.erasures.subject(id), by: tx.who)
    }
    let left = try test.read { (reading) throws(Problem) in
      try reading.database.rows(
        "SELECT subject || body FROM message UNION ALL SELECT read_tail FROM kept_tag"
      ) { $0.text(0) }.sorted()
    }
    #expect(left.count == 3)
    #expect(left.allSatisfy { !$0.contains("ann@x.org") && !$0.contains(mark) }, "\(left)")
    #expect(left.contains { $0.contains("bea@x.org") })
    #expect(left.count { $0.contains("other 6") } == 2)
  }
}
