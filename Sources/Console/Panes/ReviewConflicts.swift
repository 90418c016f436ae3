// The conflicts that wait, as a part of Review: one line in the list, a row for each in the detail
// with both values and the keys that decide.

import Basics
import Domain
import Screen

struct ReviewConflicts: Sendable, Equatable {
  var loaded = Loaded<[ConflictRow]>()
  var rows = Feed<ConflictRow>()

  /// At most so many are shown; deciding those brings the next.
  package static let most = 500

  var count: Int { loaded.value?.count ?? 0 }

  static func dialog(
    _ decision: ConflictDecision, of rows: [ConflictRow]
  ) -> Dialog {
    let what = Wording.count(rows.count, "conflict", "conflicts")
    let who =
      rows.count > 1
      ? []
      : rows.map {
        "\($0.key), \($0.field): '\($0.ours.plainText)' here, '\($0.theirs.plainText)' there."
      }
    let how =
      switch decision {
      case .directory: "The value here counts and is sent to Mailchimp."
      case .mailchimp: "The value at Mailchimp counts and is written here."
      case .newContact: "The new address becomes a contact of its own; the old one stays."
      case .open: ""
      }
    return Dialog(
      title: "Decide \(what)", lines: who + [how], verb: "Decide",
      orders: rows.map { .request(.decideConflict($0.id, decision)) })
  }

  // MARK: The picture

  private static let columns = [
    TableColumn("E-mail", minimum: 16, ideal: 28, weight: 1, priority: 9),
    TableColumn("Field", minimum: 8, ideal: 16, priority: 8),
    TableColumn("Here", minimum: 8, ideal: 16, weight: 1, priority: 10),
    TableColumn("At Mailchimp", minimum: 12, ideal: 16, weight: 1, priority: 10),
    TableColumn("Before", minimum: 8, ideal: 14, weight: 1, priority: 4),
  ]

  private static func cells(_ row: ConflictRow) -> [Run] {
    func said(_ value: MergeValue?) -> Run {
      guard let value, !value.isEmpty else { return Run("nothing", .dim) }
      return Run(Wording.value(value))
    }
    return [
      Run(row.key.description), Run(row.field, .label), said(row.ours), said(row.theirs),
      said(row.agreed),
    ]
  }

  func draw(
    on canvas: inout Canvas, _ frame: Rect, focused: Bool, _ world: World, _ split: Split
  ) {
    rows.draw(
      Self.columns, title: "Conflicts", in: frame, on: &canvas,
      height: split.detailHeight(world), focused: focused, empty: ["Nothing is in conflict."]
    ) { Self.cells($0) }
  }
}

extension ConflictRow: Identifiable {}
