// The lists of one person: executions that touched them, the audit trail, the consent ledger, a row a
// line. What must stay true: what a row has no room for is on its page.

import Basics
import Domain
import Screen

enum PersonLines {
  static let runColumns = [
    TableColumn("Execution", minimum: 10, priority: 9),
    TableColumn("When", minimum: 14, priority: 8),
    TableColumn("Result", minimum: 12, priority: 10),
    TableColumn("Trigger", minimum: 10, ideal: 12, priority: 5),
    TableColumn("What changed, and why", minimum: 12, ideal: 40, weight: 1, priority: 7),
  ]

  static func cells(_ run: PersonRun, _ world: World) -> [Run] {
    let glyphs = world.capabilities.glyphs
    let changes = Wording.changes(run.outcome.changes, glyphs)
    let why = [run.outcome.sentence, changes].filter { !$0.isEmpty }.joined(separator: "  ")
    return [
      Run("\(Wording.sign(run.status, glyphs)) \(run.execution)", Wording.role(run.status)),
      Run(Wording.short(run.at, in: world), .dim),
      Run(run.outcome.result.rawValue, Wording.role(run.outcome.result)),
      Run(run.trigger.rawValue, .dim), Run(why.isEmpty ? run.outcome.reason : why),
    ]
  }

  // MARK: History

  static let noHistory = "Nothing was changed yet."

  static let historyColumns = [
    TableColumn("When", minimum: 14, priority: 8),
    TableColumn("Who", minimum: 8, ideal: 18, priority: 6),
    TableColumn("Field", minimum: 8, ideal: 14, priority: 9),
    TableColumn("What changed", minimum: 12, ideal: 40, weight: 1, priority: 10),
  ]

  static func cells(_ row: AuditRow, _ world: World) -> [Run] {
    let arrow = world.capabilities.glyphs.arrow
    return [
      Run(Wording.short(row.at, in: world), .dim), Run(row.who, .label), Run(row.field),
      Run("\(value(row.old)) \(arrow) \(value(row.new))"),
    ]
  }

  private static func value(_ text: String) -> String { text.isEmpty ? "(empty)" : text }

  static func page(_ row: AuditRow, _ world: World) -> Reader {
    page(
      "Change",
      [
        ("Time", Wording.time(row.at, world.zone)), ("Who", row.who), ("Field", row.field),
        ("Before", value(row.old)), ("After", value(row.new)),
      ])
  }

  // MARK: Consent

  static let noConsent = "The ledger says nothing of this person yet."

  static let consentColumns = [
    TableColumn("When", minimum: 14, priority: 8),
    TableColumn("By", minimum: 8, ideal: 18, priority: 6),
    TableColumn("What changed", minimum: 16, ideal: 30, weight: 1, priority: 10),
    TableColumn("Evidence", minimum: 8, ideal: 24, weight: 1, priority: 9),
    TableColumn("Address", minimum: 14, ideal: 22, priority: 5),
  ]

  static func cells(_ row: ConsentRow, _ world: World) -> [Run] {
    let arrow = world.capabilities.glyphs.arrow
    return [
      Run(Wording.short(row.at, in: world), .dim), Run(row.by, .label),
      Run("\(nothing(row.old)) \(arrow) \(row.new)", .strong), Run(row.evidence),
      Run(row.key.description, .dim),
    ]
  }

  private static func nothing(_ text: String) -> String { text.isEmpty ? "(nothing)" : text }

  static func page(_ row: ConsentRow, _ world: World) -> Reader {
    page(
      "Entry of the consent ledger",
      [
        ("Time", Wording.time(row.at, world.zone)), ("By", row.by), ("Before", nothing(row.old)),
        ("After", row.new), ("Evidence", row.evidence), ("Address", row.key.description),
      ])
  }

  private static func page(_ title: String, _ pairs: [(label: String, text: String)]) -> Reader {
    let lines = pairs.filter { !$0.text.isEmpty }.map { pair in
      [Run(CharacterWidth.fit(pair.label, to: 10), .label), Run(pair.text)]
    }
    return Reader(title: title, lines: lines)
  }
}
