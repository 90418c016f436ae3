// The dead letters of one cause, as a part of Review: each with whom it is about, to be sent again or
// discarded one by one or all at once.

import Basics
import Domain
import Screen

struct ReviewLetters: Sendable, Equatable {
  var rows = Feed<DeadLetterRow>()
  private(set) var group: DeadLetterGroup?
  private var isFresh = false

  /// At most so many are shown; deciding those brings the next.
  static let most = 500

  mutating func expire() { isFresh = false }

  mutating func show(
    _ group: DeadLetterGroup?, height: Int, isShown: Bool, _ book: inout TicketBook
  ) -> [Effect] {
    if group?.code != self.group?.code {
      rows.clear()
      isFresh = false
    }
    self.group = group
    guard let group, isShown, !isFresh else { return [] }
    isFresh = true
    return rows.refresh(height: height, &book) { _ in .letters(group.code) }
  }

  /// What sends them again: the selected one of the detail, or all.
  static func revive(_ group: DeadLetterGroup, one: DeadLetterRow?) -> [Effect] {
    if let one {
      return [
        .request(.reviveMessage(one.id)),
        .notice(Notice(.info, "The dead letter about \(one.subject) is sent again.")),
      ]
    }
    let count = Wording.count(group.count, "dead letter is", "dead letters are")
    return [.reviveLetters(cause: group.code), .notice(Notice(.info, "\(count) sent again."))]
  }

  static func discard(_ group: DeadLetterGroup, one: DeadLetterRow?) -> Dialog {
    let count = one == nil ? group.count : 1
    let discarded = Wording.count(count, "dead letter is", "dead letters are")
    let orders: [Effect] =
      one.map { [.request(.discardMessage($0.id))] } ?? [.discardLetters(cause: group.code)]
    return Dialog(
      title: "Discard \(Wording.count(count, "dead letter", "dead letters"))",
      lines: [
        one.map { "About \($0.subject): what it would have sent is not sent." }
          ?? "What they would have sent is not sent: \(group.cause)",
        "This cannot be undone.",
      ], verb: "Discard", word: count > 1 ? "\(count)" : nil,
      orders: orders + [.notice(Notice(.info, "\(discarded) discarded."))])
  }

  // MARK: The picture

  static let headHeight = 2

  private static let columns = [
    TableColumn("About", minimum: 16, ideal: 30, weight: 1, priority: 10),
    TableColumn("What", minimum: 12, ideal: 18, priority: 7),
    TableColumn("Tries", minimum: 5, priority: 6, align: .right),
    TableColumn("Given up", minimum: 11, priority: 9),
    TableColumn("Cause", minimum: 12, ideal: 30, weight: 2, priority: 4),
  ]

  private static func cells(_ row: DeadLetterRow, _ world: World) -> [Run] {
    [
      Run(row.subject), Run(row.kind, .label), Run(Wording.number(row.attempts)),
      Run(Wording.clock(row.diedAt, in: world), .dim), Run(row.cause, .dim),
    ]
  }

  func draw(
    _ group: DeadLetterGroup, on canvas: inout Canvas, _ frame: Rect, focused: Bool, _ world: World,
    _ split: Split
  ) {
    let height = max(1, split.detailHeight(world) - Self.headHeight)
    var room = canvas.box(
      frame, title: "Dead letters", note: rows.note(height: height), focused: focused)
    let head = room.cutTop(Self.headHeight)
    canvas.inside(head.inset(1, 0)) { canvas in
      canvas.text(group.cause, 0, 0, .danger, width: canvas.width)
      let times =
        "\(group.code), first \(Wording.short(group.firstAt, in: world)),"
        + " last \(Wording.short(group.lastAt, in: world))"
      canvas.text(times, 0, 1, .dim, width: canvas.width)
    }
    canvas.inside(room) { canvas in
      rows.draw(Self.columns, on: &canvas, focused: focused, empty: ["None any more."]) {
        Self.cells($0, world)
      }
    }
  }
}
