// What a command has around it: where it prints, reads and writes, who runs it, and the way from
// the main thread into asynchronous work. Commands run on the main thread and may block it, since
// nothing awaits the main actor.

import Basics
import Foundation

import Storage

package struct CommandContext: Sendable {
  package var output: Output
  package var errors: Output
  package var input: Int32
  package var environment: @Sendable (String) -> String?
  package var time: any TimeSource
  package var stop: StopSignal

  package init(
    output: Output, errors: Output, input: Int32,
    environment: @escaping @Sendable (String) -> String?, time: any TimeSource, stop: StopSignal
  ) {
    self.output = output
    self.errors = errors
    self.input = input
    self.environment = environment
    self.time = time
    self.stop = stop
  }

  /// The process's own.
  package static func ofProcess() throws(Problem) -> CommandContext {
    CommandContext(
      output: Output(descriptor: STDOUT_FILENO), errors: Output(descriptor: STDERR_FILENO),
      input: STDIN_FILENO, environment: { name in getenv(name).map { String(cString: $0) } },
      time: SystemTime(), stop: try StopSignal())
  }

  /// Who audit lines name: the person behind sudo, where there is one.
  package var user: String {
    let names = ["SUDO_USER", "LOGNAME", "USER"].compactMap(environment)
    if let name = names.first(where: { !$0.isEmpty }) { return Text.oneLine(name) }
    guard let entry = getpwuid(getuid()) else { return "user \(getuid())" }
    return Text.oneLine(String(cString: entry.pointee.pw_name))
  }

  /// All of standard input as UTF-8 text.
  package func readInput() throws(Problem) -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = read(input, &buffer, buffer.count)
      if count > 0 {
        bytes += buffer[..<count]
      } else if count == 0 {
        break
      } else if errno != EINTR {
        throw Problem(
          "input.unreadable", "Standard input cannot be read.",
          cause: String(cString: strerror(errno)))
      }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Problem("input.not-text", "Standard input is not UTF-8 text.")
    }
    return text
  }
}

/// One run of a command: what was asked, and its surroundings.
package struct CommandRun: Sendable {
  package let command: Command
  package let invocation: Invocation
  package let context: CommandContext

  package init(_ command: Command, _ invocation: Invocation, in context: CommandContext) {
    self.command = command
    self.invocation = invocation
    self.context = context
  }

  package var output: Output { context.output }
  package var json: Bool { invocation.has(.json) }
  package func has(_ option: Command.Option) -> Bool { invocation.has(option) }
  package subscript(_ option: Command.Option) -> String? { invocation[option] }
  package func all(_ option: Command.Option) -> [String] { invocation.all(option) }
  package var arguments: [String] { invocation.arguments }

  /// An argument that the parser has made sure of.
  package func argument(_ index: Int) -> String {
    arguments.indices.contains(index) ? arguments[index] : ""
  }

  package var workspacePath: String {
    self[.workspace] ?? WorkspaceFile.defaultPath(environment: context.environment)
  }

  /// Opens the workspace, runs `body`, and closes it, whatever happened.
  package func withWorkspace<Value>(
    _ body: (Workspace) throws(Problem) -> Value
  ) throws(Problem) -> Value {
    let workspace = try Workspace.open(at: workspacePath, time: context.time)
    defer { workspace.close() }
    for notice in workspace.notices { context.errors.line(notice.description) }
    return try body(workspace)
  }

  /// The diagnostic log that `--log` named, or one that is silent.
  package func log() throws(Problem) -> DiagnosticLog {
    guard let path = self[.log] else { return .silent }
    return try DiagnosticLog(path: path, threshold: .debug, time: context.time)
  }

  /// A report: one JSON document, or lines.
  package func report(_ value: @autoclosure () -> JSONValue, _ lines: () -> Void) {
    if json { output.json(value()) } else { lines() }
  }

  /// Says what was done, to people, and as `value` to scripts.
  package func done(_ sentence: String, _ value: JSONValue = ["done": true]) {
    if json { output.json(value) } else { output.line(sentence) }
  }

  /// The number that names an execution, a plan, a person.
  package func identifier<Tag>(_ text: String, _ what: String) throws(Problem) -> Identifier<Tag> {
    guard let id = Identifier<Tag>(text) else {
      throw Problem(
        "usage.not-a-number", "'\(Text.oneLine(text))' names no \(what).",
        remedy: "Give its number, such as 12.")
    }
    return id
  }
}

/// Waits on the calling thread for asynchronous work. Only for threads that may block: never from
/// the cooperative pool.
package func waitFor<Value: Sendable>(
  _ work: @escaping @Sendable () async throws(Problem) -> Value
) throws(Problem) -> Value {
  let result = Locked<Result<Value, Problem>?>(nil)
  let isDone = DispatchSemaphore(value: 0)
  Task.detached {
    let outcome: Result<Value, Problem>
    do throws(Problem) {
      outcome = .success(try await work())
    } catch {
      outcome = .failure(error)
    }
    result.withLock { $0 = outcome }
    isDone.signal()
  }
  isDone.wait()
  guard let outcome = result.withLock({ $0 }) else {
    throw Problem("internal", "Asynchronous work ended without a result.")
  }
  return try outcome.get()
}

/// Runs what may block on a thread of its own, so that the cooperative pool stays free.
package func onThread<Value: Sendable>(
  _ work: @escaping @Sendable () throws(Problem) -> Value
) async throws(Problem) -> Value {
  let result: Result<Value, Problem> = await withCheckedContinuation { continuation in
    Thread.detachNewThread {
      do throws(Problem) {
        continuation.resume(returning: .success(try work()))
      } catch {
        continuation.resume(returning: .failure(error))
      }
    }
  }
  return try result.get()
}
