// What the console's lists and forms show beyond `Summaries`: one person with everything beside
// them, an audience with what it asks for, a mapping with its remarks, a setting with its value.
// Storage fills them; a screen prints them and adds nothing.

import Basics

/// One person and what is known of them, for the detail view.
package struct PersonDetail: Sendable, Equatable {
  package var person: Person
  package var standing: Standing
  package var managerName: String
  /// The link of the primary address at the chosen audience.
  package var link: Link?
  package var suppression: Suppression?
  /// When they were asked to confirm, where they have not yet.
  package var pendingSince: Instant?
  /// What the source said of them last; nil where it never spoke of them.
  package var source: PersonSource?

  package init(
    person: Person, standing: Standing, managerName: String = "", link: Link? = nil,
    suppression: Suppression? = nil, source: PersonSource? = nil
  ) {
    self.source = source
    self.person = person
    self.standing = standing
    self.managerName = managerName
    self.link = link
    self.suppression = suppression
  }

  /// The reason as a sentence; a time in it as `print` writes it.
  package func sentence(_ print: (Instant) -> String) -> String {
    guard standing.reason == WaitingReason.unconfirmed.rawValue, let pendingSince else {
      return standing.sentence
    }
    return WaitingReason.unconfirmed(since: print(pendingSince))
  }
}

