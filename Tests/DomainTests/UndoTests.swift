// What an undo would do with one row.

import Basics
import Domain
import Support
import Testing

@Suite struct UndoTests {
  private let names: [String: MergeValue] = ["FNAME": .text("Adele"), "LNAME": .text("Smith")]

  private func decide(
    _ result: RowResult, _ changes: [FieldChange], link: Link?,
    _ person: Person = person(1, "ada@example.org", optIn: .yes), reason: String = "",
    suppressed: SuppressionReason? = nil, leavers: LeaverRule = .keep,
    mapping: [FieldMapping] = [
      FieldMapping(.firstName, "FNAME", direction: .both), FieldMapping(.lastName, "LNAME"),
    ], _ change: (inout UndoContext) -> Void = { _ in }
  ) -> Undoing {
    var context = UndoContext(
      resolution: resolved(person, suppressed: suppressed), link: link,
      suppression: suppressed.map {
        Suppression(key: ada, reason: $0, at: at(0), evidence: "")
      }, planner: planner(mapping, leavers: leavers))
    context.person = person
    context.isUntouched = true
    change(&context)
    return Undo.decide(
      RowOutcome(
        person: PersonID(1), key: ada, result: result, reason: reason, changes: changes), context)
  }

  private func code(_ undoing: Undoing) -> String? {
    if case .stays(let code, _) = undoing { code } else { nil }
  }

  private let renamed = [FieldChange("FNAME", old: .text("Ada"), new: .text("Adele"))]

