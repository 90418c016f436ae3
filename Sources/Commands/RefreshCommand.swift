// `refresh`: read the source of people again.

import Basics
import Domain
import Storage

enum RefreshCommand {
  private static let wait = Command.Option.flag(
    "wait", "Wait until it is done, and print what came of it.")
  private static let approve = Command.Option.value(
    "approve", "PLAN", "Carry out this plan of a refresh; `latest` is the newest that is held.")

  static let group = CommandGroup(
    Command(
      "refresh", "Read the source of people again", options: [approve, wait],
      notes: """
        Takes over what the source itself changed since last time; a value edited here or taken \
        from Mailchimp stays where the source says the same as before. People whom it no longer \
        names become inactive, or are marked deleted (source.vanished). A source that comes back \
        empty, or would change too many, is held for a look: nothing is written, and it ends with \
        exit code 3. Where no engine runs, this command runs one until it is done.
        """,
      shape: "as `sync --json`"
    ) { (run) throws(Problem) in
      try run.withWorkspace { (workspace) throws(Problem) in
        let record = try workspace.readBlocking { (reading) throws(Problem) in
          try reading.engine.record()
        }
        if record.isPaused {
          throw Problem(
            "engine.paused", "Everything is paused.", remedy: "Go on with: \(run.program) enable")
        }
        return try SyncCommands.carryOut(
          try request(run, workspace), waits: run.has(wait), run, workspace)
      }
    })

  private static func request(
    _ run: CommandRun, _ workspace: Workspace
  ) throws(Problem) -> Request {
    guard let word = run[approve] else { return .refresh }
    if let plan = try PlanCommands.named(word, of: PlanKind.ofRefresh, run, workspace) {
      return .approvePlan(plan.id)
    }
    throw PlanCommands.missing("No refresh is held.", run)
  }
}
