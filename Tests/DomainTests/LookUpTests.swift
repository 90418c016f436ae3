// One address side by side, and what the planner would do: the two must say the same.

import Basics
import Domain
import Support
import Testing

private func lookUp(
  _ sides: AddressSides, _ planner: SyncPlanner, _ mapping: [FieldMapping], tags: [Drift] = []
) -> (both: SideBySide, planned: Planned) {
  func plan(_ link: Link?) -> Planned {
    planner.plan(key: sides.key, resolution: sides.resolution, link: link)
  }
  let link = Verification.present(sides, audienceID: "a1")
  var verified = Verification.compare(sides, audienceID: "a1", plan: plan)
  verified.add(tags: tags)
  let both = SideBySide(
    sides, verified: verified,
    planned: plan(link), desired: planner.desired(sides.resolution, link), mapping: mapping,
    standing: nil, suppression: nil)
  return (both, plan(link))
}

private let names: [String: MergeValue] = ["FNAME": .text("Ada1"), "LNAME": .text("Smith")]

@Suite struct LookUpTests {
  @Test func `what it marks and shows is what the planner would do`() async throws {
    var rows = 0
    try await forAll(1500) { random in
      let people = World.people(&random)
      var mapping = World.mapping(&random)
      // Some rows are only for people who change from a moment on.
      for index in mapping.indices where random.chance(40) {
        mapping[index].since = at(Int64.random(in: 0...3, using: &random))
      }
      let policy = World.policy(&random)
      let planner = SyncPlanner(
        mapping: mapping, mergeFields: World.fields,
        policy: SyncPolicy(
          doubleOptIn: random.chance(30), leavers: random.pick(LeaverRule.allCases),
          direction: random.pick(SyncDirection.allCases),
          conflicts: random.pick(ConflictRule.allCases)))
      let key = random.pick(World.keys)
      let resolution = Recipients.resolve(
        group: people.values.filter { Recipients.addressKey(of: $0) == key }
          .sorted { $0.person.id < $1.person.id },
        key: key, suppression: nil, policy: policy)
      let member: Member? =
        random.chance(25)
        ? nil
        : Member(
          id: "m1", email: key.description, status: random.pick(MemberStatus.allCases),
          mergeFields: [
            "FNAME": .text(random.pick(["", "Ada", "Zo\u{EB}"])), "LNAME": .text("Smith"),
            "PHONE": .text(random.pick(["", "999"])),
          ], contactID: "c1", lastChanged: at(Int64.random(in: 0...5, using: &random)))
      var link: Link?
      if random.chance(70) {
        link = Link(audienceID: "a1", key: key, email: key.description)
        link?.status = random.pick([nil, .subscribed, .unsubscribed])
        link?.owner = random.chance(70) ? resolution.recipient?.person.id : nil
        link?.agreed = random.chance(70) ? ["FNAME": .text("Ada"), "PHONE": .text("")] : nil
        link?.seen = ["FNAME": .text("Ada")]
        link?.lastChanged = at(1)
      }
      let sides = AddressSides(
        key: key, resolution: resolution,
        people: Set(resolution.exclusions.map(\.person)), link: link, member: member,
        isQueued: random.chance(20), isRefused: random.chance(10))
      let (both, planned) = lookUp(sides, planner, mapping)
      let lines = Dictionary(both.lines.map { ($0.label, $0) }) { first, _ in first }
      let marked = Set(both.lines.filter(\.differs).map(\.label))
        .subtracting(["Status", "Address"])
      let moving = planned.movingTags.subtracting([FieldConflict.emailTag])
      if marked != moving { throw Violation("\(marked) marked, \(planned)") }
      guard case .row(let row) = planned else { return }
      rows += 1
      for (tag, value) in row.values where lines[tag]?.here != .text(value.plainText) {
        throw Violation("\(tag) shows \(String(describing: lines[tag])), \(planned)")
      }
      if let status = row.status,
        lines["Status"]?.differs != true
          || lines["Status"]?.here != .text(status.rawValue)
      {
        throw Violation("\(String(describing: lines["Status"])), \(planned)")
      }
    }
    #expect(rows > 50)
  }

  @Test func `beside a tag that is missing it does not say that both sides agree`() {
    let mapping = [FieldMapping(.firstName, "FNAME"), FieldMapping(.lastName, "LNAME")]
    let planner = SyncPlanner(mapping: mapping, mergeFields: World.fields, policy: SyncPolicy())
    let ada = person(1, "ada@example.org", changed: 1)
    let sides = AddressSides(
      key: ada.key, resolution: resolved(ada), people: [], link: link(.subscribed, agreed: names),
      member: Member(id: "m1", email: "ada@example.org", status: .subscribed, mergeFields: names))
    let agree = "Both sides agree; nothing is to be sent."
    #expect(lookUp(sides, planner, mapping).both.notes.contains(agree))
    let drift = Drift(
      key: ada.key, person: nil, kind: .tag, name: "Members", ours: .text("held"), theirs: .empty)
    let notes = lookUp(sides, planner, mapping, tags: [drift]).both.notes
    #expect(!notes.contains(agree))
    #expect(notes.contains(drift.sentence))
  }

  @Test func `a row that waits for a change says so, and is sent to who changed since`() {
    var row = FieldMapping(.company, "PHONE")
    row.since = at(10)
    let mapping = [FieldMapping(.firstName, "FNAME"), FieldMapping(.lastName, "LNAME"), row]
    let fields = World.fields
    let planner = SyncPlanner(mapping: mapping, mergeFields: fields, policy: SyncPolicy())
    func shown(changed: Int64) -> SideBySide.Line? {
      let ada = person(1, "ada@example.org", changed: changed) { $0.company = "Engines" }
      let sides = AddressSides(
        key: ada.key, resolution: resolved(ada), people: [],
        link: link(.subscribed, agreed: names),
        member: Member(id: "m1", email: "ada@example.org", status: .subscribed, mergeFields: names))
      return lookUp(sides, planner, mapping).both.lines.first { $0.label == "PHONE" }
    }
    let before = shown(changed: 1)
    #expect(before?.here == .text("not until they change"))
    #expect(before?.differs == false)
    let after = shown(changed: 20)
    #expect(after?.here == .text("Engines"))
    #expect(after?.differs == true)
  }
}

extension Person {
  fileprivate var key: AddressKey { AddressKey(primaryEmail ?? "") }
}
