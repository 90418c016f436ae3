import Basics
import Domain
import Foundation
import Support
import Testing

@testable import Storage

@Suite struct SettingsStoreTests {
  let folder: TemporaryDirectory
  let workspace: Workspace

  init() throws {
    folder = try TemporaryDirectory()
    workspace = try Workspace.create(at: folder.file("a.listkeeper"))
  }

  func set(_ key: String, _ value: String) throws {
    try workspace.writeBlocking(as: "ada") { (tx) throws(Problem) in
      try tx.settings.set(key, to: value)
    }
  }

  func values() throws -> SettingValues {
    try workspace.readBlocking { (reading) throws(Problem) in try reading.settings.values() }
  }

  @Test func `every setting keeps its own default and unset brings it back`() throws {
    for setting in Settings.all { try set(setting.key, setting.defaultText) }
    #expect(try values()[Settings.guardPeople] == 100)
    try set("guard.people", " 250 ")
    #expect(try values()[Settings.guardPeople] == 250)
    try workspace.writeBlocking(as: "ada") { (tx) throws(Problem) in
      try tx.settings.unset("guard.people")
    }
    #expect(try values()[Settings.guardPeople] == 100)
  }

  @Test func `a path is kept whole, wherever it was typed`() throws {
    let here = FileManager.default.currentDirectoryPath
    try set("source.path", "people.csv")
    #expect(try values()[Settings.sourcePath] == "\(here)/people.csv")
    try set("source.path", "/srv/people.csv")
    #expect(try values()[Settings.sourcePath] == "/srv/people.csv")
    try set("mailchimp.key", "file:key")
    #expect(try values()[Settings.key].reveal() == "file:\(here)/key")
    try set("mailchimp.key", "0123-us1")
    #expect(try values()[Settings.key].reveal() == "0123-us1")
  }

  @Test(arguments: [
    ("guard.people", "many", "settings.not-a-number"),
    ("guard.people", "0", "settings.not-a-number"),
    ("recipients.leavers", "shred", "settings.unknown-choice"),
    ("mailchimp.url", "http://example.org", "settings.not-an-address"),
    ("recipients.scope", "search:Nowhere", "settings.unknown-search"),
    ("no.such", "1", "settings.unknown"),
    ("mailchimp.url", "http://127.crm.example.org/x", "settings.not-an-address"),
    ("mailchimp.url", "http://localhost.example.org", "settings.not-an-address"),
    ("mailchimp.url", "http://[::1].example.org", "settings.not-an-address"),
    ("source.url", "http://127.0.0.1.example.org/", "settings.not-an-address"),
    ("source.query", "SELECT * FROM a -- all\nWHERE b = 1", "settings.line-break"),
    ("source.command", "export # all\r\n--only members", "settings.line-break"),
    ("source.write-back", "UPDATE a SET b = 1 --\nWHERE c = 2", "settings.line-break"),
    ("source.key", "command:pass show # key\ncrm", "settings.line-break"),
  ])
  func `what a setting cannot hold is refused and the old value stays`(
    key: String, value: String, code: String
  ) throws {
    let problem = #expect(throws: Problem.self) { try set(key, value) }
    #expect(problem?.code == code)
    #expect(problem?.remedy.isEmpty == false)
    #expect(try values() == SettingValues())
  }

  @Test(arguments: [
    "http://localhost", "http://localhost:80", "http://localhost/a", "http://127.0.0.1:8765",
    "http://127.1.2.3/a", "http://[::1]", "http://[::1]:80", "https://lists.example.org/a@b",
  ])
  func `an address of this machine may go without TLS`(address: String) throws {
    try set("mailchimp.url", address)
    #expect(try values()[Settings.url] == address)
  }

  @Test(arguments: [
    "https://ada:hunter2@example.org", "http://hunter2@127.0.0.1", "ada:hunter2@example.org",
    "https://ada:hun/ter2@example.org",
  ])
  func `a password in an address is refused and not repeated`(address: String) throws {
    for key in ["mailchimp.url", "source.url", "webhook.url", "mailchimp.login-url"] {
      let problem = try #require(#expect(throws: Problem.self) { try set(key, address) })
      #expect(problem.code == "settings.not-an-address")
      #expect(!"\(problem) \(problem.fields)".contains("ter2"))
    }
  }

  @Test func `line breaks around a query do no harm`() throws {
    try set("source.query", "\n  SELECT * FROM a  \r\n")
    #expect(try values()[Settings.sourceQuery] == "SELECT * FROM a")
  }

  @Test func `a query that a stranger's hand broke into lines is not read`() throws {
    let values = SettingValues(["source.query": "SELECT * FROM a --\nWHERE b"])
    let problem = #expect(throws: Problem.self) { try values.check() }
    #expect(problem?.code == "settings.unreadable")
  }

