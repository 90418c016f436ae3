// What screens and reports show of verification: differences by kind and one by one, how the last
// verification ended, and one address with both its records side by side.

import Basics

package struct DriftRow: Sendable, Equatable, Identifiable {
  package var id: Int64
  /// Of the person; empty where nobody stands there.
  package var name: String
  package var drift: Drift
  package var foundAt: Instant
  package var execution: ExecutionID

  package init(id: Int64, name: String, drift: Drift, foundAt: Instant, execution: ExecutionID) {
    self.id = id
    self.name = name
    self.drift = drift
    self.foundAt = foundAt
    self.execution = execution
  }
}

/// Open differences of one kind.
package struct DriftGroup: Sendable, Equatable, Identifiable {
  package var kind: DriftClass
  package var count: Int
  package var firstAt: Instant

  package init(kind: DriftClass, count: Int, firstAt: Instant) {
    self.kind = kind
    self.count = count
    self.firstAt = firstAt
  }

  package var id: String { kind.rawValue }
}

/// How the last verification of the audience ended.
package struct VerificationSummary: Sendable, Equatable {
  package var execution: ExecutionID
  package var at: Instant
  /// Nil for everybody.
  package var sample: Int?
  package var totals: VerificationTotals
  /// Differences that wait now, whatever was repaired or dismissed since.
  package var open: Int

  package init(
    execution: ExecutionID, at: Instant, sample: Int?, totals: VerificationTotals, open: Int
  ) {
    self.execution = execution
    self.at = at
    self.sample = sample
    self.totals = totals
    self.open = open
  }
}

/// Both records of one address, as they are now.
package struct SideBySide: Sendable, Equatable {
  package enum Cell: Sendable, Equatable {
    case none
    case text(String)
    case time(Instant)
  }

  package struct Line: Sendable, Equatable {
    package var label: String
    package var here: Cell
    package var there: Cell
    package var differs: Bool
  }

  package var key: AddressKey
  package var person: PersonID?
  package var lines: [Line]
  /// Sentences: where the person stands, what differs, what bars the address.
  package var notes: [String]

  package init(key: AddressKey, person: PersonID?, lines: [Line] = [], notes: [String] = []) {
    self.key = key
    self.person = person
    self.lines = lines
    self.notes = notes
  }
}

extension SideBySide {
  /// `planned` and `desired` are what a sync would do and what the directory wants Mailchimp to
  /// hold, for the link as it would be had it seen the member; `kept` the tags that are to be held.
  package init(
    _ sides: AddressSides, verified: VerifiedAddress, planned: Planned, desired: DesiredMember?,
    mapping: [FieldMapping], standing: Standing?, suppression: Suppression?, kept: [String] = []
  ) {
    let resolution = sides.resolution
    let person = resolution.recipient?.person ?? resolution.stopped?.person
    self.init(key: sides.key, person: person?.id)
    let moving = planned.movingTags
    let link = Verification.present(sides, audienceID: sides.link?.audienceID ?? "")
    add("Name", person.map { .text($0.displayName) } ?? .none, .none)
    add(
      "Address", person.flatMap(\.primaryEmail).map { .text($0) } ?? .none,
      sides.member.map { .text($0.email) } ?? .none,
      differs: moving.contains(FieldConflict.emailTag))
    let status = Self.status(sides, verified, planned)
    add(
      "Status", .text(status.word), .text(sides.member?.status.rawValue ?? "not there"),
      differs: status.differs)
    let tags = Set(mapping.map(\.tag))
    for row in mapping.sorted(by: { $0.tag < $1.tag }) {
      var here = (desired?.values[row.tag] ?? desired?.held[row.tag]).map {
        Cell.text($0.plainText)
      }
      if here == nil, let person, !row.reaches(person, link) {
        here = .text("not until they change")
      }
      add(
        row.tag, here ?? .none,
        sides.member?.mergeFields[row.tag].map { .text($0.plainText) } ?? .none,
        differs: moving.contains(row.tag))
    }
    for (tag, value) in (sides.member?.mergeFields ?? [:]).sorted(by: { $0.key < $1.key })
    where !tags.contains(tag) && !value.isEmpty {
      add(tag, .text("not mapped"), .text(value.plainText))
    }
    let held = sides.member?.tags.sorted() ?? []
    if !held.isEmpty || !kept.isEmpty {
      add(
        "Tags", kept.isEmpty ? .none : .text(kept.sorted().joined(separator: ", ")),
        held.isEmpty ? .none : .text(held.joined(separator: ", ")),
        differs: verified.drifts.contains { $0.kind == .tag })
    }
    add("Opt-in", person.map { .text($0.optIn.rawValue) } ?? .none, .none)
    if let reason = sides.member?.unsubscribeReason, !reason.isEmpty {
      add("Reason", .none, .text(reason))
    }
    add(
      "Changed", person.map { .time($0.changedAt) } ?? .none,
      sides.member?.lastChanged.map { .time($0) } ?? .none)
    add(
      "Sent, seen", sides.link?.sentAt.map { .time($0) } ?? .none,
      sides.link?.seenAt.map { .time($0) } ?? .none)
    if person == nil {
      notes.append(
        sides.member == nil
          ? "Neither side knows this address." : "Nobody here stands at this address.")
    }
    if let standing {
      let why = [standing.reason, standing.sentence].filter { !$0.isEmpty }
      notes.append(([standing.state.rawValue] + why).joined(separator: ": "))
    }
    for exclusion in resolution.exclusions where exclusion.person != person?.id {
      notes.append("Also here: person \(exclusion.person), \(exclusion.exclusion.code).")
    }
    if let suppression {
      notes.append("Suppressed: \(suppression.reason.rawValue), \(suppression.evidence).")
    }
    if sides.link == nil { notes.append("No link: nothing was agreed at this address yet.") }
    if sides.isQueued { notes.append("A change waits in the queue.") }
    notes += verified.drifts.map(\.sentence)
    // With a tag that differs they do not agree, though there is no row to send.
    let contradicts = planned.isInStep && !verified.drifts.isEmpty
    if let next = planned.sentence, !contradicts, !notes.contains(where: { $0.contains(next) }) {
      notes.append(next)
    }
  }

