// A folder of its own for one test, under the system's temporary folder. It and all it holds are
// gone when the last reference goes, so keep the object alive as long as anything has a file open.

import Foundation

package final class TemporaryDirectory: Sendable {
  /// Absolute, without a slash at its end.
  package let path: String

  package convenience init() throws {
    try self.init(under: ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp")
  }

  /// For tests of thousands of small files that do not ask what a disk keeps: in memory where the
  /// system offers that.
  package static func inMemory() throws -> TemporaryDirectory {
    try (try? TemporaryDirectory(under: "/dev/shm")) ?? TemporaryDirectory()
  }

  private init(under base: String) throws {
    var template = Array("\(base)/listkeeper-test-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else {
      throw Violation("no folder under \(base): \(String(cString: strerror(errno)))")
    }
    path = String(cString: made)
  }

  deinit {
    // What cannot be removed only leaves litter; the test has already said what it had to say.
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The path of `name` inside; nothing is created.
  package func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file and returns its path.
  @discardableResult
  package func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    return file(name)
  }

  /// Writes a file of UTF-8 text and returns its path.
  @discardableResult
  package func write(_ name: String, _ text: String) throws -> String {
    try write(name, Array(text.utf8))
  }
}
