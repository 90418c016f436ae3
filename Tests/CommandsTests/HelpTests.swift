import Basics
import Screen
import Testing

@testable import Commands

@Suite struct HelpTests {
  @Test func `the main help names every command under its heading`() {
    #expect(
      HelpText.everything(CommandTool.sections).joined(separator: "\n") == """
        Listkeeper keeps a Mailchimp audience in step with your people.

        Usage: listkeeper [--workspace FILE] [COMMAND]

        Without a command the console opens; `listkeeper demo` opens it on a practice
        Mailchimp with sample people, with nothing to configure.

        Start
          demo               The console on practice data, with nothing to configure
          init               Make a workspace

        Set up
          settings           The settings of the workspace: list, get, set, unset,
                             export, import
          connect            Test the connection to Mailchimp, or log in
          disconnect         End the connection to Mailchimp
          audiences          The audiences of the account: list, use, show, create,
                             double-opt-in, unknown, add-person, growth
          mapping            Which field goes into which: list, set, remove, check,
                             move, backfill, fields, create-field
          schedules          What runs by the clock: list, add, set, remove, run, week
          webhook            Hearing of changes at once: status, create, remove
          keys               Every action of the console with its keys

        People
          people             The people of the directory: list, show, explain, add, set,
                             delete, forget, import, export, sync, fields, add-field,
                             remove-field
          searches           Saved searches and tags: list, show, set, rename, remove,
                             adopt, rename-tag, rename-back, take-off
          refresh            Read the source of people again

        Sync
          sync               Send what changed, now
          plans              Plans that wait for a decision: list, show, approve,
                             discard, export
          pause              Stop all sending and taking; what happens meanwhile waits
          enable             Go on after a pause
          verify             Compare directory and audience, and say what differs
          drift              What a verification found: list, repair, dismiss
          conflicts          Fields that changed on both sides: list, resolve

        See what happened
          status             What the engine does, how people stand, what waits for a
                             decision
          executions         What ran: list, show, retry, replay, cancel, undo, filters,
                             forget
          logs [TEXT]        The log lines of executions
          queue              What waits to be done: list, dead, retry, discard
          lookup ADDRESS     Show both records of one address, side by side
          audit              Who changed what, and when: list
          consent            Who said yes or no, and on what evidence: list, lift, ask

        Run
          serve              Run the engine without a console
          sandbox            A Mailchimp to practise on
          doctor             Look for what may be wrong around Listkeeper
          backup FILE        Copy the workspace into a file
          restore FILE       Go back to a backup
          completions SHELL  Print completions for a shell
          help [COMMAND]     Say what a command does, or how something is done

        Options
          --workspace FILE  The workspace to work on, instead of the default one.
          --json            Print JSON instead of lines.
          --plain PANE      Print a pane of the console as lines, and end.
          --read-only       Open the console to look: it changes nothing.
          --log FILE        Write the diagnostic log to this file.
          --help, -h        Say what a command does and takes.
          --version         Print the version.

        Exit codes
          0  done
          1  failed
          2  the command was not understood
          3  held for review
          4  configuration or credentials
          5  another engine holds the workspace (serve)

        `listkeeper help COMMAND` says more about one. Topics:
          first-sync, api-key, login, audience-id, webhook-setup, opt-outs,
          search-language, sources, transforms, terminal.
        """)
  }

  @Test func `the usage of every command stands as it was published`() {
    let lines = commands.map { HelpText.synopsis($0, program: false, options: true) }
    #expect(
      lines.joined(separator: "\n") == """
        demo [--people N] [--latency MS]
        init [--preset NAME] [--json]
        settings list [--json]
        settings get KEY [--json]
        settings set KEY VALUE [--untested] [--json]
        settings unset KEY [--json]
        settings export [--json]
        settings import FILE [--untested] [--json]
        connect [--login] [--json]
        disconnect [--json]
        audiences list [--json]
        audiences use ID [--json]
        audiences show [ID] [--json]
        audiences create [--name TEXT] [--company TEXT] [--address1 TEXT] [--address2 TEXT] [--city \
        TEXT] [--state TEXT] [--zip TEXT] [--country TEXT] [--phone TEXT] [--permission-reminder \
        TEXT] [--from-name TEXT] [--from-email TEXT] [--subject TEXT] [--language TEXT] \
        [--format-choice yes|no] [--double-opt-in] [--json]
        audiences double-opt-in on|off [--json]
        audiences unknown [--json]
        audiences add-person ADDRESS [--wait] [--json]
        audiences growth [ID] [--json]
        mapping list [--json]
        mapping set FIELD TAG [--direction to|from|both] [--transform STEPS] [--constant TEXT] \
        [--default TEXT] [--backfill] [--json]
        mapping remove TAG [--json]
        mapping check [--json]
        mapping move TAG PLACE [--json]
        mapping backfill [TAG] [--json]
        mapping fields [--json]
        mapping create-field TAG [--name NAME] [--type TYPE] [--choices A,B] [--required] [--json]
        schedules list [--json]
        schedules add TYPE HOW-OFTEN… [--zone ZONE] [--active yes|no] [--sample N] [--folder DIR] \
        [--keep N] [--json]
        schedules set ID [HOW-OFTEN] [--zone ZONE] [--active yes|no] [--sample N] [--folder DIR] \
        [--keep N] [--json]
        schedules remove ID [--json]
        schedules run ID [--wait] [--json]
        schedules week [--json]
        webhook status [--reveal] [--last N] [--json]
        webhook create [--json]
        webhook remove [--json]
        keys [--json]
        people list [SEARCH] [--limit N] [--order COLUMN] [--json]
        people show PERSON [--json]
        people explain PERSON [--json]
        people add FIELD=VALUE… [--json]
        people set PERSON FIELD=VALUE… [--json]
        people delete PERSON… [--yes] [--remove] [--restore] [--json]
        people forget PERSON… [--there] [--yes] [--json]
        people import FILE [--dry-run] [--match COLUMN=FIELD] [--skip-refused] [--custom-fields] \
        [--json]
        people export [SEARCH] [--json]
        people sync PERSON… [--wait] [--json]
        people fields [--json]
        people add-field NAME [--type TYPE] [--choices A,B] [--json]
        people remove-field NAME [--yes] [--json]
        searches list [--json]
        searches show NAME [--json]
        searches set NAME [FILTER] [--tag] [--no-tag] [--json]
        searches rename NAME NEW [--json]
        searches remove NAME [--keep-tag] [--json]
        searches adopt NAME [--json]
        searches rename-tag NAME NEW [--json]
        searches rename-back NAME [--json]
        searches take-off TAG [--json]
        refresh [--approve PLAN] [--wait] [--json]
        sync [--resync] [--dry-run] [--approve PLAN] [--wait] [--json]
        plans list [--all] [--json]
        plans show PLAN [--json]
        plans approve PLAN [--wait] [--json]
        plans discard PLAN [--json]
        plans export PLAN FILE [--json]
        pause [--json]
        enable [--json]
        verify [--sample N] [--seed NUMBER] [--repair] [--wait] [--json]
        drift list [--class CLASS] [--json]
        drift repair [NUMBER] [--all] [--class CLASS] [--wait] [--json]
        drift dismiss [NUMBER] [--all] [--class CLASS] [--json]
        conflicts list [--decided] [--json]
        conflicts resolve [CONFLICT] [--directory] [--mailchimp] [--new-contact] [--all] [--json]
        status [--json]
        executions list [TEXT] [--status STATUS] [--flow FLOW] [--trigger TRIGGER] [--since TIME] \
        [--until TIME] [--originals] [--changes] [--person PERSON] [--limit N] [--filter NAME] \
        [--save NAME] [--json]
        executions show EXECUTION [--requests] [--logs] [--json]
        executions retry EXECUTION [--wait] [--json]
        executions replay EXECUTION [--wait] [--json]
        executions cancel EXECUTION [--json]
        executions undo EXECUTION [--yes] [--wait] [--json]
        executions filters [--json]
        executions forget NAME [--json]
        logs [TEXT] [--follow] [--errors] [--level LEVEL] [--execution ID] [--limit N] [--json]
        queue list [--json]
        queue dead [--cause CODE] [--json]
        queue retry [LETTER] [--all] [--cause CODE] [--json]
        queue discard [LETTER] [--all] [--cause CODE] [--json]
        lookup ADDRESS [--json]
        audit list [--person PERSON] [--field FIELD] [--who TEXT] [--since DATE] [--until DATE] \
        [--limit N] [--export FILE] [--json]
        consent list [--person PERSON] [--address ADDRESS] [--who TEXT] [--since DATE] [--until \
        DATE] [--limit N] [--export FILE] [--json]
        consent lift [PERSON] [--search SEARCH] [--yes] [--json]
        consent ask [PERSON] [--json]
        serve [--listen ADDR:PORT] [--print-unit]
        sandbox [--listen ADDR:PORT] [--people N] [--latency MS] [--faults FILE] [--record FILE] \
        [--json]
        doctor [--json]
        backup FILE [--force] [--json]
        restore FILE [--force] [--json]
        completions SHELL
        help [COMMAND] [--man]
        """)
  }

  @Test func `help on one command says what it takes, what it does and what its JSON is`() {
    let sync = commands.first { $0.name == "sync" }
    #expect(
      sync.map { HelpText.command($0).joined(separator: "\n") } == """
        Send what changed, now.

        Usage: listkeeper sync [--resync] [--dry-run] [--approve PLAN] [--wait] [--json]

        Options
          --resync        Compare everyone with the audience, not only those who
                          changed.
          --dry-run       Only make the plan, to look at with `listkeeper plans show`.
          --approve PLAN  Carry out this plan of a sync; `latest` is the newest that
                          waits, and where none waits, sync without holding the first
                          plan.
          --wait          Wait until it is done, and print what came of it.

        Where no engine runs, this command runs one until the sync is done; else it asks
        the one that runs, and returns at once unless --wait is given. The first sync of
        an audience is held for a look: it ends with exit code 3 and says how to look at
        the plan and approve it.

        --json prints
          {"execution": EXECUTION, "plan": PLAN or null}, or {"requested": true}
          where nothing is waited for; EXECUTION is as in `executions list`
          and PLAN as in `plans list`.
        """)
  }

  @Test func `no help is wider than 80 columns or holds a line that ends in a blank`() {
    for command in commands {
      for line in HelpText.command(command) {
        #expect(CharacterWidth.of(line) <= 80, "\(command.name): \(line)")
        #expect(!line.hasSuffix(" "), "\(command.name): \(line)")
      }
    }
  }

  @Test func `every word of two leads to the command of that name`() throws {
    let parser = CommandParser(CommandTool.sections)
    for command in commands {
      guard case .help(let topic) = try parser.parse(command.words + ["--help"]) else {
        Issue.record("\(command.name) has no help")
        continue
      }
      guard case .command(let found) = topic else {
        Issue.record("\(command.name) is not found")
        continue
      }
      #expect(found.name == command.name)
    }
  }

  private var commands: [Command] { CommandTool.sections.flatMap(\.groups).flatMap(\.commands) }
}