  /// What the status is to be, and whether that is another one.
  private static func status(
    _ sides: AddressSides, _ verified: VerifiedAddress, _ planned: Planned
  ) -> (word: String, differs: Bool) {
    if let drift = verified.drifts.first(where: { $0.kind == .status || $0.kind == .missingThere })
    {
      return (drift.ours.plainText, true)
    }
    switch planned {
    case .row(let row):
      let change = row.changes.first { $0.name == "status" }
      return change.map { ($0.new.plainText, true) } ?? (wanted(sides), false)
    case .refused: return ("refused", false)
    case .waiting: return ("waiting", false)
    case .barred: return ("suppressed", false)
    case .inStep, .unconfirmed, .conflicted, .excluded: return (wanted(sides), false)
    }
  }

  /// What the directory wants the status to be, in a word.
  private static func wanted(_ sides: AddressSides) -> String {
    if sides.resolution.recipient != nil {
      return sides.member.map(\.status).flatMap { $0 == .pending ? "pending" : nil }
        ?? "subscribed"
    }
    if sides.resolution.isOptedOut { return "opted out" }
    return sides.resolution.stopped == nil && sides.resolution.exclusions.isEmpty
      ? "nobody" : "excluded"
  }

  private mutating func add(_ label: String, _ here: Cell, _ there: Cell, differs: Bool = false) {
    if here == .none, there == .none { return }
    lines.append(Line(label: label, here: here, there: there, differs: differs))
  }
}

extension Planned {
  /// The merge tags whose values differ by it, moving either way or waiting for a decision; `EMAIL`
  /// where the address itself does.
  package var movingTags: Set<String> {
    switch self {
    case .row(let row):
      let sent = row.changes.filter { !$0.isHere && $0.name != "status" }.map(\.name)
      return Set(sent + row.edits.map(\.tag) + row.conflicts.map(\.tag))
    case .conflicted(_, let conflicts): return Set(conflicts.map(\.tag))
    case .inStep, .unconfirmed, .excluded, .refused, .waiting, .barred: return []
    }
  }

  fileprivate var isInStep: Bool {
    if case .inStep = self { true } else { false }
  }

  /// What the next sync does about it; nil where nobody is to be written to.
  package var sentence: String? {
    switch self {
    case .row(let row):
      let sent = row.values.keys.sorted().joined(separator: ", ")
      let taken = row.edits.map(\.field.description).sorted().joined(separator: ", ")
      let takes = taken.isEmpty ? "" : " \(taken) is taken from Mailchimp."
      let what =
        switch row.action {
        case .create: "The next sync adds the contact as \(row.status?.rawValue ?? "it was")."
        case .rename: "The next sync gives the contact this address."
        case .update where sent.isEmpty:
          "The next sync makes the contact \(row.status?.rawValue ?? "as it is here")."
        case .update: "The next sync sends \(sent)."
        case .unsubscribe: "The next sync unsubscribes the contact."
        case .archive: "The next sync archives the contact."
        case .take, .tags: "The next sync writes nothing at Mailchimp."
        case .arrival: "The next sync adds a person for this contact."
        case .restore, .delete: "An undo puts back what came from Mailchimp."
        }
      return what + takes
    case .inStep: return "Both sides agree; nothing is to be sent."
    case .unconfirmed: return WaitingReason.unconfirmed.sentence
    case .refused(let problem): return problem.description
    case .waiting(let reason): return reason.sentence
    case .barred(let reason): return reason.sentence
    case .conflicted: return WaitingReason.conflict.sentence
    case .excluded: return nil
    }
  }
}
