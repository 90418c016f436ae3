// People and links as short as tests want them.

import Basics
import Domain
import Support

func at(_ second: Int64) -> Instant { Instant(milliseconds: second * 1000) }

func person(
  _ id: Int64, _ email: String? = nil, optIn: OptIn = .unknown, decided: Int64? = nil,
  changed: Int64 = 0, manager: Int64? = nil, _ change: (inout Person) -> Void = { _ in }
) -> Person {
  var person = Person(id: PersonID(id), noticedAt: at(changed))
  person.firstName = "Ada\(id)"
  person.lastName = "Smith"
  person.emails = email.map { [$0] } ?? []
  person.optIn = optIn
  person.optInAt = decided.map(at)
  person.managerID = manager.map { PersonID($0) }
  change(&person)
  return person
}

let ada = AddressKey("ada@example.org")

func names(required: Bool = false) -> [MergeField] {
  [
    MergeField(tag: "FNAME", name: "First Name", isRequired: required),
    MergeField(tag: "LNAME", name: "Last Name"),
  ]
}

func planner(
  _ mapping: [FieldMapping] = [
    FieldMapping(.firstName, "FNAME"), FieldMapping(.lastName, "LNAME"),
  ],
  fields: [MergeField] = names(), doubleOptIn: Bool = false, leavers: LeaverRule = .keep
) -> SyncPlanner {
  SyncPlanner(
    mapping: mapping, mergeFields: fields,
    policy: SyncPolicy(doubleOptIn: doubleOptIn, leavers: leavers))
}

func link(
  _ status: MemberStatus?, owner: Int64? = 1, agreed: [String: MergeValue]? = nil,
  seen: [String: MergeValue] = [:], endedByUs: Bool = false, was: MemberStatus? = nil
) -> Link {
  var link = Link(audienceID: "a1", key: ada, email: ada.description)
  link.owner = owner.map { PersonID($0) }
  link.status = status
  link.agreed = agreed
  link.agreedStatus = was ?? status
  link.seen = seen.isEmpty ? agreed ?? [:] : seen
  link.endedByUs = endedByUs
  return link
}

/// The resolution of people at Ada's address.
func resolved(
  _ people: Person..., policy: RecipientPolicy = RecipientPolicy(),
  suppressed reason: SuppressionReason? = nil
) -> GroupResolution {
  let suppression = reason.map { Suppression(key: ada, reason: $0, at: at(0), evidence: "") }
  let byID = Dictionary(people.map { ($0.id, $0) }) { first, _ in first }
  return Recipients.resolve(
    group: people.map { Candidate($0, manager: $0.managerID.flatMap { byID[$0] }) }, key: ada,
    suppression: suppression, policy: policy)
}

extension GroupResolution {
  func exclusion(of id: Int64) -> Exclusion? {
    exclusions.first { $0.person == PersonID(id) }?.exclusion
  }
}

extension SeededGenerator {
  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
  mutating func pick<Item>(_ items: [Item]) -> Item {
    items[Int.random(in: 0..<items.count, using: &self)]
  }
}
