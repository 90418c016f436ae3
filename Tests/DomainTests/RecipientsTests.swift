// Product.md §2, rule by rule.

import Basics
import Domain
import Support
import Testing

@Suite struct RecipientsTests {
  @Test func `an active individual with an address is a recipient`() {
    let resolution = resolved(person(1, " Ada@Example.org"))
    #expect(resolution.recipient?.person.id == PersonID(1))
    #expect(resolution.recipient?.email == "Ada@Example.org")
    #expect(resolution.recipient?.key == ada)
    #expect(resolution.exclusions.isEmpty)
  }

  @Test func `each rule about the person excludes with its code`() {
    let policy = RecipientPolicy()
    func code(_ person: Person) -> String? {
      guard case .excluded(let exclusion) = Recipients.personRules(Candidate(person), policy)
      else { return nil }
      return exclusion.code
    }
    #expect(code(person(1, "a@b.org") { $0.deletedAt = at(1) }) == "deleted")
    #expect(code(person(1, "a@b.org") { $0.isActive = false }) == "inactive")
    #expect(code(person(1, "a@b.org") { $0.kind = .organisation }) == "organisation")
    #expect(code(person(1)) == "no-email")
    #expect(code(person(1, "  ")) == "no-email")
    #expect(code(person(1, "a@b")) == "invalid-email")
    #expect(code(person(1, "a@b.org")) == nil)
  }

  @Test func `the first rule in order gives the reason`() {
    let policy = RecipientPolicy()
    var person = person(1) {
      $0.deletedAt = at(1)
      $0.isActive = false
      $0.kind = .organisation
    }
    #expect(Recipients.personRules(Candidate(person), policy) == .excluded(.deleted))
    person.deletedAt = nil
    #expect(Recipients.personRules(Candidate(person), policy) == .excluded(.inactive))
    person.isActive = true
    #expect(Recipients.personRules(Candidate(person), policy) == .excluded(.organisation))
  }

  @Test func `organisations are recipients where the setting includes them`() {
    let policy = RecipientPolicy(includesOrganisations: true)
    let organisation = person(1, "ada@example.org") { $0.kind = .organisation }
    #expect(resolved(organisation, policy: policy).recipient != nil)
  }

  @Test func `several children give one recipient with the details of the manager`() {
    let resolution = resolved(
      person(1, "ada@example.org"), person(2, "own@example.org", manager: 1), person(3, manager: 1))
    #expect(resolution.recipient?.person.id == PersonID(1))
    #expect(resolution.recipient?.represents == [PersonID(2), PersonID(3)])
    #expect(resolution.exclusion(of: 2) == .child(manager: PersonID(1), because: nil))
    #expect(resolution.exclusion(of: 3)?.code == "child")
  }

