// `verify`, `drift` and `lookup`: directory and audience compared, what differs repaired or let be,
// one address with both its records.

import Basics
import Console
import Domain
import Storage

enum VerifyCommands {
  private static let sample = Command.Option.value(
    "sample", "N", "Only N random addresses, each read by itself.")
  private static let seed = Command.Option.value(
    "seed", "NUMBER", "Choose the same random addresses again.")
  private static let repair = Command.Option.flag(
    "repair", "Repair what differs, as `drift repair` does.")
  private static let wait = Command.Option.flag(
    "wait", "Wait until it is done, and print what came of it.")

  static let verify = CommandGroup(
    Command(
      "verify", "Compare directory and audience, and say what differs",
      options: [sample, seed, repair, wait],
      notes: """
        It reads only. What differs waits in Review and in `drift list`; contacts nobody here \
        stands behind are listed and left alone. Ends with 3 while differences wait. Where an \
        engine runs already, it is asked, and --wait or --repair waits for it.
        """,
      shape: """
        {"execution": EXECUTION, "totals": {"people": {"in step": 2, "different": 1,
          "waiting": 0, "excluded": 0, "refused": 0, "all": 3}, "contacts": {"matched": 2,
          "left": 0, "unknown": 0, "all": 2}, "statuses": {"subscribed": 2},
          "missing there": 1, "differences": {"missing there": 1}},
          "drift": [DRIFT], "repair": EXECUTION or null, "tagRepair": EXECUTION or null}
        where EXECUTION is as in `executions list` and DRIFT as in `drift list`; beside other
        differences tags are repaired by an execution of their own.
        """
    ) { (run) throws(Problem) in
      let size = try run[sample].map { (text) throws(Problem) in try number(text, "--sample") }
      let chance = try run[seed].map { (text) throws(Problem) in
        guard let seed = UInt64(text) else {
          throw Problem(
            "usage.not-a-number", "'\(Text.oneLine(text))' is no seed.",
            remedy: "Give a whole number.")
        }
        return seed
      }
      return try run.withWorkspace { (workspace) throws(Problem) in
        try SyncCommands.checkReady(workspace, run)
        let waits = run.has(wait) || run.has(repair)
        let endings = try SyncCommands.follow(
          [.verify(sample: size, seed: chance)], waits: waits, run, workspace)
        guard let ending = endings.first else { return .done }
        guard case .execution(let execution) = ending, execution.status == .succeeded else {
          if case .execution(let execution) = ending {
            run.report(["execution": JSONShape.execution(execution)]) {
              run.output.line("Execution \(execution.id) \(execution.status.rawValue).")
              if let problem = execution.problem { run.output.line(problem.description) }
            }
            return SyncCommands.exitCode(execution)
          }
          return try SyncCommands.say(ending, run)
        }
        var repairs: [Execution] = []
        if run.has(repair), try !read(nil, workspace).allSatisfy({ $0.drift.kind == .missingHere })
        {
          let requests = try repairRequests(.all(nil), workspace)
          for case .execution(let done) in try SyncCommands.follow(
            requests, waits: true, run, workspace)
          { repairs.append(done) }
        }
        return try report(execution, repairs, run, workspace)
      }
    })

  private static func report(
    _ execution: Execution, _ repairs: [Execution], _ run: CommandRun, _ workspace: Workspace
  ) throws(Problem) -> ExitCode {
    let audience = execution.audienceID ?? ""
    let summary = try workspace.readBlocking { (reading) throws(Problem) in
      try reading.reports.lastVerification(of: audience)
    }
    let rows = try read(nil, workspace)
    let totals = summary?.totals ?? VerificationTotals()
    run.report([
      "execution": JSONShape.execution(execution), "totals": totals.json,
      "drift": .array(rows.map { json($0) }),
      "repair": repairs.last.map { JSONShape.execution($0) } ?? .null,
      "tagRepair": repairs.dropLast().first.map { JSONShape.execution($0) } ?? .null,
    ]) {
      run.output.lines(lines(totals))
      print(rows, run)
      for repair in repairs {
        run.output.line(
          "Repair\(repair.flow == .tags ? " of tags" : ""): execution \(repair.id) "
            + "\(repair.status.rawValue), \(Phrase.counts(repair.counts)).")
        if repair.status == .held {
          run.output.line("Too many for a repair by itself: \(run.program) plans show latest")
        }
      }
      if repairs.isEmpty, rows.contains(where: { $0.drift.kind != .missingHere }) {
        run.output.line("Repair what differs with: \(run.program) drift repair --all")
      }
    }
    if let worst = repairs.map({ SyncCommands.exitCode($0) }).first(where: { $0 != .done }) {
      return worst
    }
    return rows.contains { $0.drift.kind != .missingHere } ? .held : .done
  }

