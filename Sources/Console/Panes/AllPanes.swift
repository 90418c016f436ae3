// The panes a session begins with: the one place that names them all.

extension ConsoleSession {
  static func freshPanes() -> [(PaneID, any Pane)] {
    [(.overview, OverviewPane()), (.people, PeoplePane()), (.executions, ExecutionsPane())]
  }
}
