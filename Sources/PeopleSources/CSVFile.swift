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
