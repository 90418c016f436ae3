// What goes into a statement. A type that is `Bindable` says once how it is stored (times as whole
// milliseconds, ids and truth values as integers), so that no statement converts on its own.

import Basics

/// One of SQLite's five storage classes.
package enum SQLiteValue: Sendable, Hashable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case blob([UInt8])
}

package protocol Bindable: Sendable {
  var sqliteValue: SQLiteValue { get }
}

/// A list of values to bind; `nil` is NULL.
package typealias Bindings = [(any Bindable)?]

extension SQLiteValue: Bindable {
  package var sqliteValue: SQLiteValue { self }
}

extension Int64: Bindable {
  package var sqliteValue: SQLiteValue { .integer(self) }
}

extension Int: Bindable {
  package var sqliteValue: SQLiteValue { .integer(Int64(self)) }
}

extension Int32: Bindable {
  package var sqliteValue: SQLiteValue { .integer(Int64(self)) }
}

extension Bool: Bindable {
  package var sqliteValue: SQLiteValue { .integer(self ? 1 : 0) }
}

extension Double: Bindable {
  package var sqliteValue: SQLiteValue { .real(self) }
}

extension String: Bindable {
  package var sqliteValue: SQLiteValue { .text(self) }
}

extension Substring: Bindable {
  package var sqliteValue: SQLiteValue { .text(String(self)) }
}

extension [UInt8]: Bindable {
  package var sqliteValue: SQLiteValue { .blob(self) }
}

extension Instant: Bindable {
  package var sqliteValue: SQLiteValue { .integer(milliseconds) }
}

extension CivilDate: Bindable {
  package var sqliteValue: SQLiteValue { .text(description) }
}

extension Identifier: Bindable {
  package var sqliteValue: SQLiteValue { .integer(rawValue) }
}

extension JSONValue: Bindable {
  package var sqliteValue: SQLiteValue { .text(description) }
}

/// An enumeration kept by its raw value conforms by `extension State: Bindable {}`.
extension Bindable where Self: RawRepresentable, RawValue: Bindable {
  package var sqliteValue: SQLiteValue { rawValue.sqliteValue }
}
