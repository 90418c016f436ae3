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
  case tags(Int, Instant?)
  case people(ReviewPeople.Kind, Int)

  var id: String {
    switch self {
    case .plan(let plan): "plan \(plan.id)"
    case .letters(let group): "letters \(group.code)"
    case .drift(let group): "drift \(group.id)"
    case .conflicts: "conflicts"
    case .tags: "tags"
    case .people(let kind, _): kind.rawValue
    }
  }

  /// What can be done about it, with the keys that do it.
  func ways(_ keys: UserKeys) -> [(keys: String, what: String)] {
    let all: [(action: ActionID, what: String)] =
      switch self {
      case .plan:
        [
          (ReviewAction.approve, "approves it"), (ReviewAction.discard, "discards it"),
          (ReviewAction.open, "shows its rows"),
        ]
      case .letters:
        [
          (ReviewAction.revive, "sends them again"), (ReviewAction.discard, "discards them"),
          (ReviewAction.open, "one by one"),
        ]
      case .conflicts:
        [
          (ReviewAction.here, "here counts"), (ReviewAction.there, "there counts"),
          (ReviewAction.open, "one by one"),
        ]
      case .tags:
        [
          (ReviewAction.adopt, "adopts"), (ReviewAction.callOtherwise, "calls ours otherwise"),
          (ReviewAction.nameBack, "renames back"),
        ]
      case .drift:
        [
          (ReviewAction.repair, "repairs"), (ReviewAction.discard, "dismisses"),
          (ReviewAction.open, "one by one"), (ReviewAction.lookUp, "looks up"),
        ]
      case .people:
        [
          (ReviewAction.open, "shows them, then one in People"),
          (ReviewAction.lookUp, "looks one up"),
        ]
      }
    return all.map { (keys[$0.action], $0.what) }
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
  static let adopt: ActionID = "review.adopt-tag"
  static let callOtherwise: ActionID = "review.call-tag-otherwise"
  static let nameBack: ActionID = "review.rename-tag-back"
  static let lookUp: ActionID = "review.look-up"
  /// What is decided about a tag.
  static let ofTags = [adopt, callOtherwise, nameBack]

  static func decision(_ action: ActionID) -> ConflictDecision? {
    switch action {
    case here: .directory
    case there: .mailchimp
    case newContact: .newContact
    default: nil
    }
  }
}

/// What waits, as rows.
enum ReviewTable {
  static let columns = [
    TableColumn("What", minimum: 12, priority: 10),
    TableColumn("Since", minimum: 11, priority: 6),
    TableColumn("How many", minimum: 9, priority: 8, align: .right),
    TableColumn("Why, and what it would do", minimum: 20, ideal: 40, weight: 1, priority: 9),
  ]

  static func cells(_ item: ReviewItem, _ world: World) -> [Run] {
    let glyphs = world.capabilities.glyphs
    switch item {
    case .plan(let plan):
      let why = plan.reason.isEmpty ? sentence(plan.counts) : plan.reason
      return [
        Run("\(glyphs.paused) plan \(plan.id)", .warning),
        Run(Wording.clock(plan.createdAt, in: world), .dim),
        Run(Wording.number(plan.counts.rows), .strong), Run(why),
      ]
    case .letters(let group):
      return [
        Run("\(glyphs.failure) letters", .danger),
        Run(Wording.clock(group.firstAt, in: world), .dim),
        Run(Wording.number(group.count), .strong), Run(group.cause),
      ]
    case .drift(let group):
      return [
        Run("\(glyphs.warning) differs", .warning),
        Run(Wording.clock(group.firstAt, in: world), .dim),
        Run(Wording.number(group.count), .strong), Run(ReviewDrift.sentence(group.kind)),
      ]
    case .conflicts(let count, let since):
      return [
        Run("\(glyphs.warning) conflicts", .warning),
        Run(Wording.clock(since, in: world), .dim), Run(Wording.number(count), .strong),
        Run("changed here and at Mailchimp: say which value counts"),
      ]
    case .tags(let count, let since):
      return [
        Run("\(glyphs.warning) tags", .warning),
        Run(since.map { Wording.clock($0, in: world) } ?? "", .dim),
        Run(Wording.number(count), .strong),
        Run("a name is in question: adopt it, or call ours otherwise"),
      ]
    case .people(let kind, let count):
      let isRefused = kind == .refused
      return [
        Run(
          "\(isRefused ? glyphs.failure : glyphs.waiting) \(isRefused ? "refused" : "waiting")",
          isRefused ? .danger : .info),
        Run(""), Run(Wording.number(count), .strong), Run(kind.sentence),
      ]
    }
  }