  @Test func `a changed field gets its old value, with the digest of today`() {
    guard
      case .row(let row) = decide(.updated, renamed, link: link(.subscribed, agreed: names))
    else {
      Issue.record("no row")
      return
    }
    #expect(row.action == .update)
    #expect(row.status == nil)
    #expect(row.values == ["FNAME": .text("Ada")])
    let now = resolved(person(1, "ada@example.org", optIn: .yes))
    #expect(
      row.digest
        == planner([
          FieldMapping(.firstName, "FNAME", direction: .both), FieldMapping(.lastName, "LNAME"),
        ]).desired(now)?.digest)
  }

  @Test func `a field that is another by now is left alone`() {
    var moved = names
    moved["FNAME"] = .text("Zoë")
    #expect(
      code(decide(.updated, renamed, link: link(.subscribed, agreed: names, seen: moved)))
        == "moved")
  }

  @Test func `who opted out or is suppressed does not come back`() {
    let ended = [FieldChange("status", old: .text("subscribed"), new: .text("unsubscribed"))]
    let gone = link(.unsubscribed, agreed: names, endedByUs: true)
    #expect(
      code(decide(.unsubscribed, ended, link: gone, person(1, "ada@example.org", optIn: .no)))
        == "opted-out")
    #expect(
      code(decide(.unsubscribed, ended, link: gone, suppressed: .unsubscribed)) == "suppressed")
    #expect(
      code(decide(.unsubscribed, ended, link: link(.unsubscribed, agreed: names))) == "moved")
    #expect(
      code(decide(.unsubscribed, ended, link: gone, person(1, "ada@example.org")))
        == "opt-in-needed")
    guard case .row(let row) = decide(.unsubscribed, ended, link: gone) else {
      Issue.record("no row")
      return
    }
    #expect(row.status == .subscribed)
  }

  @Test func `an archived leaver comes back only where the rule for leavers lets them stay`() {
    let ended = [FieldChange("status", old: .text("subscribed"), new: .text("archived"))]
    let gone = link(.archived, agreed: names, endedByUs: true, was: .subscribed)
    let leaver = person(1, "ada@example.org") { $0.isActive = false }
    #expect(code(decide(.archived, ended, link: gone, leaver, leavers: .archive)) == "leaver")
    guard case .row(let row) = decide(.archived, ended, link: gone, leaver, leavers: .keep) else {
      Issue.record("no row")
      return
    }
    #expect(row.action == .create)
    #expect(row.status == .subscribed)
  }

  private let taken = [
    FieldChange("first_name", old: .text("Ada"), new: .text("Adele"), isHere: true)
  ]
  private let adele = person(1, "ada@example.org", optIn: .yes) { $0.firstName = "Adele" }

  @Test func `a value taken goes back here where nobody changed it on either side since`() {
    let linked = link(.subscribed, agreed: names)
    guard case .row(let row) = decide(.updated, taken, link: linked, adele, reason: "taken") else {
      Issue.record("no row")
      return
    }
    #expect(row.action == .restore)
    #expect(row.changes.map(\.new) == [.text("Ada")])
    #expect(row.remarks.isEmpty)
    let augusta = person(1, "ada@example.org") { $0.firstName = "Augusta" }
    #expect(code(decide(.updated, taken, link: linked, augusta, reason: "taken")) == "moved")
    let there = link(
      .subscribed, agreed: names, seen: ["FNAME": .text("Zoë"), "LNAME": .text("Smith")])
    #expect(code(decide(.updated, taken, link: there, adele, reason: "taken")) == "moved")
    #expect(
      code(decide(.updated, taken, link: linked, adele, reason: "taken") { $0.person = nil })
        == "removed")
  }

  @Test func `of a field that is only taken it is said that the next change there counts`() {
    let mapping = [
      FieldMapping(.firstName, "FNAME", direction: .fromMailchimp),
      FieldMapping(.lastName, "LNAME"),
    ]
    let linked = link(.subscribed, agreed: names)
    guard
      case .row(let row) = decide(
        .updated, taken, link: linked, adele, reason: "taken", mapping: mapping)
    else {
      Issue.record("no row")
      return
    }
    #expect(row.remarks.count == 1)
    // What is put back is no change for the planner, until it changes there.
    var after = linked
    after.putBack(["FNAME": .text("Ada")])
    let restored = person(1, "ada@example.org", optIn: .yes) { $0.firstName = "Ada" }
    let planner = planner(mapping)
    guard case .inStep = planner.plan(key: ada, resolution: resolved(restored), link: after) else {
      Issue.record("it would be taken again")
      return
    }
    after.seen["FNAME"] = .text("Zoë")
    guard case .row = planner.plan(key: ada, resolution: resolved(restored), link: after) else {
      Issue.record("the next change there is not taken")
      return
    }
  }

  @Test func `one row goes back on both sides, and says of the half that cannot`() {
    let changes = [FieldChange("LNAME", old: .text("Byron"), new: .text("Smith"))] + taken
    let linked = link(.subscribed, agreed: names)
    guard case .row(let row) = decide(.updated, changes, link: linked, adele) else {
      Issue.record("no row")
      return
    }
    #expect(row.action == .update)
    #expect(row.values == ["LNAME": .text("Byron")])
    #expect(row.changes.filter(\.isHere).map(\.new) == [.text("Ada")])
    let augusta = person(1, "ada@example.org") { $0.firstName = "Augusta" }
    guard case .row(let half) = decide(.updated, changes, link: linked, augusta) else {
      Issue.record("no half")
      return
    }
    #expect(half.changes.allSatisfy { !$0.isHere })
    #expect(half.remarks == ["Changed since: first_name."])
  }

  @Test func `who arrived is marked deleted only while nobody did anything about them`() {
    let linked = link(.subscribed, agreed: names)
    let here = [FieldChange("email", old: .empty, new: .text("ada@example.org"), isHere: true)]
    guard case .row(let row) = decide(.created, here, link: linked, reason: "arrival") else {
      Issue.record("no row")
      return
    }
    #expect(row.action == .delete)
    #expect(
      code(decide(.created, here, link: linked, reason: "arrival") { $0.isUntouched = false })
        == "moved")
    #expect(
      code(decide(.created, here, link: linked, reason: "arrival") { $0.isSentElsewhere = true })
        == "sent")
  }

  @Test func `what others decided at Mailchimp stays, and what was refused was nothing`() {
    let linked = link(.subscribed, agreed: names)
    #expect(code(decide(.suppressed, [], link: linked)) == "theirs")
    #expect(code(decide(.updated, [], link: linked, reason: "status-there")) == "theirs")
    #expect(code(decide(.skipped, [], link: linked, reason: "changed-there")) == "noticed")
    #expect(decide(.refused, renamed, link: linked) == .nothing)
  }

  @Test func `what Mailchimp holds as it was agreed is no longer kept its own way`() {
    var linked = link(.subscribed, agreed: names)
    linked.kept = ["FNAME": .text("Zoë")]
    linked.seen["FNAME"] = .text("Zoë")
    func read(_ first: String, _ link: Link) -> Absorbed {
      Reading.absorb(
        Member(
          id: "1", email: ada.description, status: .subscribed,
          mergeFields: ["FNAME": .text(first), "LNAME": .text("Smith")]),
        audienceID: "a1", link: link, owner: PersonID(1),
        mapping: [FieldMapping(.firstName, "FNAME", direction: .fromMailchimp)], now: at(9))
    }
    #expect(!read("Zoë", linked).needsPlan)
    let agreed = read("Adele", linked)
    #expect(read("Zoë", agreed.link).needsPlan)
  }
}
