// The webhook of the audience and its deliveries, a view of the Audience pane. What must stay true:
// the secret path is never drawn.

import Basics
import Domain
import Screen

struct WebhookInbox: Sendable, Equatable {
  private var list = Feed<WebhookDelivery>()
  private var health = Loaded<WebhookHealth>()
  private var scroll = ScrollState()

  // MARK: Events

  /// Asks for what is shown, as of now.
  mutating func show(_ split: Split, in world: World, _ book: inout TicketBook) -> [Effect] {
    list.restart(at: .at(0), height: split.listHeight(world), &book) { .deliveries($0) }
      + health.ask(.webhook, &book)
  }

  mutating func refresh(_ split: Split, in world: World, _ book: inout TicketBook) -> [Effect] {
    list.refresh(height: split.listHeight(world), &book) { .deliveries($0) }
      + health.refresh(.webhook, &book)
  }

  mutating func move(
    _ motion: Motion, _ split: Split, in world: World, _ book: inout TicketBook
  ) -> [Effect] {
    if split.focus == .list {
      list.move(motion, height: split.listHeight(world))
      scroll = ScrollState()
      return refill(split, in: world, &book)
    }
    scroll.move(motion, total: total(split, world), height: split.detailHeight(world) + 1)
    return []
  }

  mutating func wheel(
    _ rows: Int, overList: Bool, _ split: Split, in world: World, _ book: inout TicketBook
  ) -> [Effect] {
    if overList {
      list.scroll(rows, height: split.listHeight(world))
      return refill(split, in: world, &book)
    }
    scroll.scroll(by: rows, total: total(split, world), height: split.detailHeight(world) + 1)
    return []
  }

  mutating func select(line: Int, _ split: Split, in world: World) {
    _ = list.select(line: line, height: split.listHeight(world))
    scroll = ScrollState()
  }

  /// True when the answer was one of ours.
  mutating func take(
    _ answer: Answer, _ ticket: Ticket, _ split: Split, in world: World, _ book: inout TicketBook
  ) -> [Effect] {
    switch answer {
    case .deliveries(let window):
      _ = list.accept(window, ticket, height: split.listHeight(world))
      return refill(split, in: world, &book)
    case .webhook(let found):
      _ = health.accept(found, ticket)
      return health.refill(.webhook, &book)
    case .refused(let problem):
      if !list.accept(problem, ticket) { _ = health.accept(problem, ticket) }
      return []
    default: return []
    }
  }

  private mutating func refill(
    _ split: Split, in world: World, _ book: inout TicketBook
  ) -> [Effect] {
    list.refill(height: split.listHeight(world), &book) { .deliveries($0) }
  }

  // MARK: Keys

  func bindings(in world: World) -> [KeyBinding] {
    let noAudience =
      world.overview?.audienceID.isEmpty ?? true ? "No audience is chosen yet." : nil
    return [
      KeyBinding(
        ["Enter"], "Execution", WebhookAction.open, priority: 50,
        whyNot: list.selected?.execution == nil
          ? "The selected delivery led to no execution yet." : nil,
        help: "In the webhook's inbox: the execution that looked at whom it names."),
      KeyBinding(
        ["c"], "Check now", WebhookAction.check, priority: 40, whyNot: noAudience,
        help: "In the webhook's inbox: make, check and repair the webhook now."),
    ]
  }

  func act(_ action: ActionID) -> [Effect] {
    switch action {
    case WebhookAction.open:
      guard let execution = list.selected?.execution else { return [] }
      return [.switchPane(.executions, row: execution.rawValue)]
    case WebhookAction.check: return [.request(.checkWebhook)]
    default: return []
    }
  }

  // MARK: The picture

  private static let columns = [
    TableColumn("Received", minimum: 8, ideal: 14, priority: 9),
    TableColumn("Event", minimum: 11, ideal: 22, priority: 10),
    TableColumn("About", minimum: 16, ideal: 30, weight: 1, priority: 8),
    TableColumn("Signature", minimum: 9, priority: 6),
    TableColumn("Fate", minimum: 9, priority: 10),
  ]

