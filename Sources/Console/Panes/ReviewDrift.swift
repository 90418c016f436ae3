// What a verification found, as a part of Review: groups in the list, rows in the detail, both
// records of an address in a page of their own.

import Basics
import Domain
import Screen

struct ReviewDrift: Sendable, Equatable {
  var groups = Loaded<[DriftGroup]>()
  var found = SubjectFeed<DriftClass, DriftRow>()
  /// The order that reads one address, while it is out.
  var looking: Ticket?

  mutating func show(
    _ kind: DriftClass?, height: Int, isShown: Bool, _ book: inout TicketBook
  ) -> [Effect] {
    found.show(kind, height: height, isShown: isShown, &book) { .drifts($0, $1) }
  }

  mutating func lookUp(_ key: AddressKey?, _ book: inout TicketBook) -> [Effect] {
    guard let key else { return [] }
    let ticket = book.next()
    looking = ticket
    return [.lookUp(key, ticket)]
  }

  static func dialog(
    _ group: DriftGroup, one: DriftRow?, repairs: Bool
  ) -> Dialog {
    let selection = one.map { DriftSelection.rows([$0.id]) } ?? .all(group.kind)
    let count = one == nil ? group.count : 1
    let what = Wording.count(count, "difference", "differences")
    let who = one.map { ["\($0.drift.key): \($0.drift.sentence)"] } ?? []
    guard repairs else {
      return Dialog(
        title: "Dismiss \(what)",
        lines: who + ["Nothing is written. It is shown again when it has changed."],
        verb: "Dismiss", orders: [.dismissDrift(selection)])
    }
    // Of one class, and so one execution: tags are told by one of their own.
    let how =
      switch group.kind {
      case .missingHere: "Nobody here stands behind it: it is read again and otherwise left alone."
      case .tag: "A tag of ours that is gone is given again, one too much taken off; others' stay."
      case .missingThere, .status, .field:
        "The addresses are read again and sent by the rules: nobody who opted out is subscribed."
      }
    return Dialog(
      title: "Repair \(what)", lines: who + [how], verb: "Repair",
      orders: [.request(.repairDrift(selection))])
  }

  static func sentence(_ kind: DriftClass) -> String {
    switch kind {
    case .missingThere: "missing there: to be on the list, and Mailchimp has nobody"
    case .missingHere: "missing here: contacts nobody stands behind"
    case .status: "status: on the list on one side only"
    case .field: "field: values that are not the same"
    case .tag: "tag: ours that is gone, or too much"
    }
  }

  // MARK: The picture

  private static let columns = [
    TableColumn("E-mail", minimum: 16, ideal: 28, weight: 1, priority: 9),
    TableColumn("Name", minimum: 8, ideal: 18, weight: 1, priority: 4),
    TableColumn("What", minimum: 6, ideal: 8, priority: 7),
    TableColumn("Here", minimum: 8, ideal: 16, weight: 1, priority: 8),
    TableColumn("At Mailchimp", minimum: 12, ideal: 16, weight: 1, priority: 10),
  ]

  private static func cells(_ row: DriftRow) -> [Run] {
    let drift = row.drift
    func said(_ value: MergeValue) -> Run {
      value.isEmpty ? Run("nothing", .dim) : Run(Wording.value(value))
    }
    return [
      Run(drift.key.description), Run(row.name), Run(drift.name, .label), said(drift.ours),
      said(drift.theirs),
    ]
  }

  func draw(
    _ group: DriftGroup, on canvas: inout Canvas, _ frame: Rect, focused: Bool, _ world: World,
    _ split: Split
  ) {
    found.rows.draw(
      Self.columns, title: Wording.capitalised(group.kind.rawValue), in: frame, on: &canvas,
      height: split.detailHeight(world), focused: focused, empty: ["Nothing differs any more."]
    ) { Self.cells($0) }
  }
}

/// Both records of one address as a page.
enum SideBySideText {
  static func reader(_ both: SideBySide, _ world: World) -> Reader {
    Reader(title: both.key.description, lines: lines(both, world))
  }

  /// Both columns share what `width` leaves beside the labels, where one is given.
  static func lines(_ both: SideBySide, _ world: World, width: Int = 100) -> [[Run]] {
    let glyphs = world.capabilities.glyphs
    let labels = both.lines.map { CharacterWidth.of($0.label) }.max() ?? 0
    let here = both.lines.map { CharacterWidth.of(text($0.here, world)) }.max() ?? 0
    let left = min(max(here, 4), 28, max(8, (width - labels - 6) / 2))
    func line(_ sign: Run, _ label: String, _ ours: String, _ theirs: String) -> [Run] {
      [
        sign, Run(CharacterWidth.fit(label, to: labels) + "  ", .label),
        Run(CharacterWidth.fit(ours, to: left) + "  "), Run(theirs),
      ]
    }
    var lines: [[Run]] = [
      [
        Run("  " + String(repeating: " ", count: labels) + "  "),
        Run(CharacterWidth.fit("Here", to: left) + "  ", .heading), Run("At Mailchimp", .heading),
      ]
    ]
    lines += both.lines.map { row in
      let sign = row.differs ? Run("\(glyphs.warning) ", .warning) : Run("  ")
      return line(sign, row.label, text(row.here, world), text(row.there, world))
    }
    if !both.notes.isEmpty { lines.append([]) }
    return lines + Fold.text(both.notes, to: width)
  }

  private static func text(_ cell: SideBySide.Cell, _ world: World) -> String {
    switch cell {
    case .none: ""
    case .text(let text): text.isEmpty ? "(empty)" : text
    case .time(let at): Wording.short(at, in: world)
    }
  }
}