  private static func lines(_ totals: VerificationTotals) -> [String] {
    let n = Phrase.number
    let statuses = MemberStatus.allCases.compactMap { status in
      totals.members[status].map { "\(n($0)) \(status.rawValue)" }
    }
    return [
      "People    \(n(totals.people)): \(n(totals.inStep)) in step, \(n(totals.different)) different,"
        + " \(n(totals.waiting)) waiting, \(n(totals.excluded)) excluded, \(n(totals.refused)) refused",
      "Contacts  \(n(totals.contacts)): \(n(totals.matched)) matched, \(n(totals.left)) left behind,"
        + " \(n(totals.unknown)) unknown",
      "Statuses  \(statuses.isEmpty ? "none" : statuses.joined(separator: ", "))",
    ]
  }

  private static func number(_ text: String, _ option: String) throws(Problem) -> Int {
    guard let number = Int(text), number > 0 else {
      throw Problem(
        "usage.not-a-number", "'\(Text.oneLine(text))' is no number for \(option).",
        remedy: "Give a whole number, such as 20.")
    }
    return number
  }

  // MARK: Drift

  private static let all = Command.Option.flag("all", "All open differences.")
  private static let kind = Command.Option.value(
    "class", "CLASS", "Only these: missing-there, missing-here, status, field or tag.")
  private static let which = Command.Argument(
    "NUMBER", .search, "Numbers of differences, as `drift list` prints them.")

  static let drift = CommandGroup(
    "drift", "What a verification found", alone: "list", [list, repairing, dismiss])

  private static let list = Command(
    "drift list", "List the differences that wait", options: [kind],
    shape: """
      {"drift": [{"id": 4, "class": "field", "address": "…", "person": 1, "name": "…",
        "field": "FNAME", "ours": "Ada", "theirs": "Adele", "foundAt": "…", "execution": 12}]}
      """
  ) { (run) throws(Problem) in
    let wanted = try chosenClass(run)
    try run.withWorkspace { (workspace) throws(Problem) in
      let rows = try read(wanted, workspace)
      run.report(["drift": .array(rows.map { json($0) })]) {
        if rows.isEmpty { return run.output.line("No difference waits.") }
        print(rows, run)
      }
    }
    return .done
  }

  private static let repairing = Command(
    "drift repair", "Bring the addresses of these differences in step", [which],
    options: [all, kind, wait],
    notes: """
      The addresses are read again and planned like any other: nobody who opted out is subscribed, \
      who was deleted there by others stays away, and more people than the guard allows are held.
      """,
    shape: """
      as `sync --json`; where tags and other differences are repaired, {"executions": [EXECUTION]},
      that of the tags first
      """
  ) { (run) throws(Problem) in
    let selection = try selection(run)
    return try run.withWorkspace { (workspace) throws(Problem) in
      try SyncCommands.checkReady(workspace, run)
      let requests = try repairRequests(selection, workspace)
      if requests.count > 1 {
        return try SyncCommands.carryOut(all: requests, waits: run.has(wait), run, workspace)
      }
      return try SyncCommands.carryOut(
        .repairDrift(selection), waits: run.has(wait), run, workspace)
    }
  }

  /// Tags are told by an execution of their own: where both are meant both are asked for, so that
  /// both can be named and waited for.
  private static func repairRequests(
    _ selection: DriftSelection, _ workspace: Workspace
  ) throws(Problem) -> [Request] {
    let rows = try read(nil, workspace).filter { row in
      switch selection {
      case .rows(let ids): ids.contains(row.id)
      case .all(let kind): kind == nil || kind == row.drift.kind
      }
    }
    let tags = rows.filter { $0.drift.kind == .tag }.map(\.id)
    let others = rows.filter { $0.drift.kind != .tag }.map(\.id)
    if tags.isEmpty || others.isEmpty { return [.repairDrift(selection)] }
    return [.repairDrift(.rows(tags)), .repairDrift(.rows(others))]
  }

  private static let dismiss = Command(
    "drift dismiss", "Let differences be until they change", [which], options: [all, kind],
    shape: #"{"done": true, "dismissed": 3}"#
  ) { (run) throws(Problem) in
    let selection = try selection(run)
    try run.withWorkspace { (workspace) throws(Problem) in
      let count = try workspace.writeBlocking(as: run.context.user) { (tx) throws(Problem) in
        try tx.drifts.dismiss(
          selection, audienceID: try tx.settings.values()[Settings.audience])
      }
      run.done(
        count == 1 ? "1 difference dismissed." : "\(Phrase.number(count)) differences dismissed.",
        ["done": true, "dismissed": JSONShape.number(count)])
    }
    return .done
  }

