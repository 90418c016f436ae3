// People whose case waits, as a part of Review: those Mailchimp refused, and those it asked to confirm.
// They are found by the search language, so that pane 2 finds the same.

import Basics
import Domain
import Screen

struct ReviewPeople: Sendable, Equatable {
  enum Kind: String, Sendable, CaseIterable {
    case refused, unconfirmed

    var search: String {
      switch self {
      case .refused: "state:\(PersonState.refused.rawValue)"
      case .unconfirmed: "reason:\(WaitingReason.unconfirmed.rawValue)"
      }
    }

    var sentence: String {
      switch self {
      case .refused: "refused: correct them, and they are sent again"
      case .unconfirmed: "asked by Mailchimp to confirm, and have not yet"
      }
    }

    func count(_ overview: Overview?) -> Int {
      switch self {
      case .refused: overview?.people[.refused] ?? 0
      case .unconfirmed: overview?.unconfirmed ?? 0
      }
    }
  }

  var found = SubjectFeed<Kind, PersonRow>()

  mutating func show(
    _ kind: Kind?, height: Int, isShown: Bool, _ book: inout TicketBook
  ) -> [Effect] {
    found.show(kind, height: height, isShown: isShown, &book) { .people(search: $0.search, $1) }
  }

  // MARK: The picture

  private static let columns = [
    TableColumn("Name", minimum: 12, ideal: 22, weight: 1, priority: 10),
    TableColumn("E-mail", minimum: 16, ideal: 28, weight: 1, priority: 9),
    TableColumn("Reason", minimum: 12, ideal: 28, weight: 1, priority: 8),
    TableColumn("Changed", minimum: 11, priority: 5),
  ]

  private static func cells(_ row: PersonRow, _ world: World) -> [Run] {
    [
      Run(row.name), Run(row.email), Run(row.fullReason, Wording.role(row.state)),
      Run(Wording.clock(row.changedAt, in: world), .dim),
    ]
  }

  func draw(
    on canvas: inout Canvas, _ frame: Rect, focused: Bool, _ world: World, _ split: Split
  ) {
    found.rows.draw(
      Self.columns, title: found.subject == .refused ? "Refused" : "Unconfirmed", in: frame,
      on: &canvas,
      height: split.detailHeight(world), focused: focused, empty: ["Nobody any more."]
    ) { Self.cells($0, world) }
  }
}
