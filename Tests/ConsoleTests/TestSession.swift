// A session that is pressed, answered and read by tests, with a memory of what it ordered.

import Basics
import Domain
import Screen
import Testing

@testable import Console

/// A session with a memory of its effects.
struct TestSession {
  var session: ConsoleSession
  var effects: [Effect]

  init(_ pane: PaneID, _ world: World) {
    session = ConsoleSession(world: world, opening: pane)
    effects = session.start()
  }

  /// Presses keys by their names, with blanks between them; returns what they ordered.
  @discardableResult
  mutating func press(_ keys: String) -> [Effect] {
    var ordered: [Effect] = []
    for name in keys.split(separator: " ") {
      guard let key = Key(name: String(name)) else { preconditionFailure("no key \(name)") }
      ordered += handle(.input(.key(key)))
    }
    return ordered
  }

  /// Types a text, letter by letter.
  @discardableResult
  mutating func type(_ text: String) -> [Effect] {
    text.unicodeScalars.flatMap { handle(.input(.key(Key($0)))) }
  }

  @discardableResult
  mutating func handle(_ event: SessionEvent, at now: Instant = Sample.now) -> [Effect] {
    let ordered = session.handle(event, at: now)
    effects += ordered
    return ordered
  }

  /// Answers the latest question that `fits`, with its ticket.
  @discardableResult
  mutating func answer(_ answer: Answer, where fits: (Query) -> Bool) -> [Effect] {
    for effect in effects.reversed() {
      if case .query(let query, let ticket) = effect, fits(query) {
        return handle(.answered(ticket, answer))
      }
    }
    preconditionFailure("Nothing like that was asked.")
  }

  var picture: String { session.draw().picture }
  var lastLine: String { session.draw().lines.last ?? "" }
  var noticeLine: String { session.draw().lines.dropLast().last ?? "" }
}

/// Compares a screen with a picture and prints the first row that differs. In a picture, a row that
/// is the same as the one before it is not drawn again: `×9` stands for nine more of them.
/// With `hidesThumb` a scroll bar shows no place: a list that grows elsewhere is the same picture.
/// With `start` only what stands from the first row on that begins so is compared: another test draws
/// what is above it.
func expectPicture(
  _ console: TestSession, from start: String = "", _ expected: String, hidesThumb: Bool = false,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let picture =
    hidesThumb
    ? console.picture.split(separator: "┃│", omittingEmptySubsequences: false)
      .joined(separator: " │") : console.picture
  let rows = picture.split(separator: "\n", omittingEmptySubsequences: false)
    .drop { !$0.hasPrefix(start) }
  let (drawn, wanted) = (folded(rows.joined(separator: "\n")), expected)
  guard drawn != wanted else { return }
  let pairs = zip(
    drawn.split(separator: "\n", omittingEmptySubsequences: false),
    wanted.split(separator: "\n", omittingEmptySubsequences: false))
  let first = pairs.enumerated().first { $1.0 != $1.1 }
  Issue.record(
    """
    The picture differs\(first.map { " from line \($0.offset + 1): |\($0.element.0)|" } ?? ""):
    \(drawn)
    """, sourceLocation: sourceLocation)
}

func folded(_ picture: String) -> String {
  var lines: [String] = []
  var (last, more) = ("", 0)
  for line in picture.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
    if line == last && !line.isEmpty {
      more += 1
      continue
    }
    if more > 0 { lines.append("×\(more)") }
    lines.append(line)
    (last, more) = (line, 0)
  }
  if more > 0 { lines.append("×\(more)") }
  return lines.joined(separator: "\n")
}

/// A pane with everything it asked for, after keys by their names, each with its answers.
func shown(
  _ pane: PaneID, _ width: Int, _ height: Int, pressing keys: String = "",
  change: (inout World) -> Void = { _ in }
) -> TestSession {
  var world = Sample.world(width, height)
  change(&world)
  var console = ready(pane, world)
  console.pressAll(keys)
  return console
}

/// A pane with everything it asked for, and no memory of having asked.
func ready(_ pane: PaneID, _ world: World = Sample.world(120, 36)) -> TestSession {
  var console = Sample.session(pane, world)
  console.answerAll()
  return console
}

extension [Effect] {
  var queries: [Query] {
    compactMap { if case .query(let query, _) = $0 { query } else { nil } }
  }
  /// The ticket of the first order that is no question.
  var orderTicket: Ticket? {
    for effect in self {
      switch effect {
      case .saveSettings(_, let ticket), .testKey(_, _, let ticket), .savePerson(_, let ticket),
        .deletePerson(_, _, let ticket), .chooseAudience(_, let ticket), .lookUp(_, let ticket),
        .changeMapping(_, let ticket), .readMergeFields(let ticket),
        .createMergeField(_, let ticket), .addCustomField(_, let ticket), .beginLogin(let ticket),
        .readGrowth(_, let ticket), .changePeople(_, _, let ticket), .takeBack(_, _, let ticket):
        return ticket
      default: continue
      }
    }
    return nil
  }
}

extension TestSession {
  /// Presses keys by their names, and lets everything be answered after each.
  mutating func pressAll(_ keys: String) {
    for key in keys.split(separator: " ") {
      press(String(key))
      answerAll()
    }
  }

  /// Answers every question that is open, and those that the answers raise.
  mutating func answerAll() {
    var done = 0
    while done < effects.count {
      if case .query(let query, let ticket) = effects[done] {
        handle(.answered(ticket, Sample.answer(to: query)))
      }
      done += 1
    }
    effects = []
  }
}
