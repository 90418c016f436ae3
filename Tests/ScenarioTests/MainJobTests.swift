// The main job through the program itself: a workspace, a file of 5,000 people of every kind, a
// practice Mailchimp in another process with a past of its own. What the audience holds afterwards is
// compared with the independent reading, contact by contact; where everybody stands, person by person.

import Basics
import Domain
import Foundation
import Storage
import Support
import Testing

@Suite struct MainJobTests {
  @Test func `five thousand people of every kind arrive exactly, and only once`() async throws {
    let seed: UInt64 = 20_261_121
    let people = RealisticPeople(5000, seed: seed)
    let directory = try TemporaryDirectory()
    let mailchimp = try await PracticeProcess(in: directory, people: 60)
    try await mailchimp.site.live(through: people.pasts)
    let before = try await mailchimp.site.contacts()
    let program = try Program(workspace: directory.file("main.listkeeper"))

    // Set up, as the help says it.
    #expect(try await program.run("init").code == 0)
    #expect(try await program.run("settings", "set", "mailchimp.url", mailchimp.url).code == 0)
    let key = mailchimp.site.key
    #expect(try await program.run("settings", "set", "mailchimp.key", key).code == 0)
    #expect(try await program.run("audiences", "use", mailchimp.site.audience).code == 0)
    let file = try directory.write("people.csv", people.csv)
    let imported = try await program.json("people", "import", file)
    #expect(imported["added"]?.int == Int64(people.rows.count))

    // The first sync is held, and has written nothing.
    let untouched = try mailchimp.calls().filter { !$0.hasPrefix("GET ") }
    #expect(untouched.isEmpty, "\(untouched)")
    let held = try await program.json("sync", "--wait", exit: 3)
    #expect(held["execution"]?["status"] == "held")
    #expect(try await mailchimp.site.contacts() == before)

    let paper = try PaperReading(people, numbers: try await numbers(program))
    let expected = try paper.audience()
    let plan = try await program.json("plans", "show", "latest")
    let created = (plan["rows"]?.array ?? []).filter { $0["action"] == "create" }
    #expect(
      Set(created.compactMap { $0["email"]?.string?.lowercased() })
        == Set(expected.keys.filter { before[$0] == nil }).union(try paper.forgotten()))

    // Approved, it does exactly that. Those forgotten by Mailchimp are refused, which is said.
    let done = try await program.json("sync", "--approve", "latest", "--wait", exit: 1)
    #expect(done["execution"]?["status"] == "partial")
    let counts = done["execution"]?["counts"]
    #expect(counts?["created"]?.int == Int64(expected.keys.filter { before[$0] == nil }.count))
    #expect(counts?["refused"]?.int == Int64(try paper.forgotten().count))
    let after = try await mailchimp.site.contacts()
    let wrong = differences(expected, before: before, after: after)
    #expect(wrong.isEmpty, "\(wrong.count): \(wrong.prefix(20))")

    // Everybody has a state and a reason.
    try await compareStates(program, paper)

    // Again, and the same file again: nothing is sent.
    let sent = try mailchimp.calls().count
    let second = try await program.json("sync", "--wait")
    #expect(second["execution"]?["status"] == "succeeded")
    let again = try await program.json("people", "import", file)
    #expect(again["unchanged"]?.int == Int64(people.rows.count))
    _ = try await program.json("sync", "--wait")
    _ = try await program.json("sync", "--resync", "--wait")
    let extra = try mailchimp.calls().dropFirst(sent).filter { !$0.hasPrefix("GET ") }
    #expect(extra.isEmpty, "\(extra.prefix(5))")
    #expect(try await mailchimp.site.contacts() == after)