  @Test func `a child is excluded with the reason of a manager who fails a rule`() {
    let inactive = person(1, "ada@example.org") { $0.isActive = false }
    let child = Candidate(person(2, "own@example.org", manager: 1), manager: inactive)
    #expect(
      Recipients.personRules(child, RecipientPolicy())
        == .excluded(.child(manager: PersonID(1), because: .inactive)))
    let optedOut = resolved(person(1, "ada@example.org", optIn: .no), person(2, manager: 1))
    #expect(optedOut.exclusion(of: 2)?.code == "opted-out")
    #expect(optedOut.recipient == nil)
  }

  @Test func `only one level of managers is looked up`() {
    let top = person(1, "top@example.org")
    let middle = person(2, "ada@example.org", manager: 1)
    let child = Candidate(person(3, manager: 2), manager: middle)
    guard case .excluded(let exclusion) = Recipients.personRules(child, RecipientPolicy()) else {
      Issue.record("a child of a child stands nowhere")
      return
    }
    #expect(exclusion.code == "child")
    #expect(
      Recipients.personRules(Candidate(middle, manager: top), RecipientPolicy())
        == .stands(at: AddressKey("top@example.org")))
  }

  @Test func `a child whose manager is gone is excluded as that one is deleted`() {
    let orphan = Candidate(person(2, "ada@example.org", manager: 1), manager: nil)
    #expect(
      Recipients.personRules(orphan, RecipientPolicy())
        == .excluded(.child(manager: PersonID(1), because: .deleted)))
  }

  @Test func `nobody is a child of themselves`() {
    #expect(resolved(person(1, "ada@example.org", manager: 1)).recipient != nil)
  }

  @Test func `the latest explicit decision counts for everybody at the address`() {
    let yesLater = resolved(
      person(1, "ada@example.org", optIn: .no, decided: 1),
      person(2, "ada@example.org", optIn: .yes, decided: 2))
    #expect(yesLater.consent == .yes)
    #expect(yesLater.recipient != nil)
    let noLater = resolved(
      person(1, "ada@example.org", optIn: .no, decided: 3),
      person(2, "ada@example.org", optIn: .yes, decided: 2))
    #expect(noLater.isOptedOut)
    #expect(noLater.exclusion(of: 1) == .optedOut && noLater.exclusion(of: 2) == .optedOut)
  }

  @Test func `at a tie the opt-out counts`() {
    let tie = resolved(
      person(1, "ada@example.org", optIn: .yes, decided: 2),
      person(2, "ada@example.org", optIn: .no, decided: 2))
    #expect(tie.isOptedOut)
    #expect(tie.recipient == nil)
  }

  @Test func `a deleted person's opt-out holds and their opt-in lifts nothing`() {
    let gone: (inout Person) -> Void = { $0.deletedAt = at(9) }
    let out = resolved(
      person(1, "ada@example.org", optIn: .no, decided: 2, gone),
      person(2, "ada@example.org", optIn: .yes, decided: 1))
    #expect(out.exclusion(of: 2) == .optedOut)
    let stillOut = resolved(
      person(1, "ada@example.org", optIn: .yes, decided: 2, gone),
      person(2, "ada@example.org", optIn: .no, decided: 1))
    #expect(stillOut.exclusion(of: 2) == .optedOut)
  }

  @Test func `an unknown opt-in bars only where the scope is opted-in`() {
    let unknown = person(1, "ada@example.org")
    #expect(resolved(unknown).recipient != nil)
    let optedIn = RecipientPolicy(scope: .optedIn)
    #expect(resolved(unknown, policy: optedIn).exclusion(of: 1) == .outOfScope)
    #expect(
      resolved(person(1, "ada@example.org", optIn: .yes), policy: optedIn).recipient != nil)
  }

  @Test func `opted-out comes before suppressed and suppressed before out-of-scope`() {
    let optedIn = RecipientPolicy(scope: .optedIn)
    let no = person(1, "ada@example.org", optIn: .no)
    #expect(resolved(no, policy: optedIn, suppressed: .cleaned).exclusion(of: 1) == .optedOut)
    let unknown = person(1, "ada@example.org")
    #expect(
      resolved(unknown, policy: optedIn, suppressed: .cleaned).exclusion(of: 1)
        == .suppressed(.cleaned))
  }

  @Test func `a saved search as scope leaves out who is not in it`() {
    let policy = RecipientPolicy(scope: .search("vip"))
    let resolution = Recipients.resolve(
      group: [
        Candidate(person(1, "ada@example.org", changed: 9), isInScope: false),
        Candidate(person(2, "ada@example.org"), isInScope: true),
      ], key: ada, suppression: nil, policy: policy)
    #expect(resolution.recipient?.person.id == PersonID(2))
    #expect(resolution.exclusion(of: 1) == .outOfScope)
  }

  @Test func `of people who share an address the one changed last wins`() {
    let resolution = resolved(
      person(1, "ada@example.org", changed: 1), person(2, "ADA@example.org", changed: 2))
    #expect(resolution.recipient?.person.id == PersonID(2))
    #expect(resolution.exclusion(of: 1) == .duplicateOf(PersonID(2)))
  }

  @Test func `the source's time of change comes before ours, and the smaller id wins a tie`() {
    let old = person(1, "ada@example.org", changed: 9) { $0.sourceUpdatedAt = at(1) }
    let new = person(2, "ada@example.org", changed: 5)
    #expect(resolved(old, new).recipient?.person.id == PersonID(2))
    let tie = resolved(person(4, "ada@example.org"), person(3, "ada@example.org"))
    #expect(tie.recipient?.person.id == PersonID(3))
  }

  @Test func `where the setting says so the account manager wins`() {
    let policy = RecipientPolicy(duplicates: .manager)
    let resolution = resolved(
      person(1, "ada@example.org", changed: 1), person(2, "ada@example.org", changed: 2),
      person(3, manager: 1), policy: policy)
    #expect(resolution.recipient?.person.id == PersonID(1))
    #expect(resolution.exclusion(of: 3) == .child(manager: PersonID(1), because: nil))
  }

  @Test func `a child whose manager loses the address is excluded as duplicate`() {
    let resolution = resolved(
      person(1, "ada@example.org", changed: 1), person(2, "ada@example.org", changed: 2),
      person(3, manager: 1))
    #expect(resolution.exclusion(of: 3)?.code == "duplicate-of")
  }

  @Test func `who stood unsent at set-up waits until something changes`() {
    let policy = RecipientPolicy(existing: .whenChanged)
    func waits(_ candidates: Candidate...) -> Bool {
      Recipients.resolve(group: candidates, key: ada, suppression: nil, policy: policy)
        .isUnchangedSinceSetUp
    }
    let manager = person(1, "ada@example.org")
    #expect(waits(Candidate(manager, isUnchangedSinceSetUp: true)))
    #expect(!waits(Candidate(manager, isUnchangedSinceSetUp: false)))
    // A changed child is a change for the manager who stands for it.
    #expect(
      !waits(
        Candidate(manager, isUnchangedSinceSetUp: true),
        Candidate(person(2, manager: 1), manager: manager)))
  }

  @Test func `the order in which people are given does not matter`() async throws {
    try await forAll(2000) { random in
      let group = World.people(&random).map(\.value)
      let key = World.keys[0]
      let policy = World.policy(&random)
      let first = Recipients.resolve(group: group, key: key, suppression: nil, policy: policy)
      let second = Recipients.resolve(
        group: group.shuffled(using: &random), key: key, suppression: nil, policy: policy)
      if first != second { throw Violation("\(first) is not \(second)") }
    }
  }

  @Test func `every person at an address is the recipient or excluded, never both`() async throws {
    try await forAll(2000) { random in
      let group = World.people(&random).map(\.value)
      let policy = World.policy(&random)
      for key in World.keys {
        let resolution = Recipients.resolve(
          group: group, key: key, suppression: nil, policy: policy)
        let excluded = resolution.exclusions.map(\.person)
        for candidate in group where Recipients.addressKey(of: candidate) == key {
          let id = candidate.person.id
          let isRecipient = resolution.recipient?.person.id == id
          if isRecipient == excluded.contains(id) {
            throw Violation("\(id) at \(key): \(resolution)")
          }
        }
      }
    }
  }

  @Test(arguments: [
    "ada@example.org", "a.b+c@sub.example.co.uk", "o'hara@example.org", "ada@bücher.example",
    "ada@例え.jp", "1@2.org", "a@xn--bcher-kva.example",
  ])
  func `an ordinary address is valid`(address: String) {
    #expect(EmailAddress.flaw(address) == nil)
  }

  @Test(arguments: [
    "", "ada", "ada@", "@example.org", "ada@example", "ada@@example.org", "a b@example.org",
    "ada@example..org", "ada@.org", "ada@example.", ".ada@example.org", "ada.@example.org",
    "a..b@example.org", "ada@-example.org", "ada@exa_mple.org", "zoë@example.org",
    "ada@example.org ", "ada@127.0.0.1", "ada@example.org\n", "\"a b\"@example.org",
    "ada@example.o",
    "ada@exam\u{202E}ple.org", String(repeating: "a", count: 65) + "@example.org",
    "ada@" + String(repeating: "a", count: 64) + ".org",
    "ada@" + String(repeating: "abcdefgh.", count: 30) + "org",
  ])
  func `an address Mailchimp would refuse is not valid`(address: String) {
    #expect(!EmailAddress.isValid(address))
  }
}
