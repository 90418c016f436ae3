// A CSV file of people on disk, read in pieces so that its size does not matter.

import Basics
import Domain
import Glibc

package struct CSVFile: Sendable {
  package let path: String
  /// How its columns are understood where the file is a source.
  let columns: SourceColumns

  package init(_ path: String, columns: SourceColumns = SourceColumns()) {
    self.path = path
    self.columns = columns
  }

  /// Its name without the folder, for audit and messages.
  package var name: String {
    Text.oneLine(path.split(separator: "/").last.map(String.init) ?? path)
  }

  /// Reads the rows from the top, the header among them, a list at a time.
  package struct Rows {
    private let file: UnsafeMutablePointer<FILE>
    private var parser = CSVParser()
    private var isAtEnd = false

    fileprivate init(_ file: UnsafeMutablePointer<FILE>) { self.file = file }

    /// The next rows, none only at the end.
    package mutating func next() throws(Problem) -> [CSVRow] {
      var rows: [CSVRow] = []
      var buffer = [UInt8](repeating: 0, count: 64 * 1024)
      while rows.isEmpty, !isAtEnd {
        let count = fread(&buffer, 1, buffer.count, file)
        if count > 0 {
          try parser.feed(buffer[..<count]) { rows.append($0) }
        } else if ferror(file) != 0 {
          throw Problem(
            "csv.cannot-read", "The file stopped being readable.",
            remedy: "Copy it to this machine and try again.",
            cause: String(cString: strerror(errno)))
        } else {
          isAtEnd = true
          try parser.finish { rows.append($0) }
        }
      }
      return rows.map { row in
        // Quicker than a copy of every row: hardly any has one.
        guard row.cells.contains(where: { $0.utf8.first == UInt8(ascii: "'") }) else { return row }
        return CSVRow(line: row.line, cells: row.cells.map(CSVWriter.unguarded))
      }
    }

    fileprivate func close() { fclose(file) }
  }

  /// Lets `body` read the file from its beginning.
  package func read<Value>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: (inout Rows) async throws(Problem) -> Value
  ) async throws(Problem) -> Value {
    var rows = try open()
    defer { rows.close() }
    do throws(Problem) { return try await body(&rows) } catch { throw named(error) }
  }

  /// The same for a thread that may block.
  func readBlocking<Value>(_ body: (inout Rows) throws(Problem) -> Value) throws(Problem) -> Value {
    var rows = try open()
    defer { rows.close() }
    do throws(Problem) { return try body(&rows) } catch { throw named(error) }
  }

  private func open() throws(Problem) -> Rows {
    var status = stat()
    guard stat(path, &status) == 0, let file = fopen(path, "re") else {
      throw Problem(
        "csv.no-file", "The file \(path) cannot be read.",
        remedy: "Correct its name or its rights.", cause: String(cString: strerror(errno)))
    }
    if status.st_mode & S_IFMT == S_IFDIR {
      fclose(file)
      throw Problem("csv.is-folder", "\(path) is a folder.", remedy: "Name a file inside it.")
    }
    return Rows(file)
  }

  private func named(_ problem: Problem) -> Problem {
    guard problem.code.hasPrefix("csv."), problem.fields["file"] == nil else { return problem }
    var problem = problem
    problem.sentence = "\(name): \(problem.sentence)"
    problem.fields["file"] = path
    return problem
  }

  /// Changes whenever the file is written or replaced; nil where there is none.
  package var signature: String? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    let time = status.st_mtim
    return "\(status.st_dev):\(status.st_ino):\(status.st_size):\(time.tv_sec).\(time.tv_nsec)"
  }
}

extension CSVFile: PeopleSource {
  package func describe() async throws -> SourceDescription {
    let header = try await header()
    var fields: [PersonField] = []
    for meaning in header?.columns ?? [] {
      switch meaning {
      case .native(let column): if let field = column.field { fields.append(field) }
      case .custom(let name): fields.append(.custom(name))
      case .ignored: break
      }
    }
    return SourceDescription(
      name: name, fields: fields, hasKeys: header?.contains(.externalID) ?? true,
      canWriteBack: false,
      tellsChanges: false)
  }

  /// Everybody in the file, in its order; a file cannot tell what changed. A file that is written
  /// while it is read ends the reading: half of it would pass for all of it.
  package func people(
    changedSince cursor: SourceCursor?
  ) -> AsyncThrowingStream<PeoplePage, any Error> {
    PageChannel.stream { (channel) throws(Problem) in
      let before = signature
      try readBlocking { (rows) throws(Problem) in
        var pages = PagedRows(columns, source: name, into: channel)
        while true {
          let list = try rows.next()
          if list.isEmpty { break }
          for row in list { try pages.add(row) }
        }
        try pages.finish()
      }
      if signature != before {
        throw Problem(
          "source.changed-meanwhile", "\(name) was written while it was read.",
          remedy: "It is read again by itself.")
      }
    }
  }

  package func record(_ change: WriteBack) async throws { throw Problem.cannotWriteBack(name) }

  /// Nil for a file in which nothing is: it tells of nobody, as one with a header alone does.
  private func header() async throws(Problem) -> CSVHeader? {
    try await read { (rows) throws(Problem) in
      guard let first = try rows.next().first else { return nil }
      return try CSVHeader(first, known: columns.known, customFields: true)
    }
  }
}

/// Gathers rows, the header first, into pages.
struct PagedRows {
  private let columns: SourceColumns
  private let source: String
  private let channel: PageChannel
  private var reader: SourceRowReader?
  private var page = PeoplePage()

  init(_ columns: SourceColumns, source: String, into channel: PageChannel) {
    self.columns = columns
    self.source = source
    self.channel = channel
  }

  mutating func add(_ row: CSVRow) throws(Problem) {
    guard let reader else {
      reader = try SourceRowReader(row.cells, columns, source: source)
      return
    }
    var cells = row.cells[...]
    while cells.count > reader.meanings.count, cells.last == "" { cells.removeLast() }
    reader.add(Array(cells), at: "\(source) line \(row.line)", to: &page)
    if page.count == PeoplePage.size {
      try channel.put(page)
      page = PeoplePage()
    }
  }

  /// To be called after the last row. Without any it is a source that came back empty, for the guard.
  mutating func finish() throws(Problem) {
    if page.count > 0 { try channel.put(page) }
  }

  static let empty = Problem(
    "csv.empty", "There is nothing in it.",
    remedy: "Let the first line name the columns, such as: first_name,last_name,email.")
}
