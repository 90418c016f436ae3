// A CSV file into the directory: read whole and checked first, then applied in transactions of a few
// hundred rows. A file with anything wrong in it writes nothing. Whatever cuts an import off, the
// same file again brings what is missing and changes nothing else, because only what differs is
// written; that is what makes it resumable.
//
// Who is meant by a row: whoever has its external id; without one, somebody with its e-mail address
// (or none, as the row) and its names, each of them by one row of the file only. Somebody whose
// account manager comes further down the file is written after them, never before: a child must not
// stand in the directory for an instant without the manager who is written to instead.

import Basics
import Domain
import Storage

package struct ImportReport: Sendable, Equatable {
  /// Rows of the file.
  package var read = 0
  package var added = 0
  package var changed = 0
  package var unchanged = 0
  package var ignoredColumns: [String] = []
  /// What somebody should know, as problems that stopped nothing.
  package var notices: [Problem] = []
  /// Rows that say yes where somebody here said no, later than any file.
  package var refusalsKept = 0

  package init() {}
}

package struct PeopleImport: Sendable {
  /// Rows a transaction: 500 would keep others waiting for longer than 100 ms.
  package static let chunk = 250
  /// Problems that are told one by one; of the rest, their number.
  package static let mostTold = 20

  private let workspace: Workspace

  package init(_ workspace: Workspace) { self.workspace = workspace }

  /// Imports the file. `progress` is told rows done and rows in all, after each transaction.
  package func run(
    path: String, customFields: Bool = false, by who: String = "",
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) async throws(Problem) -> ImportReport {
    let file = CSVFile(path)
    let known = try await workspace.read { (reading) throws(Problem) in
      try reading.directory.customFields()
    }
    let check = try await self.check(file, known: known, customFields: customFields)
    var report = ImportReport()
    report.read = check.rows
    report.ignoredColumns = check.header.ignored
    report.notices = check.notices(in: file.name)
    let author = "import \(file.name)" + (who.isEmpty ? "" : " by \(who)")
    try await defineFields(check.header, known: known, as: author)
    let applied = try await apply(file, check, known: known, as: author) { done in
      progress(done, check.rows)
    }
    report.added = applied.added
    report.changed = applied.changed
    report.unchanged = applied.unchanged
    report.refusalsKept = applied.refusalsKept
    if applied.refusalsKept > 0 {
      report.notices.append(
        Problem(
          "import.opt-outs-kept",
          "\(applied.refusalsKept) rows say opt-in yes for people who said no here; they stay no.",
          remedy: "Tick them one by one, or give the rows an updated_at later than the no."))
    }
    return report
  }

  // MARK: Checking

  private struct Check {
    let header: CSVHeader
    let rows: Int
    let externalIDs: Set<String>

    func notices(in file: String) -> [Problem] {
      var notices: [Problem] = []
      if rows == 0 {
        notices.append(
          Problem("import.empty", "\(file) has a header and nobody below it."))
      }
      for suggestion in header.suggestions {
        notices.append(
          Problem(
            "import.column-suggested",
            "\(file) has no column \(suggestion.column.rawValue), but a column "
              + "'\(suggestion.name)'.",
            remedy: "If that is meant, rename it to \(suggestion.column.rawValue) and import again."
          ))
      }
      return notices
    }
  }

  private func check(
    _ file: CSVFile, known: [CustomField], customFields: Bool
  ) async throws(Problem) -> Check {
    let workspace = workspace
    return try await file.read { (rows) throws(Problem) in
      var checker: FileChecker?
      var header: CSVHeader?
      while true {
        var list = try rows.next()[...]
        if list.isEmpty { break }
        if checker == nil, let first = list.popFirst() {
          let made = try CSVHeader(first, known: known, customFields: customFields)
          header = made
          checker = FileChecker(RowReader(made, known: known))
        }
        for row in list { checker?.check(row) }
      }
      guard let header, var checker else {
        throw Problem(
          "csv.empty", "There is nothing in it.",
          remedy: "Let the first line name the columns, such as: first_name,last_name,email.")
      }
      // References to people who are not in the file.
      let names = Set(checker.managers.keys).subtracting(checker.lines.keys)
      for start in stride(from: 0, to: names.count, by: PeopleImport.chunk) {
        let some = Array(names.dropFirst(start).prefix(PeopleImport.chunk))
        let found = try await workspace.read { (reading) throws(Problem) in
          try reading.directory.managers(some)
        }
        for name in some where found[name] == nil { checker.missManager(name) }
      }
      try checker.verdict(file.name)
      return Check(
        header: header, rows: checker.rows, externalIDs: Set(checker.lines.keys))
    }
  }

  private func defineFields(
    _ header: CSVHeader, known: [CustomField], as author: String
  ) async throws(Problem) {
    let new = header.customFields.filter { name in !known.contains { $0.name == name } }
    if new.isEmpty { return }
    try await workspace.write(as: author) { (tx) throws(Problem) in
      for name in new { try tx.directory.define(CustomField(name: name, type: .text)) }
    }
  }

  // MARK: Applying

  private func apply(
    _ file: CSVFile, _ check: Check, known: [CustomField], as author: String,
    progress: @Sendable (Int) -> Void
  ) async throws(Problem) -> ImportState {
    let reader = RowReader(check.header, known: known)
    // Changed in place by one transaction after the other; one that is refused ends the import.
    let state = Locked(
      ImportState(
        startedAt: workspace.time.now(), file: file.name, externalIDs: check.externalIDs))
    try await file.read { (rows) throws(Problem) in
      var waiting: [PersonPatch] = []
      var isHeaderRead = false
      var isAtEnd = false
      while !isAtEnd {
        var list = try rows.next()[...]
        isAtEnd = list.isEmpty
        if !isHeaderRead { isHeaderRead = list.popFirst() != nil }
        for row in list {
          let (patch, problems) = reader.read(row)
          // It was in order a moment ago.
          if !problems.isEmpty { throw PeopleImport.changed(file.name) }
          waiting.append(patch)
        }
        waiting = try await write(
          waiting, leaving: isAtEnd ? 0 : PeopleImport.chunk - 1, state, as: author, progress)
      }
    }
    // Those whose managers came later; each round settles at least those of the round before.
    var circles = 0
    while circles < 3 {
      let round = state.withLock { state in
        defer { state.deferred = [] }
        return state.deferred
      }
      if round.isEmpty { break }
      _ = try await write(round, leaving: 0, state, as: author, progress)
      // Managers who manage each other: somebody has to come first. Beyond three times, a manager
      // went out of the directory while this ran.
      let isStuck = state.withLock { state in
        state.takesAll = state.deferred.count == round.count
        return state.takesAll
      }
      if isStuck { circles += 1 }
    }
    return state.withLock { $0 }
  }

  /// Writes `patches` chunk by chunk until at most `rest` are left, which it returns.
  private func write(
    _ patches: [PersonPatch], leaving rest: Int, _ state: Locked<ImportState>, as author: String,
    _ progress: @Sendable (Int) -> Void
  ) async throws(Problem) -> [PersonPatch] {
    var left = patches[...]
    while left.count > rest {
      let chunk = Array(left.prefix(PeopleImport.chunk))
      left = left.dropFirst(chunk.count)
      let done = try await workspace.write(as: author) { (tx) throws(Problem) in
        try state.withLock { (state) throws(Problem) in
          try state.apply(chunk, on: tx)
          return state.done
        }
      }
      progress(done)
    }
    return Array(left)
  }

  private static func changed(_ name: String) -> Problem {
    Problem(
      "import.file-changed", "\(name) was changed while it was imported.",
      remedy: "Import it again; what is already in the directory is left as it is.")
  }
}
