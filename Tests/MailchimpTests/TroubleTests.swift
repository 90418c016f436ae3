// The client in trouble that only the practice Mailchimp can make: people's own deeds,
// administrators' changes, and faults on the way.

import Basics
import Domain
import HTTP
import Sandbox
import Support
import Testing

@testable import Mailchimp

struct TroubleTests {
  private func write(_ scene: Scene, _ name: String, _ status: Domain.MemberStatus? = nil)
    -> MemberWrite
  {
    MemberWrite(email: scene.address(name), status: status, statusIfNew: .subscribed)
  }

  @Test func `who left or was forgotten is refused for good, singly and in bulk`() async throws {
    let scene = try Scene()
    let sandbox = try #require(scene.sandbox)
    for name in ["left", "gone", "bounced", "busy"] where name != "busy" {
      _ = try await scene.add(name)
    }
    try sandbox.perform(.personUnsubscribes(scene.address("left")))
    try sandbox.perform(.adminDeletesPermanently(scene.address("gone")))
    try sandbox.perform(.mailBounces(scene.address("bounced")))
    try sandbox.perform(.signupsAreLimited(scene.address("busy")))
    let expected: [(String, PersonFault)] = [
      ("left", .complianceState), ("gone", .forgotten), ("bounced", .complianceState),
      ("busy", .deferred),
    ]
    for (name, fault) in expected {
      try await scene.expect(.person(fault)) {
        _ = try await scene.client.put(self.write(scene, name, .subscribed), to: scene.audience)
      }
    }
    let outcomes = try await scene.client.bulk(
      expected.map { write(scene, $0.0, .subscribed) }, to: scene.audience)
    for (outcome, (name, fault)) in zip(outcomes, expected) {
      guard case .refused(let error) = outcome else {
        Issue.record("\(name): \(outcome)")
        continue
      }
      #expect(error.fault == .person(fault), "\(name)")
    }
    await scene.end()
  }

  @Test func `a field that became required is named, singly and in bulk`() async throws {
    let scene = try Scene()
    try scene.sandbox?.perform(.adminAddsRequiredField(tag: "CLASS", name: "Class"))
    let single = try await scene.error {
      _ = try await scene.client.put(self.write(scene, "ann"), to: scene.audience)
    }
    let outcomes = try await scene.client.bulk([write(scene, "ann")], to: scene.audience)
    guard case .refused(let bulk) = outcomes.first else {
      Issue.record("\(outcomes)")
      return
    }
    for error in [single, bulk] {
      guard case .person(.mergeFields(let fields)) = error.fault else {
        Issue.record("\(error)")
        continue
      }
      #expect(fields.map(\.tag) == ["CLASS"])
      #expect(fields.map(\.isMissingValue) == [true])
    }
    let written = try await scene.client.put(
      write(scene, "ann"), to: scene.audience, skipsMergeValidation: true)
    #expect(written.member.status == .subscribed)
    await scene.end()
  }

  @Test func `more than a page of merge fields is read whole`() async throws {
    let scene = try Scene()
    try scene.sandbox?.with { mailchimp throws(Problem) in
      for number in 0..<15 {
        try mailchimp.addMergeField("EXTRA\(number)", "Extra", .number)
      }
    }
    let fields = try await scene.client.mergeFields(of: scene.audience)
    #expect(fields.filter { $0.tag.hasPrefix("EXTRA") && $0.type == .number }.count == 15)
    await scene.end()
  }

  @Test func `numbers, dates and addresses come back as they were sent`() async throws {
    let scene = try Scene()
    try scene.sandbox?.with { mailchimp throws(Problem) in
      try mailchimp.addMergeField("AGE", "Age", .number)
      try mailchimp.addMergeField("JOINED", "Joined", .date)
      try mailchimp.addMergeField("BORN", "Born", .birthday)
      try mailchimp.addMergeField("HOME", "Home", .address)
    }
    var home = PostalAddress()
    home.line1 = "1 Street"
    home.city = "Town"
    home.state = "TX"
    home.zip = "12345"
    let fields: [String: MergeValue] = [
      "AGE": .number(7), "JOINED": .text("2026-01-02"), "BORN": .text("02/29"),
      "HOME": .address(home),
    ]
    let first = try await scene.client.put(
      MemberWrite(email: scene.address("ann"), statusIfNew: .subscribed, mergeFields: fields),
      to: scene.audience)
    #expect(first.discrepancies.isEmpty)
    let cleared = try await scene.client.put(
      MemberWrite(
        email: scene.address("ann"), mergeFields: fields.mapValues { _ in MergeValue.empty }),
      to: scene.audience)
    #expect(cleared.discrepancies.isEmpty)
    try await scene.expect(
      .person(.mergeFields([FieldRefusal(tag: "AGE", message: "Please enter a number")]))
    ) {
      _ = try await scene.client.put(
        MemberWrite(email: scene.address("ann"), mergeFields: ["AGE": .text("old")]),
        to: scene.audience)
    }
    await scene.end()
  }

