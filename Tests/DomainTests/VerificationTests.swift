// What counts as a difference between directory and audience, and what does not.

import Basics
import Domain
import Support
import Testing

private func member(
  _ status: MemberStatus, _ fields: [String: MergeValue] = [:]
) -> Member {
  Member(id: "m1", email: ada.description, status: status, mergeFields: fields)
}

private func compare(
  _ resolution: GroupResolution, link: Link?, member: Member?, isQueued: Bool = false,
  isRefused: Bool = false, planner: SyncPlanner = planner()
) -> VerifiedAddress {
  let people = Set(
    resolution.exclusions.map(\.person)
      + (resolution.recipient.map { [$0.person.id] } ?? []))
  return Verification.compare(
    AddressSides(
      key: ada, resolution: resolution, people: people, link: link, member: member,
      isQueued: isQueued, isRefused: isRefused), audienceID: "a1"
  ) { planner.plan(key: ada, resolution: resolution, link: $0) }
}

private let names: [String: MergeValue] = ["FNAME": .text("Ada1"), "LNAME": .text("Smith")]

@Suite struct VerificationTests {
  @Test func `two sides that say the same are in step`() {
    let found = compare(
      resolved(person(1, "ada@example.org")), link: link(.subscribed, agreed: names),
      member: member(.subscribed, names))
    #expect(found.drifts.isEmpty)
    #expect(found.totals.inStep == 1)
    #expect(found.totals.matched == 1)
    #expect(found.totals.members == [.subscribed: 1])
  }

  @Test func `who has not confirmed waits, and who just did is in step and news, no difference`() {
    let ada = resolved(person(1, "ada@example.org"))
    let pending = link(.pending, agreed: names)
    let before = compare(ada, link: pending, member: member(.pending, names))
    #expect(before.totals.waiting == 1)
    #expect(before.totals.inStep == 0)
    #expect(!before.isNews)
    let after = compare(ada, link: pending, member: member(.subscribed, names))
    #expect(after.totals.inStep == 1)
    #expect(after.isNews)
    #expect(after.drifts.isEmpty && before.drifts.isEmpty)
    // The other way round somebody asked them anew.
    let again = compare(
      ada, link: link(.subscribed, agreed: names), member: member(.pending, names))
    #expect(again.totals.waiting == 1)
  }

  @Test func `a recipient whom Mailchimp does not have is missing there`() {
    let found = compare(resolved(person(1, "ada@example.org")), link: nil, member: nil)
    #expect(found.drifts.map(\.kind) == [.missingThere])
    #expect(found.totals.missingThere == 1)
    #expect(found.totals.different == 1)
  }

  @Test func `a contact nobody stands behind is unknown, and one that was archived only counted`() {
    let nobody = GroupResolution()
    let found = compare(nobody, link: nil, member: member(.subscribed))
    #expect(found.drifts.map(\.kind) == [.missingHere])
    #expect(found.totals.unknown == 1)
    let archived = compare(nobody, link: nil, member: member(.archived))
    #expect(archived.drifts.isEmpty)
    #expect(archived.totals.unknown == 1)
  }

