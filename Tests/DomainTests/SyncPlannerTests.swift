// The three-way merge and consent (product.md §3 and §4), value by value.

import Basics
import Domain
import Support
import Testing

@Suite struct SyncPlannerTests {
  private func row(_ planned: Planned) throws -> PlanRow {
    guard case .row(let row) = planned else { throw Violation("\(planned) is no row") }
    return row
  }

  private let values: [String: MergeValue] = ["FNAME": .text("Ada1"), "LNAME": .text("Smith")]

  // MARK: New members

  @Test func `somebody new is created as subscribed with all their values`() throws {
    let row = try row(
      planner().plan(key: ada, resolution: resolved(person(1, "Ada@example.org")), link: nil))
    #expect(row.action == .create)
    #expect(row.status == .subscribed)
    #expect(row.email == "Ada@example.org")
    #expect(row.values == values)
    #expect(row.changes.first == FieldChange("status", old: .empty, new: .text("subscribed")))
  }

  @Test func `with double opt-in somebody new is created as pending`() throws {
    let row = try row(
      planner(doubleOptIn: true)
        .plan(key: ada, resolution: resolved(person(1, "ada@example.org")), link: nil))
    #expect(row.status == .pending)
    var counts = PlanCounts()
    counts.add(row)
    #expect(counts.confirmations == 1)
  }

  @Test func `somebody opted out is never created`() {
    let out = resolved(person(1, "ada@example.org", optIn: .no))
    #expect(planner().plan(key: ada, resolution: out, link: nil) == .excluded)
    #expect(planner().plan(key: ada, resolution: out, link: link(nil)) == .excluded)
  }

  // MARK: Fields

  @Test func `only what changed is sent, without a status`() throws {
    let row = try row(
      planner().plan(
        key: ada, resolution: resolved(person(1, "ada@example.org")),
        link: link(.subscribed, agreed: ["FNAME": .text("Old"), "LNAME": .text("Smith")])))
    #expect(row.action == .update)
    #expect(row.status == nil)
    #expect(row.changes == [FieldChange("FNAME", old: .text("Old"), new: .text("Ada1"))])
  }

