// Another program's SQLite database as a source: a query whose columns carry the names of a people
// file. What must stay true: reading opens it for reading only, nothing here makes a file, and no
// statement works longer than its limit.

import Basics
import Domain
import Glibc
import SQLite

package struct SQLiteDatabase: PeopleSource {
  let path: String
  let query: String
  /// Empty where nothing goes back.
  let writeBack: String
  let columns: SourceColumns
  /// How long one statement may work; waiting until somebody takes the people in does not count.
  let limit: Duration

  package init(
    _ path: String, query: String, writeBack: String = "", columns: SourceColumns = SourceColumns(),
    limit: Duration = .seconds(300)
  ) {
    self.limit = limit
    self.path = path
    self.query = query
    self.writeBack = writeBack
    self.columns = columns
  }

  package var name: String {
    Text.oneLine(path.split(separator: "/").last.map(String.init) ?? path)
  }

  package func describe() async throws -> SourceDescription {
    SourceDescription(
      name: name, fields: [], hasKeys: true, canWriteBack: !writeBack.isEmpty, tellsChanges: false)
  }

  /// Everybody the query finds, as the database was at one moment.
  package func people(
    changedSince cursor: SourceCursor?
  ) -> AsyncThrowingStream<PeoplePage, any Error> {
    PageChannel.stream { (channel) throws(Problem) in
      let connection = try open(.readOnly)
      let work = WorkLimit(limit, on: connection) { channel.isAbandoned }
      var reader: SourceRowReader?
      var page = PeoplePage()
      var number = 0
      do throws(Problem) {
        try connection.query(query) { (row) throws(Problem) in
          number += 1
          if reader == nil {
            reader = try SourceRowReader(
              (0..<row.columnCount).map { row.columnName($0) }, columns, source: name)
          }
          let cells = (0..<row.columnCount).map { SQLiteDatabase.text(row.value($0)) }
          reader?.add(cells, at: "\(name) row \(number)", to: &page)
          if page.count == PeoplePage.size {
            let full = page
            try work.pausing { () throws(Problem) in try channel.put(full) }
            page = PeoplePage()
          }
        }
      } catch {
        throw told(error, work, "source.query", query)
      }
      if page.count > 0 { try channel.put(page) }
    }
  }

  package func record(_ change: WriteBack) async throws {
    if writeBack.isEmpty { throw Problem.cannotWriteBack(name) }
    let isUnwanted = Locked(false)
    try await withTaskCancellationHandler {
      try await Blocking.run { () throws(Problem) in
        try record(change) { isUnwanted.withLock { $0 } }
      }
    } onCancel: {
      isUnwanted.withLock { $0 = true }
    }
  }

  /// Blocks.
  private func record(
    _ change: WriteBack, isAbandoned: @escaping @Sendable () -> Bool
  ) throws(Problem) {
    let connection = try open(.readWrite)
    let work = WorkLimit(limit, on: connection, isAbandoned: isAbandoned)
    do throws(Problem) {
      var values: Bindings = []
      for parameter in try connection.parameters(of: writeBack) {
        values.append(try value(of: parameter, in: change))
      }
      guard try connection.execute(writeBack, bindings: values) > 0 else {
        throw Problem(
          "source.nobody-there", "\(name) has nobody with the key \(change.externalID).",
          remedy: "Refresh, and correct source.write-back if it stays so.")
      }
    } catch {
      throw told(error, work, "source.write-back", writeBack)
    }
  }

  private func told(
    _ problem: Problem, _ work: WorkLimit, _ setting: String, _ statement: String
  ) -> Problem {
    if work.isUnwanted { return Problem("cancelled", "The work at the source was given up.") }
    return work.hasPassed ? tooSlow(setting, statement) : named(problem)
  }

  private func value(of parameter: String?, in change: WriteBack) throws(Problem) -> String? {
    let field = (parameter ?? "").dropFirst()
    if field == "external_id" { return change.externalID }
    let known = change.values.first { $0.key.parameterName == field }
    if let known { return known.value }
    guard PersonField(String(field)) != nil || field.hasPrefix("custom_") else {
      throw Problem(
        "settings.write-back", "source.write-back has a parameter '\(parameter ?? "?")'.",
        remedy: "Name :external_id and fields such as :first_name or :custom_NAME.")
    }
    // NULL: this field did not change.
    return nil
  }

  private func open(_ mode: Connection.Mode) throws(Problem) -> Connection {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw Problem(
        "source.no-file", "There is no database \(path).",
        remedy: "Correct source.path.", cause: String(cString: strerror(errno)))
    }
    return try Connection(path: path, mode: mode, keepingJournal: true)
  }

  /// Trying it again would take as long: it is not tried by itself.
  private func tooSlow(_ setting: String, _ statement: String) -> Problem {
    let text = Text.oneLine(statement)
    return Problem(
      "source.too-slow",
      "\(setting) worked on \(name) for longer than \(limit.wholeMilliseconds / 1000) seconds and "
        + "was ended: \(text.count > 200 ? text.prefix(200) + "…" : text)",
      remedy: "Run it with sqlite3 and make it faster (an index), or raise source.time-limit.")
  }

  private func named(_ problem: Problem) -> Problem {
    guard problem.code.hasPrefix("sqlite."), !problem.isTransientAtSource else { return problem }
    var problem = Problem(
      "source.query",
      "\(name) refused a statement: \(Text.oneLine(problem.cause ?? problem.sentence))",
      remedy: "Correct source.query or source.write-back.", fields: problem.fields)
    if !problem.sentence.hasSuffix(".") { problem.sentence += "." }
    return problem
  }

  private static func text(_ value: SQLiteValue) -> String? {
    switch value {
    case .null: ""
    case .integer(let number): String(number)
    case .real(let number): number.plain
    case .text(let text): text
    // No text: it is left out.
    case .blob: nil
    }
  }
}

extension PersonField {
  /// How a statement calls it: `:first_name`, `:custom_NAME`.
  fileprivate var parameterName: String {
    if case .custom(let name) = self { return "custom_\(name)" }
    return description
  }
}
