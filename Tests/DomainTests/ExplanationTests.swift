// What *explain* says, as people read it, and the sentences behind every reason.

import Basics
import Domain
import Support
import Testing

@Suite struct ExplanationTests {
  private func explain(
    _ people: Person..., policy: RecipientPolicy = RecipientPolicy(),
    engine: EngineState = .running,
    _ change: (inout Explanation) -> Void = { _ in }
  ) -> [String] {
    let byID = Dictionary(people.map { ($0.id, $0) }) { first, _ in first }
    let group = people.map { Candidate($0, manager: $0.managerID.flatMap { byID[$0] }) }
    var explanation = Explanation(
      engine: engine, policy: policy, candidate: group[0], group: group)
    change(&explanation)
    return explanation.lines().map { "\($0.mark.rawValue): \($0.text)" }
  }

  @Test func `somebody on the list passes every rule`() {
    #expect(
      explain(person(1, "ada@example.org")) == [
        "passed: Engine: running.",
        "passed: deleted: no, the person is not deleted.",
        "passed: inactive: no, the person is active.",
        "passed: organisation: no, an individual, or organisations are included.",
        "passed: child: no, no account manager is set.",
        "passed: no-email: no, there is an address.",
        "passed: invalid-email: no; ada@example.org is a valid address.",
        "passed: opted-out: no, the decision for this address is unknown.",
        "passed: suppressed: no, nothing at Mailchimp bars the address.",
        "passed: out-of-scope: no, the scope is everyone.",
        "passed: duplicate-of: no, nobody shares the address.",
        "passed: On the list at ada@example.org.",
        "note: Mailchimp: not there, as far as known.",
        "note: Last sync: none has touched this person.",
      ])
  }

  @Test func `the walk ends at the rule that decides`() {
    let lines = explain(
      person(1, "ada@example.org", optIn: .no), engine: .paused)
    #expect(lines.first == "stopped: Engine: paused. Nothing is sent until it is enabled.")
    #expect(
      lines.contains(
        "stopped: opted-out: yes. The latest decision for this address is an opt-out. Only a newer "
          + "opt-in lifts it."))
    #expect(!lines.contains { $0.contains("suppressed:") })
    #expect(!lines.contains { $0.contains("On the list") })
  }

  @Test func `a child is explained by the manager`() {
    let lines = explain(person(2, manager: 1), person(1, "ada@example.org"))
    #expect(
      lines.contains("note: child: yes; the account manager Ada1 Smith (#1) is written to."))
    #expect(lines.contains("passed: On the list at ada@example.org."))
    let stopped = explain(
      person(2, manager: 1), person(1, "ada@example.org") { $0.isActive = false })
    #expect(
      stopped.contains { $0.hasPrefix("stopped: child: yes. A child whose account manager #1") })
    let suppressed = explain(person(2, manager: 1), person(1, "ada@example.org")) {
      $0.suppression = Suppression(key: ada, reason: .cleaned, at: at(1), evidence: "")
    }
    #expect(suppressed.contains { $0.hasPrefix("stopped: suppressed: yes. Mailchimp removed") })
  }

  @Test func `what Mailchimp shows and the last sync end the explanation`() {
    let lines = explain(person(1, "ada@example.org")) {
      $0.link = link(.unsubscribed, owner: 2, endedByUs: true)
      $0.planned = .refused(Refusal.cleaned("ada@example.org"))
      $0.lastOutcome = RowOutcome(
        person: PersonID(1), key: ada, result: .updated, sentence: "Phone cut.")
      $0.lastOutcomeAt = at(0)
    }
    #expect(
      lines.suffix(5) == [
        "note: Mailchimp: unsubscribed as ada@example.org.", "note: That ending was ours.",
        "note: The details there are those of #2.",
        "stopped: Refused: Mailchimp does not deliver to ada@example.org any more. Give the person "
          + "another address.",
        "note: Last sync: updated on 1970-01-01T00:00:00Z. Phone cut.",
      ])
  }

  @Test func `the explanation never disagrees with the rules`() async throws {
    try await forAll(300) { random in
      let people = World.people(&random)
      let policy = World.policy(&random)
      for (id, candidate) in people {
        guard let key = Recipients.addressKey(of: candidate) else { continue }
        let group = Array(people.values)
        let lines = Explanation(
          engine: .running, policy: policy, candidate: candidate, group: group
        ).lines()
        let resolution = Recipients.resolve(
          group: group, key: key, suppression: nil, policy: policy)
        let exclusion = resolution.exclusions.first { $0.person == id }?.exclusion
        let stops = lines.filter { $0.mark == .stopped }
        if case .child(_, nil) = exclusion {
          if stops.contains(where: { !$0.text.hasPrefix("Waiting") }) {
            throw Violation("\(id): \(lines)")
          }
        } else if let exclusion {
          let isSaid = stops.contains {
            $0.text.hasPrefix("\(exclusion.code): ") || $0.text.hasPrefix("child: ")
          }
          if stops.count != 1 || !isSaid { throw Violation("\(id) \(exclusion): \(lines)") }
        } else if stops.contains(where: { !$0.text.hasPrefix("Waiting") }) {
          throw Violation("\(id): \(lines)")
        }
      }
    }
  }

  @Test func `every reason has a sentence that ends with a full stop`() {
    let exclusions: [Exclusion] =
      [
        .deleted, .inactive, .organisation, .child(manager: PersonID(1), because: nil),
        .child(manager: PersonID(1), because: .noEmail), .noEmail, .invalidEmail, .optedOut,
        .outOfScope, .duplicateOf(PersonID(2)),
      ] + SuppressionReason.allCases.map { .suppressed($0) }
    for exclusion in exclusions {
      #expect(exclusion.sentence.hasSuffix("."), "\(exclusion)")
      #expect(Exclusion.codes.contains(exclusion.code))
    }
    for reason in WaitingReason.allCases { #expect(reason.sentence.hasSuffix(".")) }
  }

  @Test func `a preset sets only what the settings take`() throws {
    for preset in Preset.allCases {
      for (key, text) in preset.settings {
        let setting = try #require(Settings.description(of: key))
        try setting.validate(text)
      }
    }
    let problem = #expect(throws: Problem.self) { try Preset.named("familes") }
    #expect(problem?.remedy.contains("Did you mean 'families'?") == true)
  }
}
