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
    suppressed: SuppressionReason? = nil, leavers: LeaverRule = .keep
  ) -> Undoing {
    let resolution = resolved(person, suppressed: suppressed)
    return Undo.decide(
      RowOutcome(
        person: PersonID(1), key: ada, result: result, reason: reason, changes: changes),
      UndoContext(
        resolution: resolution, link: link,
        suppression: suppressed.map {
          Suppression(key: ada, reason: $0, at: at(0), evidence: "")
        }, digest: 7, leavers: leavers))
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
    #expect(row.digest == 7)
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

  @Test func `what came from Mailchimp stays, and what was refused was nothing`() {
    let here = [FieldChange("first_name", old: .text("Ada"), new: .text("Adele"), isHere: true)]
    let linked = link(.subscribed, agreed: names)
    #expect(code(decide(.updated, here, link: linked, reason: "taken")) == "taken")
    #expect(code(decide(.created, here, link: linked, reason: "arrival")) == "arrival")
    #expect(code(decide(.suppressed, [], link: linked)) == "theirs")
    #expect(decide(.refused, renamed, link: linked) == .nothing)
  }
}
