// Numbers, times and the names of things as the command line prints them. JSON never comes from
// here: it has whole numbers and times in UTC.

import Basics
import Domain

enum Phrase {
  /// `12,400`
  static func number(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return (value < 0 ? "-" : "") + text
  }

  /// `1 person`, `12,400 people`
  static func people(_ count: Int) -> String {
    count == 1 ? "1 person" : "\(number(count)) people"
  }

  static func count(_ value: Int, _ one: String, _ many: String) -> String {
    "\(number(value)) \(value == 1 ? one : many)"
  }

  /// `340 ms`, `3.2 s`, `2 min 5 s`, `1 h 4 min`
  static func duration(milliseconds: Int64) -> String {
    switch milliseconds {
    case ..<1000: "\(milliseconds) ms"
    case ..<60000: "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
    case ..<3_600_000: "\(milliseconds / 60000) min \(milliseconds / 1000 % 60) s"
    default: "\(milliseconds / 3_600_000) h \(milliseconds / 60000 % 60) min"
    }
  }

  /// `3 created, 12 updated, 1 refused`; `no changes` where nothing happened to anybody.
  static func counts(_ counts: ExecutionCounts) -> String {
    let parts = [
      (counts.created, "created"), (counts.updated, "updated"),
      (counts.unsubscribed, "unsubscribed"), (counts.archived, "archived"),
      (counts.deleted, "deleted there"),
      (counts.refused, "refused"), (counts.unchanged, "unchanged"), (counts.excluded, "excluded"),
    ]
    let said = parts.filter { $0.0 > 0 }.map { "\(number($0.0)) \($0.1)" }
    if counts.changed == 0, counts.refused == 0 {
      return (["no changes"] + said).joined(separator: ", ")
    }
    return said.joined(separator: ", ")
  }

  static func counts(_ counts: PlanCounts) -> String {
    let parts = [
      (counts.create, "to create"), (counts.update, "to update"),
      (counts.unsubscribe, "to unsubscribe"), (counts.archive, "to archive"),
      (counts.take, "to take from Mailchimp"), (counts.arrival, "arriving from Mailchimp"),
      (counts.confirmations, "confirmation mails"), (counts.unchanged, "unchanged"),
      (counts.excluded, "excluded"), (counts.refused, "refused"),
      (counts.tagsAdded, "tags to place"), (counts.tagsRemoved, "tags to take off"),
      (counts.vanished, "no longer named"), (counts.restore, "to put back here"),
      (counts.delete, "to mark deleted here"),
    ]
    let said = parts.filter { $0.0 > 0 }.map { "\(number($0.0)) \($0.1)" }
    return said.isEmpty ? "nothing to do" : said.joined(separator: ", ")
  }

  static func value(_ value: MergeValue) -> String {
    switch value {
    case .text(let text): text.isEmpty ? "(empty)" : text
    case .number(let number): Int64(exactly: number).map { String($0) } ?? "\(number)"
    case .address(let address):
      [
        address.line1, address.line2, address.city, address.state, address.zip, address.country,
      ].filter { !$0.isEmpty }.joined(separator: ", ")
    }
  }

  /// `FNAME: Ada → Adele`
  static func change(_ change: FieldChange) -> String {
    "\(change.name): \(value(change.old)) → \(value(change.new))"
  }
}
