// The command line: one table of everything it can do, and the way from words to an exit code.
// Errors go to standard error as a sentence and a remedy, with `--json` as one object.

import Basics
import Domain
import Glibc

package enum CommandTool {
  package static let version = "0.1.0"

  /// In the order of the main help.
  package static let sections: [CommandSection] = [
    CommandSection("Start", [DemoCommand.group, InitCommand.group]),
    CommandSection(
      "Set up",
      [
        SettingsCommands.group, ConnectionCommands.connect, LoginCommand.disconnect,
        ConnectionCommands.audiences,
        MappingCommands.group,
        ScheduleCommands.group, WebhookCommands.group, KeysCommand.group,
      ]),
    CommandSection(
      "People", [PeopleCommands.group, SearchCommands.group, RefreshCommand.group]),
    CommandSection(
      "Sync",
      [
        SyncCommands.sync, PlanCommands.group, SyncCommands.pause, SyncCommands.enable,
        VerifyCommands.verify, VerifyCommands.drift, ConflictCommands.group,
      ]),
    CommandSection(
      "See what happened",
      [
        StatusCommand.group, ExecutionCommands.group, LogCommand.group, QueueCommands.group,
        VerifyCommands.lookup,
        LedgerCommands.audit, LedgerCommands.consent,
      ]),
    CommandSection(
      "Run",
      [
        ServeCommand.group, SandboxCommand.group, DoctorCommand.group, BackupCommands.backup,
        BackupCommands.restore, completions, CommandGroup(helpCommand),
      ]),
  ]

  /// Runs the process's own words and ends it.
  package static func main() -> Never {
    // Written-to pipes and sockets answer EPIPE instead.
    signal(SIGPIPE, SIG_IGN)
    ProcessMemory.useFewHeaps()
    do throws(Problem) {
      let context = try CommandContext.ofProcess()
      let code = run(Array(CommandLine.arguments.dropFirst()), in: context)
      context.output.flush()
      exit(code.rawValue)
    } catch {
      let errors = Output(descriptor: STDERR_FILENO)
      errors.line(error.description)
      errors.flush()
      exit(ExitCode.failed.rawValue)
    }
  }

  /// Runs `words` and says how it ended. Blocks; never for a thread of the cooperative pool.
  package static func run(_ words: [String], in context: CommandContext) -> ExitCode {
    do throws(Problem) {
      switch try CommandParser(sections).parse(words) {
      case .version: context.output.line("listkeeper \(version)")
      case .help(nil): context.output.lines(HelpText.everything(sections))
      case .help(.guidance(let guidance)): context.output.lines(HelpText.guidance(guidance))
      case .help(.manual):
        context.output.lines(ManualPage(sections: sections, version: version).lines)
      case .help(.group(let group)): context.output.lines(HelpText.group(group))
      case .help(.command(let command)): context.output.lines(HelpText.command(command))
      case .console(let invocation):
        let console = ConsoleCommand.command
        return try console.run(CommandRun(console, invocation, in: context))
      case .run(let command, let invocation):
        return try command.run(CommandRun(command, invocation, in: context))
      }
      return .done
    } catch {
      context.output.flush()
      let code = ExitCode.of(error)
      report(error, asJSON: words.prefix { $0 != "--" }.contains("--json"), to: context.errors)
      return code
    }
  }

  static func report(_ problem: Problem, asJSON: Bool, to errors: Output) {
    if asJSON {
      errors.json(["error": json(of: problem)])
    } else {
      errors.line(problem.sentence)
      if !problem.remedy.isEmpty { errors.line(problem.remedy) }
    }
    errors.flush()
  }

  static func json(of problem: Problem) -> JSONValue {
    [
      "code": .string(problem.code), "sentence": .string(problem.sentence),
      "remedy": .string(problem.remedy),
      "fields": .object(problem.fields.mapValues { .string($0) }),
    ]
  }

  static let manual = Command.Option.flag("man", "Print everything as a manual page.")

  private static let helpCommand = Command(
    "help", "Say what a command does, or how something is done",
    [.init("COMMAND", .search, "A command, such as `sync` or `people list`, or a topic.")],
    options: [manual],
    notes: """
      Topics: \(Guidance.all.map(\.name).joined(separator: ", ")). The manual page: listkeeper help \
      --man | man -l -
      """
  ) { (_) throws(Problem) in .done }

  private static let completions = CommandGroup(
    Command(
      "completions", "Print completions for a shell",
      [.init("SHELL", .one, "bash, zsh or fish.")],
      notes: """
        In this shell: source <(listkeeper completions bash). The script says where it is kept for \
        every shell.
        """
    ) { (run) throws(Problem) in
      guard let shell = CompletionScript.Shell(rawValue: run.argument(0)) else {
        let names = CompletionScript.Shell.allCases.map(\.rawValue)
        throw Problem(
          "usage.unknown-shell", "There are no completions for '\(Text.oneLine(run.argument(0)))'.",
          remedy: "Give one of: \(names.joined(separator: ", "))."
            + Suggestion.sentence(run.argument(0), among: names))
      }
      run.output.line(CompletionScript(sections: sections).text(for: shell))
      return .done
    })
}
