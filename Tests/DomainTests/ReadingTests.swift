// What readings of Mailchimp mean, and the guard in front of what we write there.

import Basics
import Domain
import Support
import Testing

@Suite struct ReadingTests {
  private let mapping = [FieldMapping(.firstName, "FNAME")]

  private func member(_ status: MemberStatus, _ fields: [String: MergeValue] = [:]) -> Member {
    Member(
      id: "5f", email: "Ada@example.org", status: status, mergeFields: fields, contactID: "c1",
      lastChanged: at(50))
  }

  private func absorb(_ member: Member, _ link: Link?, owner: Int64? = 1) -> Absorbed {
    Reading.absorb(
      member, audienceID: "a1", link: link, owner: owner.map { PersonID($0) }, mapping: mapping,
      now: at(60))
  }

  @Test(arguments: [
    (MemberStatus.unsubscribed, SuppressionReason.unsubscribed),
    (.cleaned, .cleaned), (.archived, .archivedByOthers),
  ])
  func `an ending our ledger did not make suppresses the address`(
    status: MemberStatus, reason: SuppressionReason
  ) {
    let absorbed = absorb(member(status), link(.subscribed))
    #expect(absorbed.suppression?.reason == reason)
    #expect(absorbed.suppression?.at == at(50))
    #expect(absorbed.consent?.old == "subscribed")
    #expect(absorbed.consent?.new == status.rawValue)
    #expect(absorbed.outcome?.result == .suppressed)
    #expect(absorbed.needsPlan)
    #expect(absorbed.link.status == status)
    #expect(!absorbed.link.endedByUs)
  }

  @Test(arguments: [MemberStatus.unsubscribed, .archived])
  func `an ending of ours read back changes nothing`(status: MemberStatus) {
    let absorbed = absorb(member(status), link(status, endedByUs: true, was: .subscribed))
    #expect(absorbed.suppression == nil)
    #expect(absorbed.outcome == nil)
    #expect(absorbed.consent == nil)
    #expect(absorbed.link.endedByUs)
    #expect(absorbed.link.agreedStatus == .subscribed)
  }

  @Test func `an ending that follows ours is theirs`() {
    let absorbed = absorb(member(.unsubscribed), link(.archived, endedByUs: true))
    #expect(absorbed.suppression?.reason == .unsubscribed)
    #expect(!absorbed.link.endedByUs)
  }

  @Test func `the first reading of an audience suppresses who left and links nobody`() {
    let left = absorb(member(.unsubscribed), nil, owner: nil)
    #expect(left.suppression?.reason == .unsubscribed)
    #expect(left.link.owner == nil)
    #expect(!left.needsPlan)
    let there = absorb(member(.subscribed, ["NOTE": .text("x")]), nil)
    #expect(there.suppression == nil)
    #expect(there.consent == nil)
    #expect(there.outcome == nil)
    #expect(there.needsPlan)
    #expect(there.link.memberID == "5f" && there.link.contactID == "c1")
    #expect(there.link.key == ada && there.link.seen == ["NOTE": .text("x")])
  }

  @Test func `who subscribes again at Mailchimp lifts what was suppressed`() {
    let absorbed = absorb(member(.subscribed), link(.unsubscribed))
    #expect(absorbed.liftsSuppression)
    #expect(absorbed.consent?.new == "subscribed")
    #expect(!absorb(member(.pending), link(.unsubscribed)).liftsSuppression)
  }

