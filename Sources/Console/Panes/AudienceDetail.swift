// One audience in full, below the list: what it is, how it grew, and where each part is changed.
// What must stay true: nothing is shown of another audience than the one that is named.

import Basics
import Domain
import Screen

struct AudienceDetail: Sendable, Equatable {
  enum Tab: Int, Sendable, CaseIterable {
    case details, growth, ways

    var title: String {
      switch self {
      case .details: "Details"
      case .growth: "Growth"
      case .ways: "Where to change it"
      }
    }
  }

  private var tab = Tab.details
  private var subject: Audience?
  private var growth = Loaded<AudienceGrowth>()
  private var isGrowthFresh = false
  private var health = Loaded<WebhookHealth>()
  private var allowance = Loaded<AudienceAllowance?>()
  private var scroll = ScrollState()

  // MARK: Reading

  /// Asks for what belongs to the account and to the chosen audience.
  mutating func refresh(_ book: inout TicketBook) -> [Effect] {
    health.refresh(.webhook, &book) + allowance.refresh(.allowance, &book)
  }

  /// Shows this one, and asks how it grew where that is not here and can be seen.
  mutating func show(
    _ audience: Audience?, isShown: Bool, in world: World, _ book: inout TicketBook
  ) -> [Effect] {
    if audience?.id != subject?.id {
      growth = Loaded()
      isGrowthFresh = false
      scroll = ScrollState()
    }
    subject = audience
    guard let audience, isShown, world.hasKey, !isGrowthFresh else { return [] }
    isGrowthFresh = true
    return growth.ask(.growth(audience.id), &book)
  }

  /// Reads it from Mailchimp, whatever is kept.
  mutating func readAgain(_ book: inout TicketBook) -> [Effect] {
    guard let subject else { return [] }
    return growth.ask(.growth(subject.id), &book).map {
      if case .query(_, let ticket) = $0 { .readGrowth(subject.id, ticket) } else { $0 }
    }
  }

  /// Nil where it is no answer to this.
  mutating func take(_ answer: Answer, _ ticket: Ticket, _ book: inout TicketBook) -> [Effect]? {
    switch answer {
    case .growth(let found): return growth.accept(found, ticket) ? [] : nil
    case .allowance(let found):
      return allowance.accept(found, ticket) ? allowance.refill(.allowance, &book) : nil
    case .webhook(let found):
      return health.accept(found, ticket) ? health.refill(.webhook, &book) : nil
    case .refused(let problem):
      let isMine =
        growth.accept(problem, ticket) || allowance.accept(problem, ticket)
        || health.accept(problem, ticket)
      return isMine ? [] : nil
    default: return nil
    }
  }

  /// Why no audience can be made, as the plan was told last; nil where nothing speaks against it.
  func whyNotCreate(_ keys: UserKeys) -> String? {
    guard let allowance = allowance.value.flatMap({ $0 }), !allowance.mayCreate else { return nil }
    return
      "\(allowance.sentence) Details say how room is made; \(keys[AudienceAction.refresh]) reads it"
      + " again."
  }

  // MARK: Moving

  mutating func turn(_ step: Int) {
    let count = Tab.allCases.count
    turn(to: Tab(rawValue: (tab.rawValue + step + count) % count) ?? .details)
  }

  mutating func turn(at x: Int, width: Int) {
    if let tab = tabs.tab(at: x, width: width).flatMap(Tab.init) { turn(to: tab) }
  }

  private mutating func turn(to tab: Tab) {
    self.tab = tab
    scroll = ScrollState()
  }

  mutating func move(_ motion: Motion, _ split: Split, in world: World) {
    let size = room(split, world)
    scroll.move(motion, total: lines(world, size).count, height: size.height)
  }

  mutating func scroll(by rows: Int, _ split: Split, in world: World) {
    let size = room(split, world)
    scroll.scroll(by: rows, total: lines(world, size).count, height: size.height)
  }

  private func room(_ split: Split, _ world: World) -> Size {
    let frame = split.frames(world).detail ?? .zero
    return Size(frame.width - 5, frame.height - 3)
  }

  // MARK: The picture

  private var tabs: Tabs { Tabs(Tab.allCases.map(\.title), active: tab.rawValue) }

  func draw(on canvas: inout Canvas, _ frame: Rect, focused: Bool, in world: World) {
    canvas.box(frame, title: subject?.name ?? "Audience", note: "[ ] tab", focused: focused)
    canvas.inside(frame.insideFrame) { tabs.draw(on: &$0) }
    canvas.inside(frame.belowTabs.inset(1, 0)) { canvas in
      let size = Size(canvas.width - 1, canvas.height)
      let lines = lines(world, size)
      guard hasRoomBeside(size) else { return TextView.draw(lines, on: &canvas, scroll) }
      let parts = canvas.bounds.columns([.percent(52), .rest], gap: 2)
      canvas.inside(parts[0]) { TextView.draw(lines, on: &$0, scroll) }
      canvas.inside(parts[1]) { canvas in
        TextView.draw(growthLines(world, canvas.size), on: &canvas)
      }
    }
  }

  /// Where the details leave half of the width, the growth stands beside them; where they leave the
  /// height, below them.
  private func hasRoomBeside(_ size: Size) -> Bool {
    tab == .details && size.width >= 108 && size.height >= 8
  }

