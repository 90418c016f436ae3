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
  let policy: RecipientPolicy
  let mapping: [FieldMapping]
  let planner: SyncPlanner

  init(_ random: inout SeededGenerator) {
    people = World.people(&random)
    policy = World.policy(&random)
    mapping = World.mapping(&random)
    planner = SyncPlanner(
      mapping: mapping, mergeFields: World.fields,
      policy: SyncPolicy(
        doubleOptIn: random.chance(30), leavers: random.pick(LeaverRule.allCases)))
    for key in World.keys where random.chance(50) { mailchimp.happens(key, &random) }
  }

  func resolution(_ key: AddressKey) -> GroupResolution {
    Recipients.resolve(
      group: Array(people.values), key: key, suppression: suppressions[key], policy: policy)
  }

  mutating func read() throws {
    for key in World.keys {
      guard let member = mailchimp.members[key] else { continue }
      let absorbed = Reading.absorb(
        member, audienceID: "a1", link: links[key], owner: resolution(key).recipient?.person.id,
        mapping: mapping, now: at(mailchimp.clock))
      links[key] = absorbed.link
      if absorbed.liftsSuppression { suppressions[key] = nil }
      if let suppression = absorbed.suppression { suppressions[key] = suppression }
    }
  }

  /// Plans everything; what is applied is returned.
  mutating func sync() throws -> [PlanRow] {
    var rows: [PlanRow] = []
    for key in World.keys {
      let resolution = resolution(key)
      switch planner.plan(key: key, resolution: resolution, link: links[key]) {
      case .row(let row):
        if row.action == .create || row.status == .subscribed || row.status == .pending {
          guard let person = row.person.flatMap({ people[$0]?.person }),
            person.optIn != .no
              || resolution.consent == .yes
          else { throw Violation("an opt-out on the list: \(row)") }
          if suppressions[key] != nil { throw Violation("suppressed on the list: \(row)") }
        }
        let note = mailchimp.members[key]?.mergeFields["NOTE"]
        let answered = try mailchimp.apply(row)
        if mailchimp.members[key]?.mergeFields["NOTE"] != note {
          throw Violation("an unmapped field was touched by \(row)")
        }
        let agreement = Link.agreed(
          after: row, desired: planner.desired(resolution), before: links[key], answered: answered,
          audienceID: "a1", at: at(mailchimp.clock))
        if let status = agreement.unexpectedStatus { throw Violation("unexpected \(status)") }
        links[key] = agreement.link
        rows.append(row)
      case .inStep:
        guard let desired = planner.desired(resolution) else {
          throw Violation("in step with nobody")
        }
        links[key] = links[key]?.agreeing(on: desired, at: at(mailchimp.clock))
      case .excluded, .refused, .waiting: continue
      }
    }
    return rows
  }

  mutating func lifeGoesOn(_ random: inout SeededGenerator) {
    for _ in 0..<Int.random(in: 0...3, using: &random) {
      if random.chance(50) {
        mailchimp.happens(random.pick(World.keys), &random)
      } else {
        var persons = people.mapValues(\.person)
        let id = Int64.random(in: 1...6, using: &random)
        persons[PersonID(id)] = random.chance(20) ? nil : World.somebody(id, &random)
        people = World.candidates(persons, &random)
      }
    }
  }
}

@Suite struct PlannerLawsTests {
  @Test func `planning again after applying plans nothing, whatever happens on either side`() throws
  {
    try forAll(400) { random in
      var story = Story(&random)
      for turn in 0..<5 {
        try story.read()
        _ = try story.sync()
        let again = try story.sync()
        if !again.isEmpty { throw Violation("turn \(turn) planned again: \(again)") }
        story.lifeGoesOn(&random)
      }
    }
  }

  @Test func `our own writes read back are echoes`() throws {
    try forAll(300) { random in
      var story = Story(&random)
      for _ in 0..<3 {
        try story.read()
        _ = try story.sync()
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

  @Test func `after a sync Mailchimp holds what the directory says`() throws {
    try forAll(300) { random in
      var story = Story(&random)
      for _ in 0..<3 {
        try story.read()
        _ = try story.sync()
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
    let waits = resolution.isUnchangedSinceSetUp && story.links[key]?.agreed == nil
    guard let recipient = resolution.recipient, !waits else { return }
    guard let member else { throw Violation("\(key) is not there") }
    if member.status == .archived || member.status == .cleaned { return }
    // PHONE may be mapped the other way, and is written Mailchimp's own way.
    for (tag, ours) in story.planner.desired(recipient).values where tag != "PHONE" {
      let agreed = story.links[key]?.agreed?[tag]
      if ours.isEmpty, agreed == nil { continue }
      if !ours.agrees(with: member.mergeFields[tag] ?? .empty) {
        throw Violation("\(tag) of \(key) is not \(ours) in \(member)")
      }
    }
  }
}