  @Test func `a foreign edit of a mapped field is planned again`() {
    var link = link(.subscribed, agreed: ["FNAME": .text("Ada1")])
    link.digest = 7
    let absorbed = absorb(member(.subscribed, ["FNAME": .text("Theirs")]), link)
    #expect(absorbed.needsPlan)
    #expect(absorbed.link.digest == nil)
    #expect(
      absorbed.outcome?.changes
        == [FieldChange("FNAME", old: .text("Ada1"), new: .text("Theirs"))])
  }

  @Test func `an open conflict hears that the other side went back to what was agreed`() {
    var link = link(
      .subscribed, agreed: ["FNAME": .text("Ada")], seen: ["FNAME": .text("Theirs")])
    #expect(!absorb(member(.subscribed, ["FNAME": .text("Ada")]), link).needsPlan)
    link.decided = ["FNAME": .open]
    let absorbed = absorb(member(.subscribed, ["FNAME": .text("Ada")]), link)
    #expect(absorbed.needsPlan)
    #expect(absorbed.link.decided["FNAME"] == nil)
  }

  @Test(arguments: [MemberStatus.unsubscribed, .archived])
  func `an ending of ours whose answer was lost is read back as ours`(status: MemberStatus) {
    var link = link(.subscribed)
    link.attempt = Link.Attempt(status, at: at(49))
    let absorbed = absorb(member(status), link)
    #expect(absorbed.suppression == nil)
    #expect(absorbed.consentBack == nil)
    #expect(absorbed.link.endedByUs)
    #expect(absorbed.link.agreedStatus == (status == .archived ? .subscribed : status))
    #expect(absorbed.link.attempt == nil)
    #expect(absorbed.consent?.by == "Listkeeper")
    #expect(absorbed.needsPlan)
    // Changed long after the call, or to something else, it is theirs.
    link.attempt = Link.Attempt(status, at: at(50 - 3600))
    #expect(absorb(member(status), link).suppression != nil)
    link.attempt = Link.Attempt(status, at: at(49))
    #expect(absorb(member(.cleaned), link).suppression?.reason == .cleaned)
    // A reading that shows nothing of it says that it did not take effect.
    #expect(absorb(member(.subscribed), link).link.attempt == nil)
  }

  @Test func `a foreign edit of an unmapped field is none of ours`() {
    var link = link(.subscribed, agreed: ["FNAME": .text("Ada1")])
    link.digest = 7
    let absorbed = absorb(
      member(.subscribed, ["FNAME": .text("Ada1"), "NOTE": .text("x")]), link)
    #expect(!absorbed.needsPlan)
    #expect(absorbed.outcome == nil)
    #expect(absorbed.link.digest == 7)
  }

  @Test func `a refusal suppresses only where it speaks of consent`() {
    #expect(Suppression(refusal: "mailchimp.forgotten", key: ada, at: at(1))?.reason == .forgotten)
    #expect(
      Suppression(refusal: "mailchimp.compliance-state", key: ada, at: at(1))?.reason
        == .complianceState)
    #expect(Suppression(refusal: "mailchimp.fake-address", key: ada, at: at(1)) == nil)
  }

  @Test func `a member that vanished from the full listing was deleted by others`() {
    let absorbed = Reading.missing(link(.subscribed), now: at(60))
    #expect(absorbed?.suppression?.reason == .deletedByOthers)
    #expect(absorbed?.link.status == nil)
    #expect(absorbed?.consent?.new == "")
    #expect(Reading.missing(link(nil), now: at(60)) == nil)
  }
}

@Suite struct GuardTests {
  private func counts(
    create: Int = 0, update: Int = 0, unsubscribe: Int = 0, archive: Int = 0
  ) -> PlanCounts {
    var counts = PlanCounts()
    counts.create = create
    counts.update = update
    counts.unsubscribe = unsubscribe
    counts.archive = archive
    return counts
  }

  @Test func `a plan passes up to the larger of number and percentage and is held past it`() {
    let sentry = Guard()
    #expect(sentry.judge(counts(update: 60, unsubscribe: 40), total: 100) == .pass)
    #expect(sentry.judge(counts(update: 61, unsubscribe: 40), total: 100) != .pass)
    #expect(sentry.judge(counts(archive: 500), total: 5000) == .pass)
    #expect(sentry.judge(counts(archive: 501), total: 5000) != .pass)
  }

  @Test func `single changes add up over the hour`() {
    #expect(Guard().judge(counts(update: 1), earlier: counts(update: 99), total: 10) == .pass)
    #expect(Guard().judge(counts(update: 1), earlier: counts(archive: 100), total: 10) != .pass)
  }

