// Programs as somebody runs them: started from their file, with an environment of their own, read
// through pipes. For programs on a terminal there is `TerminalSession`. What must stay true: no child
// outlives the test that started it, and every wait has an end.

import Basics
import Foundation
import Glibc

package final class ChildProcess: Sendable {
  package struct Ended: Sendable, Hashable {
    /// The exit code; 128 and the signal's number when a signal ended it.
    package var code: Int32
    package var output: String
    package var errors: String

    package init(code: Int32, output: String = "", errors: String = "") {
      self.code = code
      self.output = output
      self.errors = errors
    }
  }

  struct State: Sendable {
    var output: [UInt8] = []
    var errors: [UInt8] = []
    var openPipes = 2
    var code: Int32?
  }

  package let pid: pid_t
  private let state: Observed<State>
  private let input: Locked<Int32>

  /// Starts a program; `environment` is added to a plain one (PATH, HOME, LANG=C.UTF-8).
  package init(
    _ executable: String, _ arguments: [String] = [], environment: [String: String] = [:],
    directory: String? = nil
  ) throws {
    let pipes = try [Pipes.make(), Pipes.make(), Pipes.make()]
    let observed = Observed(State())
    pid = try Spawn.start(
      executable, arguments, environment: Spawn.environment(environment), directory: directory,
      descriptors: [0: pipes[0].read, 1: pipes[1].write, 2: pipes[2].write], newSession: false)
    for descriptor in [pipes[0].read, pipes[1].write, pipes[2].write] { close(descriptor) }
    state = observed
    input = Locked(pipes[0].write)
    Self.drain(pipes[1].read) { bytes in
      observed.update { $0.output.append(contentsOf: bytes) }
    } atEnd: {
      observed.update { $0.openPipes -= 1 }
    }
    Self.drain(pipes[2].read) { bytes in
      observed.update { $0.errors.append(contentsOf: bytes) }
    } atEnd: {
      observed.update { $0.openPipes -= 1 }
    }
    Spawn.reap(pid) { code in observed.update { $0.code = code } }
  }

  deinit {
    if state.value.code == nil { kill(pid, SIGKILL) }
    closeInput()
  }

  /// Runs a program to its end.
  package static func run(
    _ executable: String, _ arguments: [String] = [], environment: [String: String] = [:],
    input: String = "", directory: String? = nil, within limit: Duration = .seconds(120)
  ) async throws -> Ended {
    let child = try ChildProcess(
      executable, arguments, environment: environment, directory: directory)
    child.write(input)
    child.closeInput()
    return try await child.ended(within: limit)
  }

  package var output: String { String(decoding: state.value.output, as: UTF8.self) }
  package var errors: String { String(decoding: state.value.errors, as: UTF8.self) }
  package var isRunning: Bool { state.value.code == nil }

  /// Waits until standard output has `text` somewhere; returns all of it so far.
  @discardableResult
  package func prints(_ text: String, within limit: Duration = .seconds(120)) async throws -> String
  {
    let found = await state.waits(within: limit) {
      String(decoding: $0.output, as: UTF8.self).contains(text) || $0.code != nil
    }
    guard found, output.contains(text) else {
      throw Violation("It did not print '\(text)'. Output: \(output) Errors: \(errors)")
    }
    return output
  }

  package func ended(within limit: Duration = .seconds(120)) async throws -> Ended {
    let isOver = await state.waits(within: limit) { $0.code != nil && $0.openPipes == 0 }
    let value = state.value
    guard let code = value.code, isOver || value.openPipes > 0 else {
      throw Violation("It still runs after \(limit). Output: \(output) Errors: \(errors)")
    }
    return Ended(code: code, output: output, errors: errors)
  }

  package func send(signal: Int32) { if isRunning { kill(pid, signal) } }

  /// Writes to its standard input, on a thread that may wait for it.
  package func write(_ text: String) {
    let bytes = Array(text.utf8)
    input.withLock { descriptor in
      guard descriptor >= 0, !bytes.isEmpty else { return }
      // A copy, so that closing ours cannot pull it away.
      let own = fcntl(descriptor, F_DUPFD_CLOEXEC, 10)
      Thread.detachNewThread {
        Pipes.writeAll(bytes, to: own)
        close(own)
      }
    }
  }

  package func closeInput() {
    input.withLock { descriptor in
      if descriptor >= 0 { close(descriptor) }
      descriptor = -1
    }
  }

  private static func drain(
    _ descriptor: Int32, _ take: @escaping @Sendable ([UInt8]) -> Void,
    atEnd: @escaping @Sendable () -> Void
  ) {
    Thread.detachNewThread {
      var block = [UInt8](repeating: 0, count: 65536)
      while true {
        let count = read(descriptor, &block, block.count)
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { break }
        take(Array(block.prefix(count)))
      }
      close(descriptor)
      atEnd()
    }
  }
}

/// Where SwiftPM put the products of this package: beside the test bundle. `LISTKEEPER_RELEASE_BINARY`
/// names another `listkeeper` to try, as it is shipped: optimised code has been wrong where the other
/// was right.
package func builtProduct(_ name: String) throws -> String {
  if name == "listkeeper", let shipped = ProcessInfo.processInfo.environment[releaseBinary] {
    return shipped
  }
  let candidates =
    [Bundle.main.bundlePath, CommandLine.arguments.first ?? ""]
    + (CommandLine.arguments.dropFirst().filter { $0.hasSuffix(".xctest") })
  for candidate in candidates {
    var folder = URL(filePath: candidate)
    for _ in 0..<4 {
      let path = folder.appending(path: name).path(percentEncoded: false)
      if FileManager.default.isExecutableFile(atPath: path), !isFolder(path) { return path }
      folder.deleteLastPathComponent()
    }
  }
  throw Violation("The product '\(name)' is not beside the tests: \(candidates).")
}

private let releaseBinary = "LISTKEEPER_RELEASE_BINARY"

private func isFolder(_ path: String) -> Bool {
  var isFolder: ObjCBool = false
  return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
}
