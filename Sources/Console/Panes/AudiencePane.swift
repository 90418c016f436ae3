// The audiences of the account, and which of them this workspace keeps in step. What must stay
// true: whatever reaches Mailchimp from here asks first, and one order is under way at a time.

import Basics
import Domain
import Screen

struct AudiencePane: Pane {
  private var split = Split()
  var divided: Split? { split }
  private var book = TicketBook(.audience)
  private var list = Feed<Audience>()
  private var detail = AudienceDetail()
  private var order: AudienceOrder?
  /// The id that waits for a yes.
  private var wanted = ""
  private var isFormOpen = false
  /// The audience that was made just now, to be selected when it is in the list.
  private var made: String?
  private var isReading = false
  private var inbox = WebhookInbox()
  private var unknown = UnknownContacts()
  private var view = View.audiences

  private enum View: Sendable, Equatable { case audiences, inbox, unknown }

  // MARK: Events

  mutating func update(_ event: PaneEvent, in world: World) -> [Effect] {
    let effects = take(event, in: world)
    guard view == .audiences else { return effects }
    return effects
      + detail.show(list.selected, isShown: split.isDetailShown(world), in: world, &book)
  }

  private mutating func take(_ event: PaneEvent, in world: World) -> [Effect] {
    if case .answered(let ticket, let answer) = event {
      if let order, order.ticket == ticket {
        self.order = nil
        return finish(order.kind, answer, in: world)
      }
      if let effects = detail.take(answer, ticket, &book) { return effects }
    }
    switch event {
    case .arrived(.webhook): return show(.inbox, in: world)
    case .acted(WebhookAction.show): return show(view == .inbox ? .audiences : .inbox, in: world)
    case .acted(UnknownAction.show):
      return show(view == .unknown ? .audiences : .unknown, in: world)
    case .acted(GlobalKeys.back) where view != .audiences && !split.canGoBack:
      return show(.audiences, in: world)
    default: break
    }
    if view == .inbox, let effects = updateInbox(event, in: world) { return effects }
    if view == .unknown, let effects = unknown.update(event, &split, in: world, &book) {
      return effects
    }
    switch event {
    case .appeared:
      guard world.hasKey else { return [] }
      return list.restart(height: split.listHeight(world), &book) { _ in .audiences }
        + detail.refresh(&book)
    case .dataChanged:
      guard world.hasKey else { return [] }
      return list.refresh(height: split.listHeight(world), &book) { _ in .audiences }
        + detail.refresh(&book)
    case .moved(let motion):
      if split.focus == .list {
        list.move(motion, height: split.listHeight(world))
      } else {
        detail.move(motion, split, in: world)
      }
    case .wheeled(let point, let rows):
      if split.frames(world).list?.contains(point) ?? false {
        list.scroll(rows, height: split.listHeight(world))
      } else {
        detail.scroll(by: rows, split, in: world)
      }
    case .clicked(let point, let isDouble):
      if let frame = split.frames(world).list, frame.contains(point) {
        split.focus = .list
        let isRow = list.select(line: point.y - frame.y - 2, height: split.listHeight(world))
        if isRow && isDouble { return confirm(list.selected?.id ?? "", in: world) }
      } else if let frame = split.frames(world).detail, frame.contains(point) {
        split.focus = .detail
        if point.y == frame.y + 1 {
          detail.turn(at: point.x - frame.x - 1, width: frame.width - 2)
        }
      }
    case .acted(let action): return act(action, in: world)
    case .submitted(AudienceAction.paste, let values):
      let id = Text.oneLine(values["text"] ?? "")
      return id.isEmpty ? [] : confirm(id, in: world)
    case .submitted(AudienceAction.create, let values):
      return orders(.create) { .createAudience(AudienceDraft(named: values), $0) }
    case .cancelled(AudienceAction.create): isFormOpen = false
    case .cancelled(AudienceAction.use), .cancelled(AudienceAction.doubleOptIn),
      .cancelled(AudienceAction.disconnect):
      order = nil
    case .answered(let ticket, let answer): return take(answer, ticket, in: world)
    default: break
    }
    return []
  }