  /// What scrolls.
  func lines(_ world: World, _ size: Size) -> [[Run]] {
    guard let subject else { return [[Run("No audience is selected.", .dim)]] }
    switch tab {
    case .details:
      let isBeside = hasRoomBeside(size)
      // Beside the growth, and with a column for the scroll bar.
      let half = (size.width - 1) * 52 / 100 - 1
      let facts = facts(of: subject, world, width: isBeside ? half : size.width)
      let rest = size.height - facts.count - 2
      return isBeside || rest < 12
        ? facts : facts + [[]] + growthLines(world, Size(size.width, min(rest, 18)))
    case .growth: return growthLines(world, size)
    case .ways:
      return world.isPractice
        ? [[Run("A practice audience: there is no page to change it on.", .dim)]]
        : AudienceForms.ways(of: subject, width: size.width)
    }
  }

  private func growthLines(_ world: World, _ size: Size) -> [[Run]] {
    if let problem = growth.problem {
      return Fold.text([problem.description], to: size.width, .danger)
    }
    guard let growth = growth.value else {
      return [[Run(world.hasKey ? "Reading how it grew…" : "", .dim)]]
    }
    guard let last = growth.months.last else {
      return Fold.text(["Mailchimp has told of no month yet."], to: size.width, .dim)
    }
    let since = growth.sentence(Wording.number)
    let head = [
      Run("\(Wording.number(last.subscribed)) in \(last.month)", .strong),
      Run(since.isEmpty ? "" : "  \(since)"),
    ]
    let told = growth.readAt.map { "as of \(Wording.clock($0, in: world)); " } ?? ""
    let rest = Fold.text(
      [
        "\(told)\(Wording.number(last.unsubscribed)) unsubscribed,"
          + " \(Wording.number(last.cleaned)) cleaned, \(Wording.number(last.pending)) unconfirmed"
      ], to: size.width, .dim)
    let height = size.height - 1 - (size.height >= 9 ? rest.count + 1 : 0)
    let chart = GrowthChart(growth, world.capabilities.glyphs)
      .lines(width: size.width, height: height)
    return [head] + (size.height >= 9 ? rest + [[]] : []) + chart
  }

  /// The months as lines, for who cannot see a chart.
  var plainLines: [String] {
    guard let subject, let growth = growth.value, !growth.months.isEmpty else { return [] }
    return ["", "Growth of \(subject.name)"]
      + growth.months.suffix(24).map {
        "\($0.month)  \(Wording.number($0.subscribed)) members,"
          + " \(Wording.number($0.unsubscribed)) unsubscribed, \(Wording.number($0.cleaned)) cleaned"
      }
  }

  private func facts(of audience: Audience, _ world: World, width: Int) -> [[Run]] {
    let reminder = audience.permissionReminder
    var pairs: [(label: String, value: [Run])] = [
      ("Id", [Run(audience.id)]),
      (
        "People",
        [
          Run(Wording.count(audience.members, "member", "members"), .strong),
          Run(
            ", \(Wording.number(audience.unsubscribes)) unsubscribed,"
              + " \(Wording.number(audience.cleaned)) cleaned"),
        ]
      ),
      (
        "Double opt-in",
        [Run(audience.doubleOptIn ? "yes: new people are asked to confirm by mail" : "no")]
      ),
      ("Sign-up form", [Run(audience.subscribeURL, .link)]),
    ]
    if audience.id == world.overview?.audienceID { pairs.append(("Webhook", webhook(world))) }
    pairs += [
      (
        "Reminder",
        [
          reminder.isEmpty
            ? Run("none: say why people get your mail", .warning) : Run(reminder)
        ]
      ),
      ("From", [Run(Self.from(audience))]),
      ("Address", [Run(audience.postalAddress)]),
      (
        "Last campaign",
        [Run(audience.campaignLastSent.map { Wording.time($0, world.zone) } ?? "none yet")]
      ),
      ("Rating", [Run("\(audience.rating) of 5")]),
    ]
    if let created = audience.createdAt {
      pairs.append(("Created", [Run(Wording.date(created, world.zone))]))
    }
    if let allowance = allowance.value.flatMap({ $0 }) {
      let role: Role = allowance.mayCreate ? .text : .warning
      pairs.append(("Audiences", [Run(allowance.sentence, role), Run(Self.way(allowance))]))
    }
    return TextView.pairs(pairs, width: width)
  }

  private static func way(_ allowance: AudienceAllowance) -> String {
    allowance.mayCreate ? "" : " Use one that is there. \(allowance.wayOut)"
  }

  private func webhook(_ world: World) -> [Run] {
    guard let health = health.value else { return [Run("reading…", .dim)] }
    let last = health.lastDeliveryAt.map { "; last delivery \(Wording.clock($0, in: world))" } ?? ""
    return [
      Run("\(health.sentence)\(last)", WebhookInbox.role(health.state)), Run("  w", .key),
      Run(" shows it", .dim),
    ]
  }

  private static func from(_ audience: Audience) -> String {
    audience.fromEmail.isEmpty
      ? audience.fromName : "\(audience.fromName) <\(audience.fromEmail)>"
  }
}