  @Test func `additions are no damage`() {
    #expect(Guard().judge(counts(create: 10_000), total: 10) == .pass)
  }

  @Test func `the first sync is held even for one person, unless approved beforehand`() {
    guard case .hold(let sentence) = Guard(isFirstSync: true).judge(counts(create: 1), total: 0)
    else {
      Issue.record("the first sync passed")
      return
    }
    #expect(sentence.contains("1 added"))
    #expect(
      Guard(isFirstSync: true, isApproved: true).judge(counts(create: 1), total: 0) == .pass)
    #expect(Guard(isFirstSync: true).judge(counts(), total: 0) == .pass)
  }

  @Test func `a source that came back empty is held`() {
    #expect(Guard().judge(counts(), total: 10, sourceCameBackEmpty: true) != .pass)
  }
}

@Suite struct ReturnAndLeaveTests {
  /// Unsubscribed by us and seen so, at 10:00:00 of Mailchimp's clock.
  private func endedByUs() -> Link {
    var link = Link(audienceID: "a1", key: AddressKey("ada@town.dev"), email: "ada@town.dev")
    link.owner = PersonID(1)
    link.status = .unsubscribed
    link.agreedStatus = .unsubscribed
    link.endedByUs = true
    link.lastChanged = Instant(iso8601: "2026-01-01T10:00:00Z")
    link.sentAt = Instant(iso8601: "2026-01-01T10:00:01Z")
    link.seenAt = link.sentAt
    return link
  }

  private func read(_ lastChanged: String, _ link: Link) -> Absorbed {
    Reading.absorb(
      Member(
        id: "m", email: "ada@town.dev", status: .unsubscribed,
        lastChanged: Instant(iso8601: lastChanged)),
      audienceID: "a1", link: link, owner: PersonID(1), mapping: [],
      now: link.seenAt ?? Instant(milliseconds: 0))
  }

  @Test func `who came back and left again between two readings left by themselves`() {
    let absorbed = read("2026-01-01T10:03:00Z", endedByUs())
    #expect(!absorbed.link.endedByUs)
    #expect(absorbed.suppression?.reason == .unsubscribed)
  }

  @Test func `our own unsubscribe read back stays ours`() {
    let absorbed = read("2026-01-01T10:00:00Z", endedByUs())
    #expect(absorbed.link.endedByUs)
    #expect(absorbed.suppression == nil)
  }

  @Test func `a tag of ours moves the time of a change, and the ending stays ours`() {
    var link = endedByUs()
    link.taggedAt = Instant(iso8601: "2026-01-01T10:03:02Z")
    let absorbed = read("2026-01-01T10:03:00Z", link)
    #expect(absorbed.link.endedByUs)
    #expect(absorbed.suppression == nil)
    #expect(read("2026-01-01T10:06:00Z", absorbed.link).suppression?.reason == .unsubscribed)
    #expect(read("2026-01-01T10:01:00Z", link).suppression?.reason == .unsubscribed)
  }

  @Test func `of two decisions there the later counts, of one here and one there the opt-out`() {
    let back = ConsentBack(optIn: .yes, at: at(105), evidence: "sign-up form", isObserved: true)
    var person = somebody(1, "ada@example.org", optIn: .no, decided: 100)
    #expect(!back.changes(person))
    person.optInHow = ConsentBack.origin + "unsubscribed"
    #expect(back.changes(person))
    #expect(
      ConsentBack(optIn: .no, at: at(95), evidence: "", isObserved: true)
        .changes(somebody(1, "ada@example.org", optIn: .yes, decided: 100)))
    let first = ConsentBack(optIn: .yes, at: at(500), evidence: "", isObserved: false)
    #expect(!first.changes(person))
  }
}

private func somebody(_ id: Int64, _ email: String, optIn: OptIn, decided: Int64) -> Person {
  person(id, email, optIn: optIn, decided: decided)
}
