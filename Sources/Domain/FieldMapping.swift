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

  package init(
    _ field: PersonField, _ tag: String, direction: SyncDirection = .toMailchimp,
    transforms: [Transform] = []
  ) {
    self.field = field
    self.tag = tag
    self.direction = direction
    self.transforms = transforms
  }

  /// What a new workspace starts with; PHONE and BIRTHDAY where the audience has such fields.
  package static let initial = [
    FieldMapping(.firstName, "FNAME"), FieldMapping(.lastName, "LNAME"),
    FieldMapping(.phone, "PHONE"), FieldMapping(.birthday, "BIRTHDAY"),
  ]
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
