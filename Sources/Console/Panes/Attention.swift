// What wants somebody's attention, most urgent first, each with where it is seen to. The
// overview lists it; what must stay true: whatever Review counts is here, and so is whatever keeps
// the queue waiting.

import Basics
import Domain
import Screen

struct Attention: Sendable, Equatable {
  enum Weight: Sendable, Equatable { case danger, warning, decision, note }

  var weight: Weight
  var sentence: String
  /// What is to be done about it, where the sentence does not say it.
  var remedy = ""
  /// Where it is seen to.
  var pane: PaneID
  var way: Effect

  private init(
    _ weight: Weight, _ sentence: String, remedy: String = "", in pane: PaneID, way: Effect? = nil
  ) {
    self.weight = weight
    self.sentence = sentence
    self.remedy = remedy
    self.pane = pane
    self.way = way ?? .switchPane(pane, row: nil)
  }

  func sign(_ glyphs: Glyphs) -> Run {
    switch weight {
    case .danger: Run(glyphs.failure, .danger)
    case .warning: Run(glyphs.warning, .warning)
    case .decision: Run(glyphs.paused, .warning)
    case .note: Run(glyphs.bullet, .info)
    }
  }

  static func items(_ world: World) -> [Attention] {
    guard let overview = world.overview else { return [] }
    return standing(overview) + decisions(overview) + notes(overview)
  }

  /// What keeps things from going on.
  private static func standing(_ overview: Overview) -> [Attention] {
    var items: [Attention] = []
    if let problem = overview.problem {
      items.append(
        Attention(.danger, problem.sentence, remedy: problem.remedy, in: pane(of: problem)))
    }
    if let problem = overview.webhookProblem {
      items.append(
        Attention(
          .warning, problem.sentence, remedy: problem.remedy, in: .audience, way: .jump(.webhook)))
    }
    return items
  }

  /// Where a standing error is put right.
  private static func pane(of problem: Problem) -> PaneID {
    switch problem.code {
    case "mailchimp.audience-vanished", "configuration.no-audience": .audience
    case _ where problem.code.hasPrefix("mapping."), "mailchimp.field-required": .mapping
    default: .settings
    }
  }

  private static func decisions(_ overview: Overview) -> [Attention] {
    let differences = overview.verification?.open ?? 0
    let all: [(count: Int, weight: Weight, one: String, many: String)] = [
      (
        overview.heldPlans, .decision, "plan waits for your decision",
        "plans wait for your decision"
      ),
      (
        overview.deadLetters, .warning,
        "dead letter could not be sent: send it again or discard it",
        "dead letters could not be sent: send them again or discard them"
      ),
      (
        overview.conflicts, .warning, "field changed on both sides: say which value counts",
        "fields changed on both sides: say which value counts"
      ),
      (
        overview.tagQuestions, .warning,
        "tag has a name in question: adopt it or call ours otherwise",
        "tags have a name in question: adopt it or call ours otherwise"
      ),
      (
        differences, .warning, "difference was found at Mailchimp: repair or dismiss it",
        "differences were found at Mailchimp: repair or dismiss them"
      ),
    ]
    return all.filter { $0.count > 0 }.map {
      Attention($0.weight, Wording.count($0.count, $0.one, $0.many), in: .review)
    }
  }

  /// What waits for others, or can be helped one by one.
  private static func notes(_ overview: Overview) -> [Attention] {
    let refused = overview.people[.refused] ?? 0
    let all: [(count: Int, one: String, many: String, search: String)] = [
      (refused, "person is refused: see why", "people are refused: see why", "state:refused"),
      (
        overview.unconfirmed, "person was asked to confirm and has not yet",
        "people were asked to confirm and have not yet",
        "reason:\(WaitingReason.unconfirmed.rawValue)"
      ),
    ]
    return all.filter { $0.count > 0 }.map {
      Attention(
        .note, Wording.count($0.count, $0.one, $0.many), in: .people,
        way: .jump(.people(search: $0.search)))
    }
  }
}
