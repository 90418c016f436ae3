// Files that hold people or what programs did: readable by their owner only.

import Basics
import Glibc

enum PrivateFile {
  /// A new file that is written piece by piece; one that is there already is left alone.
  final class Writer {
    private let path: String
    private let descriptor: Int32

    init(_ path: String) throws(Problem) {
      self.path = path
      descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { throw unwritable(path) }
    }

    deinit { close(descriptor) }

    func put(_ bytes: [UInt8]) throws(Problem) {
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 else { throw unwritable(path) }
        rest = rest.dropFirst(count)
      }
    }
  }

  /// Writes a new file; one that is there already is left alone.
  static func write(_ text: String, to path: String) throws(Problem) {
    try Writer(path).put(Array(text.utf8))
  }

  /// Makes the folders of an absolute path, for their owner only.
  static func makeFolder(_ path: String) throws(Problem) {
    var made = ""
    for part in path.split(separator: "/") {
      made += "/" + part
      guard mkdir(made, 0o700) == 0 || errno == EEXIST else { throw unwritable(made) }
    }
  }

  private static func unwritable(_ path: String) -> Problem {
    let isThere = errno == EEXIST
    let cause = String(cString: strerror(errno))
    if isThere {
      return Problem(
        "file.there-already", "\(path) is there already, and is left as it is.",
        remedy: "Give the name of a new file.", fields: ["file": path], cause: cause)
    }
    return Problem(
      "file.unwritable", "\(path) cannot be written.",
      remedy: "Correct the rights of its folder, or free some space.", fields: ["file": path],
      cause: cause)
  }
}
