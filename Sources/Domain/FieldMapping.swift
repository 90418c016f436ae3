// Which person field goes into which merge field, which way, and what happens to the value on the
// way. A field that no mapping names is never touched.

import Basics

package enum SyncDirection: String, Sendable, CaseIterable {
  case toMailchimp = "to"
  case fromMailchimp = "from"
  case both

  package var arrow: String {
    switch self {
    case .toMailchimp: "→"
    case .fromMailchimp: "←"
    case .both: "↔"
    }
  }
}

/// One row of the mapping. The e-mail address is no merge field in the API; it has no row here and
/// is always sent.
package struct FieldMapping: Sendable, Equatable {
  package var field: PersonField
  package var tag: String
  package var direction: SyncDirection
  package var transforms: [Transform]
  /// Set where those were left as they are who were in step when the row was made or changed: they
  /// get it when they change next, or by a resync. Nil: it is for everybody.
  package var since: Instant?

  package init(
    _ field: PersonField, _ tag: String, direction: SyncDirection = .toMailchimp,
    transforms: [Transform] = [], since: Instant? = nil
  ) {
    self.field = field
    self.tag = tag
    self.direction = direction
    self.transforms = transforms
    self.since = since
  }

  /// True where both move the same value the same way, whomever they are for.
  package func saysTheSame(as other: FieldMapping) -> Bool {
    field == other.field && tag == other.tag && direction == other.direction
      && transforms == other.transforms
  }

  /// The row as far as the workspace's `direction` lets it move values; nil where it moves none.
  package func within(_ direction: SyncDirection) -> FieldMapping? {
    guard let own = self.direction.within(direction) else { return nil }
    var row = self
    row.direction = own
    return row
  }

  /// True when the row reads or writes that person field.
  package func names(_ wanted: PersonField) -> Bool {
    field == wanted
      || transforms.contains { step in
        if case .join(let fields, _) = step { fields.contains(wanted) } else { false }
      }
  }

  /// False for those who were in step when the row was made or changed and have not changed since,
  /// on the side the row reads: they stay as they are.
  package func reaches(_ person: Person, _ link: Link?) -> Bool {
    guard let since, let link, link.agreed != nil, link.status != nil else { return true }
    if person.noticedAt >= since { return true }
    return direction != .toMailchimp && link.lastChanged.map { $0 >= since } ?? false
  }

  /// What a new workspace starts with; PHONE and BIRTHDAY where the audience has such fields.
  package static let initial = [
    FieldMapping(.firstName, "FNAME"), FieldMapping(.lastName, "LNAME"),
    FieldMapping(.phone, "PHONE"), FieldMapping(.birthday, "BIRTHDAY"),
  ]
}

extension PersonField {
  /// False for what a merge field has no say in: the address is the member's own, ids are the
  /// source's, and consent follows the subscription.
  package var isTakeable: Bool {
    switch self {
    case .email, .externalID, .manager, .optIn: false
    default: true
    }
  }
}

/// A step that changes a value on its way to Mailchimp; printed and read as one word with arguments
/// in parentheses, such as `case(title)`.
package enum Transform: Sendable, Hashable {
  case trim
  case letterCase(LetterCase)
  /// A date printed by a pattern of `YYYY`, `MM`, `DD`.
  case dateFormat(String)
  /// Month and day of a date, as birthday fields want them.
  case monthDay
  /// Digits only, or grouped for the United States.
  case phone(PhoneFormat)
  case constant(String)
  case join([PersonField], separator: String)
  case defaultWhenEmpty(String)

  package enum LetterCase: String, Sendable, CaseIterable { case upper, lower, title }
  package enum PhoneFormat: String, Sendable, CaseIterable { case digits, us }
}
