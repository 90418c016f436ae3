// People from a source, through the real engine: a file, commands, a sandbox at the other end.

import Basics
import Domain
import Engine
import Foundation
import Storage
import Support
import Testing

@Suite struct RefreshTests {
  /// A workspace whose people come from a CSV file that is not there yet.
  private func site(_ settings: [String: String] = [:]) async throws -> Scenario {
    let scenario = try await Scenario(settings: settings)
    let path = scenario.directory.file("people.csv")
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.settings.set("source.kind", to: settings["source.kind"] ?? "csv")
      try tx.settings.set("source.path", to: path)
    }
    return scenario
  }

  private static let header = "external_id,first_name,last_name,email\n"

  private func rows(_ numbers: some Sequence<Int>, last: String = "Town") -> String {
    Self.header + numbers.map { "k\($0),P\($0),\(last),person\($0)@town.dev\n" }.joined()
  }

  /// Puts a whole file in the place of the one there is, as exporting systems do.
  private func replace(_ scenario: Scenario, _ text: String) throws {
    let new = try scenario.directory.write("people.new", text)
    guard rename(new, scenario.directory.file("people.csv")) == 0 else {
      throw Violation("The file was not replaced.")
    }
  }

  private func person(_ scenario: Scenario, _ externalID: String) async throws -> Person {
    try #require(
      try await scenario.workspace.read { (reading) throws(Problem) in
        try reading.directory.person(externalID: externalID)
      })
  }

  private func refresh(
    _ scenario: Scenario, after id: ExecutionID
  ) async throws -> Execution {
    try await scenario.when { (reading) throws(Problem) in
      try reading.executions.latest(after: id) {
        $0.flow == .refresh && ($0.status.isFinished || $0.status == .held)
      }
    }
  }

  @Test func `a file that changes on disk is read by itself, and the member changes`() async throws
  {
    let scenario = try await site()
    try replace(scenario, rows(0..<3))
    try await scenario.startEngine()
    let first = try await refresh(scenario, after: ExecutionID(0))
    #expect(first.status == .succeeded)
    #expect(first.counts.created == 3)
    _ = try await scenario.run(.forceSync(approve: true))
    #expect(try await scenario.audience().count == 3)

    try replace(scenario, rows([0, 1]) + "k2,P2,King,person2@town.dev\n")
    let sent = try await scenario.when { (reading) throws(Problem) in
      try reading.executions.latest(after: first.id) {
        $0.trigger == .change && $0.flow == .pushPeople && $0.status.isFinished
      }
    }
    #expect(sent.counts.updated == 1)
    #expect(
      try await scenario.audience()["person2@town.dev"]?["merge_fields"]?["LNAME"] == "King")
    let audit = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.rows(
        "SELECT who FROM audit WHERE field = 'last_name' AND new = 'King'"
      ) { $0.text(0) }
    }
    #expect(audit == ["source people.csv"])
    await scenario.end()
  }

  @Test func `what the source says as before overwrites nothing here`() async throws {
    let scenario = try await site()
    try replace(scenario, rows(0..<2))
    try await scenario.startEngine()
    _ = try await refresh(scenario, after: ExecutionID(0))
    let id = try await person(scenario, "k0").id
    try await scenario.edit(id) { $0.firstName = "Here" }

    try replace(scenario, rows(0..<2, last: "Village"))
    let second = try await scenario.run(.refresh)
    #expect(second.counts.updated == 2)
    let after = try await person(scenario, "k0")
    #expect(after.firstName == "Here")
    #expect(after.lastName == "Village")
    // And the same again changes nobody.
    let third = try await scenario.run(.refresh)
    #expect(third.status == .succeeded)
    #expect(third.counts.changed == 0)
    await scenario.end()
  }

  @Test(arguments: ["", "\n", header])
  func `an empty source is held, and approving it carries it out`(text: String) async throws {
    let scenario = try await site()
    try replace(scenario, rows(0..<4))
    try await scenario.startEngine()
    let first = try await refresh(scenario, after: ExecutionID(0))
    try replace(scenario, text)
    let held = try await refresh(scenario, after: first.id)
    #expect(held.status == .held)
    let plan = try #require(held.plan)
    let (summary, count) = try await scenario.workspace.read { (reading) throws(Problem) in
      (try reading.plans.plan(plan), try reading.plans.count(plan))
    }
    #expect(summary?.reason.contains("came back empty") == true)
    #expect(summary?.counts.vanished == 4)
    #expect(count == 4)
    #expect(try await person(scenario, "k3").isActive)

    try await scenario.ask(.approvePlan(plan))
    let done = try await scenario.when { (reading) throws(Problem) in
      try reading.executions.execution(held.id).flatMap { $0.status.isFinished ? $0 : nil }
    }
    #expect(done.status == .succeeded)
    #expect(done.counts.updated == 4)
    #expect(try await !person(scenario, "k3").isActive)
    await scenario.end()
  }

  @Test func `a discarded refresh writes nothing`() async throws {
    let scenario = try await site(["guard.people": "1"])
    try replace(scenario, rows(0..<10))
    try await scenario.startEngine()
    let first = try await refresh(scenario, after: ExecutionID(0))
    try replace(scenario, rows(0..<5))
    let held = try await refresh(scenario, after: first.id)
    #expect(held.status == .held)
    try await scenario.ask(.discardPlan(try #require(held.plan)))
    #expect(try await scenario.settled(held.id).status == .cancelled)
    #expect(try await person(scenario, "k9").isActive)
    await scenario.end()
  }

  @Test func `rows nobody will carry out are swept away, and those of a held plan are not`()
    async throws
  {
    let scenario = try await site(["guard.people": "1"])
    try replace(scenario, rows(0..<10))
    try await scenario.startEngine()
    let first = try await refresh(scenario, after: ExecutionID(0))
    try replace(scenario, rows(0..<5))
    let held = try await refresh(scenario, after: first.id)
    func swept() async throws -> Int {
      try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
        _ = try tx.source.sweep(limit: 1000)
        return try tx.database.integer("SELECT count(*) FROM source_row")
      }
    }
    // Five who are named, and five who are not.
    #expect(try await swept() == 10)
    try await scenario.ask(.discardPlan(try #require(held.plan)))
    #expect(try await swept() == 0)
    await scenario.end()
  }

  @Test func `who vanishes leaves as leavers do, and comes back`() async throws {
    let scenario = try await site(["recipients.leavers": "unsubscribe"])
    try replace(scenario, rows(0..<3))
    try await scenario.startEngine()
    let first = try await refresh(scenario, after: ExecutionID(0))
    _ = try await scenario.run(.forceSync(approve: true))
    try replace(scenario, rows(0..<2))
    let second = try await refresh(scenario, after: first.id)
    #expect(second.status == .succeeded)
    #expect(try await !person(scenario, "k2").isActive)
    _ = try await scenario.when { (reading) throws(Problem) in
      try reading.executions.latest(after: second.id) {
        $0.flow == .pushPeople && $0.counts.unsubscribed == 1 && $0.status.isFinished
      }
    }
    #expect(try await scenario.status("person2@town.dev") == "unsubscribed")

    try replace(scenario, rows(0..<3))
    _ = try await refresh(scenario, after: second.id)
    #expect(try await person(scenario, "k2").isActive)
    await scenario.end()
  }

  @Test func `who was removed here stays so, whatever the source says`() async throws {
    let scenario = try await site()
    try replace(scenario, rows(0..<2))
    try await scenario.startEngine()
    _ = try await refresh(scenario, after: ExecutionID(0))
    let id = try await person(scenario, "k1").id
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.directory.markDeleted(id)
      try tx.directory.remove(id)
    }
    try replace(scenario, rows(0..<2, last: "Other"))
    let second = try await scenario.run(.refresh)
    #expect(second.counts.excluded == 1)
    let word = try await scenario.workspace.read { (reading) throws(Problem) in
      (
        try reading.directory.person(externalID: "k1") == nil,
        try reading.source.memories(["k1"])["k1"]?.word
      )
    }
    #expect(word.0)
    #expect(word.1 == [:])
    await scenario.end()
  }

  /// Named twice, and once with a cell that cannot be read.
  @Test(arguments: ["quuxk1,Zyx,Town,quux@town.dev,\n", "quuxk1,Zyx,Town,quux@town.dev,13/45\n"])
  func `a reading that names who was forgotten writes nothing of them`(row: String) async throws {
    let scenario = try await site()
    let header = "external_id,first_name,last_name,email,birthday\n"
    let others = "k0,P0,Town,person0@town.dev,\n"
    try replace(scenario, header + others + "quuxk1,Zyx,Town,quux@town.dev,\n")
    try await scenario.startEngine()
    let first = try await refresh(scenario, after: ExecutionID(0))
    let id = try await person(scenario, "quuxk1").id
    await scenario.stopEngine()
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.erasures.erase(tx.erasures.subject(id), by: tx.who)
    }
    #expect(try scenario.workspace.sweepErased(as: "test"))
    // Nobody empties the write-ahead log from here on.
    try replace(scenario, header + others + row + row)
    try await scenario.startEngine()
    let second = try await refresh(scenario, after: first.id)
    #expect(second.status == .succeeded)
    #expect(second.counts.excluded == 2)
    let path = scenario.workspace.path
    for file in [path, path + "-wal"] {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
      #expect(!String(decoding: bytes, as: UTF8.self).lowercased().contains("quux"), "\(file)")
    }
    await scenario.end()
  }

  @Test func `who names somebody forgotten as their manager keeps no key of theirs`() async throws {
    let scenario = try await site()
    let header = "external_id,first_name,last_name,email,manager_external_id\n"
    let boss = "quuxk1,Zyx,Town,quux@town.dev,\n"
    let kid = "k0,P0,Town,person0@town.dev,quuxk1\n"
    try replace(scenario, header + boss + kid)
    try await scenario.startEngine()
    let first = try await refresh(scenario, after: ExecutionID(0))
    let id = try await person(scenario, "quuxk1").id
    await scenario.stopEngine()
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.erasures.erase(tx.erasures.subject(id), by: tx.who)
    }
    #expect(try scenario.workspace.sweepErased(as: "test"))
    func isNamed() throws -> Bool {
      let path = scenario.workspace.path
      return try [path, path + "-wal"].contains {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: $0))
        return String(decoding: bytes, as: UTF8.self).lowercased().contains("quux")
      }
    }
    #expect(try !isNamed())
    // Said as before, said anew of somebody known, and of somebody new.
    let more = "k1,P1,Town,person1@town.dev,quuxk1\n"
    try replace(scenario, header + boss + kid.replacing("P0", with: "New") + more)
    try await scenario.startEngine()
    let second = try await refresh(scenario, after: first.id)
    #expect(second.counts.updated == 1)
    #expect(second.counts.refused == 1)
    #expect(try await person(scenario, "k0").firstName == "New")
    #expect(try !isNamed())
    await scenario.end()
  }

  @Test func `a row that is refused keeps its person and all others are taken over`() async throws {
    let scenario = try await site()
    try replace(scenario, rows(0..<3))
    try await scenario.startEngine()
    let first = try await refresh(scenario, after: ExecutionID(0))
    try replace(
      scenario,
      "external_id,first_name,last_name,email,birthday\nk0,P0,New,person0@town.dev,\n"
        + "k1,P1,New,person1@town.dev,13/45\nk2,P2,Town,person2@town.dev,\n")
    let second = try await refresh(scenario, after: first.id)
    #expect(second.status == .partial)
    #expect(second.counts.refused == 1)
    #expect(try await person(scenario, "k0").lastName == "New")
    let kept = try await person(scenario, "k1")
    #expect(kept.lastName == "Town")
    #expect(kept.isActive)
    await scenario.end()
  }

  @Test func `a child never stands without the manager who comes later`() async throws {
    let scenario = try await site()
    let lines = (0..<600).map { "c\($0),Child\($0),,m1\n" }.joined()
    try replace(
      scenario,
      "external_id,first_name,email,manager_external_id\n" + lines + "m1,Boss,boss@town.dev,\n"
        + "x,Lost,lost@town.dev,nobody\n")
    try await scenario.startEngine()
    let first = try await refresh(scenario, after: ExecutionID(0))
    #expect(first.counts.created == 601)
    #expect(first.counts.refused == 1)
    let boss = try await person(scenario, "m1").id
    let orphans = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.integer(
        "SELECT count(*) FROM person WHERE external_id LIKE 'c%' AND manager_id IS NOT ?", boss)
    }
    #expect(orphans == 0)
    await scenario.end()
  }

  @Test func `an engine that ends in the middle is followed by one that goes on`() async throws {
    let scenario = try await site()
    try replace(scenario, rows(0..<4000))
    try await scenario.startEngine()
    _ = try await scenario.when { (reading) throws(Problem) in
      try reading.database.one("SELECT 1 FROM person WHERE external_id = 'k0'") { $0.int(0) }
    }
    await scenario.stopEngine()
    try await scenario.startEngine()
    let done = try await refresh(scenario, after: ExecutionID(0))
    #expect(done.id == ExecutionID(1))
    #expect(done.status == .succeeded)
    #expect(done.counts.created == 4000)
    let people = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.directory.count()
    }
    #expect(people == 4000)
    await scenario.end()
  }

  @Test func `a command that fails changes nothing, and a source is read without any key`()
    async throws
  {
    let scenario = try await site(["source.kind": "command", "mailchimp.key": ""])
    let file = scenario.directory.file("people.csv")
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.settings.set("source.command", to: "cat '\(file)'")
    }
    try replace(scenario, rows(0..<3))
    try await scenario.startEngine()
    let first = try await scenario.run(.refresh)
    #expect(first.status == .succeeded)
    #expect(first.counts.created == 3)

    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.settings.set("source.command", to: "head -n 2 '\(file)'; printf 'k2,half'")
    }
    let second = try await scenario.run(.refresh)
    #expect(second.status == .failed)
    #expect(second.problem?.code == "source.half-line")
    #expect(try await person(scenario, "k2").isActive)
    await scenario.end()
  }

  @Test func `what Mailchimp changed goes back to the source, and nothing else does`() async throws
  {
    let scenario = try await site(["source.kind": "command"])
    let (file, told) = (
      scenario.directory.file("people.csv"), scenario.directory.file("told.json")
    )
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.settings.set("source.command", to: "cat '\(file)'")
      try tx.settings.set("source.write-back", to: "cat >> '\(told)'")
    }
    try replace(scenario, rows(0..<2))
    try await scenario.startEngine()
    let first = try await scenario.run(.refresh)
    let id = try await person(scenario, "k1").id
    try await scenario.edit(id) { $0.company = "Edited here" }
    try await scenario.workspace.write(as: "Mailchimp (test)") { (tx) throws(Problem) in
      try tx.directory.update(id) { $0.firstName = "Augusta" }
    }
    let back = try await scenario.when { (reading) throws(Problem) in
      try reading.executions.latest(after: first.id) {
        $0.flow == .writeBack && $0.status.isFinished
      }
    }
    #expect(back.status == .succeeded)
    #expect(
      try JSONValue.parse(try String(contentsOfFile: told, encoding: .utf8))
        == ["external_id": "k1", "first_name": "Augusta"])
    // The source, which still says otherwise, overwrites nothing.
    _ = try await scenario.run(.refresh)
    #expect(try await person(scenario, "k1").firstName == "Augusta")

    // Whoever undoes it takes back what the source was told.
    try await scenario.workspace.write(as: "test", evidence: "undo of execution #1") {
      (tx) throws(Problem) in
      try tx.directory.update(id) { $0.firstName = "P1" }
    }
    _ = try await scenario.when { (reading) throws(Problem) in
      try reading.executions.latest(after: back.id) {
        $0.flow == .writeBack && $0.status.isFinished
      }
    }
    let lines = try String(contentsOfFile: told, encoding: .utf8).split(separator: "\n")
    #expect(
      try JSONValue.parse(String(lines.last ?? "")) == ["external_id": "k1", "first_name": "P1"])
    await scenario.end()
  }
}
