import Basics
import Domain
import Glibc
import Sandbox
import Storage
import Support
import Testing

@Suite(.serialized, .timeLimit(.minutes(10))) struct KillTests {
  /// Where the first sync of 1,200 people is killed: each kind of request it makes.
  static let firstSync: [(SandboxHold.Place, String, String, Int)] = [
    (.arrival, "GET", "/3.0/lists/*", 1),
    (.answer, "GET", "/3.0/lists/*/members", 1),
    (.arrival, "POST", "/3.0/lists/*", 1),
    (.answer, "POST", "/3.0/lists/*", 3),
  ]

  @Test(arguments: firstSync)
  func `a first sync that is killed goes on and everybody is there once`(
    place: SandboxHold.Place, method: String, path: String, count: Int
  ) async throws {
    let site = try await CrashSite(people: 1200)
    let asked = Locked<ExecutionID?>(nil)
    try await site.kill(at: place, of: method, path, count: count) { scenario in
      let id = try await scenario.ask(.forceSync(approve: true))
      asked.withLock { $0 = id }
    }
    // One that was held as it arrived may take effect all the same once its client is gone.
    let before = try await site.scenario.audience().count
    if method == "GET" { #expect(before == 0) }
    if place == .answer, method == "POST" { #expect(before == 1200) }

    let child = try await site.serve()
    let done = try await site.scenario.settled(asked.withLock { $0 })
    #expect(done.status == .succeeded)
    #expect(done.counts.created == 1200)
    #expect(done.done == done.total)
    try await site.rests()
    try await site.stop(child)
    let contacts = try await site.scenario.audience()
    #expect(contacts.count == 1200)
    #expect(contacts["person7@town.dev"]?["merge_fields"]?["FNAME"] == "P7")
    #expect(contacts.values.allSatisfy { $0["status"] == "subscribed" })
    try await site.syncsNothing()
    await site.end()
  }

  /// Single calls: their method, and whether the change had taken effect.
  static let singles: [(SandboxHold.Place, String)] = [
    (.arrival, "PUT"), (.answer, "PUT"), (.arrival, "PATCH"), (.answer, "PATCH"),
    (.arrival, "DELETE"), (.answer, "DELETE"),
  ]

  @Test(arguments: singles)
  func `a single change that is killed is done, told once, and ours`(
    place: SandboxHold.Place, method: String
  ) async throws {
    let site = try await CrashSite(settings: ["recipients.leavers": "archive"], people: 3)
    let ada = try await site.scenario.add("ada@lovelace.dev", first: "Ada") { $0.optIn = .yes }
    try await site.firstSync()
    try await site.kill(at: place, of: method, "/3.0/lists/*/members/*") { scenario in
      switch method {
      case "PUT": try await scenario.add("new@town.dev", first: "New")
      case "PATCH": try await scenario.edit(ada) { $0.optIn = .no }
      default: try await scenario.edit(ada) { $0.isActive = false }
      }
    }
    // Asked before the next engine begins: what was in hand goes first all the same.
    try await site.scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.requests.insert(.resync(approve: false))
    }
    let child = try await site.serve()
    try await site.rests()
    try await site.stop(child)
    let contacts = try await site.scenario.audience()
    let suppressed = try await site.scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.integer("SELECT count(*) FROM suppression")
    }
    #expect(suppressed == 0)
    switch method {
    case "PUT": #expect(contacts["new@town.dev"]?["status"] == "subscribed")
    case "PATCH": #expect(contacts["ada@lovelace.dev"]?["status"] == "unsubscribed")
    default: #expect(contacts["ada@lovelace.dev"]?["status"] == "archived")
    }
    let told = try await site.scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.integer(
        """
        SELECT count(*) FROM row_outcome o JOIN execution e ON e.id = o.execution_id
        WHERE e.trigger <> 'force sync' AND o.result IN ('created', 'unsubscribed', 'archived')
        """)
    }
    #expect(told == 1)
    try await site.syncsNothing()
    await site.end()
  }

  @Test func `the next engine takes over at once and two at once are refused with code 5`()
    async throws
  {
    let site = try await CrashSite(people: 1)
    let first = try await site.serve()
    let second = try await site.run("serve")
    #expect(second.code == 5)
    #expect(second.errors.contains("\(first.pid)"))
    first.send(signal: SIGKILL)
    _ = try await first.ended()
    let third = try await site.serve()
    try await site.stop(third)
    await site.end()
  }

  @Test func `SIGTERM in the middle of a sync gives back what was in hand`() async throws {
    let site = try await CrashSite(people: 1200)
    let hold = site.mailchimp.hold(.arrival, method: "POST", path: "/3.0/lists/*")
    let child = try await site.serve()
    let id = try await site.scenario.ask(.forceSync(approve: true))
    await hold.reached(3)
    try await site.stop(child)
    hold.release()
    let next = try await site.serve()
    let done = try await site.scenario.settled(id)
    #expect(done.counts.created == 1200)
    #expect(done.status == .succeeded)
    try await site.stop(next)
    #expect(try await site.scenario.audience().count == 1200)
    await site.end()
  }

  @Test func `an import that is killed leaves a file that the same import completes`() async throws
  {
    let site = try await CrashSite()
    let lines = (0..<3000).map { "X\($0),First\($0),Last\($0),person\($0)@town.dev" }
    let file = try site.scenario.directory.write(
      "people.csv",
      "external_id,first_name,last_name,email\n" + lines.joined(separator: "\n") + "\n")
    let child = try site.start("people", "import", file)
    let count = "SELECT count(*) FROM person"
    _ = try await site.scenario.when { (reading) throws(Problem) in
      let people = try reading.database.integer(count)
      return people > 0 ? people : nil
    }
    child.send(signal: SIGKILL)
    _ = try await child.ended()
    try site.checkFile()
    let again = try await site.run("people", "import", file)
    #expect(again.code == 0, "\(again.output)\(again.errors)")
    let (people, audits) = try await site.scenario.workspace.read { (reading) throws(Problem) in
      (
        try reading.database.integer(count),
        try reading.database.integer("SELECT count(*) FROM audit WHERE field = 'person'")
      )
    }
    #expect(people == 3000)
    #expect(audits == 3000)
    await site.end()
  }
}
