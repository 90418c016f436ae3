// From people to recipients, one per e-mail address (product.md §2): the rules in their order. What
// must stay true: the answer for an address is a pure function of the people who stand there and of
// what is known of the address; the order in which they are given does not matter.

import Basics

/// The settings that decide who is on the list.
package struct RecipientPolicy: Sendable, Equatable {
  package var includesOrganisations: Bool
  package var scope: Scope
  package var duplicates: DuplicateRule
  package var existing: ExistingRule

  package init(
    includesOrganisations: Bool = false, scope: Scope = .everyone,
    duplicates: DuplicateRule = .lastChanged, existing: ExistingRule = .all
  ) {
    self.includesOrganisations = includesOrganisations
    self.scope = scope
    self.duplicates = duplicates
    self.existing = existing
  }

  package init(_ settings: SettingValues) {
    self.init(
      includesOrganisations: settings[Settings.includesOrganisations],
      scope: settings[Settings.scope], duplicates: settings[Settings.duplicates],
      existing: settings[Settings.existing])
  }
}

/// A person with what the rules need to know beside them.
package struct Candidate: Sendable, Equatable {
  package var person: Person
  /// The account manager, when the person has one and they are still in the directory.
  package var manager: Person?
  /// Whether the person is in the saved search that is the scope; looked at with no other scope.
  package var isInScope: Bool
  /// True when the person stood here unsent at set-up and has not changed since.
  package var isUnchangedSinceSetUp: Bool

  package init(
    _ person: Person, manager: Person? = nil, isInScope: Bool = true,
    isUnchangedSinceSetUp: Bool = false
  ) {
    self.person = person
    self.manager = manager
    self.isInScope = isInScope
    self.isUnchangedSinceSetUp = isUnchangedSinceSetUp
  }
}

/// What the rules about one person alone say: where they stand, or why nowhere.
package enum PersonRuling: Sendable, Equatable {
  /// At this address: their own, or for a child the account manager's.
  case stands(at: AddressKey)
  case excluded(Exclusion)
}

/// One address to write to, and whose details it gets.
package struct Recipient: Sendable, Equatable {
  package var key: AddressKey
  /// The address as it is written in the directory.
  package var email: String
  package var person: Person
  /// The children this person is written to for, by id; each is excluded as `child`.
  package var represents: [PersonID]

  package init(key: AddressKey, email: String, person: Person, represents: [PersonID] = []) {
    self.key = key
    self.email = email
    self.person = person
    self.represents = represents
  }
}

package struct ExcludedPerson: Sendable, Equatable {
  package var person: PersonID
  package var exclusion: Exclusion

  package init(_ person: PersonID, _ exclusion: Exclusion) {
    self.person = person
    self.exclusion = exclusion
  }
}

/// Everything the rules say about one address.
package struct GroupResolution: Sendable, Equatable {
  /// Who is to be on the list at this address.
  package var recipient: Recipient?
  /// Who would be, were it not for an opt-out or a suppression: their changed details still go to
  /// a member who is unsubscribed.
  package var stopped: Recipient?
  /// Everybody else, by id.
  package var exclusions: [ExcludedPerson]
  /// The latest explicit decision for this address; at a tie the opt-out.
  package var consent: OptIn
  /// True when the recipient waits because nothing about them changed since set-up.
  package var isUnchangedSinceSetUp: Bool

  package init(
    recipient: Recipient? = nil, stopped: Recipient? = nil, exclusions: [ExcludedPerson] = [],
    consent: OptIn = .unknown, isUnchangedSinceSetUp: Bool = false
  ) {
    self.recipient = recipient
    self.stopped = stopped
    self.exclusions = exclusions
    self.consent = consent
    self.isUnchangedSinceSetUp = isUnchangedSinceSetUp
  }

  /// An explicit *no* stands at this address: unsubscribed there, whatever happens to leavers.
  package var isOptedOut: Bool { consent == .no }
}

