// The row a statement stands on, read by column index. A `Row` is only a view: it is valid inside
// the closure it is handed to, and keeping it longer reads another row or none.

import Basics
import CSQLite

package struct Row {
  let statement: OpaquePointer

  package var columnCount: Int { Int(sqlite3_column_count(statement)) }

  package func columnName(_ index: Int) -> String {
    sqlite3_column_name(statement, Int32(index)).map { String(cString: $0) } ?? ""
  }

  package func isNull(_ index: Int) -> Bool {
    sqlite3_column_type(statement, Int32(index)) == SQLITE_NULL
  }

  // A NULL reads as zero, empty or false here; where NULL means something, use the optional twin.

  package func int(_ index: Int) -> Int { Int(sqlite3_column_int64(statement, Int32(index))) }
  package func int64(_ index: Int) -> Int64 { sqlite3_column_int64(statement, Int32(index)) }
  package func bool(_ index: Int) -> Bool { int64(index) != 0 }
  package func double(_ index: Int) -> Double { sqlite3_column_double(statement, Int32(index)) }

  package func instant(_ index: Int) -> Instant { Instant(milliseconds: int64(index)) }

  package func identifier<Tag>(_ index: Int) -> Identifier<Tag> { Identifier(int64(index)) }

  /// Bytes that are not UTF-8 read as U+FFFD; a NUL inside stays.
  package func text(_ index: Int) -> String {
    withBytes(ofText: index) { String(decoding: $0, as: UTF8.self) }
  }

  package func blob(_ index: Int) -> [UInt8] {
    guard let start = sqlite3_column_blob(statement, Int32(index)) else { return [] }
    let count = Int(sqlite3_column_bytes(statement, Int32(index)))
    return Array(UnsafeRawBufferPointer(start: start, count: count))
  }

  package func optionalInt(_ index: Int) -> Int? { isNull(index) ? nil : int(index) }
  package func optionalInt64(_ index: Int) -> Int64? { isNull(index) ? nil : int64(index) }
  package func optionalBool(_ index: Int) -> Bool? { isNull(index) ? nil : bool(index) }
  package func optionalDouble(_ index: Int) -> Double? { isNull(index) ? nil : double(index) }
  package func optionalText(_ index: Int) -> String? { isNull(index) ? nil : text(index) }
  package func optionalBlob(_ index: Int) -> [UInt8]? { isNull(index) ? nil : blob(index) }
  package func optionalInstant(_ index: Int) -> Instant? { isNull(index) ? nil : instant(index) }
  package func optionalIdentifier<Tag>(_ index: Int) -> Identifier<Tag>? {
    isNull(index) ? nil : identifier(index)
  }

  /// JSON kept as text; text that is not JSON is a problem.
  package func json(_ index: Int) throws(Problem) -> JSONValue {
    try JSONValue.parse(withBytes(ofText: index) { Array($0) })
  }

  /// An enumeration kept by its raw value; a value it does not know is a problem that names it.
  package func state<State: RawRepresentable>(_ index: Int) throws(Problem) -> State
  where State.RawValue == String {
    let raw = text(index)
    guard let state = State(rawValue: raw) else {
      throw Problem(
        "sqlite.unknown-state", "The file holds a \(State.self) this version does not know.",
        remedy: "Use the version that wrote the file.", cause: raw)
    }
    return state
  }

  package func value(_ index: Int) -> SQLiteValue {
    switch sqlite3_column_type(statement, Int32(index)) {
    case SQLITE_INTEGER: .integer(int64(index))
    case SQLITE_FLOAT: .real(double(index))
    case SQLITE_TEXT: .text(text(index))
    case SQLITE_BLOB: .blob(blob(index))
    default: .null
    }
  }

  /// The UTF-8 bytes of a column without a copy, valid inside `body`; NULL gives none.
  package func withBytes<Result>(
    ofText index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    guard let start = sqlite3_column_text(statement, Int32(index)) else {
      return body(UnsafeBufferPointer(start: nil, count: 0))
    }
    // The length is asked after the text, because asking for text may convert the column.
    let count = Int(sqlite3_column_bytes(statement, Int32(index)))
    return body(UnsafeBufferPointer(start: start, count: count))
  }
}