  private static func chosenClass(_ run: CommandRun) throws(Problem) -> DriftClass? {
    guard let word = run[kind] else { return nil }
    if let kind = DriftClass.allCases.first(where: { $0.code == word }) { return kind }
    let codes = DriftClass.allCases.map(\.code)
    throw Problem(
      "usage.unknown-choice", "'\(Text.oneLine(word))' is no class of differences.",
      remedy: "Give one of: \(codes.joined(separator: ", "))."
        + Suggestion.sentence(word, among: codes))
  }

  private static func selection(_ run: CommandRun) throws(Problem) -> DriftSelection {
    let isAny = run.has(all) || run[kind] != nil
    guard isAny != !run.arguments.isEmpty else {
      throw Problem(
        "usage.which-drift", "It is not said which differences are meant.",
        remedy: "Give their numbers, or --class CLASS, or --all.")
    }
    if isAny { return .all(try chosenClass(run)) }
    return .rows(
      try run.arguments.map { (text) throws(Problem) in
        try (run.identifier(text, "difference") as Identifier<DriftRow>).rawValue
      })
  }

  private static func read(
    _ kind: DriftClass?, _ workspace: Workspace
  ) throws(Problem) -> [DriftRow] {
    var rows: [DriftRow] = []
    while true {
      let start = rows.count
      let window = try workspace.readBlocking { (reading) throws(Problem) in
        try reading.reports.drifts(kind, .at(start), count: 1000)
      }
      let new = window.rows.dropFirst(max(0, start - window.offset))
      rows += new
      if new.isEmpty || rows.count >= window.total { return rows }
    }
  }

  private static func print(_ rows: [DriftRow], _ run: CommandRun) {
    for kind in DriftClass.allCases {
      let found = rows.filter { $0.drift.kind == kind }
      if found.isEmpty { continue }
      run.output.line("\(Phrase.number(found.count)) \(kind.rawValue)")
      for row in found {
        let name = row.name.isEmpty ? "" : "\(row.name) "
        run.output.line("    #\(row.id)  \(name)<\(row.drift.key)>  \(row.drift.sentence)")
      }
    }
  }

  private static func json(_ row: DriftRow) -> JSONValue {
    [
      "id": .int(row.id), "class": .string(row.drift.kind.code),
      "address": .string(row.drift.key.description), "person": JSONShape.id(row.drift.person),
      "name": .string(row.name), "field": .string(row.drift.name),
      "ours": JSONShape.value(row.drift.ours), "theirs": JSONShape.value(row.drift.theirs),
      "foundAt": JSONShape.time(row.foundAt), "execution": JSONShape.id(row.execution),
    ]
  }

  // MARK: One address

  static let lookup = CommandGroup(
    Command(
      "lookup", "Show both records of one address, side by side",
      [.init("ADDRESS", .one, "An e-mail address; or #NUMBER or an external id of a person.")],
      notes: "The contact is read from Mailchimp now; nothing is changed.",
      shape: """
        {"address": "…", "person": 1 or null, "lines": [{"label": "FNAME", "here": "Ada",
          "there": "Adele", "differs": true}], "notes": ["…"]}
        """
    ) { (run) throws(Problem) in
      try run.withWorkspace { (workspace) throws(Problem) in
        let key = try key(run.argument(0), workspace)
        let found = try waitFor { () throws(Problem) in
          try await AccountAccess(workspace).lookUp(key)
        }
        let zone = try PeopleCommands.zone(workspace)
        run.report([
          "address": .string(found.key.description), "person": JSONShape.id(found.person),
          "lines": .array(
            found.lines.map {
              [
                "label": .string($0.label), "here": json($0.here), "there": json($0.there),
                "differs": .bool($0.differs),
              ]
            }), "notes": .array(found.notes.map { .string($0) }),
        ]) {
          run.output.table(
            TextTable(
              [.left(""), .left(""), .left("here"), .left("at Mailchimp")],
              found.lines.map {
                [
                  $0.differs ? "≠" : "", $0.label, text($0.here, zone), text($0.there, zone),
                ]
              }))
          run.output.lines(found.notes)
        }
      }
      return .done
    })

  private static func key(_ word: String, _ workspace: Workspace) throws(Problem) -> AddressKey {
    if word.contains("@") { return AddressKey(word) }
    let id = try PersonFinder.find(word, in: workspace)
    let person = try workspace.readBlocking { (reading) throws(Problem) in
      try reading.directory.person(id)
    }
    guard let email = person?.primaryEmail else {
      throw Problem(
        "people.no-address", "Person \(id) has no address to look up.",
        remedy: "Give the person an e-mail address.")
    }
    return AddressKey(email)
  }

  private static func text(_ cell: SideBySide.Cell, _ zone: ClockZone) -> String {
    switch cell {
    case .none: ""
    case .text(let text): text
    case .time(let instant): zone.print(instant)
    }
  }

  private static func json(_ cell: SideBySide.Cell) -> JSONValue {
    switch cell {
    case .none: .null
    case .text(let text): .string(text)
    case .time(let instant): JSONShape.time(instant)
    }
  }
}