  private func cells(_ delivery: WebhookDelivery, _ world: World) -> [Run] {
    [
      Run(Wording.clock(delivery.receivedAt, in: world), .dim), Run(delivery.summary),
      Run(delivery.addresses.map(\.description).joined(separator: ", ")),
      Run(delivery.signature.rawValue, Self.role(delivery.signature)),
      Run(delivery.fate.rawValue, Self.role(delivery.fate)),
    ]
  }

  private static func role(_ signature: SignatureVerdict) -> Role {
    switch signature {
    case .verified: .success
    case .absent, .unchecked: .dim
    case .bad: .danger
    }
  }

  private static func role(_ fate: DeliveryFate) -> Role {
    switch fate {
    case .waiting: .warning
    case .lookedAt: .success
    case .echo, .ignored: .dim
    case .refused: .danger
    }
  }

  private static let empty = ["Nothing was delivered yet."]

  func draw(on canvas: inout Canvas, _ split: Split, in world: World) {
    let frames = split.frames(world)
    if let frame = frames.list {
      list.draw(
        Self.columns, title: "Webhook, deliveries", in: frame, on: &canvas,
        height: split.listHeight(world),
        focused: split.focus == .list, empty: Self.empty
      ) { cells($0, world) }
    }
    if let frame = frames.detail {
      canvas.box(frame, title: "Webhook", focused: split.focus == .detail)
      canvas.inside(frame.insideFrame.inset(1, 0)) { canvas in
        TextView.draw(lines(world, width: canvas.width - 1), on: &canvas, scroll)
      }
    }
  }

  private func total(_ split: Split, _ world: World) -> Int {
    lines(world, width: max(1, (split.frames(world).detail?.width ?? 1) - 5)).count
  }

  /// How the webhook stands, then the selected delivery.
  private func lines(_ world: World, width: Int) -> [[Run]] {
    guard let health = health.value else { return [[Run("Reading…", .dim)]] }
    var pairs: [(label: String, value: [Run])] = [
      ("State", [Run(health.state.rawValue, Self.role(health.state)), Run("  \(health.sentence)")])
    ]
    if let problem = health.problem, !problem.remedy.isEmpty {
      pairs.append(("Remedy", [Run(problem.remedy)]))
    }
    if health.state == .off {
      pairs.append(("To have one", [Run("Set the public address in Settings, Webhook.")]))
    }
    pairs.append(("Listens", [Run(health.listensAt ?? "no engine listens now")]))
    if let record = health.record {
      let checked = record.checkedAt.map { Wording.time($0, world.zone) } ?? "never"
      pairs.append(("Checked", [Run(checked)]))
    }
    pairs.append(
      (
        "By hand", [Run("listkeeper webhook status --reveal prints address, events and sources")]
      ))
    guard let delivery = list.selected else { return TextView.pairs(pairs, width: width) }
    pairs.append(("", []))
    pairs.append(("Delivery", [Run("\(delivery.id)  \(delivery.summary)", .strong)]))
    pairs.append(("Received", [Run(Wording.time(delivery.receivedAt, world.zone))]))
    if let fired = delivery.firedAt {
      pairs.append(("Fired", [Run(Wording.time(fired, world.zone))]))
    }
    pairs.append(("About", [Run(delivery.addresses.map(\.description).joined(separator: ", "))]))
    pairs.append(
      ("Signature", [Run(delivery.signature.rawValue, Self.role(delivery.signature))]))
    var fate = [Run(delivery.fate.rawValue, Self.role(delivery.fate))]
    if !delivery.sentence.isEmpty { fate.append(Run("  \(delivery.sentence)")) }
    if let execution = delivery.execution { fate.append(Run("  execution \(execution)", .dim)) }
    pairs.append(("Fate", fate))
    return TextView.pairs(pairs, width: width)
  }

  static func role(_ state: WebhookHealth.State) -> Role {
    switch state {
    case .off: .dim
    case .waiting: .warning
    case .working: .success
    case .trouble: .danger
    }
  }
}

enum WebhookAction {
  static let show: ActionID = "audience.webhook"
  static let open: ActionID = "webhook.open"
  static let check: ActionID = "webhook.check"
}
