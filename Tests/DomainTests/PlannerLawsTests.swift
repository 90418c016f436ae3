// The laws of the planner, on random people, links, members and mappings (design.md §9).

import Basics
import Domain
import Support
import Testing

/// Both sides and what we remember of them, moved on step by step.
private struct Story {
  var people: [PersonID: Candidate]
  var mailchimp = ModelMailchimp()
  var links: [AddressKey: Link] = [:]
  var suppressions: [AddressKey: Suppression] = [:]
  /// Where people refused by themselves, as the ledger has it.
  var refusals: [PersonID: Set<AddressKey>] = [:]
  let policy: RecipientPolicy
  let mapping: [FieldMapping]
  let planner: SyncPlanner
  let bringsConsentBack: Bool
  private var clock: Int64 = 100

  init(_ random: inout SeededGenerator) {
    people = World.people(&random)
    policy = World.policy(&random)
    mapping = World.mapping(&random)
    bringsConsentBack = random.chance(50)
    planner = SyncPlanner(
      mapping: mapping, mergeFields: World.fields,
      policy: SyncPolicy(
        doubleOptIn: random.chance(30), leavers: random.pick(LeaverRule.allCases),
        direction: random.pick(SyncDirection.allCases),
        conflicts: random.pick(ConflictRule.allCases),
        addressChange: random.pick(AddressChangeRule.allCases),
        arrivals: random.pick(ArrivalRule.allCases)))
    for key in World.keys where random.chance(50) { mailchimp.happens(key, &random) }
  }

  func resolution(_ key: AddressKey) -> GroupResolution {
    Recipients.resolve(
      group: Array(people.values), key: key, suppression: suppressions[key], policy: policy)
  }

  /// Looks around an address over all that is there, the plain way.
  func beside(_ key: AddressKey) -> Whereabouts {
    var beside = Whereabouts()
    if let recipient = resolution(key).recipient {
      for link in links.values where link.owner == recipient.person.id && link.key != key {
        let there = resolution(link.key)
        let reason = suppressions[link.key]?.reason
        let refusal = isRefusal(of: recipient.person.id, at: link.key) ? reason : nil
        if link.status == nil, refusal == nil { continue }
        beside.former.append(
          Whereabouts.Former(
            link: link, isFree: there.recipient == nil && there.stopped == nil, refusal: refusal))
      }
      // Somebody else may have the contact by now.
      for old in refusals[recipient.person.id]?.sorted() ?? []
      where old != key && links[old]?.owner != recipient.person.id {
        guard let reason = suppressions[old]?.reason, reason != .cleaned else { continue }
        beside.former.append(
          Whereabouts.Former(
            link: Link(audienceID: "a1", key: old, email: old.description), isFree: false,
            refusal: reason))
      }
    } else if let owner = links[key]?.owner, let candidate = people[owner] {
      var there: AddressKey?
      if case .stands(let place) = Recipients.personRules(candidate, policy) { there = place }
      let isRecipient = there.map { resolution($0).recipient?.person.id == owner } ?? false
      beside.owner = Whereabouts.Owner(
        optIn: candidate.person.optIn, standsElsewhere: isRecipient && there != key,
        statusThere: there.flatMap { links[$0]?.status })
    }
    return beside
  }

  /// Whose a refusal is the ledger tells; before anybody was known there it is of who has the contact.
  private func isRefusal(of person: PersonID, at key: AddressKey) -> Bool {
    guard let reason = suppressions[key]?.reason, reason != .cleaned else { return false }
    if refusals.values.contains(where: { $0.contains(key) }) {
      return refusals[person]?.contains(key) ?? false
    }
    return links[key]?.owner == person
  }

  /// A contact goes to somebody else: the ledger is told whose the refusal was.
  private mutating func noteHandover(at key: AddressKey, from owner: PersonID?) {
    guard let owner, let new = links[key]?.owner, new != owner, let suppression = suppressions[key],
      suppression.reason != .cleaned, !refusals.values.contains(where: { $0.contains(key) })
    else { return }
    refusals[owner, default: []].insert(key)
  }

  mutating func read() throws {
    for key in World.keys {
      guard let member = mailchimp.members[key] else { continue }
      let moved = links.values.first { $0.contactID == member.contactID && $0.key != key }
      let absorbed = Reading.absorb(
        member, audienceID: "a1", link: links[key], owner: links[key]?.owner, mapping: mapping,
        now: at(mailchimp.clock), moved: moved)
      if let from = absorbed.movedFrom { links[from] = nil }
      links[key] = absorbed.link
      if absorbed.liftsSuppression { suppressions[key] = nil }
      if let suppression = absorbed.suppression { suppressions[key] = suppression }
      if bringsConsentBack, let back = absorbed.consentBack { bring(back, key) }
      if let entry = absorbed.consent { note(entry) }
    }
    // A full reading: who is not there any more was deleted, unless it moved.
    for (key, link) in links where mailchimp.members[key] == nil {
      guard let absorbed = Reading.missing(link, now: at(mailchimp.clock)) else { continue }
      links[key] = absorbed.link
      suppressions[key] = absorbed.suppression
      if let entry = absorbed.consent { note(entry) }
    }
  }

