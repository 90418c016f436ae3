// An execution beside the one it does again: the counts in two columns, then who fared otherwise.

import Basics
import Domain
import Screen

enum ComparisonText {
  static func reader(_ both: RunComparison, _ world: World) -> Reader {
    let glyphs = world.capabilities.glyphs
    let (old, new) = (both.original, both.run)
    func row(_ name: String, _ before: Run, _ after: Run) -> [Run] {
      [
        Run(CharacterWidth.fit(name, to: 14), .label),
        Run(CharacterWidth.fit(before.text, to: 24), before.role), after,
      ]
    }
    func status(_ run: Execution) -> Run {
      Wording.runs(run.status, glyphs).first ?? Run("")
    }
    var lines = [
      row(
        "", Run("\(old.id) \(old.trigger.rawValue)", .heading),
        Run("\(new.id) \(new.trigger.rawValue)", .heading)),
      row("Status", status(old), status(new)),
      row(
        "Started", Run(old.startedAt.map { Wording.time($0, world.zone) } ?? "not yet"),
        Run(new.startedAt.map { Wording.time($0, world.zone) } ?? "not yet")),
      row(
        "Took", Run(old.tookMilliseconds.map { Wording.took($0) } ?? "-"),
        Run(new.tookMilliseconds.map { Wording.took($0) } ?? "-")),
    ]
    let counts: [(String, KeyPath<ExecutionCounts, Int> & Sendable)] = [
      ("Created", \.created), ("Updated", \.updated), ("Unchanged", \.unchanged),
      ("Unsubscribed", \.unsubscribed), ("Archived", \.archived), ("Excluded", \.excluded),
      ("Refused", \.refused),
    ]
    for (name, path) in counts {
      let (before, after) = (old.counts[keyPath: path], new.counts[keyPath: path])
      let role: Role = before == after ? .dim : .text
      lines.append(
        row(name, Run(Wording.number(before), role), Run(Wording.number(after), role)))
    }
    if old.problem != new.problem {
      for run in [old, new] {
        if let problem = run.problem {
          lines.append([Run("\(run.id)  ", .label), Run(problem.description, .danger)])
        }
      }
    }
    lines += [[], [Run("What became of whom", .heading)]]
    if both.moves.isEmpty { lines.append([Run("Nobody is listed in either of them.", .dim)]) }
    lines += both.moves.map { move in
      [
        Run(CharacterWidth.fit(Wording.people(move.count), to: 16, .right) + "  ", .strong),
        Run(name(move.old), role(move.old)), Run(" \(glyphs.arrow) ", .dim),
        Run(name(move.new), role(move.new)),
      ]
    }
    if !both.people.isEmpty {
      lines += [[], [Run("Who fared otherwise", .heading)]]
      lines += both.people.map { person in
        [
          Run("\(person.key)  "), Run(name(person.old), role(person.old)),
          Run(" \(glyphs.arrow) ", .dim), Run(name(person.new), role(person.new)),
          Run(person.sentence.isEmpty ? "" : "  \(person.sentence)", .dim),
        ]
      }
    }
    return Reader(title: "\(new.id) beside its original \(old.id)", lines: lines)
  }

  private static func name(_ result: RowResult?) -> String { result?.rawValue ?? "not in it" }
  private static func role(_ result: RowResult?) -> Role { result.map { Wording.role($0) } ?? .dim }
}