  /// `This is a plan`
  static func noun(_ item: ReviewItem) -> String {
    switch item {
    case .plan: "This is a plan"
    case .letters: "These are dead letters"
    case .drift: "These are differences"
    case .conflicts: "These are conflicts"
    case .tags: "These are tags"
    case .people(.refused, _): "These people are refused"
    case .people(.unconfirmed, _): "These people have not confirmed"
    }
  }

  /// What is dropped with a plan, and what is not.
  static func discard(_ plan: PlanSummary) -> Dialog {
    var lines = [
      "Its \(Wording.count(plan.counts.rows, "row", "rows")) are not applied; nothing was"
        + " written. The next sync plans anew."
    ]
    var orders: [Effect] = [.request(.discardPlan(plan.id))]
    if let warning = plan.counts.optOutWarning {
      lines += [
        warning,
        "To let them leave, approve. To keep somebody on the list, tick the opt-in in People first.",
      ]
      let sent = Wording.count(plan.counts.optOuts, "opt-out", "opt-outs")
      orders.append(
        .notice(
          Notice(
            .warning,
            "Plan \(plan.id) is discarded, but for \(sent): sent now, or a new plan here.")))
    }
    return Dialog(
      title: "Discard plan \(plan.id)", lines: lines, verb: "Discard", orders: orders)
  }

  /// `3 people are added, 120 changed`
  static func sentence(_ counts: PlanCounts) -> String {
    let parts: [(Int, String)] = [
      (counts.create, "added"), (counts.update, "changed"), (counts.unsubscribe, "unsubscribed"),
      (counts.archive, "archived"), (counts.take, "taken from Mailchimp"),
      (counts.arrival, "arriving from there"), (counts.restore, "put back here"),
      (counts.delete, "marked deleted here"),
    ]
    let said = parts.filter { $0.0 > 0 }.map { "\(Wording.number($0.0)) \($0.1)" }
    return said.isEmpty ? "nobody changes" : said.joined(separator: ", ")
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
    let tags = tags(plan.tags)
    let what = ([changes, tags].filter { !$0.isEmpty } + plan.remarks).joined(separator: "; ")
    return [
      Run(plan.action.rawValue, isLoss ? .danger : plan.action == .create ? .success : .text),
      Run(row.name), Run(plan.email), Run(plan.status?.rawValue ?? "", .dim),
      Run(what),
    ]
  }

  /// `tags +VIP -Choir`
  private static func tags(_ forecast: TagForecast) -> String {
    let names = forecast.gained.map { "+\($0)" } + forecast.lost.map { "-\($0)" }
    return names.isEmpty ? "" : "tags " + names.joined(separator: " ")
  }

  static func reader(_ row: PlanRowSummary, _ world: World) -> Reader {
    let plan = row.row
    var lines: [[Run]] = [
      [Run("Action  ", .label), Run(plan.action.rawValue)],
      [Run("E-mail  ", .label), Run(plan.email)],
      [Run("Status  ", .label), Run(plan.status?.rawValue ?? "left as it is")], [],
    ]
    lines += plan.changes.map { [Run(Wording.change($0, world.capabilities.glyphs))] }
    lines += plan.tags.gained.map { [Run("Gains the tag '\($0)'")] }
    lines += plan.tags.lost.map { [Run("Loses the tag '\($0)'")] }
    lines += plan.remarks.map { [Run($0, .warning)] }
    return Reader(title: row.name, lines: lines)
  }
}
