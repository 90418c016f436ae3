// What Review lists, what can be done with it, and how the rows of a plan are shown.

import Basics
import Domain
import Screen

/// One thing to decide.
enum ReviewItem: Sendable, Equatable, Identifiable {
  case plan(PlanSummary)
  case letters(DeadLetterGroup)
  case drift(DriftGroup)
  /// How many, and since when.
  case conflicts(Int, Instant)

  var id: String {
    switch self {
    case .plan(let plan): "plan \(plan.id)"
    case .letters(let group): "letters \(group.code)"
    case .drift(let group): "drift \(group.id)"
    case .conflicts: "conflicts"
    }
  }
}

enum ReviewAction {
  static let open: ActionID = "review.open"
  static let approve: ActionID = "review.approve"
  static let revive: ActionID = "review.send-again"
  static let discard: ActionID = "review.discard"
  static let repair: ActionID = "review.repair"
  static let verify: ActionID = "review.verify"
  static let here: ActionID = "review.here-counts"
  static let there: ActionID = "review.there-counts"
  static let newContact: ActionID = "review.new-contact"

  static func decision(_ action: ActionID) -> ConflictDecision? {
    switch action {
    case here: .directory
    case there: .mailchimp
    case newContact: .newContact
    default: nil
    }
  }
}

/// The rows of a plan.
enum PlanRowTable {
  static let columns = [
    TableColumn("Action", minimum: 11, priority: 10),
    TableColumn("Name", minimum: 10, ideal: 20, weight: 1, priority: 6),
    TableColumn("E-mail", minimum: 14, ideal: 26, weight: 1, priority: 8),
    TableColumn("Status", minimum: 12, priority: 4),
    TableColumn("Old and new values", minimum: 16, ideal: 30, weight: 3, priority: 7),
  ]

  static func cells(_ row: PlanRowSummary, _ world: World) -> [Run] {
    let glyphs = world.capabilities.glyphs
    let plan = row.row
    let isLoss = plan.action == .unsubscribe || plan.action == .archive
    // The status has a column of its own.
    let changes = Wording.changes(plan.changes.filter { $0.name != "status" }, glyphs)
    let what = ([changes].filter { !$0.isEmpty } + plan.remarks).joined(separator: "; ")
    return [
      Run(plan.action.rawValue, isLoss ? .danger : plan.action == .create ? .success : .text),
      Run(row.name), Run(plan.email), Run(plan.status?.rawValue ?? "", .dim),
      Run(what),
    ]
  }

  static func reader(_ row: PlanRowSummary, _ world: World) -> Reader {
    let plan = row.row
    var lines: [[Run]] = [
      [Run("Action  ", .label), Run(plan.action.rawValue)],
      [Run("E-mail  ", .label), Run(plan.email)],
      [Run("Status  ", .label), Run(plan.status?.rawValue ?? "left as it is")], [],
    ]
    lines += plan.changes.map { [Run(Wording.change($0, world.capabilities.glyphs))] }
    lines += plan.remarks.map { [Run($0, .warning)] }
    return Reader(title: row.name, lines: lines)
  }
}
