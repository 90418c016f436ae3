// Random directories, and a Mailchimp of thirty lines to plan against: as unforgiving as the API in
// what the planner must not do.

import Basics
import Domain
import Support

enum World {
  static let keys = ["ada@example.org", "ben@example.org", "cy@example.org"].map { AddressKey($0) }

  static func people(_ random: inout SeededGenerator) -> [PersonID: Candidate] {
    var people: [PersonID: Person] = [:]
    for id in 1...Int64.random(in: 1...6, using: &random) {
      people[PersonID(id)] = somebody(id, &random)
    }
    return candidates(people, &random)
  }

  static func somebody(_ id: Int64, _ random: inout SeededGenerator) -> Person {
    let email = random.pick(
      ["Ada@example.org", "ada@example.org", "ben@example.org", "cy@example.org", "cy@", nil])
    return person(
      id, email, optIn: random.pick(OptIn.allCases), decided: random.pick([nil, 1, 2]),
      changed: Int64.random(in: 0...2, using: &random),
      manager: random.chance(25) ? Int64.random(in: 1...7, using: &random) : nil
    ) {
      $0.firstName = random.pick(["", "Ada", "Zoë"])
      $0.lastName = random.pick(["", "Smith", "López"])
      $0.phone = random.pick(["", "555  1234"])
      $0.isActive = !random.chance(15)
      if random.chance(15) { $0.deletedAt = at(5) }
      if random.chance(10) { $0.kind = .organisation }
    }
  }

  static func candidates(_ people: [PersonID: Person], _ random: inout SeededGenerator)
    -> [PersonID: Candidate]
  {
    var candidates: [PersonID: Candidate] = [:]
    for (id, person) in people.sorted(by: { $0.key < $1.key }) {
      candidates[id] = Candidate(
        person, manager: person.managerID.flatMap { people[$0] }, isInScope: !random.chance(20),
        isUnchangedSinceSetUp: random.chance(20))
    }
    return candidates
  }

  static func policy(_ random: inout SeededGenerator) -> RecipientPolicy {
    RecipientPolicy(
      includesOrganisations: random.chance(30),
      scope: random.pick([.everyone, .optedIn, .search("vip")]),
      duplicates: random.pick(DuplicateRule.allCases), existing: random.pick(ExistingRule.allCases))
  }

  static let fields =
    names() + [
      MergeField(tag: "PHONE", name: "Phone"), MergeField(tag: "NOTE", name: "Theirs alone"),
    ]

  static func mapping(_ random: inout SeededGenerator) -> [FieldMapping] {
    [
      FieldMapping(.firstName, "FNAME"),
      FieldMapping(.lastName, "LNAME", transforms: random.chance(30) ? [.letterCase(.upper)] : []),
      FieldMapping(
        .phone, "PHONE", direction: random.pick([.toMailchimp, .both, .fromMailchimp])),
    ]
  }
}

/// What Mailchimp does with a row; a `Violation` is what the API would refuse or must never get.
struct ModelMailchimp {
  var members: [AddressKey: Member] = [:]
  /// Ended by the person or an admin: not ours to raise.
  var endedByThem: Set<AddressKey> = []
  var clock: Int64 = 1000

  mutating func apply(_ row: PlanRow) throws -> Member? {
    clock += 1
    if row.changes.contains(where: { $0.name == "NOTE" }) {
      throw Violation("an unmapped field in \(row)")
    }
    if row.status == .cleaned || row.status == .archived {
      throw Violation("a status that is never sent in \(row)")
    }
    let raises = row.status == .subscribed || row.status == .pending
    if raises, endedByThem.contains(row.key) { throw Violation("raised without asking: \(row)") }
    let there = members[row.key]
    switch row.action {
    case .create:
      guard let status = row.status, there == nil || there?.status == .archived else {
        throw Violation("created over \(String(describing: there)): \(row)")
      }
      var member =
        there
        ?? Member(
          id: Digest.md5(row.key.description.utf8), email: row.email, status: status,
          contactID: "c\(clock)")
      member.status = status
      members[row.key] = merged(member, row)
    case .update, .unsubscribe:
      guard var member = there, member.status != .archived, member.status != .cleaned else {
        throw Violation("changed what is \(String(describing: there)): \(row)")
      }
      member.status = row.status ?? member.status
      members[row.key] = merged(member, row)
    case .rename:
      guard let from = row.from, var member = members[from], member.status == .subscribed,
        there == nil
      else { throw Violation("renamed over \(String(describing: there)): \(row)") }
      members[from] = nil
      member.id = Digest.md5(row.key.description.utf8)
      member.email = row.email
      members[row.key] = merged(member, row)
    case .take, .arrival, .restore, .delete, .tags:
      throw Violation("sent what is only taken: \(row)")
    case .archive:
      guard there?.status == .subscribed || there?.status == .transactional else {
        throw Violation("archived \(String(describing: there?.status))")
      }
      members[row.key]?.status = .archived
      return nil
    }
    return members[row.key]
  }

  private func merged(_ member: Member, _ row: PlanRow) -> Member {
    var member = member
    for (tag, value) in row.values {
      // It writes some values its own way.
      member.mergeFields[tag] =
        tag == "PHONE" ? .text(value.plainText.replacing("  ", with: " ")) : value
    }
    member.lastChanged = at(clock)
    return member
  }

  /// Somebody does something at Mailchimp.
  mutating func happens(_ key: AddressKey, _ random: inout SeededGenerator) {
    clock += 1
    var member =
      members[key]
      ?? Member(
        id: Digest.md5(key.description.utf8), email: key.description, status: .subscribed,
        mergeFields: ["NOTE": .text("theirs")], contactID: "c\(clock)")
    switch Int.random(in: 0..<9, using: &random) {
    case 8: return moves(key, to: random.pick(World.keys))
    case 0: member.status = .unsubscribed
    case 1: member.status = .cleaned
    case 2: member.status = .archived
    case 3: member.status = .subscribed
    case 4: member.status = random.pick([.pending, .transactional])
    case 5: member.mergeFields["FNAME"] = .text(random.pick(["", "Theirs"]))
    case 6: member.mergeFields["PHONE"] = .text(random.pick(["", "999"]))
    default: member.mergeFields["NOTE"] = .text(random.pick(["a", "b"]))
    }
    if members[key]?.status != member.status {
      switch member.status {
      case .unsubscribed, .cleaned, .archived: endedByThem.insert(key)
      // Somebody there opened it again; what was ended before, perhaps unseen, is over.
      case .subscribed, .pending, .transactional: endedByThem.remove(key)
      }
    }
    member.lastChanged = at(clock)
    members[key] = member
  }

  /// A subscriber changes the address there.
  private mutating func moves(_ key: AddressKey, to other: AddressKey) {
    guard var member = members[key], member.status == .subscribed, members[other] == nil else {
      return
    }
    members[key] = nil
    member.id = Digest.md5(other.description.utf8)
    member.email = other.description
    member.lastChanged = at(clock)
    members[other] = member
    endedByThem.remove(other)
  }
}
