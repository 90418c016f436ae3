// `backup` and `restore`: a copy of the workspace, and the way back to one.

import Basics
import Domain
import Storage

enum BackupCommands {
  private static let replace = Command.Option.flag(
    "force", "Replace a file that is already there.")
  private static let force = Command.Option.flag(
    "force",
    "Also where the present file cannot be read or is another workspace: it is put aside as it is,"
      + " and nothing is carried over from it.")

  static let backup = CommandGroup(
    Command(
      "backup", "Copy the workspace into a file",
      [.init("FILE", .one, "The file to be made; only you can read it.")], options: [replace],
      notes: """
        The copy is whole and of one moment, also while an engine runs, and it is opened again \
        before it counts. It holds people and secrets as the workspace does. A schedule of the type \
        backup does this by the clock.
        """,
      shape: #"{"file": "/var/backups/l.backup", "bytes": 81920}"#
    ) { (run) throws(Problem) in
      try run.withWorkspace { (workspace) throws(Problem) in
        let copy = try workspace.backUp(to: run.argument(0), replacing: run.has(replace))
        run.done(
          "The workspace is in \(copy.path), \(Phrase.number(Int(copy.bytes))) bytes.",
          ["file": .string(copy.path), "bytes": .int(copy.bytes)])
        return .done
      }
    })

  static let restore = CommandGroup(
    Command(
      "restore", "Go back to a backup",
      [.init("FILE", .one, "A file that `listkeeper backup` made.")], options: [force],
      notes: """
        No engine may run the workspace meanwhile. The present workspace is kept beside it. Its \
        suppressions, consent ledger and opt-outs are carried over, so that nobody who refused is \
        subscribed again; what was queued or planned in the backup is dropped; the next sync reads \
        the audience in full and is held for a look.
        """,
      shape: """
        {"keptAs": "/path.before-restore-…" or null, "people": 3,
          "suppressions": 0, "ledgerEntries": 0, "optOuts": 0, "erased": 0}
        where the three before the last count what was carried over.
        """
    ) { (run) throws(Problem) in
      let path = run.workspacePath
      let done = try Restoration.restore(
        run.argument(0), to: path, by: run.context.user, force: run.has(force),
        time: run.context.time)
      run.report([
        "keptAs": JSONShape.text(done.keptAs), "people": JSONShape.number(done.people),
        "suppressions": JSONShape.number(done.suppressions),
        "ledgerEntries": JSONShape.number(done.ledgerEntries),
        "optOuts": JSONShape.number(done.optOuts), "erased": JSONShape.number(done.erased),
      ]) {
        run.output.line("The workspace \(path) is restored: \(Phrase.people(done.people)).")
        if let kept = done.keptAs {
          run.output.line("What was there before is kept as \(kept).")
          run.output.line(
            "Carried over: \(Phrase.number(done.suppressions)) suppressions,"
              + " \(Phrase.number(done.ledgerEntries)) ledger entries,"
              + " \(Phrase.number(done.optOuts)) opt-outs.")
        }
        if done.erased > 0 {
          run.output.line(
            "Forgotten again: \(Phrase.people(done.erased)) who had been since the backup.")
        }
        run.output.line(
          "The next sync reads the audience in full and is held for a look: \(run.program) sync")
      }
      return .done
    })
}
