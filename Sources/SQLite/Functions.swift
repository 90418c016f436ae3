// Swift functions that SQL may call, such as a digest in a trigger or an index. They are pure: the
// same values give the same answer, on every machine and forever, because indexes may store it.

import Basics
import CSQLite

extension Connection {
  /// Makes `body` known as `name` to this connection. What it throws becomes the statement's error.
  package func register(
    function name: String, arguments: Int,
    _ body: @escaping ([SQLiteValue]) throws(Problem) -> SQLiteValue
  ) throws(Problem) {
    let box = Unmanaged.passRetained(ScalarFunction(body)).toOpaque()
    // On failure SQLite calls the destructor too, so the box is never left over.
    let result = sqlite3_create_function_v2(
      handle, name, Int32(arguments),
      SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, box,
      { context, count, values in ScalarFunction.call(context, count, values) }, nil, nil,
      { box in
        if let box { Unmanaged<ScalarFunction>.fromOpaque(box).release() }
      })
    if result != SQLITE_OK { throw problem(result, sql: name, preparing: true) }
  }
}

private final class ScalarFunction {
  let body: ([SQLiteValue]) throws(Problem) -> SQLiteValue

  init(_ body: @escaping ([SQLiteValue]) throws(Problem) -> SQLiteValue) { self.body = body }

  static func call(
    _ context: OpaquePointer?, _ count: Int32, _ values: UnsafeMutablePointer<OpaquePointer?>?
  ) {
    guard let box = sqlite3_user_data(context) else { return }
    let function = Unmanaged<ScalarFunction>.fromOpaque(box).takeUnretainedValue()
    do throws(Problem) {
      switch try function.body((0..<Int(count)).map { value(values?[$0]) }) {
      case .null: sqlite3_result_null(context)
      case .integer(let number): sqlite3_result_int64(context, number)
      case .real(let number): sqlite3_result_double(context, number)
      case .text(var text):
        text.withUTF8 { lk_sqlite_result_text(context, $0.baseAddress, sqlite3_uint64($0.count)) }
      case .blob(let bytes):
        bytes.withUnsafeBytes {
          lk_sqlite_result_blob(context, $0.baseAddress, sqlite3_uint64($0.count))
        }
      }
    } catch {
      sqlite3_result_error(context, error.code, -1)
    }
  }

  private static func value(_ value: OpaquePointer?) -> SQLiteValue {
    func bytes(_ start: UnsafeRawPointer?) -> UnsafeRawBufferPointer {
      UnsafeRawBufferPointer(start: start, count: Int(sqlite3_value_bytes(value)))
    }
    switch sqlite3_value_type(value) {
    case SQLITE_INTEGER: return .integer(sqlite3_value_int64(value))
    case SQLITE_FLOAT: return .real(sqlite3_value_double(value))
    case SQLITE_TEXT:
      let start = UnsafeRawPointer(sqlite3_value_text(value))
      return .text(String(decoding: bytes(start), as: UTF8.self))
    case SQLITE_BLOB:
      let start = sqlite3_value_blob(value)
      return .blob(Array(bytes(start)))
    default: return .null
    }
  }
}