  @Test func `who agrees is in step`() {
    let resolution = resolved(person(1, "ada@example.org"))
    let planner = planner()
    let digest = planner.desired(resolution)?.digest ?? 0
    #expect(
      planner.plan(key: ada, resolution: resolution, link: link(.subscribed, agreed: values))
        == .inStep(digest: digest))
  }

  @Test func `a foreign edit of a mapped field is overwritten`() throws {
    let row = try row(
      planner().plan(
        key: ada, resolution: resolved(person(1, "ada@example.org")),
        link: link(
          .subscribed, agreed: values, seen: ["FNAME": .text("Theirs"), "LNAME": .text("Smith")])))
    #expect(row.values == ["FNAME": .text("Ada1")])
  }

  @Test func `at the first link an empty value overwrites nothing`() throws {
    let nameless = person(1, "ada@example.org") { $0.firstName = "" }
    let row = try row(
      planner().plan(
        key: ada, resolution: resolved(nameless),
        link: link(.subscribed, owner: nil, seen: ["FNAME": .text("Theirs")])))
    #expect(row.values == ["LNAME": .text("Smith")])
  }

  @Test func `what was filled on both sides and is emptied here is cleared there`() throws {
    let nameless = person(1, "ada@example.org") { $0.firstName = "" }
    let row = try row(
      planner().plan(
        key: ada, resolution: resolved(nameless), link: link(.subscribed, agreed: values)))
    #expect(row.values == ["FNAME": .empty])
  }

  @Test func `a filled value there stays after a first link with an empty one`() {
    let nameless = person(1, "ada@example.org") { $0.firstName = "" }
    let resolution = resolved(nameless)
    let planner = planner()
    guard let desired = planner.desired(resolution) else { return }
    let before = link(.subscribed, owner: nil, seen: ["FNAME": .text("Theirs")])
    var after = before.agreeing(on: desired, at: at(1))
    #expect(after.agreed?["FNAME"] == nil)
    after.digest = nil
    after.seen["LNAME"] = .text("Smith")
    #expect(
      planner.plan(key: ada, resolution: resolution, link: after) == .inStep(digest: desired.digest)
    )
  }

  @Test func `fields changed there only are taken, and nothing is sent`() throws {
    let both = planner([
      FieldMapping(.firstName, "FNAME", direction: .both),
      FieldMapping(.lastName, "LNAME", direction: .fromMailchimp),
    ])
    let resolution = resolved(person(1, "ada@example.org"))
    let there = link(
      .subscribed, agreed: values, seen: ["FNAME": .text("Theirs"), "LNAME": .text("Theirs")])
    let row = try row(both.plan(key: ada, resolution: resolution, link: there))
    #expect(row.action == .take)
    #expect(row.values.isEmpty)
    #expect(
      row.edits == [
        PersonEdit(.firstName, .text("Theirs"), from: "FNAME", old: .text("Ada1")),
        PersonEdit(.lastName, .text("Theirs"), from: "LNAME", old: .text("Smith")),
      ])
  }

  @Test func `a field changed on both sides is a conflict`() {
    #expect(
      FieldMerge.decide(.both, ours: .text("a"), theirs: .text("b"), agreed: .text("c"))
        == .conflict)
    #expect(
      FieldMerge.decide(.both, ours: .text("c"), theirs: .text("b"), agreed: .text("c")) == .take)
    #expect(
      FieldMerge.decide(.both, ours: .text("a"), theirs: .text("c"), agreed: .text("c")) == .send)
    #expect(
      FieldMerge.decide(.both, ours: .text("a"), theirs: .text("b"), agreed: nil) == .conflict)
    #expect(FieldMerge.decide(.both, ours: .empty, theirs: .text("b"), agreed: nil) == .take)
    #expect(FieldMerge.decide(.both, ours: .text("a"), theirs: .empty, agreed: nil) == .send)
  }

  @Test func `a value Mailchimp writes its own way is not sent again`() throws {
    let planner = planner()
    let resolution = resolved(person(1, "ada@example.org"))
    let row = try row(planner.plan(key: ada, resolution: resolution, link: nil))
    let answered = Member(
      id: "x", email: "ada@example.org", status: .subscribed,
      mergeFields: ["FNAME": .text("ADA1"), "LNAME": .text("Smith")])
    let agreement = Link.agreed(
      after: row, desired: planner.desired(resolution), before: nil, answered: answered,
      audienceID: "a1", at: at(1))
    #expect(!agreement.link.endedByUs)
    #expect(agreement.consent?.old == "" && agreement.consent?.new == "subscribed")
    #expect(agreement.remarks == ["Mailchimp keeps 'ADA1' in FNAME where 'Ada1' was sent."])
    #expect(
      planner.plan(key: ada, resolution: resolution, link: agreement.link)
        == .inStep(digest: row.digest))
  }

  @Test func `a missing required field refuses the person and names the field`() {
    let nameless = resolved(person(1, "ada@example.org") { $0.firstName = "" })
    let planned = planner(fields: names(required: true)).plan(
      key: ada, resolution: nameless, link: nil)
    guard case .refused(let problem) = planned else {
      Issue.record("\(planned)")
      return
    }
    #expect(problem.code == "person.required-field")
    #expect(problem.sentence.contains("FNAME (First Name)"))
  }

  // MARK: Consent

  @Test(arguments: [MemberStatus.subscribed, .pending])
  func `an opt-out here unsubscribes there, whatever happens to leavers`(status: MemberStatus)
    throws
  {
    for leavers in LeaverRule.allCases {
      for person in [
        person(1, "ada@example.org", optIn: .no),
        person(1, "ada@example.org", optIn: .no) { $0.deletedAt = at(1) },
      ] {
        let row = try row(
          planner(leavers: leavers)
            .plan(key: ada, resolution: resolved(person), link: link(status, owner: nil)))
        #expect(row.action == .unsubscribe)
        #expect(row.status == .unsubscribed)
      }
    }
  }

  @Test func `who unsubscribed there gets changed details and no status`() throws {
    let row = try row(
      planner().plan(
        key: ada, resolution: resolved(person(1, "ada@example.org"), suppressed: .unsubscribed),
        link: link(.unsubscribed, agreed: ["FNAME": .text("Old"), "LNAME": .text("Smith")])))
    #expect(row.action == .update)
    #expect(row.status == nil)
    #expect(row.values == ["FNAME": .text("Ada1")])
  }

  @Test(arguments: [MemberStatus.cleaned, .archived, nil])
  func `suppressed people who are cleaned, archived or gone are left alone`(status: MemberStatus?) {
    for reason in SuppressionReason.allCases {
      #expect(
        planner().plan(
          key: ada,
          resolution: resolved(person(1, "ada@example.org", optIn: .yes), suppressed: reason),
          link: link(status)) == .excluded)
    }
  }

  @Test func `whom we unsubscribed an opt-in subscribes again, and nothing less`() throws {
    let ours = link(.unsubscribed, agreed: values, endedByUs: true)
    let back = try row(
      planner().plan(
        key: ada, resolution: resolved(person(1, "ada@example.org", optIn: .yes)), link: ours))
    #expect(back.status == .subscribed)
    #expect(
      planner().plan(key: ada, resolution: resolved(person(1, "ada@example.org")), link: ours)
        == .waiting(.optInNeeded))
  }

  @Test func `whom they unsubscribed no opt-in subscribes again`() {
    let theirs = link(.unsubscribed, agreed: values)
    #expect(
      planner().plan(
        key: ada, resolution: resolved(person(1, "ada@example.org", optIn: .yes)), link: theirs)
        == .waiting(.optInNeeded))
  }

  @Test func `what we archived is revived, to subscribed only if that is what it was`() throws {
    let resolution = resolved(person(1, "ada@example.org", optIn: .yes))
    let row = try row(
      planner().plan(
        key: ada, resolution: resolution,
        link: link(.archived, agreed: values, endedByUs: true, was: .subscribed)))
    #expect(row.action == .create)
    #expect(row.status == .subscribed)
    for other in [
      link(.archived, endedByUs: true, was: .transactional), link(.archived, was: .subscribed),
    ] {
      guard case .refused = planner().plan(key: ada, resolution: resolution, link: other) else {
        Issue.record("revived \(other)")
        continue
      }
    }
  }

  @Test func `a known contact found at the first sync is linked and its status not raised`() throws
  {
    for status in [MemberStatus.subscribed, .pending, .transactional, .unsubscribed] {
      let row = try row(
        planner().plan(
          key: ada, resolution: resolved(person(1, "ada@example.org", optIn: .yes)),
          link: link(status, owner: nil)))
      #expect(row.action == .update)
      #expect(row.status == nil)
    }
  }

  @Test func `a contact nobody stands behind is left alone`() {
    for leavers in LeaverRule.allCases {
      #expect(
        planner(leavers: leavers)
          .plan(key: ada, resolution: GroupResolution(), link: link(.subscribed, owner: nil))
          == .excluded)
    }
  }

  // MARK: Leavers

  @Test func `leavers are kept, unsubscribed or archived as the setting says`() throws {
    let gone = resolved(person(1, "ada@example.org") { $0.isActive = false })
    let there = link(.subscribed, agreed: values)
    #expect(planner().plan(key: ada, resolution: gone, link: there) == .excluded)
    let out = try row(
      planner(leavers: .unsubscribe).plan(key: ada, resolution: gone, link: there))
    #expect(out.action == .unsubscribe)
    let archived = try row(planner(leavers: .archive).plan(key: ada, resolution: gone, link: there))
    #expect(archived.action == .archive)
    #expect(archived.status == nil)
  }

  @Test func `a pending leaver cannot be archived and waits`() {
    #expect(
      planner(leavers: .archive).plan(key: ada, resolution: GroupResolution(), link: link(.pending))
        == .waiting(.pendingLeaver))
  }

  @Test func `who waits for a first change is waiting until the link exists`() {
    var resolution = resolved(person(1, "ada@example.org"))
    resolution.isUnchangedSinceSetUp = true
    #expect(
      planner().plan(key: ada, resolution: resolution, link: nil) == .waiting(.unchangedSinceSetUp))
    #expect(
      planner().plan(key: ada, resolution: resolution, link: link(.subscribed, owner: nil))
        == .waiting(.unchangedSinceSetUp))
    guard
      case .inStep = planner().plan(
        key: ada, resolution: resolution, link: link(.subscribed, agreed: values))
    else {
      Issue.record("somebody linked waits")
      return
    }
  }

  // MARK: After success

  @Test func `after our archive the link knows what to revive`() throws {
    let archive = try row(
      planner(leavers: .archive)
        .plan(key: ada, resolution: GroupResolution(), link: link(.subscribed, agreed: values)))
    let after = Link.agreed(
      after: archive, desired: nil, before: link(.subscribed, agreed: values), answered: nil,
      audienceID: "a1", at: at(1))
    #expect(after.link.status == .archived)
    #expect(after.link.agreedStatus == .subscribed)
    #expect(after.link.endedByUs)
    #expect(after.consent?.old == "subscribed" && after.consent?.new == "archived")
  }

  @Test func `an ending seen in the answer to a field update is not taken for ours`() throws {
    let before = link(.subscribed, agreed: ["FNAME": .text("Old"), "LNAME": .text("Smith")])
    let resolution = resolved(person(1, "ada@example.org"))
    let row = try row(planner().plan(key: ada, resolution: resolution, link: before))
    let answered = Member(
      id: "x", email: "ada@example.org", status: .unsubscribed, mergeFields: values)
    let after = Link.agreed(
      after: row, desired: planner().desired(resolution), before: before, answered: answered,
      audienceID: "a1", at: at(1))
    #expect(after.unexpectedStatus == .unsubscribed)
    #expect(after.link.status == .subscribed)
    let absorbed = Reading.absorb(
      answered, audienceID: "a1", link: after.link, owner: PersonID(1), mapping: [], now: at(2))
    #expect(absorbed.suppression?.reason == .unsubscribed)
  }

  @Test func `a field that changed there is planned again where the answer shows it`() throws {
    let before = link(.subscribed, agreed: ["FNAME": .text("Old"), "LNAME": .text("Smith")])
    let resolution = resolved(person(1, "ada@example.org"))
    let row = try row(planner().plan(key: ada, resolution: resolution, link: before))
    #expect(row.values.keys.sorted() == ["FNAME"])
    func after(_ lastName: String) -> Agreement {
      Link.agreed(
        after: row, desired: planner().desired(resolution), before: before,
        answered: Member(
          id: "x", email: "ada@example.org", status: .subscribed,
          mergeFields: ["FNAME": .text("Ada1"), "LNAME": .text(lastName), "NOTE": .text("x")]),
        audienceID: "a1", at: at(1))
    }
    #expect(!after("Smith").isEditedThere)
    #expect(after("Smith").link.digest == row.digest)
    let edited = after("Theirs")
    #expect(edited.isEditedThere)
    #expect(edited.link.digest == nil)
    #expect(edited.link.agreed?["LNAME"] == .text("Smith"))
  }

  @Test func `what is agreed of a taken value is what was taken, not what stands there by now`()
    throws
  {
    let both = planner([
      FieldMapping(.firstName, "FNAME"), FieldMapping(.lastName, "LNAME", direction: .both),
    ])
    let before = link(
      .subscribed, agreed: ["FNAME": .text("Old"), "LNAME": .text("Smith")],
      seen: ["FNAME": .text("Old"), "LNAME": .text("King")])
    let resolution = resolved(person(1, "ada@example.org"))
    let row = try row(both.plan(key: ada, resolution: resolution, link: before))
    #expect(row.edits.map(\.value) == [.text("King")])
    let after = Link.agreed(
      after: row, desired: both.desired(resolution), before: before,
      answered: Member(
        id: "x", email: "ada@example.org", status: .subscribed,
        mergeFields: ["FNAME": .text("Ada1"), "LNAME": .text("Lovelace")]),
      audienceID: "a1", at: at(1))
    #expect(after.link.agreed?["LNAME"] == .text("King"))
    #expect(after.isEditedThere)
  }

  @Test func `a refusal at another address bars the way back to one we left`() throws {
    let somebody = resolved(person(1, "ada@example.org", optIn: .yes))
    var other = link(.unsubscribed)
    other.key = AddressKey("ada@king.dev")
    let beside = Whereabouts(
      former: [Whereabouts.Former(link: other, isFree: true, refusal: .unsubscribed)])
    for status in [MemberStatus.archived, .unsubscribed] {
      var there = link(status, agreed: values, endedByUs: true, was: .subscribed)
      #expect(try row(planner().plan(key: ada, resolution: somebody, link: there)).status != nil)
      let planned = planner().plan(key: ada, resolution: somebody, link: there, beside: beside)
      #expect(planned == .barred(.unsubscribed))
      // Unless they are asked.
      there.mayReturn = .asked
      let asked = try row(
        planner().plan(key: ada, resolution: somebody, link: there, beside: beside))
      #expect(asked.action != .archive)
    }
  }

  @Test func `a tag the audience ignored is said`() throws {
    let answered = Member(
      id: "x", email: "ada@example.org", status: .subscribed, mergeFields: ["LNAME": .text("Smith")]
    )
    #expect(
      Link.remarks(sent: values, answered: answered)
        == ["Mailchimp ignored FNAME: the audience has no such field."])
  }

  @Test func `who has not confirmed is sent changes, and else waits for nothing but themselves`()
    throws
  {
    let pending = link(.pending, agreed: values)
    func plan(_ somebody: Person, _ link: Link) -> Planned {
      planner().plan(key: ada, resolution: resolved(somebody), link: link)
    }
    let planned = plan(person(1, "ada@example.org"), pending)
    guard case .unconfirmed(let digest) = planned else {
      Issue.record("\(planned)")
      return
    }
    #expect(
      planned.standing(at: ada)
        == Standing(
          .waiting, reason: "unconfirmed",
          sentence: "Waits for their own confirmation; Mailchimp sent the mail.", key: ada))
    let row = try row(plan(person(1, "ada@example.org") { $0.lastName = "King" }, pending))
    #expect(row.status == nil)
    #expect(row.values == ["LNAME": .text("King")])
    // The click alone brings them in step.
    var confirmed = pending
    confirmed.status = .subscribed
    #expect(plan(person(1, "ada@example.org"), confirmed) == .inStep(digest: digest))
  }
}