  /// Nil for what concerns the audiences all the same.
  private mutating func updateInbox(_ event: PaneEvent, in world: World) -> [Effect]? {
    switch event {
    case .appeared: return inbox.show(split, in: world, &book)
    case .dataChanged: return inbox.refresh(split, in: world, &book)
    case .moved(let motion): return inbox.move(motion, split, in: world, &book)
    case .wheeled(let point, let rows):
      let isOverList = split.frames(world).list?.contains(point) ?? false
      return inbox.wheel(rows, overList: isOverList, split, in: world, &book)
    case .clicked(let point, _):
      if let frame = split.frames(world).list, frame.contains(point) {
        split.focus = .list
        inbox.select(line: point.y - frame.y - 2, split, in: world)
      } else if split.frames(world).detail?.contains(point) ?? false {
        split.focus = .detail
      }
      return []
    case .answered(let ticket, let answer):
      switch answer {
      case .deliveries, .webhook, .refused:
        return inbox.take(answer, ticket, split, in: world, &book)
      default: return nil
      }
    case .acted(let action) where [WebhookAction.open, WebhookAction.check].contains(action):
      return inbox.act(action)
    default: return nil
    }
  }

  private mutating func show(_ view: View, in world: World) -> [Effect] {
    self.view = view
    split = Split()
    switch view {
    case .inbox: return inbox.show(split, in: world, &book)
    case .unknown: return unknown.update(.appeared(row: nil), &split, in: world, &book) ?? []
    case .audiences:
      return list.restart(height: split.listHeight(world), &book) { _ in .audiences }
        + detail.refresh(&book)
    }
  }

  private mutating func take(_ answer: Answer, _ ticket: Ticket, in world: World) -> [Effect] {
    switch answer {
    case .audiences(let all):
      let isFirst = list.total == nil
      guard list.accept(all, ticket, height: split.listHeight(world)) else { return [] }
      isReading = false
      let chosen = all.firstIndex { $0.id == world.overview?.audienceID }
      if let row = all.firstIndex(where: { $0.id == made }) {
        made = nil
        list.select(row, height: split.listHeight(world))
      } else if isFirst, let chosen {
        list.select(chosen, height: split.listHeight(world))
      }
    case .refused(let problem):
      let hadRows = list.total != nil
      if list.accept(problem, ticket) {
        isReading = false
        if hadRows { return [.notice(Notice(problem))] }
      }
    default: break
    }
    return []
  }

  private mutating func orders(
    _ kind: AudienceOrder.Kind, _ effect: (Ticket) -> Effect
  ) -> [Effect] {
    let ticket = book.next()
    order = AudienceOrder(ticket: ticket, kind: kind)
    return [effect(ticket)]
  }

  /// What an order came to; a refusal stands on the form where that is still open.
  private mutating func finish(
    _ kind: AudienceOrder.Kind, _ answer: Answer, in world: World
  ) -> [Effect] {
    switch (kind, answer) {
    case (.create, .audience(let audience)):
      isFormOpen = false
      made = audience.id
      let said = "\(audience.name) was made and is used now."
      return [.closeForm(AudienceAction.create), .notice(connected(said, audience, world))]
        + list.refresh(height: split.listHeight(world), &book) { _ in .audiences }
    case (.create, .refused(let problem)) where isFormOpen:
      return [.refuseForm(AudienceAction.create, problem)]
    case (.doubleOptIn, .audience(let audience)):
      let said = "Double opt-in of \(audience.name) is \(audience.doubleOptIn ? "on" : "off")."
      return [.notice(Notice(.success, said))]
        + list.refresh(height: split.listHeight(world), &book) { _ in .audiences }
    case (.disconnect, .disconnected(let sentences)):
      list.clear()
      let lines = sentences.map { [Run($0)] }
      return [.open(.reader(Reader(title: "Disconnected", lines: lines)))]
    case (.choose, .done):
      let audience = list.rows.first { $0.id == wanted } ?? Audience(id: wanted, name: wanted)
      return [.notice(connected("\(audience.name) is used now.", audience, world))]
    case (_, .refused(let problem)): return [.notice(Notice(problem))]
    default: return []
    }
  }

  private func connected(_ said: String, _ audience: Audience, _ world: World) -> Notice {
    Notice(
      .success, "\(said) \(AudienceFacts.reminder(of: audience, hasPage: !world.isPractice))")
  }

  private func name(of id: String) -> String {
    list.rows.first { $0.id == id }?.name ?? id
  }

  // MARK: Keys