  private mutating func note(_ entry: ConsentEntry) {
    guard let person = entry.person, entry.by == "Mailchimp",
      !["subscribed", "pending"].contains(entry.new)
    else { return }
    refusals[person, default: []].insert(entry.key)
  }

  private mutating func bring(_ back: ConsentBack, _ key: AddressKey) {
    for (id, candidate) in people
    where candidate.person.primaryEmail.map({ AddressKey($0) }) == key
      || (back.optIn == .no && links[key]?.owner == id)
    {
      guard back.changes(candidate.person) else { continue }
      people[id]?.person.optIn = back.optIn
      people[id]?.person.optInAt = back.at
    }
    renewManagers()
  }

  private mutating func renewManagers() {
    let persons = people.mapValues(\.person)
    for (id, person) in persons { people[id]?.manager = person.managerID.flatMap { persons[$0] } }
  }

  private mutating func edit(_ id: PersonID, _ edits: [PersonEdit]) throws {
    if planner.policy.direction == .toMailchimp { throw Violation("wrote into the directory") }
    clock += 1
    for edit in edits { try people[id]?.person.set(edit.field, to: edit.value) }
    people[id]?.person.noticedAt = at(clock)
    renewManagers()
  }

  /// Plans everything; what is applied is returned.
  mutating func sync() throws -> [PlanRow] {
    var rows: [PlanRow] = []
    for key in World.keys {
      let resolution = resolution(key)
      let beside = beside(key)
      let owner = links[key]?.owner
      defer { noteHandover(at: key, from: owner) }
      switch planner.plan(key: key, resolution: resolution, link: links[key], beside: beside) {
      case .row(let row):
        rows.append(row)
        try carryOut(row, resolution, beside)
      case .inStep, .unconfirmed:
        guard let desired = planner.desired(resolution) else {
          throw Violation("in step with nobody")
        }
        links[key] = links[key]?.agreeing(on: desired, at: at(mailchimp.clock))
      case .conflicted(let digest, let conflicts):
        for conflict in conflicts {
          links[conflict.key] = links[conflict.key]?.conflicted([conflict], digest: digest)
        }
      case .excluded, .refused, .waiting, .barred: continue
      }
    }
    return rows
  }

  private mutating func carryOut(
    _ row: PlanRow, _ resolution: GroupResolution, _ beside: Whereabouts
  ) throws {
    let key = row.key
    let before = row.from.map { from in beside.former.first { $0.link.key == from }?.link }
    let link = before ?? links[key]
    switch row.action {
    case .take:
      guard let link, let person = row.person else { throw Violation("took from nowhere: \(row)") }
      links[link.key] = link.taken(row)
      return try edit(person, row.edits)
    case .arrival:
      let id = PersonID((people.keys.map(\.rawValue).max() ?? 0) + 1)
      people[id] = Candidate(Person(id: id, noticedAt: at(clock)))
      people[id]?.person.optIn = .yes
      try edit(id, row.edits)
      links[key]?.owner = id
      links[key]?.digest = nil
      return
    default: break
    }
    if row.action == .create || row.status == .subscribed || row.status == .pending {
      guard let person = row.person.flatMap({ people[$0]?.person }),
        person.optIn != .no || resolution.consent == .yes
      else { throw Violation("an opt-out on the list: \(row)") }
      if suppressions[key] != nil { throw Violation("suppressed on the list: \(row)") }
      let elsewhere = World.keys.contains { $0 != key && isRefusal(of: person.id, at: $0) }
      if elsewhere { throw Violation("refused at another address, and on the list: \(row)") }
    }
    let source = row.from ?? key
    let note = mailchimp.members[source]?.mergeFields["NOTE"]
    let answered = try mailchimp.apply(row)
    if mailchimp.members[key]?.mergeFields["NOTE"] != note {
      throw Violation("an unmapped field was touched by \(row)")
    }
    let agreement = Link.agreed(
      after: row, desired: planner.desired(resolution), before: link, answered: answered,
      audienceID: "a1", at: at(mailchimp.clock))
    if let status = agreement.unexpectedStatus { throw Violation("unexpected \(status)") }
    if let from = row.from { links[from] = nil }
    links[key] = agreement.link
    if let person = row.person, !row.edits.isEmpty { try edit(person, row.edits) }
  }

