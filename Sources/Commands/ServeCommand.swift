// `serve`: the engine without a console, made for systemd. It ends cleanly on SIGTERM, and by
// itself where another engine has taken the workspace over.

import Basics
import Domain
import Engine
import Glibc
import HTTP
import Storage

enum ServeCommand {
  private static let listen = Command.Option.value(
    "listen", "ADDR:PORT",
    "Answer /healthz, /metrics and the webhook there, instead of where webhook.listen says."
  )

  private static let printUnit = Command.Option.flag(
    "print-unit", "Print a unit for systemd that runs this, and end.")

  static let group = CommandGroup(
    Command(
      "serve", "Run the engine without a console", options: [listen, printUnit],
      notes: """
        Made for systemd: --print-unit prints a unit. It ends with exit code 5 where another \
        engine holds the workspace already, or has taken it over. It listens where --listen says, \
        or, when webhook.url or webhook.listen is set, where webhook.listen does. /healthz answers \
        200 with {"status": "ok", "engine": "running"}, /metrics in the text format of Prometheus: \
        both are for this machine, so let a web server forward /webhook/ here and nothing else.
        """
    ) { (run) throws(Problem) in
      if run.has(printUnit) {
        run.output.line(try unit(run))
        return .done
      }
      return try run.withWorkspace { (workspace) throws(Problem) in
        let log = try run.log()
        let engine = try SyncEngine(
          workspace: workspace, log: log, version: CommandTool.version)
        try run.context.stop.listen()
        let watch = try ChangeWatch(workspace)
        defer { withExtendedLifetime(watch) {} }
        let listener = ListenerSeat(
          workspace, at: try run[listen].map { (text) throws(Problem) in try ListenAddress(text) },
          log: log)
        defer { listener.close() }
        // Before the engine does anything: Mailchimp may ask back at once.
        try waitFor { () throws(Problem) in
          try await engine.start { () async throws(Problem) in
            try await onThread { () throws(Problem) in try listener.open() }
          }
        }
        let ended = try Wakeup()
        let isOver = Locked(false)
        Task.detached {
          await engine.waitUntilStopped()
          isOver.withLock { $0 = true }
          ended.ring()
        }
        defer {
          // Stopping records or gives back what runs, and throws nothing.
          _ = try? waitFor { () throws(Problem) in await engine.stop() }
        }
        let place = listener.port.map { " and listens on port \($0)" } ?? ""
        run.output.line("The engine of \(workspace.path) runs\(place).")
        run.output.flush()
        while run.context.stop.wait(for: [ended]) {
          if isOver.withLock({ $0 }) {
            throw Problem(
              "engine.lost", "Another engine has taken over this workspace.",
              remedy: "Let that one work.")
          }
        }
        run.output.line("Stopped.")
        return .done
      }
    })

  /// A unit for this program and this workspace, which has to be there.
  private static func unit(_ run: CommandRun) throws(Problem) -> String {
    let address = try run[listen].map { (text) throws(Problem) in try ListenAddress(text) }
    guard let program = realpath("/proc/self/exe", nil),
      let workspace = realpath(run.workspacePath, nil)
    else {
      throw Problem(
        "workspace.missing", "There is no workspace \(Text.oneLine(run.workspacePath)).",
        remedy: "Make it first: listkeeper init, or name another with --workspace.")
    }
    defer {
      free(program)
      free(workspace)
    }
    return SystemdUnit(
      program: String(cString: program), workspace: String(cString: workspace),
      user: run.context.user, listen: address.map { _ in run[listen] ?? "" }
    ).text
  }
}