  func bindings(in world: World) -> [KeyBinding] {
    let noKey = world.hasKey ? nil : GlobalKeys.noKey(world)
    let none = list.selected == nil ? "No audience is selected." : nil
    let busy = order == nil ? nil : "Mailchimp is still being asked."
    let views = [
      KeyBinding(
        ["w"], view == .inbox ? "Audiences" : "Webhook", WebhookAction.show, priority: 30,
        help: "The webhook and its deliveries, and back to the audiences."),
      KeyBinding(
        ["u"], view == .unknown ? "Audiences" : "Unknown", UnknownAction.show, priority: 29,
        help: "Contacts nobody here stands behind, and back to the audiences."),
    ]
    switch view {
    case .inbox:
      return inbox.bindings(in: world) + views + split.bindings(hasTabs: false, world.keys)
    case .unknown:
      return unknown.bindings(in: world) + views + split.bindings(hasTabs: false, world.keys)
    case .audiences: break
    }
    return [
      KeyBinding(
        ["Enter"], "Use it", AudienceAction.use, priority: 50,
        whyNot: noKey ?? none ?? busy,
        help: "Keep this audience in step from now on; asks first."),
      KeyBinding(
        ["i"], "Paste an id", AudienceAction.paste, priority: 40, whyNot: noKey ?? busy,
        help: "Use an audience by its id, pasted or typed."),
      KeyBinding(
        ["r"], "Read again", AudienceAction.refresh, priority: 35,
        whyNot: noKey ?? (isReading ? "The audiences are being read." : nil),
        help: "Read the audiences from Mailchimp again."),
      KeyBinding(
        ["c"], "Create", AudienceAction.create, priority: 28,
        whyNot: noKey ?? busy ?? detail.whyNotCreate(world.keys),
        help: "Create an audience in the account and use it."),
      KeyBinding(
        ["o"], "Double opt-in", AudienceAction.doubleOptIn, priority: 26,
        whyNot: noKey ?? none ?? busy,
        help: "Switch double opt-in of this audience on or off; asks first."),
      KeyBinding(
        ["D"], "Disconnect", AudienceAction.disconnect, priority: 4, whyNot: noKey ?? busy,
        help: "End the connection to Mailchimp and keep people and consent; asks first."),
    ] + views + split.bindings(hasTabs: true, world.keys)
  }

  var canGoBack: Bool { split.canGoBack || view != .audiences }

  func guidance(in world: World) -> Guidance? { view == .inbox ? .webhook : .audience }

  private mutating func act(_ action: ActionID, in world: World) -> [Effect] {
    switch action {
    case AudienceAction.use: return confirm(list.selected?.id ?? "", in: world)
    case AudienceAction.paste:
      return [
        .open(
          .prompt(
            Prompt(
              action, label: "Audience id",
              help: "In Mailchimp: Audience, Settings, Audience name and defaults")))
      ]
    case AudienceAction.refresh:
      isReading = true
      // Asked as the list's own question, so that its answer replaces the rows.
      return list.restart(height: split.listHeight(world), &book) { _ in .audiences }.map {
        if case .query(_, let ticket) = $0 { .refreshAudiences(ticket) } else { $0 }
      } + detail.readAgain(&book)
    case SplitAction.nextTab: detail.turn(1)
    case SplitAction.previousTab: detail.turn(-1)
    case AudienceAction.create:
      isFormOpen = true
      return [.open(.form(AudienceForms.create()))]
    case AudienceAction.doubleOptIn:
      guard let audience = list.selected else { return [] }
      let orders = orders(.doubleOptIn) {
        .setDoubleOptIn(!audience.doubleOptIn, of: audience.id, $0)
      }
      return [.open(.dialog(AudienceForms.doubleOptIn(audience, orders: orders)))]
    case AudienceAction.disconnect:
      let orders = orders(.disconnect) { .disconnect($0) }
      return [.open(.dialog(AudienceForms.disconnect(orders: orders)))]
    default: _ = split.take(action)
    }
    return []
  }