    // One edited person leaves by itself: one execution, one row.
    try await editOne(program, mailchimp, paper)
    try await mailchimp.end()
  }

  /// The directory's ids by external id, as the program tells them.
  private func numbers(_ program: Program) async throws -> [String: Int] {
    let exported = try await program.json("people", "export")
    var numbers: [String: Int] = [:]
    for person in exported["people"]?.array ?? [] {
      if let name = person["externalID"]?.string, let id = person["id"]?.int {
        numbers[name] = Int(id)
      }
    }
    return numbers
  }

  private func compareStates(_ program: Program, _ paper: PaperReading) async throws {
    let numbers = try await numbers(program)
    let listed = try await program.json("people", "list")
    var found: [Int: String] = [:]
    for person in listed["people"]?.array ?? [] {
      found[Int(person["id"]?.int ?? 0)] =
        "\(person["state"]?.string ?? ""): \(person["reason"]?.string ?? "")"
    }
    let codes = try paper.codes()
    #expect(listed["total"]?.int == Int64(codes.count))
    var misjudged: [String] = []
    for (name, code) in codes {
      let meant = code.isEmpty ? "in step: " : "excluded: \(code)"
      let state = numbers[name].flatMap { found[$0] } ?? "nobody"
      if state != meant { misjudged.append("\(name) is \(state), to be \(meant)") }
    }
    #expect(misjudged.isEmpty, "\(misjudged.count): \(misjudged.sorted().prefix(20))")
    #expect(Set(codes.values).count == 9, "cases of every rule: \(Set(codes.values))")

    // Whose details are sent instead is told by number.
    for (name, winner) in try paper.recipientsOfDuplicates().sorted(by: { $0.key < $1.key })
      .prefix(5)
    {
      let shown = try await program.json("people", "show", name)
      let sentence = shown["sentence"]?.string ?? ""
      #expect(sentence.contains("#\(numbers[winner] ?? 0),"), "\(name), \(winner): \(sentence)")
    }
  }

  private func editOne(
    _ program: Program, _ mailchimp: PracticeProcess, _ paper: PaperReading
  ) async throws {
    let (name, address) = try #require(try paper.someRecipient())
    let engine = try program.start("serve")
    try await engine.prints("runs")
    let last = try await program.json("executions", "list", "--limit", "1")
    let newest = last["executions"]?[0]?["id"]?.int ?? 0

    #expect(try await program.run("people", "set", name, "last_name=Nguyễn-Smith").code == 0)
    let workspace = try Workspace.open(at: program.workspace)
    defer { workspace.close() }
    let watch = try ChangeWatch(workspace)
    let changes = workspace.changes.stream()
    let isDone: @Sendable (WorkspaceReading) throws(Problem) -> Bool = {
      (reading) throws(Problem) in
      try reading.database.integer(
        """
        SELECT count(*) FROM execution
        WHERE id > ? AND trigger = 'change' AND finished_at IS NOT NULL
        """, newest) > 0
    }
    if try await !workspace.read(isDone) {
      for await _ in changes where try await workspace.read(isDone) { break }
    }
    withExtendedLifetime(watch) {}

    engine.send(signal: SIGTERM)
    #expect(try await engine.ended().code == 0)
    let all = try await program.json("executions", "list", "--limit", "20")
    let changed = (all["executions"]?.array ?? []).filter {
      ($0["id"]?.int ?? 0) > newest && $0["trigger"] == "change"
    }
    #expect(changed.count == 1)
    #expect(changed.first?["status"] == "succeeded")
    #expect(changed.first?["counts"]?["updated"]?.int == 1)
    #expect(changed.first?["done"]?.int == 1)
    let id = changed.first?["id"]?.int ?? 0
    let shown = try await program.json("executions", "show", "\(id)")
    #expect(shown["people"]?.array?.count == 1)
    #expect(shown["people"]?[0]?["changes"]?[0]?["new"] == "Nguyễn-Smith")
    let member = try await mailchimp.site.contacts()[address]
    #expect(member?["merge_fields"]?["LNAME"] == "Nguyễn-Smith")
    #expect(member?["status"] == "subscribed")
  }
}
