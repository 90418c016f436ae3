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

  /// Every key with its sentence: those that act everywhere, then place by place.
  package static func keySections() -> [(title: String, rows: [(keys: String, help: String)])] {
    UserKeys().sections().map { title, rows in
      (title, rows.filter { !$0.keys.isEmpty }.map { ($0.keys, $0.help) })
    }
  }
}
