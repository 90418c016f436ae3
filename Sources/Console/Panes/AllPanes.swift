// The panes a session begins with, and the table of keys that the README prints: the one place that
// names them all.

import Basics
import Screen

extension ConsoleSession {
  static func freshPanes() -> [(PaneID, any Pane)] {
    [
      (.overview, OverviewPane()), (.people, PeoplePane()), (.audience, AudiencePane()),
      (.mapping, MappingPane()), (.tags, TagsPane()), (.executions, ExecutionsPane()),
      (.logs, LogsPane()), (.review, ReviewPane()), (.schedules, SchedulesPane()),
      (.settings, SettingsPane()),
    ]
  }

  /// Every key in Markdown, for the README.
  package static func keyTable() -> String {
    keySections().map { title, rows in
      let lines = rows.map { row in
        "| \(row.keys.split(separator: " ").map { "`\($0)`" }.joined(separator: " ")) | \(row.help) |"
      }
      return (["**\(title)**", "", "| keys | |", "|---|---|"] + lines).joined(separator: "\n")
    }
    .joined(separator: "\n\n") + "\n"
  }

  /// Every key with its sentence: those that act everywhere, then pane by pane.
  package static func keySections() -> [(title: String, rows: [(keys: String, help: String)])] {
    let world = World(size: Size(120, 36), now: Instant(milliseconds: 0))
    func rows(_ bindings: [KeyBinding]) -> [(keys: String, help: String)] {
      bindings.filter { !$0.keys.isEmpty }.map { binding in
        (binding.place == .actionMenu ? "x \(binding.keyNames)" : binding.keyNames, binding.help)
      }
    }
    let moving = GlobalKeys.motions.map { motion in
      (keys: motion.keys.map(\.description).joined(separator: " "), help: motion.help)
    }
    let everywhere = GlobalKeys.bindings(in: world, isHeld: false)
    return [("Everywhere", rows(everywhere) + moving)]
      + freshPanes().map { ("\($0)", rows($1.bindings(in: world))) }
      + [("Set-up", rows(SetUpWizard.everyBinding))]
  }
}
