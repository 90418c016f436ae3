import Basics
import Domain
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
}