  /// Syncs until nothing moves any more; one that took an address or a person may have to look once
  /// more.
  mutating func settle() throws {
    for _ in 0..<4 {
      let rows = try sync()
      let isMoved = rows.contains {
        $0.action == .arrival || $0.from != nil || !$0.edits.isEmpty
      }
      if !isMoved { return }
    }
    throw Violation("it does not come to rest")
  }

  mutating func lifeGoesOn(_ random: inout SeededGenerator) {
    for _ in 0..<Int.random(in: 0...3, using: &random) {
      if random.chance(50) {
        mailchimp.happens(random.pick(World.keys), &random)
      } else {
        var persons = people.mapValues(\.person)
        let id = Int64.random(in: 1...6, using: &random)
        clock += 1
        if random.chance(40), var person = persons[PersonID(id)] {
          // One thing changes, as people edit.
          switch Int.random(in: 0..<3, using: &random) {
          case 0: person.firstName = random.pick(["", "Ada", "Bea"])
          case 1: person.phone = random.pick(["", "555  1234", "555 9"])
          default: person.emails = [random.pick(World.keys).description]
          }
          person.noticedAt = at(clock)
          persons[PersonID(id)] = person
        } else {
          persons[PersonID(id)] = random.chance(20) ? nil : World.somebody(id, &random)
        }
        people = World.candidates(persons, &random)
      }
    }
  }
}

@Suite struct PlannerLawsTests {
  @Test func `planning again after applying plans nothing, whatever happens on either side`()
    async throws
  {
    try await forAll(3000) { random in
      var story = Story(&random)
      for turn in 0..<5 {
        try story.read()
        try story.settle()
        let again = try story.sync()
        if !again.isEmpty { throw Violation("turn \(turn) planned again: \(again)") }
        story.lifeGoesOn(&random)
      }
    }
  }

  @Test func `our own writes read back are echoes`() async throws {
    try await forAll(2000) { random in
      var story = Story(&random)
      for _ in 0..<3 {
        try story.read()
        try story.settle()
        for key in World.keys {
          guard let member = story.mailchimp.members[key], let link = story.links[key] else {
            continue
          }
          let absorbed = Reading.absorb(
            member, audienceID: "a1", link: link, owner: link.owner, mapping: story.mapping,
            now: at(story.mailchimp.clock))
          if absorbed.outcome != nil || absorbed.needsPlan || absorbed.suppression != nil
            || absorbed.link.digest != link.digest || absorbed.consent != nil
          {
            throw Violation("an echo taken for a change: \(absorbed)")
          }
        }
        story.lifeGoesOn(&random)
      }
    }
  }

  @Test func `after a sync both sides hold the same, but for what waits for a decision`()
    async throws
  {
    try await forAll(2000) { random in
      var story = Story(&random)
      for _ in 0..<3 {
        try story.read()
        try story.settle()
        for key in World.keys { try check(key, in: story) }
        story.lifeGoesOn(&random)
      }
    }
  }

  private func check(_ key: AddressKey, in story: Story) throws {
    let resolution = story.resolution(key)
    let member = story.mailchimp.members[key]
    if resolution.isOptedOut, member?.status == .subscribed || member?.status == .pending {
      throw Violation("\(key) opted out and is \(String(describing: member))")
    }
    let link = story.links[key]
    let waits = resolution.isUnchangedSinceSetUp && link?.agreed == nil
    guard let recipient = resolution.recipient, !waits else { return }
    guard let member else {
      let former = story.beside(key).former
      let isOpen = former.contains { $0.link.decided[FieldConflict.emailTag] == .open }
      if story.planner.policy.direction == .fromMailchimp || isOpen { return }
      if former.contains(where: { $0.refusal != nil }) { return }
      throw Violation("\(key) is not there")
    }
    if member.status == .archived || member.status == .cleaned { return }
    let desired = story.planner.desired(recipient)
    let ours = desired.values.merging(desired.held) { first, _ in first }
    for (tag, ours) in ours where link?.decided[tag] != .open {
      let theirs = member.mergeFields[tag] ?? .empty
      let agreed = link?.agreed?[tag]
      // At the first link an empty value overwrites nothing.
      if agreed == nil, ours.isEmpty || theirs.isEmpty { continue }
      if let kept = link?.kept[tag], theirs.agrees(with: kept) { continue }
      if !ours.agrees(with: theirs) {
        throw Violation(
          "\(tag) of \(key) is not \(ours) in \(member), link \(String(describing: link))")
      }
    }
  }
}
