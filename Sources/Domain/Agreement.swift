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
}

extension Link {
  /// The link after `row` was applied. `answered` is the member as Mailchimp returned it, nil where
  /// it returns none (an archive). A status the row did not ask for is not agreed to: the link
  /// keeps its own, so that the reading that follows sees a change and judges it.
  package static func agreed(
    after row: PlanRow, desired: DesiredMember?, before: Link?, answered: Member?,
    audienceID: String, at: Instant
  ) -> Agreement {
    var link = before ?? Link(audienceID: audienceID, key: row.key, email: row.email)
    let known = link.status
    let asked = row.action == .archive ? .archived : row.status
    if let answered {
      link.email = answered.email
      link.memberID = answered.id
      link.contactID = answered.contactID ?? link.contactID
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
      link.endedByUs = asked == .unsubscribed || asked == .archived
      // After our own archive it still says what they were, so that we may take it back.
      link.agreedStatus = asked == .archived ? known : asked
      if known != asked {
        consent = ConsentEntry(
          person: link.owner, key: row.key, old: known?.rawValue ?? "", new: asked.rawValue,
          at: at, by: "Listkeeper", evidence: row.action.rawValue)
      }
    }
    if let desired { link.agree(on: desired, sent: row.values, at: at) }
    link.digest = unexpected == nil ? row.digest : nil
    return Agreement(
      link: link, remarks: Link.remarks(sent: row.values, answered: answered), consent: consent,
      unexpectedStatus: unexpected)
  }

  /// The link of somebody who was found in step without sending anything.
  package func agreeing(on desired: DesiredMember, at: Instant) -> Link {
    var link = self
    link.agree(on: desired, sent: [:], at: at)
    link.owner = desired.person
    link.agreedStatus = link.agreedStatus ?? link.status
    link.digest = desired.digest
    return link
  }

  /// Takes in the values both hold now: those just sent, as sent, and those that were equal. Where
  /// ours is empty and theirs is not, nothing was agreed and what was agreed before stays.
  private mutating func agree(on desired: DesiredMember, sent: [String: MergeValue], at: Instant) {
    var agreed = self.agreed ?? [:]
    for (tag, ours) in desired.values {
      if let value = sent[tag] {
        agreed[tag] = value
      } else if ours.agrees(with: seen[tag] ?? .empty) {
        agreed[tag] = ours
      }
    }
    self.agreed = agreed
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
