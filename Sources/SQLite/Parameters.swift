// The names of a statement's parameters, for statements that an administrator wrote.

import Basics
import CSQLite

extension Connection {
  /// In their order, with the sign before the name; nil for one without a name. A name that stands
  /// twice is one parameter.
  package func parameters(of sql: String) throws(Problem) -> [String?] {
    var statement: OpaquePointer?
    let result = sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
    guard result == SQLITE_OK else { throw problem(result, sql: sql, preparing: true) }
    defer { sqlite3_finalize(statement) }
    return (0..<Int(sqlite3_bind_parameter_count(statement))).map { index in
      sqlite3_bind_parameter_name(statement, Int32(index + 1)).map { String(cString: $0) }
    }
  }
}