  @Test func `a field that was changed there is told with both values`() {
    var theirs = names
    theirs["FNAME"] = .text("Augusta")
    let found = compare(
      resolved(person(1, "ada@example.org")), link: link(.subscribed, agreed: names),
      member: member(.subscribed, theirs))
    #expect(
      found.drifts == [
        Drift(
          key: ada, person: PersonID(1), kind: .field, name: "FNAME", ours: .text("Ada1"),
          theirs: .text("Augusta"))
      ])
  }

  @Test func `a field nobody mapped is no difference`() {
    var theirs = names
    theirs["NOTE"] = .text("theirs alone")
    let found = compare(
      resolved(person(1, "ada@example.org")), link: link(.subscribed, agreed: names),
      member: member(.subscribed, theirs))
    #expect(found.drifts.isEmpty)
  }

  @Test func `an ending nobody here has seen is a difference of status, a known one is not`() {
    let resolution = resolved(person(1, "ada@example.org"))
    let unseen = compare(
      resolution, link: link(.subscribed, agreed: names), member: member(.unsubscribed, names))
    #expect(unseen.drifts.map(\.kind) == [.status])
    #expect(unseen.drifts.first?.ours == .text("subscribed"))
    #expect(unseen.drifts.first?.theirs == .text("unsubscribed"))
    let known = compare(
      resolution, link: link(.unsubscribed, agreed: names), member: member(.unsubscribed, names))
    #expect(known.drifts.isEmpty)
    #expect(known.totals.waiting == 1)
  }

  @Test func `who opted out here and is subscribed there is a difference of status`() {
    let found = compare(
      resolved(person(1, "ada@example.org", optIn: .no)), link: link(.subscribed, agreed: names),
      member: member(.subscribed, names))
    #expect(found.drifts.map(\.kind) == [.status])
    #expect(found.drifts.first?.ours == .text("unsubscribed"))
    #expect(found.totals.excluded == 1)
  }

  @Test func `what waits in the queue or was refused is no difference`() {
    let resolution = resolved(person(1, "ada@example.org"))
    let queued = compare(resolution, link: nil, member: nil, isQueued: true)
    #expect(queued.drifts.isEmpty)
    #expect(queued.totals.waiting == 1)
    let refused = compare(resolution, link: nil, member: nil, isRefused: true)
    #expect(refused.drifts.isEmpty)
    #expect(refused.totals.refused == 1)
  }

  @Test func `a value Mailchimp writes its own way stays agreed on`() {
    let resolution = resolved(person(1, "ada@example.org"))
    var known = link(.subscribed, agreed: names)
    known.seen["FNAME"] = .text("ADA1")
    known.digest = planner().desired(resolution)?.digest
    var theirs = names
    theirs["FNAME"] = .text("ADA1")
    #expect(compare(resolution, link: known, member: member(.subscribed, theirs)).drifts.isEmpty)
  }

  @Test func `an address that was just planned and sent has no drift, whatever happened before`()
    async throws
  {
    try await forAll(2000) { random in
      let people = World.people(&random)
      let policy = World.policy(&random)
      // What is taken would have to be written into people first: one way, then.
      let mapping = World.mapping(&random).map {
        FieldMapping($0.field, $0.tag, direction: .toMailchimp, transforms: $0.transforms)
      }
      let planner = SyncPlanner(
        mapping: mapping, mergeFields: World.fields,
        policy: SyncPolicy(
          doubleOptIn: random.chance(30), leavers: random.pick(LeaverRule.allCases)))
      var mailchimp = ModelMailchimp()
      for key in World.keys where random.chance(50) { mailchimp.happens(key, &random) }
      for key in World.keys {
        let resolution = Recipients.resolve(
          group: Array(people.values), key: key, suppression: nil, policy: policy)
        // Read, plan, send, and read again.
        var link = mailchimp.members[key].map {
          Reading.absorb(
            $0, audienceID: "a1", link: nil, owner: resolution.recipient?.person.id,
            mapping: [], now: at(2000)
          ).link
        }
        if case .row(let row) = planner.plan(key: key, resolution: resolution, link: link) {
          let answered = try mailchimp.apply(row)
          link =
            Link.agreed(
              after: row, desired: planner.desired(resolution), before: link, answered: answered,
              audienceID: "a1", at: at(3000)
            ).link
        }
        let after = Verification.compare(
          AddressSides(
            key: key, resolution: resolution, people: [], link: link,
            member: mailchimp.members[key]), audienceID: "a1"
        ) { planner.plan(key: key, resolution: resolution, link: $0) }
        let left = after.drifts.filter { $0.kind != .missingHere }
        guard left.isEmpty else { throw Violation("\(key) differs still: \(left)") }
      }
    }
  }

  @Test func `with the sides exchanged the same fields differ`() async throws {
    let tags = ["FNAME", "LNAME"]
    try await forAll(300) { random in
      let values = ["Ada", "Zoë", "López"]
      let (first, second) = (
        tags.map { _ in random.pick(values) }, tags.map { _ in random.pick(values) }
      )
      func names(_ ours: [String], _ theirs: [String]) -> [String] {
        let resolution = resolved(
          person(1, "ada@example.org") {
            $0.firstName = ours[0]
            $0.lastName = ours[1]
          })
        let fields: [String: MergeValue] = [
          "FNAME": .text(theirs[0]), "LNAME": .text(theirs[1]),
        ]
        return compare(
          resolution, link: link(.subscribed, agreed: fields), member: member(.subscribed, fields)
        ).drifts.map(\.name)
      }
      guard names(first, second) == names(second, first) else {
        throw Violation("\(first) against \(second)")
      }
    }
  }
}