package enum Recipients {
  /// The rules up to `invalid-email`, which need nobody but the person and their manager.
  package static func personRules(_ candidate: Candidate, _ policy: RecipientPolicy)
    -> PersonRuling
  {
    let person = candidate.person
    if let exclusion = rulesOfRecord(person, policy) { return .excluded(exclusion) }
    guard let managerID = managerID(of: person) else { return addressRules(person) }
    // A manager who is gone from the directory altogether was deleted.
    guard let manager = candidate.manager, manager.id == managerID else {
      return .excluded(.child(manager: managerID, because: .deleted))
    }
    if let because = rulesOfRecord(manager, policy) {
      return .excluded(.child(manager: managerID, because: because))
    }
    // One level only: a manager who is a child is no recipient, and nobody is looked up for them.
    if let above = self.managerID(of: manager) {
      return .excluded(.child(manager: managerID, because: .child(manager: above, because: nil)))
    }
    switch addressRules(manager) {
    case .stands(let key): return .stands(at: key)
    case .excluded(let because):
      return .excluded(.child(manager: managerID, because: because))
    }
  }

  /// The address whose group a person belongs to, whatever the rules say of them: for a child the
  /// manager's, else their own primary one; nil without any.
  package static func addressKey(of candidate: Candidate) -> AddressKey? {
    managerID(of: candidate.person) == nil
      ? ownKey(of: candidate.person) : candidate.manager.flatMap(ownKey)
  }

  /// All rules for the people of one address. Those of `group` who stand at another address are
  /// left to that one; who has `key` as their own primary address belongs into the group whatever
  /// their state, because an explicit *no* counts even from a deleted person.
  package static func resolve(
    group: [Candidate], key: AddressKey, suppression: Suppression?, policy: RecipientPolicy
  ) -> GroupResolution {
    var floor = Floor(group: group, key: key, policy: policy)
    floor.decide(suppression: suppression)
    return floor.resolution
  }

  // MARK: Rules

  private static func rulesOfRecord(_ person: Person, _ policy: RecipientPolicy) -> Exclusion? {
    if person.deletedAt != nil { return .deleted }
    if !person.isActive { return .inactive }
    if person.kind == .organisation, !policy.includesOrganisations { return .organisation }
    return nil
  }

  private static func addressRules(_ person: Person) -> PersonRuling {
    guard let key = ownKey(of: person), let email = person.primaryEmail else {
      return .excluded(.noEmail)
    }
    return EmailAddress.isValid(trimmed(email)) ? .stands(at: key) : .excluded(.invalidEmail)
  }

  /// Nobody is a child of themselves.
  fileprivate static func managerID(of person: Person) -> PersonID? {
    person.managerID == person.id ? nil : person.managerID
  }

  fileprivate static func ownKey(of person: Person) -> AddressKey? {
    person.primaryEmail.map { AddressKey($0) }.flatMap { $0.description.isEmpty ? nil : $0 }
  }

  fileprivate static func trimmed(_ email: String) -> String {
    var text = email[...]
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}

/// One address while it is being decided.
private struct Floor {
  let key: AddressKey
  let policy: RecipientPolicy
  /// People who stand here by themselves.
  var standing: [PersonID: Candidate] = [:]
  var childrenOf: [PersonID: [Candidate]] = [:]
  var excluded: [PersonID: Exclusion] = [:]
  var resolution = GroupResolution()

  init(group: [Candidate], key: AddressKey, policy: RecipientPolicy) {
    self.key = key
    self.policy = policy
    for candidate in group {
      let person = candidate.person
      switch Recipients.personRules(candidate, policy) {
      case .excluded(let exclusion): excluded[person.id] = exclusion
      case .stands(at: key):
        if let manager = Recipients.managerID(of: person) {
          childrenOf[manager, default: []].append(candidate)
        } else {
          standing[person.id] = candidate
        }
      case .stands: continue
      }
    }
    addMissingManagers()
    resolution.consent = consent(of: group)
  }

  /// A manager whom the caller gave only beside their children stands here all the same.
  private mutating func addMissingManagers() {
    for (id, children) in childrenOf where standing[id] == nil {
      guard let manager = children.lazy.compactMap(\.manager).first else { continue }
      standing[id] = Candidate(
        manager, isInScope: children.contains(where: \.isInScope),
        isUnchangedSinceSetUp: children.allSatisfy(\.isUnchangedSinceSetUp))
    }
  }

  /// Consent belongs to the address. A *no* counts from everybody whose address this is; a *yes*
  /// only from those who stand here, so that a deleted record lifts nobody's opt-out.
  private func consent(of group: [Candidate]) -> OptIn {
    var people: [PersonID: Person] = standing.mapValues(\.person)
    for candidate in group where Recipients.ownKey(of: candidate.person) == key {
      people[candidate.person.id] = candidate.person
    }
    let decisions = people.values.filter {
      $0.optIn == .no || ($0.optIn == .yes && standing[$0.id] != nil)
    }
    guard let latest = decisions.map(\.decidedAt).max() else { return .unknown }
    return decisions.contains { $0.decidedAt == latest && $0.optIn == .no } ? .no : .yes
  }

  mutating func decide(suppression: Suppression?) {
    let inSearch = standing.values.filter { candidate in
      if case .search = policy.scope { candidate.isInScope } else { true }
    }
    if resolution.isOptedOut {
      for id in standing.keys { excluded[id] = .optedOut }
      resolution.stopped = winner(of: inSearch).map(recipient)
    } else if let suppression {
      for id in standing.keys { excluded[id] = .suppressed(suppression.reason) }
      resolution.stopped = winner(of: inSearch).map(recipient)
    } else {
      let inScope = policy.scope == .optedIn && resolution.consent != .yes ? [] : inSearch
      for id in standing.keys { excluded[id] = .outOfScope }
      if let winner = winner(of: inScope) {
        for other in inScope { excluded[other.person.id] = .duplicateOf(winner.person.id) }
        excluded[winner.person.id] = nil
        resolution.recipient = recipient(winner)
        resolution.isUnchangedSinceSetUp =
          policy.existing == .whenChanged && winner.isUnchangedSinceSetUp
          && (childrenOf[winner.person.id] ?? []).allSatisfy(\.isUnchangedSinceSetUp)
      }
    }
    for (manager, children) in childrenOf {
      for child in children {
        excluded[child.person.id] = .child(manager: manager, because: excluded[manager])
      }
    }
    resolution.exclusions = excluded.sorted { $0.key < $1.key }.map { ExcludedPerson($0, $1) }
  }

  /// Who changed last; at a tie the smaller id; where the setting says so, account managers first.
  private func winner(of people: [Candidate]) -> Candidate? {
    people.max { a, b in
      if policy.duplicates == .manager {
        let (aManages, bManages) = (childrenOf[a.person.id] != nil, childrenOf[b.person.id] != nil)
        if aManages != bManages { return bManages }
      }
      if a.person.changedAt != b.person.changedAt { return a.person.changedAt < b.person.changedAt }
      return a.person.id > b.person.id
    }
  }

  private func recipient(_ candidate: Candidate) -> Recipient {
    Recipient(
      key: key, email: Recipients.trimmed(candidate.person.primaryEmail ?? key.description),
      person: candidate.person,
      represents: (childrenOf[candidate.person.id] ?? []).map(\.person.id).sorted())
  }
}

extension Person {
  /// When the opt-in was decided; a decision without a time is older than every other.
  fileprivate var decidedAt: Instant { optInAt ?? Instant(milliseconds: .min) }
}
