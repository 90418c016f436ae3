// `init`: a new workspace, filled in by a preset where one is named.

import Basics
import Domain
import Storage

enum InitCommand {
  private static let preset = Command.Option.value(
    "preset", "NAME", "Fill in settings for a usual set-up.")

  static let group = CommandGroup(
    Command(
      "init", "Make a workspace", options: [preset],
      notes: (["Presets:"] + Preset.allCases.map { "  \($0.rawValue): \($0.summary)" })
        .joined(separator: "\n"),
      shape: #"{"done": true, "workspace": "/path/of.listkeeper", "preset": null}"#
    ) { (run) throws(Problem) in
      let chosen = try run[preset].map { (name) throws(Problem) in try Preset.named(name) }
      let workspace = try Workspace.create(at: run.workspacePath, time: run.context.time)
      defer { workspace.close() }
      if let chosen {
        try workspace.writeBlocking(as: run.context.user) { (tx) throws(Problem) in
          try tx.apply(chosen)
        }
      }
      run.report([
        "done": true, "workspace": .string(workspace.path),
        "preset": JSONShape.text(chosen?.rawValue),
      ]) {
        run.output.lines([
          "The workspace \(workspace.path) is ready.", "", "Next:",
          "  \(run.program) settings set mailchimp.key -    asks for the API key; or: connect --login",
          "  \(run.program) audiences list                  then: audiences use ID",
          "  \(run.program) people import FILE.csv",
          "  \(run.program) sync --wait",
        ])
      }
      return .done
    })
}
