// What a link remembers after a success, and what the answer showed beside what was sent. Pure: the
// flow stores it in the same transaction as the outcome.

import Basics

/// What follows from one answered row.
package struct Agreement: Sendable, Equatable {
  package var link: Link
  /// Differences between what was sent and what came back, for the row outcome.
  package var remarks: [String]
  /// The line for the ledger where our write changed a status.
  package var consent: ConsentEntry?
  /// A status in the answer that is not what we sent or knew: `Reading.absorb` is to look at it.
  package var unexpectedStatus: MemberStatus?
  /// The answer shows a mapped field that changed there and that we did not send: the address is to
  /// be planned again.
  package var isEditedThere = false
}

extension Link {
  /// The link after `row` was applied. Of a rename `before` is the link of the address it had; the
  /// caller removes that one. `answered` is the member as Mailchimp returned it, nil where
  /// it returns none (an archive). A status the row did not ask for is not agreed to: the link
  /// keeps its own, so that the reading that follows sees a change and judges it.
  package static func agreed(
    after row: PlanRow, desired: DesiredMember?, before: Link?, answered: Member?,
    audienceID: String, at: Instant
  ) -> Agreement {
    var link = before ?? Link(audienceID: audienceID, key: row.key, email: row.email)
    link.key = row.key
    link.attempt = nil
    let isEditedThere = link.isEdited(answered, of: desired, besides: row.values)
    let known = link.status
    let asked = row.action == .archive ? .archived : row.status
    if let answered {
      link.email = answered.email
      link.memberID = answered.id
      link.contactID = answered.contactID ?? link.contactID
      link.webID = answered.webID ?? link.webID
      link.seen = answered.mergeFields
      link.seenAt = at
      link.lastChanged = answered.lastChanged ?? link.lastChanged
    }
    let status = answered?.status ?? asked ?? known
    var unexpected: MemberStatus?
    if status == (asked ?? known) {
      link.status = status
    } else {
      unexpected = status
    }
    link.owner = row.person ?? link.owner
    link.sentAt = at
    var consent: ConsentEntry?
    if let asked, unexpected == nil {
      link.agree(on: asked, was: known)
      if known != asked {
        consent = ConsentEntry(
          person: link.owner, key: row.key, old: known?.rawValue ?? "", new: asked.rawValue,
          at: at, by: "Listkeeper", evidence: row.action.rawValue)
      }
    }
    if asked != nil { link.mayReturn = nil }
    if let desired { link.agree(on: desired, sent: row.values) }
    // What was taken is what stood there when it was planned.
    link.take(row.edits, from: before?.seen ?? [:])
    link.settle(row.conflicts)
    // What was taken changes the desired member: compared once more, and found in step.
    link.digest =
      unexpected == nil && row.edits.isEmpty && !isEditedThere ? row.digest : nil
    return Agreement(
      link: link, remarks: Link.remarks(sent: row.values, answered: answered), consent: consent,
      unexpectedStatus: unexpected, isEditedThere: isEditedThere)
  }

  /// A mapped field that was not `sent` is another than this link has seen, kept or agreed on, and
  /// than the person's: somebody was quicker, and a later reading would not notice any more.
  private func isEdited(
    _ answered: Member?, of desired: DesiredMember?, besides sent: [String: MergeValue]
  ) -> Bool {
    guard let answered, let desired else { return false }
    let ours = desired.values.merging(desired.held) { first, _ in first }
    return ours.contains { tag, ours in
      guard sent[tag] == nil, let theirs = answered.mergeFields[tag] else { return false }
      let known = [ours, seen[tag] ?? .empty, kept[tag], agreed?[tag]].compactMap { $0 }
      return !known.contains { theirs.agrees(with: $0) }
    }
  }

  /// The link of somebody who was found in step without sending anything.
  package func agreeing(on desired: DesiredMember, at: Instant) -> Link {
    var link = self
    link.agree(on: desired, sent: [:])
    link.owner = desired.person
    link.agreedStatus = link.agreedStatus ?? link.status
    link.digest = desired.digest
    return link
  }

  /// The link after values of it were taken, nothing sent.
  package func taken(_ row: PlanRow) -> Link {
    var link = self
    link.owner = row.person ?? link.owner
    link.take(row.edits, from: seen)
    link.settle(row.conflicts)
    link.digest = nil
    return link
  }

  /// The link of somebody whose conflicts wait for a decision: not planned again until one side
  /// moves, or somebody decides.
  package func conflicted(_ conflicts: [FieldConflict], digest: Int64) -> Link {
    var link = self
    link.settle(conflicts)
    link.digest = digest
    return link
  }

  /// Takes in the values both hold now: those just sent, as sent, and those that were equal. Where
  /// ours is empty and theirs is not, nothing was agreed and what was agreed before stays.
  private mutating func agree(on desired: DesiredMember, sent: [String: MergeValue]) {
    var agreed = self.agreed ?? [:]
    for (tag, ours) in desired.values.merging(desired.held, uniquingKeysWith: { first, _ in first })
    {
      let theirs = seen[tag] ?? .empty
      if let value = sent[tag] {
        agreed[tag] = value
        kept[tag] = value.agrees(with: theirs) ? nil : theirs
        decided[tag] = nil
      } else if ours.agrees(with: theirs) {
        agreed[tag] = ours
        kept[tag] = nil
        decided[tag] = nil
      }
    }
    if key == desired.key {
      agreed[FieldConflict.emailTag] = .text(key.description)
      decided[FieldConflict.emailTag] = nil
    }
    self.agreed = agreed
  }

  private mutating func take(_ edits: [PersonEdit], from seen: [String: MergeValue]) {
    guard !edits.isEmpty else { return }
    var agreed = self.agreed ?? [:]
    for edit in edits {
      agreed[edit.tag] =
        edit.tag == FieldConflict.emailTag ? .text(key.description) : seen[edit.tag] ?? .empty
      kept[edit.tag] = nil
      decided[edit.tag] = nil
    }
    self.agreed = agreed
  }

  private mutating func settle(_ conflicts: [FieldConflict]) {
    for conflict in conflicts {
      decided[conflict.tag] = conflict.decision == .open ? .open : nil
    }
  }

  /// What came back otherwise than it was sent. A field the audience does not have is dropped
  /// without an error, so the answer is the only place to see it.
  package static func remarks(sent: [String: MergeValue], answered: Member?) -> [String] {
    guard let answered, !answered.mergeFields.isEmpty else { return [] }
    return sent.sorted { $0.key < $1.key }.compactMap { tag, value in
      guard let theirs = answered.mergeFields[tag] else {
        return value.isEmpty ? nil : "Mailchimp ignored \(tag): the audience has no such field."
      }
      if value.agrees(with: theirs) { return nil }
      return "Mailchimp keeps '\(theirs.plainText)' in \(tag) where '\(value.plainText)' was sent."
    }
  }
}