  @Test func `a revoked key and a vanished audience hit everyone`() async throws {
    let scene = try Scene()
    let member = try await scene.add("ann")
    try scene.sandbox?.perform(.adminDeletesAudience)
    try await scene.expect(.everyone(.audienceVanished)) {
      _ = try await scene.client.member(member.id, of: scene.audience)
    }
    try await scene.expect(.everyone(.audienceVanished)) {
      _ = try await scene.client.archive(member.id, in: scene.audience)
    }
    try scene.sandbox?.perform(.keyIsRevoked)
    try await scene.expect(.everyone(.keyRefused)) { try await scene.client.ping() }
    await scene.end()
  }

  @Test(arguments: [
    (SandboxFault.tooManyRequests, TransientFault.tooManyRequests, false),
    (.forbiddenWithoutJSON, .throttled, false),
    (.status(500), .server, true), (.status(502), .server, true), (.status(503), .server, true),
    (.status(504, applied: true), .server, true),
    (.cut(applied: false), .network, true), (.cut(applied: true), .network, true),
    (.timeOut(applied: false), .network, true),
    (.truncated(bytes: 12), .network, true),
    (.garbage, .unreadable, true),
  ])
  func `trouble on the way passes; only a POST is looked for before it is repeated`(
    fault: SandboxFault, kind: TransientFault, looksFirst: Bool
  ) async throws {
    let isSilence = fault == .timeOut(applied: false)
    let scene = try Scene(callTime: isSilence ? .seconds(5) : .seconds(300))
    let sandbox = try #require(scene.sandbox)
    let write = write(scene, "ann")
    sandbox.addFault(SandboxFaultRule(fault, method: "PUT", count: 1))
    sandbox.addFault(SandboxFaultRule(fault, method: "POST", count: 1))
    try await scene.expect(.transient(kind, lookFirst: false)) {
      _ = try await scene.client.put(write, to: scene.audience)
    }
    try await scene.expect(.transient(kind, lookFirst: looksFirst)) {
      _ = try await scene.client.bulk([write], to: scene.audience)
    }
    // Nothing was repeated behind our back, and repeating a PUT does no harm.
    #expect(sandbox.count("PUT") == 1)
    #expect(sandbox.count("POST") == 1)
    let again = try await scene.patient().put(write, to: scene.audience)
    #expect(again.member.status == .subscribed)
    await scene.end()
  }

  @Test func `a full budget stays under Mailchimp's ten connections`() async throws {
    let scene = try Scene(connections: 9) { $0.latency = .milliseconds(5) }
    let client = scene.client
    try await withThrowingTaskGroup { group in
      for _ in 0..<60 { group.addTask { try await client.ping() } }
      try await group.waitForAll()
    }
    #expect(scene.sandbox?.count("GET", "/3.0/ping") == 60)
    #expect(client.budget.state.allowed == 9)
    await scene.end()
  }

  @Test func `a cancelled call ends while Mailchimp still thinks`() async throws {
    let scene = try Scene()
    let hold = try #require(scene.sandbox).hold(.arrival)
    let client = scene.client
    let task = Task { try await client.ping() }
    await hold.reached()
    task.cancel()
    try await scene.expect(.cancelled) { try await task.value }
    #expect(client.budget.state.inFlight == 0)
    hold.release()
    await scene.end()
  }

  @Test func `five hundred people go in one call and are all accounted for`() async throws {
    let scene = try Scene()
    let writes = (0..<500).map { number in
      MemberWrite(
        email: scene.address("p\(number)"), statusIfNew: .subscribed,
        mergeFields: ["FNAME": .text("N\(number)")])
    }
    let outcomes = try await scene.client.bulk(writes, to: scene.audience)
    let created = outcomes.filter { if case .created = $0 { true } else { false } }
    #expect(created.count == 500)
    #expect(scene.sandbox?.count("POST") == 1)
    var listed: [Member] = []
    while listed.count < 500 {
      let page = try await scene.client.members(
        of: scene.audience, offset: listed.count, count: 200)
      if page.entries == 0 { break }
      listed += page.members
    }
    #expect(Set(listed.map(\.email)) == Set(writes.map(\.email)))
    await scene.end()
  }
}
