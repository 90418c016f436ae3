// The diagnostic log: JSON lines for us, never for the administrator's screen (log lines of
// executions are another thing and live in the workspace). Levels say whose fault it is: error is
// ours, warning the world's, info a fact worth keeping, debug everything. Nothing is written unless
// a file was named; a line is one write(2), so that two processes may share the file.

import Glibc

package enum LogLevel: Int, Sendable, Comparable, CaseIterable {
  case debug, info, warning, error

  package var name: String {
    switch self {
    case .debug: "debug"
    case .info: "info"
    case .warning: "warning"
    case .error: "error"
    }
  }

  package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

package struct DiagnosticLog: Sendable {
  private let descriptor: Int32?
  private let threshold: LogLevel
  private let time: any TimeSource

  /// Writes nothing.
  package static let silent = DiagnosticLog()

  private init() {
    descriptor = nil
    threshold = .error
    time = SystemTime()
  }

  /// Appends to `path`, which becomes readable by its owner only.
  package init(
    path: String, threshold: LogLevel = .info, time: any TimeSource = SystemTime()
  ) throws(Problem) {
    let opened = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard opened >= 0 else {
      throw Problem(
        "log.cannot-open", "The diagnostic log \(path) cannot be opened.",
        remedy: "Name another file, or correct the folder's rights.",
        cause: String(cString: strerror(errno)))
    }
    // Made by an earlier hand, with other rights; what is not ours, or a device, stays as it is.
    var status = stat()
    if fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(),
      status.st_mode & 0o077 != 0
    {
      _ = fchmod(opened, 0o600)
    }
    descriptor = opened
    self.threshold = threshold
    self.time = time
  }

  /// Where standard error may be sent while a full-screen console owns the terminal.
  package var fileDescriptor: Int32? { descriptor }

  /// `sentence` begins in lower case and has no full stop; values go into `fields`.
  package func write(_ level: LogLevel, _ sentence: String, _ fields: [String: JSONValue] = [:]) {
    guard let descriptor, level >= threshold else { return }
    var line = JSONValue.object(
      fields.merging([
        "at": .string(time.now().description), "level": .string(level.name),
        "message": .string(sentence),
      ]) { _, own in own }
    ).serialized()
    line.append(0x0A)
    // A full disk must not stop a sync; the log is the one thing that may be lost.
    _ = line.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
  }

  package func problem(_ level: LogLevel, _ problem: Problem) {
    var fields: [String: JSONValue] = ["code": .string(problem.code)]
    if let cause = problem.cause { fields["cause"] = .string(cause) }
    for (name, value) in problem.fields { fields[name] = .string(value) }
    write(level, problem.sentence, fields)
  }
}
