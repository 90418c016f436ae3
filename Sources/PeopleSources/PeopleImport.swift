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
  /// Rows that were left out, because they are refused.
  package var refused = 0
  /// By which it can be taken back.
  package var undo: EditMark?

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
    try await run(
      ImportOrder(path: path, takesFurther: customFields), by: who, progress: progress)
  }

  /// The same as it was ordered. `marked` is told, before each `progress`, by which mark what is
  /// written so far can be taken back: what breaks off throws, and leaves that behind. A task that
  /// is cancelled breaks off after its transaction.
  package func run(
    _ order: ImportOrder, by who: String = "",
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in },
    marked: @escaping @Sendable (EditMark) -> Void = { _ in }
  ) async throws(Problem) -> ImportReport {
    let file = CSVFile(order.path)
    if let signature = order.signature, signature != file.signature {
      throw Problem(
        "import.file-changed", "\(file.name) was changed since it was looked at.",
        remedy: "Look at it again before it is imported.")
    }
    let known = try await knownFields()
    let check = try await self.check(file, known: known, order)
    if !order.leavesOutRefused { try check.checker.verdict(file.name) }
    var report = ImportReport()
    report.read = check.rows
    report.refused = check.checker.refused.count
    report.ignoredColumns = check.header.ignored
    report.notices = check.notices(in: file.name)
    let author = "import \(file.name)" + (who.isEmpty ? "" : " by \(who)")
    try await defineFields(check.header, known: known, as: author)
    let applied = try await apply(file, check, known: known, as: author) { state in
      if let mark = state.mark { marked(mark) }
      progress(state.done, check.rows - check.checker.refused.count)
    }
    report.added = applied.added
    report.changed = applied.changed
    report.unchanged = applied.unchanged
    report.refusalsKept = applied.refusalsKept
    report.undo = applied.mark
    report.notices += PeopleImport.kept(applied.refusalsKept)
    report.notices += PeopleImport.beside(applied.beside)
    return report
  }

  private static func kept(_ refusals: Int) -> [Problem] {
    if refusals == 0 { return [] }
    return [
      Problem(
        "import.opt-outs-kept",
        "\(refusals) rows say opt-in yes for people who said no here; they stay no.",
        remedy: "Tick them one by one, or give the rows an updated_at later than the no.")
    ]
  }

  private static func beside(_ lines: Set<Int>) -> [Problem] {
    guard let first = lines.min() else { return [] }
    let who = lines.count == 1 ? "1 row is" : "\(lines.count) rows are"
    return [
      Problem(
        "import.beside",
        "\(who) of somebody new at an address that somebody else here has; the first is on line "
          + "\(first).",
        remedy: "If only a name was corrected, correct it here too and delete the second person; "
          + "with a column external_id a file can correct names.",
        fields: ["line": String(first)])
    ]
  }

  private func knownFields() async throws(Problem) -> [CustomField] {
    try await workspace.read { (reading) throws(Problem) in try reading.directory.customFields() }
  }

  // MARK: Looking

  /// Rows that samples are taken from.
  private static let sampled = 200
  private static let samplesKept = 3

  /// The columns of a file, with samples and what they seem to be.
  package func inspect(_ path: String) async throws(Problem) -> ImportFile {
    let file = CSVFile(path)
    let known = try await knownFields()
    let signature = file.signature
    let columns = try await file.read { (rows) throws(Problem) in
      var columns: [ImportFile.Column]?
      var seen = 0
      while seen < PeopleImport.sampled {
        var list = try rows.next()[...]
        if list.isEmpty { break }
        var found =
          columns ?? CSVHeader.guesses(list.popFirst() ?? CSVRow(line: 1, cells: []), known: known)
        for row in list.prefix(PeopleImport.sampled) {
          seen += 1
          for (place, cell) in row.cells.prefix(found.count).enumerated() {
            let text = Text.oneLine(cell)
            let isNew = !text.isEmpty && !found[place].samples.contains(text)
            if isNew, found[place].samples.count < PeopleImport.samplesKept {
              found[place].samples.append(text)
            }
          }
        }
        columns = found
      }
      guard let columns else { throw PagedRows.empty }
      return columns
    }
    return ImportFile(
      path: path, name: file.name, signature: signature, columns: columns,
      targets: CSVColumn.allCases.map(\.rawValue) + known.map { "custom.\($0.name)" })
  }

  /// What an import would do now, row by row; nothing is written. `progress` is told rows done. A
  /// task that is cancelled reads no further.
  package func preview(
    _ order: ImportOrder, progress: @escaping @Sendable (_ done: Int) -> Void = { _ in }
  ) async throws(Problem) -> ImportPreview {
    let file = CSVFile(order.path)
    let known = try await knownFields()
    let check = try await self.check(
      file, known: known, order, telling: ImportPreview.mostTold)
    var preview = ImportPreview()
    preview.rows = check.rows
    preview.ignoredColumns = check.header.ignored
    preview.newFields = newFields(check.header, known)
    preview.notices = check.notices(in: file.name)
    for problem in check.checker.told {
      let line = problem.fields["line"].flatMap { Int64($0) } ?? 0
      var text = problem.description
      if text.hasPrefix("Line \(line): ") { text.removeFirst("Line \(line): ".count) }
      preview.told[.refused, default: []].append(ImportRow(id: line, .refused, text: text))
    }
    preview.told[.refused]?.sort { $0.id < $1.id }
    let (workspace, reader) = (workspace, RowReader(check.header, known: known))
    let state = Locked(
      ImportState(startedAt: workspace.time.now(), file: file.name, externalIDs: check.externalIDs))
    let judged = Locked(preview)
    try await file.read { (rows) throws(Problem) in
      var isHeaderRead = false
      var done = 0
      while true {
        var list = try rows.next()[...]
        if list.isEmpty { break }
        try PeopleImport.goOn()
        if !isHeaderRead { isHeaderRead = list.popFirst() != nil }
        let patches = list.filter { !check.checker.refused.contains($0.line) }
          .map { reader.read($0).patch }
        let found = try await workspace.read { (reading) throws(Problem) in
          try state.withLock { (state) throws(Problem) in
            try state.judge(patches, reading.directory, at: reading.now)
          }
        }
        judged.withLock { preview in for row in found { preview.add(row) } }
        done += list.count
        progress(done)
      }
    }
    preview = judged.withLock { $0 }
    preview.counts[.refused] = check.checker.refused.count
    preview.notices += PeopleImport.kept(state.withLock { $0.refusalsKept })
    preview.notices += PeopleImport.beside(state.withLock { $0.beside })
    return preview
  }

  // MARK: Checking

  private struct Check {
    let header: CSVHeader
    let checker: FileChecker
    let externalIDs: Set<String>

    var rows: Int { checker.rows }

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

  /// Reads the whole file once. What is wrong with it is left to the caller, but for a header that
  /// cannot be used.
  private func check(
    _ file: CSVFile, known: [CustomField], _ order: ImportOrder,
    telling most: Int = PeopleImport.mostTold
  ) async throws(Problem) -> Check {
    let workspace = workspace
    return try await file.read { (rows) throws(Problem) in
      var checker: FileChecker?
      var header: CSVHeader?
      while true {
        var list = try rows.next()[...]
        if list.isEmpty { break }
        try PeopleImport.goOn()
        if checker == nil, let first = list.popFirst() {
          let made = try CSVHeader(
            first, known: known, customFields: order.takesFurther, matching: order.matching)
          header = made
          checker = FileChecker(RowReader(made, known: known), telling: most)
        }
        for row in list { checker?.check(row) }
      }
      guard let header, var checker else { throw PagedRows.empty }
      // References to people who are not in the file.
      let strangers = try await PeopleImport.unknown(
        Set(checker.managers.keys).subtracting(checker.lines.keys).sorted(), workspace)
      for name in strangers { checker.missManager(name) }
      let left = try await PeopleImport.unknown(checker.refusedManagers, workspace)
      checker.refuseChildren(of: left)
      return Check(header: header, checker: checker, externalIDs: Set(checker.lines.keys))
    }
  }

  /// Those of these account managers who are not in the directory.
  private static func unknown(
    _ names: [String], _ workspace: Workspace
  ) async throws(Problem) -> [String] {
    var missing: [String] = []
    for start in stride(from: 0, to: names.count, by: chunk) {
      let some = Array(names.dropFirst(start).prefix(chunk))
      let found = try await workspace.read { (reading) throws(Problem) in
        try reading.directory.managers(some)
      }
      missing += some.filter { found[$0] == nil }
    }
    return missing
  }

  private func newFields(_ header: CSVHeader, _ known: [CustomField]) -> [String] {
    header.customFields.filter { name in !known.contains { $0.name == name } }
  }

  private func defineFields(
    _ header: CSVHeader, known: [CustomField], as author: String
  ) async throws(Problem) {
    let new = newFields(header, known)
    if new.isEmpty { return }
    try await workspace.write(as: author) { (tx) throws(Problem) in
      for name in new { try tx.directory.define(CustomField(name: name, type: .text)) }
    }
  }

  // MARK: Applying

  private func apply(
    _ file: CSVFile, _ check: Check, known: [CustomField], as author: String,
    progress: @Sendable (ImportState) -> Void
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
        for row in list where !check.checker.refused.contains(row.line) {
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
    _ progress: @Sendable (ImportState) -> Void
  ) async throws(Problem) -> [PersonPatch] {
    var left = patches[...]
    while left.count > rest {
      try PeopleImport.goOn()
      let chunk = Array(left.prefix(PeopleImport.chunk))
      left = left.dropFirst(chunk.count)
      let done = try await workspace.write(as: author) { (tx) throws(Problem) in
        try state.withLock { (state) throws(Problem) in
          let mark = try tx.marking { () throws(Problem) in try state.apply(chunk, on: tx) }.mark
          state.mark = mark.map { $0.joined(state.mark) } ?? state.mark
          return state
        }
      }
      progress(done)
    }
    return Array(left)
  }

  /// Throws where somebody stopped it.
  private static func goOn() throws(Problem) {
    guard Task.isCancelled else { return }
    throw Problem("import.stopped", "The import was stopped.")
  }

  private static func changed(_ name: String) -> Problem {
    Problem(
      "import.file-changed", "\(name) was changed while it was imported.",
      remedy: "Import it again; what is already in the directory is left as it is.")
  }
}