/// The last word of the source about one person.
package struct PersonSource: Sendable, Equatable {
  package var name: String
  /// Where in it, such as `people.csv line 3`.
  package var place: String
  package var saidAt: Instant
  /// Set while it does not name them any more: what was done here.
  package var leftAs: VanishedRule?
  /// Texts by column, as they were said.
  package var values: [String: String]

  package init(
    name: String, place: String, saidAt: Instant, leftAs: VanishedRule? = nil,
    values: [String: String]
  ) {
    self.name = name
    self.place = place
    self.saidAt = saidAt
    self.leftAs = leftAs
    self.values = values
  }

  /// Whether it names them still, in words; empty where it does.
  package var leaving: String {
    leftAs.map { "no longer named, hence \($0 == .inactive ? "inactive" : "deleted")" } ?? ""
  }

  /// The columns that hold something, in the order of lists.
  package var columns: [(name: String, text: String)] {
    values.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}

/// What an edit of a person says, as text checked field by field; only what changed.
package struct PersonDraft: Sendable, Equatable {
  /// Nil for somebody new.
  package var id: PersonID?
  package var values: [PersonField: String]
  /// All addresses in order, when they changed.
  package var emails: [String]?
  /// Parts of the postal address by their names (`PostalAddress.parts`); those not named stay.
  package var address: [String: String]

  package init(
    id: PersonID?, values: [PersonField: String] = [:], emails: [String]? = nil,
    address: [String: String] = [:]
  ) {
    self.id = id
    self.values = values
    self.emails = emails
    self.address = address
  }

  package var isEmpty: Bool { values.isEmpty && emails == nil && address.isEmpty }

  /// Writes the draft into `person`. The account manager is left to the caller, who can look people
  /// up: `values[.manager]` is an external id, or `#` and an id, or empty.
  package func apply(to person: inout Person) throws(Problem) {
    for (field, text) in values {
      try Self.set(field, Text.oneLine(text), of: &person)
    }
    if let emails {
      person.emails = emails.map { Text.oneLine($0) }.filter { !$0.isEmpty }
    }
    if !address.isEmpty {
      var postal = person.postalAddress ?? PostalAddress()
      for (name, text) in address { try Self.check(addressPart: name, text) }
      for part in PostalAddress.parts {
        guard let text = address[part.name] else { continue }
        let clean = Text.oneLine(text)
        postal[keyPath: part.path] = part.name == "country" ? clean.uppercased() : clean
      }
      person.postalAddress = postal.isEmpty ? nil : postal
    }
  }

  /// Refuses what a part of a postal address cannot hold.
  package static func check(addressPart name: String, _ text: String) throws(Problem) {
    guard PostalAddress.parts.contains(where: { $0.name == name }) else {
      let names = PostalAddress.parts.map(\.name)
      throw Problem(
        "people.unknown-address-part", "A postal address has no part '\(Text.oneLine(name))'.",
        remedy: "Give one of: \(names.map { "address.\($0)" }.joined(separator: ", "))."
          + Suggestion.sentence(name, among: names))
    }
    let text = Text.oneLine(text)
    let isCode =
      text.utf8.count == 2
      && text.uppercased().utf8.allSatisfy { (65...90).contains($0) }
    if name == "country", !text.isEmpty, !isCode {
      throw Problem(
        "people.not-a-country", "'\(text)' is no country code.",
        remedy: "Write two letters, such as FR, or nothing.",
        fields: ["field": "address.country"])
    }
  }

  /// Refuses what `field` cannot hold, saying what it can.
  package static func check(_ field: PersonField, _ text: String) throws(Problem) {
    var nobody = Person(id: PersonID(0), noticedAt: Instant(milliseconds: 0))
    try set(field, Text.oneLine(text), of: &nobody)
  }

  fileprivate static func set(
    _ field: PersonField, _ text: String, of person: inout Person
  ) throws(Problem) {
    switch field {
    case .email, .manager: break
    case .externalID: person.externalID = text.isEmpty ? nil : text
    case .account: person.account = text.isEmpty ? Account.defaultName : text
    case .kind: person.kind = try choice(text, "kind")
    case .firstName: person.firstName = text
    case .lastName: person.lastName = text
    case .phone: person.phone = text
    case .company: person.company = text
    case .address:
      guard text.isEmpty else {
        throw Problem(
          "people.not-editable", "A postal address cannot be written as one text.",
          remedy: "Give its parts: "
            + PostalAddress.parts.map { "address.\($0.name)" }.joined(separator: ", ") + ".")
      }
      person.postalAddress = nil
    case .birthday:
      person.birthday = MonthDay(text)
      if person.birthday == nil && !text.isEmpty {
        throw Problem(
          "people.not-a-birthday", "'\(text)' is no day of the year.",
          remedy: "Write month and day, such as 12/10.")
      }
    case .dateOfBirth:
      person.dateOfBirth = CivilDate(text)
      if person.dateOfBirth == nil && !text.isEmpty {
        throw Problem(
          "people.not-a-date", "'\(text)' is no date.",
          remedy: "Write year, month and day, such as 1985-12-10.")
      }
    case .optIn: person.optIn = try choice(text.isEmpty ? "unknown" : text, "opt-in")
    case .active:
      guard text == "yes" || text == "no" else {
        throw Problem(
          "people.unknown-choice", "'\(text)' does not say whether the person is active.",
          remedy: "Give yes or no.")
      }
      person.isActive = text == "yes"
    case .custom(let name): person.customFields[name] = text.isEmpty ? nil : text
    }
  }

  private static func choice<Value: RawRepresentable<String> & CaseIterable>(
    _ text: String, _ what: String
  ) throws(Problem) -> Value {
    guard let value = Value(rawValue: text.lowercased()) else {
      throw Problem(
        "people.unknown-choice", "'\(text)' is no \(what).",
        remedy: "Give one of: \(Value.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    return value
  }
}

extension Person {
  /// Writes one field from a value, refusing what it cannot hold. A new primary address takes the
  /// place of the old one. The account manager is left to who can look people up
  /// (`DirectoryStore.set`).
  package mutating func set(_ field: PersonField, to value: PersonValue) throws(Problem) {
    switch (field, value) {
    case (.address, .address(let address)): postalAddress = address
    case (.address, _) where value.isEmpty: postalAddress = nil
    case (.email, _): emails = [Text.oneLine(value.text)] + emails.dropFirst()
    default: try PersonDraft.set(field, Text.oneLine(value.text), of: &self)
    }
  }
}

/// A row of the mapping with both types, and what is wrong with it, if anything.
package struct MappingRow: Sendable, Equatable, Identifiable {
  package var mapping: FieldMapping
  package var fieldType: FieldType?
  /// Nil where the audience has no such field, or none was read yet.
  package var mergeField: MergeField?
  /// A sentence; empty when all is well.
  package var problem: String
  /// A sentence about what works for most only; empty when it works for all.
  package var remark: String

  package init(
    mapping: FieldMapping, fieldType: FieldType?, mergeField: MergeField?, problem: String = "",
    remark: String = ""
  ) {
    self.mapping = mapping
    self.fieldType = fieldType
    self.mergeField = mergeField
    self.problem = problem
    self.remark = remark
  }

  package var id: String { mapping.tag }
}

/// The mapping as the pane shows and edits it.
package struct MappingReading: Sendable, Equatable {
  package var rows: [MappingRow]
  package var board: MappingBoard

  package init(rows: [MappingRow], board: MappingBoard) {
    self.rows = rows
    self.board = board
  }
}

/// A line of the consent ledger.
package struct ConsentRow: Sendable, Equatable, Identifiable {
  package var id: Int64
  package var at: Instant
  package var person: PersonID?
  /// Who it is; empty where no person of the directory is meant.
  package var name: String
  package var key: AddressKey
  package var old: String
  package var new: String
  package var by: String
  package var evidence: String

  package init(
    id: Int64, at: Instant, person: PersonID?, name: String, key: AddressKey, old: String,
    new: String, by: String, evidence: String
  ) {
    self.id = id
    self.at = at
    self.person = person
    self.name = name
    self.key = key
    self.old = old
    self.new = new
    self.by = by
    self.evidence = evidence
  }
}

/// Dead letters of one cause.
package struct DeadLetterGroup: Sendable, Equatable, Identifiable {
  /// The code of the problem, by which they are grouped and chosen.
  package var code: String
  /// The sentence of the latest.
  package var cause: String
  package var count: Int
  package var firstAt: Instant
  package var lastAt: Instant
  /// The subject of one of them.
  package var example: String

  package init(
    code: String, cause: String, count: Int, firstAt: Instant, lastAt: Instant, example: String
  ) {
    self.code = code
    self.cause = cause
    self.count = count
    self.firstAt = firstAt
    self.lastAt = lastAt
    self.example = example
  }

  package var id: String { code }
}

/// A setting as it stands in the workspace.
package struct SettingRow: Sendable, Equatable, Identifiable {
  package var key: String
  /// Nil where the default holds.
  package var value: Secret?
  /// Who set it last, and when.
  package var changedBy: String
  package var changedAt: Instant?

  package init(key: String, value: Secret?, changedBy: String = "", changedAt: Instant? = nil) {
    self.key = key
    self.value = value
    self.changedBy = changedBy
    self.changedAt = changedAt
  }

  package var id: String { key }
}

extension Audience: Identifiable {}
extension PlanSummary: Identifiable {}

package typealias ConflictID = Identifier<ConflictRow>

/// A field that changed on both sides, as Review and `conflicts list` show it.
package struct ConflictRow: Sendable, Equatable {
  package var id: ConflictID
  package var key: AddressKey
  package var person: PersonID?
  /// The merge tag, or `EMAIL`.
  package var tag: String
  /// The person field, as mappings name it.
  package var field: String
  package var ours: MergeValue
  package var theirs: MergeValue
  package var agreed: MergeValue?
  package var noticedAt: Instant
  /// `open`, the side that counted, or `gone`.
  package var decision: String
  package var decidedAt: Instant?
  package var decidedBy: String?
  package var execution: ExecutionID?

  package init(
    id: ConflictID, key: AddressKey, person: PersonID?, tag: String, field: String,
    ours: MergeValue, theirs: MergeValue, agreed: MergeValue?, noticedAt: Instant,
    decision: String, decidedAt: Instant? = nil, decidedBy: String? = nil,
    execution: ExecutionID? = nil
  ) {
    self.id = id
    self.key = key
    self.person = person
    self.tag = tag
    self.field = field
    self.ours = ours
    self.theirs = theirs
    self.agreed = agreed
    self.noticedAt = noticedAt
    self.decision = decision
    self.decidedAt = decidedAt
    self.decidedBy = decidedBy
    self.execution = execution
  }
}
