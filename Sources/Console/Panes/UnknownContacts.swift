// Contacts of the audience nobody here stands behind, a view of the Audience pane. What must stay
// true: nothing is done about a contact without asking, and who it is is said before.

import Basics
import Domain
import Screen

struct UnknownContacts: Sendable, Equatable {
  private var list = Feed<UnknownContact>()
  /// The order that reads one address, while it is out.
  private var looking: Ticket?

  // MARK: Events

  /// Nil for what concerns the audiences all the same.
  mutating func update(
    _ event: PaneEvent, _ split: inout Split, in world: World, _ book: inout TicketBook
  ) -> [Effect]? {
    let height = split.listHeight(world)
    switch event {
    case .appeared:
      return list.restart(at: .at(0), height: height, &book) { .strangers($0) }
    case .dataChanged: return list.refresh(height: height, &book) { .strangers($0) }
    case .moved(let motion): list.move(motion, height: height)
    case .wheeled(_, let rows): list.scroll(rows, height: height)
    case .clicked(let point, let isDouble):
      guard let frame = split.frames(world).list, frame.contains(point) else { return [] }
      split.focus = .list
      let isRow = list.select(line: point.y - frame.y - 2, height: height)
      if isRow && isDouble { return lookUp(&book) }
    case .answered(let ticket, .strangers(let window)):
      _ = list.accept(window, ticket, height: height)
    case .answered(let ticket, .sideBySide(let both)):
      guard ticket == looking else { return nil }
      looking = nil
      return [.open(.reader(SideBySideText.reader(both, world)))]
    case .answered(let ticket, .refused(let problem)):
      if ticket == looking {
        looking = nil
        return [.notice(Notice(problem))]
      }
      return list.accept(problem, ticket) ? [] : nil
    case .acted(UnknownAction.lookUp): return lookUp(&book)
    case .acted(UnknownAction.add):
      return list.selected.map { [.open(.dialog(Self.ask($0)))] } ?? []
    default: return nil
    }
    return list.refill(height: height, &book) { .strangers($0) }
  }

  private mutating func lookUp(_ book: inout TicketBook) -> [Effect] {
    guard let contact = list.selected else { return [] }
    let ticket = book.next()
    looking = ticket
    return [.lookUp(contact.key, ticket)]
  }

  private static func ask(_ contact: UnknownContact) -> Dialog {
    let name = contact.name.isEmpty ? "" : "\(contact.name) "
    return Dialog(
      title: "Add as a person",
      lines: [
        "\(name)<\(contact.email)> becomes a person of the default account, with what Mailchimp"
          + " holds of them, opted in.",
        "Nothing is sent but what the rules say of any person.",
      ], verb: "Add", orders: [.request(.addContact(contact.key))])
  }

  // MARK: Keys

  func bindings(in world: World) -> [KeyBinding] {
    let none = list.selected == nil ? "No contact is selected." : nil
    let status = list.selected?.status
    let notAdded =
      status == .subscribed
      ? nil : "Only subscribers are added; this one is \(status?.rawValue ?? "")."
    return [
      KeyBinding(
        ["Enter"], "Look up", UnknownAction.lookUp, priority: 50, whyNot: none,
        help: "Of unknown contacts: read the selected one from Mailchimp and show it."),
      KeyBinding(
        ["a"], "Add as a person", UnknownAction.add, priority: 45, whyNot: none ?? notAdded,
        help: "Of unknown contacts: make the selected one a person here; asks first."),
    ]
  }

  // MARK: The picture

  private static let columns = [
    TableColumn("E-mail", minimum: 16, ideal: 32, weight: 1, priority: 10),
    TableColumn("Name", minimum: 10, ideal: 22, weight: 1, priority: 6),
    TableColumn("Status", minimum: 13, priority: 9),
    TableColumn("Known since", minimum: 11, ideal: 14, priority: 8),
  ]

  private func cells(_ contact: UnknownContact, _ world: World) -> [Run] {
    [
      Run(contact.email), Run(contact.name),
      Run(contact.status.rawValue, contact.status == .subscribed ? .text : .dim),
      Run(contact.since.map { Wording.date($0, world.zone) } ?? "", .dim),
    ]
  }

  private static let empty = [
    "Somebody here stands behind every contact.", "Who signs up elsewhere is listed here.",
  ]

  func draw(on canvas: inout Canvas, _ split: Split, in world: World) {
    let frames = split.frames(world)
    if let frame = frames.list {
      list.draw(
        Self.columns, title: "Unknown contacts", in: frame, on: &canvas,
        height: split.listHeight(world),
        focused: split.focus == .list, empty: Self.empty
      ) { cells($0, world) }
    }
    if let frame = frames.detail {
      canvas.box(frame, title: list.selected?.email ?? "Contact", focused: split.focus == .detail)
      canvas.inside(frame.insideFrame.inset(1, 0)) { canvas in
        TextView.draw(lines(world, width: canvas.width - 1), on: &canvas)
      }
    }
  }

  private func lines(_ world: World, width: Int) -> [[Run]] {
    guard let contact = list.selected else { return [] }
    func at(_ instant: Instant?) -> [Run] {
      [Run(instant.map { Wording.time($0, world.zone) } ?? "not known", .dim)]
    }
    return TextView.pairs(
      [
        ("Name", [Run(contact.name.isEmpty ? "not told" : contact.name)]),
        ("Status", [Run(contact.status.rawValue)]), ("Known since", at(contact.since)),
        ("Changed there", at(contact.changedAt)),
        ("Here", [Run("nobody stands behind it; it is left alone")]),
      ], width: width)
  }

  func plainLines(in world: World) -> [String] {
    list.plain(Self.columns, empty: Self.empty[0]) { cells($0, world) }
  }
}

enum UnknownAction {
  static let show: ActionID = "audience.unknown"
  static let lookUp: ActionID = "unknown.look-up"
  static let add: ActionID = "unknown.add-person"
}