  private mutating func confirm(_ id: String, in world: World) -> [Effect] {
    guard !id.isEmpty else { return [] }
    if id == world.overview?.audienceID {
      return [.notice(Notice(.info, "\(name(of: id)) is in use already."))]
    }
    wanted = id
    let audience = list.rows.first { $0.id == id }
    let members = audience.map { " with its \(Wording.count($0.members, "member", "members"))" }
    var lines = [
      "\(name(of: id)) (\(id))\(members ?? "") is kept in step from now on.",
      "Its members are read before anything is written, and the first plan waits in Review.",
    ]
    if audience?.doubleOptIn ?? false {
      lines.append("It uses double opt-in: Mailchimp asks new people to confirm by mail.")
    }
    if !(world.overview?.audienceID.isEmpty ?? true) {
      lines.append("The links to the audience used until now are kept.")
    }
    let dialog = Dialog(
      title: "Use this audience", lines: lines, verb: "Use it",
      orders: orders(.choose) { .chooseAudience(id, $0) },
      action: AudienceAction.use)
    return [.open(.dialog(dialog))]
  }

  func copies(in world: World) -> [CopyItem] {
    guard let audience = list.selected else { return [] }
    let text = detail.lines(world, Size(100, 0)).map { $0.map(\.text).joined() }
    let page = world.isPractice ? nil : audience.defaultsPage
    let form = audience.subscribeURL
    return [CopyItem("The id", audience.id)]
      + (page.map { [CopyItem("The page of its reminder", $0)] } ?? [])
      + (form.isEmpty ? [] : [CopyItem("The address of the sign-up form", form)])
      + [CopyItem("The details", text.joined(separator: "\n"))]
  }

  // MARK: The picture

  private static let columns = [
    TableColumn("In use", minimum: 6, priority: 9),
    TableColumn("Name", minimum: 14, ideal: 28, weight: 1, priority: 10),
    TableColumn("Members", minimum: 9, priority: 8, align: .right),
    TableColumn("Unsubscribed", minimum: 12, priority: 6, align: .right),
    TableColumn("Double opt-in", minimum: 13, priority: 5),
    TableColumn("Last campaign", minimum: 13, priority: 4),
    TableColumn("Rating", minimum: 6, priority: 3),
    TableColumn("Id", minimum: 10, ideal: 12, priority: 7),
  ]

  private func cells(_ audience: Audience, _ world: World) -> [Run] {
    let isUsed = audience.id == world.overview?.audienceID
    return [
      Run(isUsed ? "\(world.capabilities.glyphs.success) yes" : "", .success),
      Run(audience.name, isUsed ? .strong : .text), Run(Wording.number(audience.members)),
      Run(Wording.number(audience.unsubscribes), .dim), Run(audience.doubleOptIn ? "yes" : "no"),
      Run(audience.campaignLastSent.map { Wording.date($0, world.zone) } ?? "none", .dim),
      Run("\(audience.rating) of 5", .dim), Run(audience.id, .dim),
    ]
  }

  private static func empty(_ world: World) -> [String] {
    ["The account has no audience.", "Press \(world.keys[AudienceAction.create]) to create one."]
  }

  func draw(on canvas: inout Canvas, in world: World) {
    switch view {
    case .inbox: return inbox.draw(on: &canvas, split, in: world)
    case .unknown: return unknown.draw(on: &canvas, split, in: world)
    case .audiences: break
    }
    let frames = split.frames(world)
    if let frame = frames.list {
      let isFocused = split.focus == .list
      let note = isReading ? "reading…" : list.note(height: split.listHeight(world))
      let room = canvas.box(frame, title: "Audiences", note: note, focused: isFocused)
      canvas.inside(room) { canvas in
        guard world.hasKey else {
          canvas.text(GlobalKeys.noKey(world), 1, 1, width: canvas.width - 2)
          return
        }
        list.draw(Self.columns, on: &canvas, focused: isFocused, empty: Self.empty(world)) {
          cells($0, world)
        }
      }
    }
    if let frame = frames.detail {
      detail.draw(on: &canvas, frame, focused: split.focus == .detail, in: world)
    }
  }

  func plainLines(in world: World) -> [String] {
    if view == .unknown { return unknown.plainLines(in: world) }
    return world.hasKey
      ? list.plain(Self.columns, empty: Self.empty(world).joined(separator: " ")) {
        cells($0, world)
      }
        + detail.plainLines
      : [GlobalKeys.noKey(world)]
  }
}

enum AudienceAction {
  static let use: ActionID = "audience.use"
  static let paste: ActionID = "audience.paste"
  static let refresh: ActionID = "audience.refresh"
  static let create: ActionID = "audience.create"
  static let doubleOptIn: ActionID = "audience.double-opt-in"
  static let disconnect: ActionID = "audience.disconnect"
}
