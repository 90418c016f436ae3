// A CSV file of people on disk, read in pieces so that its size does not matter.

import Basics
import Domain
import Glibc

package struct CSVFile: Sendable {
  package let path: String

  package init(_ path: String) { self.path = path }

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
      return rows
    }

    fileprivate func close() { fclose(file) }
  }

  /// Lets `body` read the file from its beginning.
  package func read<Value>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: (inout Rows) async throws(Problem) -> Value
  ) async throws(Problem) -> Value {
    var status = stat()
    guard stat(path, &status) == 0, let file = fopen(path, "re") else {
      throw Problem(
        "csv.no-file", "The file \(path) cannot be read.",
        remedy: "Correct its name or its rights.", cause: String(cString: strerror(errno)))
    }
    var rows = Rows(file)
    defer { rows.close() }
    if status.st_mode & S_IFMT == S_IFDIR {
      throw Problem("csv.is-folder", "\(path) is a folder.", remedy: "Name a file inside it.")
    }
    do throws(Problem) {
      return try await body(&rows)
    } catch {
      var problem = error
      if problem.code.hasPrefix("csv."), problem.fields["file"] == nil {
        problem.sentence = "\(name): \(problem.sentence)"
        problem.fields["file"] = path
      }
      throw problem
    }
  }
}

extension CSVFile: PeopleSource {
  package func describe() async throws -> SourceDescription {
    let header = try await header()
    var fields: [PersonField] = []
    for meaning in header.columns {
      switch meaning {
      case .native(let column): if let field = column.field { fields.append(field) }
      case .custom(let name): fields.append(.custom(name))
      case .ignored: break
      }
    }
    return SourceDescription(
      name: name, fields: fields, hasKeys: header.contains(.externalID), canWriteBack: false,
      tellsChanges: false)
  }

  /// Everybody in the file, in its order; a file cannot tell what changed. A row that does not fit
  /// ends the reading with its problem.
  package func people(
    changedSince cursor: SourceCursor?
  ) -> AsyncThrowingStream<PeoplePage, any Error> {
    AsyncThrowingStream { continuation in
      let reading = Task {
        do throws(Problem) {
          try await read { (rows) throws(Problem) in
            var reader: RowReader?
            while !Task.isCancelled {
              var list = try rows.next()[...]
              if list.isEmpty { break }
              if reader == nil, let first = list.popFirst() {
                reader = RowReader(
                  try CSVHeader(first, known: [], customFields: true), known: [])
              }
              guard let reader else { break }
              continuation.yield(
                PeoplePage(
                  people: try list.map { (row) throws(Problem) in
                    try person(row, reader)
                  }))
            }
          }
          continuation.finish()
        } catch {
          continuation.finish(throwing: error)
        }
      }
      continuation.onTermination = { _ in reading.cancel() }
    }
  }

  package func record(_ change: WriteBack) async throws {
    throw Problem(
      "source.cannot-write-back", "\(name) is a file that another system writes.",
      remedy: "Change the person in that system.")
  }

  private func header() async throws(Problem) -> CSVHeader {
    try await read { (rows) throws(Problem) in
      guard let first = try rows.next().first else {
        throw Problem(
          "csv.empty", "There is nothing in it.",
          remedy: "Let the first line name the columns, such as: first_name,last_name,email.")
      }
      return try CSVHeader(first, known: [], customFields: true)
    }
  }

  private func person(_ row: CSVRow, _ reader: RowReader) throws(Problem) -> SourcePerson {
    let (patch, problems) = reader.read(row)
    if let problem = problems.first { throw problem }
    var person = Person(id: PersonID(0), noticedAt: Instant(milliseconds: 0))
    let place = "\(name) line \(row.line)"
    _ = patch.apply(
      to: &person, decidedAt: person.noticedAt, how: PersonPatch.howPrefix + place)
    return SourcePerson(person: person, manager: patch.manager.value, place: place)
  }
}