/// A row that was made after the first sync: for who changes from then on, or for everybody.
@Suite struct BackfillTests {
  private let fields = names() + [MergeField(tag: "NOTE", name: "Note")]

  private func planner(since: Int64?) -> SyncPlanner {
    SyncPlanner(
      mapping: [
        FieldMapping(.firstName, "FNAME"), FieldMapping(.lastName, "LNAME"),
        FieldMapping(.company, "NOTE", since: since.map(at)),
      ], mergeFields: fields, policy: SyncPolicy())
  }

  private func plan(_ somebody: Person, _ link: Link?, since: Int64?) -> Planned {
    planner(since: since).plan(key: ada, resolution: resolved(somebody), link: link)
  }

  private func ada1(changed: Int64) -> Person {
    person(1, "ada@example.org", changed: changed) { $0.company = "Engines" }
  }

  private let inStep = link(
    .subscribed, agreed: ["FNAME": .text("Ada1"), "LNAME": .text("Smith")])

  @Test func `who has not changed since stays as they are`() {
    guard case .inStep(let digest) = plan(ada1(changed: 5), inStep, since: 10) else {
      return #expect(Bool(false))
    }
    // The same digest as without the row: nothing is written for them.
    let without = SyncPlanner(
      mapping: [FieldMapping(.firstName, "FNAME"), FieldMapping(.lastName, "LNAME")],
      mergeFields: fields, policy: SyncPolicy())
    #expect(
      without.plan(key: ada, resolution: resolved(ada1(changed: 5)), link: inStep)
        == .inStep(digest: digest))
  }

  @Test func `who changes, who is new, and everybody after a backfill are sent the row`() {
    for planned in [
      plan(ada1(changed: 11), inStep, since: 10), plan(ada1(changed: 5), nil, since: 10),
      plan(ada1(changed: 5), inStep, since: nil),
    ] {
      guard case .row(let row) = planned else {
        #expect(Bool(false), "\(planned)")
        continue
      }
      #expect(row.values["NOTE"] == .text("Engines"))
    }
  }

  @Test func `from whom we unsubscribed values are still taken where nothing is sent`() {
    let fields = [FieldMapping(.firstName, "FNAME", direction: .both)]
    let taking = SyncPlanner(
      mapping: fields, mergeFields: names(), policy: SyncPolicy(direction: .fromMailchimp))
    let resolution = resolved(person(1, "ada@example.org", optIn: .yes))
    let there = link(.unsubscribed, seen: ["FNAME": .text("Theirs")], endedByUs: true)
    guard case .row(let taken) = taking.plan(key: ada, resolution: resolution, link: there) else {
      Issue.record("nothing is taken")
      return
    }
    #expect(taken.action == .take)
    #expect(
      taken.edits == [PersonEdit(.firstName, .text("Theirs"), from: "FNAME", old: .text("Ada1"))])
  }
}
