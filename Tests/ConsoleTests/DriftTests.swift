// Differences in Review: by kind, row by row, both records of an address; and the look-up of a
// person.

import Basics
import Domain
import Screen
import Testing

@testable import Console

@Suite struct DriftTests {
  private static let rows = [
    DriftRow(
      id: 4, name: "Ada Lovelace",
      drift: Drift(
        key: AddressKey("ada@example.org"), person: PersonID(1), kind: .field, name: "FNAME",
        ours: .text("Ada"), theirs: .text("Adele")), foundAt: Sample.minutesAgo(20),
      execution: ExecutionID(312)),
    DriftRow(
      id: 5, name: "José Núñez",
      drift: Drift(
        key: AddressKey("jose@example.org"), person: PersonID(2), kind: .field, name: "LNAME",
        ours: .text("Núñez"), theirs: .empty), foundAt: Sample.minutesAgo(20),
      execution: ExecutionID(312)),
  ]

  private static let both: SideBySide = {
    let key = AddressKey("ada@example.org")
    var member = Member(
      id: "m1", email: "ada@example.org", status: .subscribed,
      mergeFields: ["FNAME": .text("Adele"), "NOTE": .text("theirs")])
    member.tags = ["choir"]
    let person = Sample.person().person
    let recipient = Recipient(key: key, email: "ada@example.org", person: person, represents: [])
    let sides = AddressSides(
      key: key, resolution: GroupResolution(recipient: recipient), people: [person.id],
      link: nil, member: member)
    var verified = VerifiedAddress()
    verified.drifts = [rows[0].drift]
    return SideBySide(
      sides, verified: verified,
      planned: .row(
        PlanRow(
          key: key, email: "ada@example.org", person: person.id, action: .update, status: nil,
          changes: [FieldChange("FNAME", old: .text("Adele"), new: .text("Ada"))], digest: 1)),
      desired: nil,
      mapping: [FieldMapping(.firstName, "FNAME")], standing: Standing(.inStep, key: key),
      suppression: nil)
  }()

  private func review(_ world: World = Sample.world(120, 36)) -> TestSession {
    var console = Sample.session(.review, world)
    console.answer(.plans([])) { $0 == .plans }
    console.answer(.deadLetters([])) { $0 == .deadLetters }
    console.answer(
      .driftGroups([DriftGroup(kind: .field, count: 2, firstAt: Sample.minutesAgo(20))])
    ) { $0 == .driftGroups }
    console.answer(.drifts(Window(rows: Self.rows, offset: 0, total: 2))) {
      if case .drifts(.field, _) = $0 { true } else { false }
    }
    return console
  }

  @Test func `differences are shown with both values`() {
    let console = review()
    #expect(console.picture.contains("differs"))
    #expect(console.picture.contains("field: values that are not the same"))
    #expect(console.picture.contains("Adele"))
    #expect(console.picture.contains("nothing"))
  }

  @Test func `the list names its numbers before all are repaired, the detail repairs one`() {
    var console = review()
    console.press("x r")
    #expect(console.picture.contains("Repair 2 differences"))
    #expect(console.press("y").first == .request(.repairDrift(.all(.field))))
    console.press("Enter j x r")
    #expect(console.picture.contains("jose@example.org: LNAME is 'Núñez' here"))
    #expect(console.press("y").first == .request(.repairDrift(.rows([5]))))
  }

  @Test func `a repair is of one class, and says of tags what becomes of them`() {
    var console = Sample.session(.review, Sample.world(120, 36))
    console.answer(.plans([])) { $0 == .plans }
    console.answer(.deadLetters([])) { $0 == .deadLetters }
    console.answer(
      .driftGroups([
        DriftGroup(kind: .field, count: 2, firstAt: Sample.minutesAgo(20)),
        DriftGroup(kind: .tag, count: 3, firstAt: Sample.minutesAgo(20)),
      ])
    ) { $0 == .driftGroups }
    console.press("j x r")
    #expect(console.picture.contains("Repair 3 differences"))
    #expect(console.picture.contains("A tag of ours that is gone"))
    #expect(console.press("y").first == .request(.repairDrift(.all(.tag))))
  }

  @Test func `dismissing asks the same way and writes nothing at Mailchimp`() {
    var console = review()
    console.press("x d")
    #expect(console.picture.contains("Dismiss 2 differences"))
    #expect(console.press("y").first == .dismissDrift(.all(.field)))
  }

  @Test func `Enter on a difference reads the address and shows both records`() throws {
    var console = review(Sample.world(80, 24))
    console.press("Enter")
    let ordered = console.press("Enter")
    guard case .lookUp(let key, let ticket)? = ordered.first else {
      Issue.record("\(ordered)")
      return
    }
    #expect(key == AddressKey("ada@example.org"))
    console.handle(.answered(ticket, .sideBySide(Self.both)))
    let picture = console.picture
    for text in ["Here", "At Mailchimp", "Adele", "not mapped", "choir", "sync sends FNAME"] {
      #expect(picture.contains(text), "\(text)")
    }
  }

  @Test func `a person is looked up by key, and a refusal is said`() throws {
    var console = ready(.people)
    let ordered = console.press("x l")
    guard case .lookUp(_, let ticket)? = ordered.first else {
      Issue.record("\(ordered)")
      return
    }
    console.handle(
      .answered(ticket, .refused(Problem("mailchimp.key-refused", "Mailchimp refused the key."))))
    #expect(console.noticeLine.contains("Mailchimp refused the key."))
  }

  @Test func `v asks for a verification`() {
    var console = review()
    #expect(console.press("v").first == .request(.verify(sample: nil)))
  }

  @Test func `the overview says how the last verification ended and what waits of it`() {
    var world = Sample.world(120, 36)
    var totals = VerificationTotals()
    totals.drift = [.field: 3]
    world.overview?.verification = VerificationSummary(
      execution: ExecutionID(312), at: Sample.minutesAgo(30), sample: 50, totals: totals, open: 2)
    let console = ready(.overview, world)
    #expect(console.picture.contains("50 random addresses: 3 differences"))
    #expect(console.picture.contains("2 differences were found at Mailchimp"))
  }
}
