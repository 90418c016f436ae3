// Explain: for one person, from the engine through the rules to the last sync, line by line what was
// decided and why. What must stay true: it walks the same rules as `Recipients`, and its verdict is
// the one `Recipients` gives.

import Basics

package struct ExplanationLine: Sendable, Equatable {
  package enum Mark: String, Sendable {
    /// Nothing stands in the way here.
    case passed
    /// Here it ends.
    case stopped
    case note
  }

  /// What is being looked at.
  package enum Topic: String, Sendable, CaseIterable {
    case engine
    /// Those of who is on the list, in their order; the text begins with the rule's code.
    case rules
    case mailchimp = "at Mailchimp"
    case last = "last sync"
  }

  package var mark: Mark
  package var text: String
  package var topic: Topic

  package init(_ mark: Mark, _ text: String, _ topic: Topic = .rules) {
    self.mark = mark
    self.text = text
    self.topic = topic
  }
}

/// What is known of one person and their address.
package struct Explanation: Sendable {
  package var engine: EngineState
  /// The standing error of a blocked flow.
  package var problem: Problem?
  /// The earliest time the address is looked at again, when it waits for one.
  package var notBefore: Instant?
  package var policy: RecipientPolicy
  package var candidate: Candidate
  /// Everybody of the address the person stands at, the person included.
  package var group: [Candidate]
  package var suppression: Suppression?
  package var link: Link?
  /// When they were asked to confirm, where they have not yet.
  package var pendingSince: Instant?
  package var planned: Planned?
  package var lastOutcome: RowOutcome?
  package var lastOutcomeAt: Instant?
  /// The address of the audience's sign-up form; empty where it is not known.
  package var signUpForm = ""

  package init(
    engine: EngineState, policy: RecipientPolicy, candidate: Candidate, group: [Candidate]
  ) {
    self.engine = engine
    self.policy = policy
    self.candidate = candidate
    self.group = group
  }

  /// Times in them as `print` writes them.
  package func lines(_ print: (Instant) -> String = { "\($0)" }) -> [ExplanationLine] {
    let parts: [(ExplanationLine.Topic, [ExplanationLine])] = [
      (.engine, [engineLine(print)]), (.rules, ruleLines()), (.mailchimp, linkLines(print)),
      (.last, lastLines(print)),
    ]
    return parts.flatMap { topic, lines in
      lines.map {
        ExplanationLine($0.mark, SignUpForm.named(in: $0.text, at: signUpForm), topic)
      }
    }
  }

  /// The codes of the rules, in the order in which they are walked.
  package static let rules =
    recordRules.map(\.0) + [
      "invalid-email", "opted-out", "suppressed", "out-of-scope", "duplicate-of",
    ]

  // MARK: The engine

  private func engineLine(_ print: (Instant) -> String) -> ExplanationLine {
    switch engine {
    case .none:
      ExplanationLine(
        .stopped, "Engine: none runs. Open the console on this machine, or start listkeeper serve.")
    case .paused:
      ExplanationLine(.stopped, "Engine: paused. Nothing is sent until it is enabled.")
    case .blocked:
      ExplanationLine(
        .stopped,
        "Engine: blocked. \(problem?.description ?? "Look at the overview for the reason.")")
    case .running:
      if let notBefore {
        ExplanationLine(
          .note, "Engine: running; this address is not due until \(print(notBefore)).")
      } else {
        ExplanationLine(.passed, "Engine: running.")
      }
    }
  }

  // MARK: The rules, in their order

  private func ruleLines() -> [ExplanationLine] {
    let ruling = Recipients.personRules(candidate, policy)
    var lines: [ExplanationLine] = []
    let person = candidate.person
    switch ruling {
    case .excluded(let exclusion):
      return recordLines(until: exclusion)
    case .stands(let key):
      lines += recordLines(until: nil)
      if let manager = candidate.manager, person.managerID == manager.id {
        lines.append(
          ExplanationLine(
            .note,
            "child: yes; the account manager \(manager.displayName) (\(manager.id)) is written to.")
        )
      }
      lines.append(ExplanationLine(.passed, "invalid-email: no; \(key) is a valid address."))
      return lines + addressLines(key)
    }
  }

  private static let recordRules = [
    ("deleted", "no, the person is not deleted"), ("inactive", "no, the person is active"),
    ("organisation", "no, an individual, or organisations are included"),
    ("child", "no, no account manager is set"),
    ("no-email", "no, there is an address"),
  ]

  /// The rules about the person alone, one line each up to the one that ends it.
  private func recordLines(until exclusion: Exclusion?) -> [ExplanationLine] {
    let isChild = candidate.person.managerID.map { $0 != candidate.person.id } ?? false
    var lines: [ExplanationLine] = []
    let stop: String? =
      switch exclusion {
      case .child: "child"
      case let exclusion?: exclusion.code
      case nil: nil
      }
    for (rule, passed) in Explanation.recordRules {
      if let exclusion, rule == stop { return lines + [stopped(rule, exclusion)] }
      if rule == "child", isChild { return lines }
      lines.append(ExplanationLine(.passed, "\(rule): \(passed)."))
    }
    if let exclusion, let stop { lines.append(stopped(stop, exclusion)) }
    return lines
  }

  private func stopped(_ rule: String, _ exclusion: Exclusion) -> ExplanationLine {
    ExplanationLine(.stopped, "\(rule): yes. \(exclusion.sentence)")
  }

  private func addressLines(_ key: AddressKey) -> [ExplanationLine] {
    let resolution = Recipients.resolve(
      group: group, key: key, suppression: suppression, policy: policy)
    var end = resolution.exclusions.first { $0.person == candidate.person.id }?.exclusion
    var lines: [ExplanationLine] = []
    if case .child(_, let because) = end {
      end = because
      if let because { lines.append(contentsOf: passedLines(before: because.code, resolution)) }
    }
    if let end {
      if lines.isEmpty { lines = passedLines(before: end.code, resolution) }
      return lines + [stopped(end.code, end)]
    }
    lines = passedLines(before: nil, resolution)
    if resolution.isUnchangedSinceSetUp, link?.agreed == nil {
      lines.append(
        ExplanationLine(.stopped, "Waiting: \(WaitingReason.unchangedSinceSetUp.sentence)"))
    } else {
      lines.append(ExplanationLine(.passed, "On the list at \(key)."))
    }
    return lines
  }

  private func passedLines(before code: String?, _ resolution: GroupResolution)
    -> [ExplanationLine]
  {
    let shared = resolution.exclusions.contains { entry in
      if case .duplicateOf = entry.exclusion { true } else { false }
    }
    let all = [
      (
        "opted-out",
        "no, the decision for this address is \(resolution.consent.rawValue)"
      ),
      ("suppressed", "no, nothing at Mailchimp bars the address"),
      ("out-of-scope", "no, the scope is \(policy.scope)"),
      (
        "duplicate-of",
        shared
          ? "no, of those who share the address this one counts" : "no, nobody shares the address"
      ),
    ]
    return all.prefix { $0.0 != code }.map { ExplanationLine(.passed, "\($0.0): \($0.1).") }
  }

  // MARK: Mailchimp and the last sync

  private func linkLines(_ print: (Instant) -> String) -> [ExplanationLine] {
    guard let link else {
      return [ExplanationLine(.note, "Mailchimp: not there, as far as known.")]
    }
    let status = link.status?.rawValue ?? "not there"
    let seen = link.seenAt.map { ", seen \(print($0))" } ?? ""
    var lines = [ExplanationLine(.note, "Mailchimp: \(status) as \(link.email)\(seen).")]
    if link.status == .pending {
      let sentence =
        pendingSince.map { WaitingReason.unconfirmed(since: print($0)) }
        ?? WaitingReason.unconfirmed.sentence
      lines.append(
        ExplanationLine(.stopped, "\(WaitingReason.unconfirmed.rawValue): yes. \(sentence)"))
    }
    if link.endedByUs { lines.append(ExplanationLine(.note, "That ending was ours.")) }
    if let owner = link.owner, owner != candidate.person.id {
      lines.append(ExplanationLine(.note, "The details there are those of \(owner)."))
    }
    return lines
  }

  private func lastLines(_ print: (Instant) -> String) -> [ExplanationLine] {
    var lines: [ExplanationLine] = []
    switch planned {
    case .row(let row):
      let names = row.changes.map(\.name).joined(separator: ", ")
      lines.append(
        ExplanationLine(.note, "Next: \(row.action.rawValue)\(names.isEmpty ? "" : " (\(names))").")
      )
    case .inStep, .unconfirmed:
      lines.append(ExplanationLine(.passed, "Both sides agree; nothing is to be sent."))
    case .refused(let problem):
      lines.append(ExplanationLine(.stopped, "Refused: \(problem.description)"))
    case .waiting(let reason) where reason != .unchangedSinceSetUp:
      lines.append(ExplanationLine(.note, "Waiting: \(reason.sentence)"))
    case .barred(let reason):
      lines.append(
        ExplanationLine(.stopped, "suppressed: yes, at a former address. \(reason.sentence)"))
    case .conflicted:
      lines.append(ExplanationLine(.note, "Waiting: \(WaitingReason.conflict.sentence)"))
    case .excluded, .waiting, nil: break
    }
    if let lastOutcome {
      let at = lastOutcomeAt.map { " on \(print($0))" } ?? ""
      let why = lastOutcome.sentence.isEmpty ? "" : " \(lastOutcome.sentence)"
      lines.append(ExplanationLine(.note, "Last sync: \(lastOutcome.result.rawValue)\(at).\(why)"))
    } else if let sentAt = link?.sentAt {
      lines.append(ExplanationLine(.note, "Last sent: \(print(sentAt))."))
    } else {
      lines.append(ExplanationLine(.note, "Last sync: none has touched this person."))
    }
    return lines
  }
}