  @Test func `a scope may not ask for what it decides, now or by a later edit of its search`()
    throws
  {
    let save = { (name: String, filter: String) throws in
      try workspace.writeBlocking(as: "ada") { (tx) throws(Problem) in
        try tx.searches.save(SavedSearch(name, try SearchQuery(filter)))
      }
    }
    try save("Waiting", "state:waiting")
    let refused = #expect(throws: Problem.self) {
      try set("recipients.scope", "search:Waiting")
    }
    #expect(refused?.code == "searches.circular-scope")
    try save("Guests", "account:guest")
    try set("recipients.scope", "search:Guests")
    let edited = #expect(throws: Problem.self) { try save("Guests", "account:guest -tag:vip") }
    #expect(edited?.code == "searches.circular-scope")
  }

  @Test func `who set it last is kept, without control characters`() throws {
    try set("workspace.name", "The\u{1B}[31m Choir\n")
    let stored = try workspace.readBlocking { (reading) throws(Problem) in
      try reading.settings.stored()
    }
    #expect(stored.map(\.value) == ["The[31m Choir"])
    #expect(stored.map(\.changedBy) == ["ada"])
  }

  @Test func `a secret may lie elsewhere`() throws {
    let file = try folder.write("key", "  abc-us21\n")
    #expect(try SecretReference.resolve(Secret("file:\(file)")).reveal() == "abc-us21")
    #expect(
      try SecretReference.resolve(Secret("command:echo def-us21 # my key")).reveal() == "def-us21")
    #expect(try SecretReference.resolve(Secret("ghi-us21")).reveal() == "ghi-us21")
    #expect(!(try SecretReference.resolve(Secret("env:PATH")).isEmpty))
  }

  @Test(arguments: [
    ("env:LISTKEEPER_NO_SUCH", "secret.no-variable"), ("file:/no/such", "secret.no-file"),
    ("command:echo hidden; exit 3", "secret.command-refused"), ("command:true", "secret.empty"),
  ])
  func `a reference that leads nowhere is named, never what it led to`(
    reference: String, code: String
  ) throws {
    let problem = #expect(throws: Problem.self) {
      try SecretReference.resolve(Secret(reference))
    }
    #expect(problem?.code == code)
    #expect(problem?.cause?.contains("hidden") != true)
  }
}

@Suite struct RequestInboxTests {
  let folder: TemporaryDirectory
  let workspace: Workspace

  init() throws {
    folder = try TemporaryDirectory()
    workspace = try Workspace.create(at: folder.file("a.listkeeper"))
  }

  static let requests: [Request] = [
    .forceSync(approve: true), .resync(approve: false), .dryRun, .syncPerson(PersonID(7)),
    .approvePlan(PlanID(3)), .discardPlan(PlanID(4)), .retryExecution(ExecutionID(5)),
    .replayExecution(ExecutionID(6)), .cancelExecution(ExecutionID(8)), .reviveMessage(9),
    .discardMessage(10), .pause, .enable, .settingsChanged,
  ]

  @Test func `every request comes out as it went in, oldest first`() throws {
    try workspace.writeBlocking(as: "ada") { (tx) throws(Problem) in
      for request in RequestInboxTests.requests { try tx.requests.insert(request) }
    }
    let waiting = try workspace.readBlocking { (reading) throws(Problem) in
      try reading.requests.waiting()
    }
    #expect(waiting.map(\.request) == RequestInboxTests.requests)
    #expect(Set(waiting.map(\.by)) == ["ada"])
  }

  @Test func `who asked gets the answer, done or refused, and it waits no longer`() async throws {
    let (first, second) = try await workspace.write(as: "ada") { (tx) throws(Problem) in
      (try tx.requests.insert(.dryRun), try tx.requests.insert(.pause))
    }
    async let answer = workspace.waitForAnswer(to: first)
    let problem = Problem("engine.paused", "Paused.", remedy: "Enable it.")
    try await workspace.write(as: "engine") { (tx) throws(Problem) in
      try tx.requests.answer(second, .refused(problem))
      try tx.requests.answer(first, .done(ExecutionID(5)))
    }
    #expect(try await answer == .done(ExecutionID(5)))
    #expect(try await workspace.waitForAnswer(to: second) == .refused(problem))
    let waiting = try await workspace.read { (reading) throws(Problem) in
      try reading.requests.waiting()
    }
    #expect(waiting.isEmpty)
  }

  @Test func `words of another version are refused, not lost`() async throws {
    try await workspace.write(as: "ada") { (tx) throws(Problem) in
      try tx.database.execute("INSERT INTO request (name, at, by) VALUES ('dance', 1, 'x')")
      try tx.requests.refuseUnknown()
    }
    guard case .refused(let problem) = try await workspace.waitForAnswer(to: RequestID(1)) else {
      Issue.record("it was not refused")
      return
    }
    #expect(problem.code == "request.unknown")
  }
}
