// A refresh that is killed by the kernel, while it reads and while it is carried out, and the next
// engine that goes on with it.

import Basics
import Domain
import Glibc
import Sandbox
import Storage
import Support
import Testing

@Suite(.serialized, .timeLimit(.minutes(10))) struct RefreshKillTests {
  private func set(_ site: CrashSite, _ settings: [String: String]) async throws {
    try await site.scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      for (key, text) in settings { try tx.settings.set(key, to: text) }
    }
  }

  /// Everybody once, told once, and nothing staged any more.
  private func check(_ site: CrashSite, _ execution: Execution, people: Int) async throws {
    #expect(execution.status == .succeeded)
    #expect(execution.counts.created == people)
    #expect(execution.counts.unchanged == 0)
    let counts = try await site.scenario.workspace.read { (reading) throws(Problem) in
      try [
        "SELECT count(*) FROM person", "SELECT count(DISTINCT external_id) FROM person",
        "SELECT count(*) FROM audit WHERE field = 'person' AND new = 'added'",
        "SELECT count(*) FROM row_outcome WHERE result = 'created'",
        "SELECT count(*) FROM source_person WHERE word <> '{}'",
      ].map { (sql) throws(Problem) in try reading.database.integer(sql) }
    }
    #expect(counts == Array(repeating: people, count: 5))
    let left = try await site.scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.integer("SELECT count(*) FROM source_row")
    }
    #expect(left == 0)
  }

  /// The next engine ends it; and another refresh finds nothing to do.
  private func goesOn(_ site: CrashSite, _ id: ExecutionID?, people: Int) async throws {
    let child = try await site.serve()
    let done = try await site.scenario.settled(id)
    try await check(site, done, people: people)
    let again = try await site.scenario.run(.refresh)
    #expect(again.counts.changed == 0)
    #expect(again.counts.unchanged == people)
    try await site.stop(child)
    try site.checkFile()
  }

  /// Asks for a refresh and kills the engine when it asks for the third of four pages: two are
  /// staged.
  private func killReading(_ site: CrashSite) async throws -> ExecutionID? {
    let path = "/platform/scim/v2/Users"
    var hold = site.mailchimp.hold(.arrival, method: "GET", path: path)
    let child = try await site.serve()
    let id = try await site.scenario.ask(.refresh)
    await hold.reached()
    for _ in 0..<2 {
      let next = site.mailchimp.hold(.arrival, method: "GET", path: path)
      hold.release()
      await next.reached()
      hold = next
    }
    child.send(signal: SIGKILL)
    _ = try await child.ended()
    hold.release()
    let staged = try await site.scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.integer("SELECT count(*) FROM source_row")
    }
    #expect(staged == 200)
    return id
  }

  @Test func `killed while it reads, it begins anew and counts nobody twice`() async throws {
    let site = try await CrashSite { $0.platformPeople = 350 }
    try await set(
      site,
      [
        "source.kind": "scim", "source.url": "\(site.mailchimp.platformURL)/scim/v2",
        "source.key": site.mailchimp.configuration.platformKey,
      ])
    let first = try await killReading(site)
    try await goesOn(site, first, people: 350)

    // Of those who stand here already none is counted twice either.
    try site.mailchimp.platform { platform, now throws(Problem) in
      try platform.change(platform.people[7].id, ["last_name": "King"], at: now)
    }
    let second = try await killReading(site)
    let child = try await site.serve()
    let done = try await site.scenario.settled(second)
    #expect(done.counts.updated == 1)
    #expect(done.counts.unchanged == 349)
    try await site.stop(child)
    await site.end()
  }

  @Test func `killed while it is carried out, it goes on where it was, and cleans up`() async throws
  {
    // Enough that the shipped binary is still at it when the first of them is seen.
    let count = 24_000
    let site = try await CrashSite()
    let lines = (0..<count).map { "k\($0),First\($0),Last\($0),person\($0)@town.dev" }
    let file = try site.scenario.directory.write(
      "people.csv",
      "external_id,first_name,last_name,email\n" + lines.joined(separator: "\n") + "\n")
    try await set(site, ["source.kind": "csv", "source.path": file])
    let child = try await site.serve()
    let id = try await site.scenario.ask(.refresh)
    _ = try await site.scenario.when { (reading) throws(Problem) in
      try reading.database.one("SELECT 1 FROM person LIMIT 1") { $0.int(0) }
    }
    child.send(signal: SIGKILL)
    _ = try await child.ended()
    try site.checkFile()
    let (there, staged) = try await site.scenario.workspace.read { (reading) throws(Problem) in
      (
        try reading.database.integer("SELECT count(*) FROM person"),
        try reading.database.integer("SELECT count(*) FROM source_row")
      )
    }
    #expect(there < count)
    #expect(staged == count)
    try await goesOn(site, id, people: count)
    await site.end()
  }
}
