// The program as somebody types it: a workspace, commands, and what they print. A practice Mailchimp
// runs as a process of its own beside it.

import Basics
import Foundation
import Support

struct Program: Sendable {
  let executable: String
  let workspace: String

  init(workspace: String) throws {
    executable = try builtProduct("listkeeper")
    self.workspace = workspace
  }

  func run(
    _ arguments: String..., within limit: Duration = .seconds(120)
  ) async throws -> ChildProcess.Ended {
    try await ChildProcess.run(
      executable, ["--workspace", workspace] + arguments, within: limit)
  }

  /// Runs a command that must end well, with `--json`, and reads what it printed.
  func json(_ arguments: String..., exit: Int32 = 0) async throws -> JSONValue {
    let ended = try await ChildProcess.run(
      executable, ["--workspace", workspace] + arguments + ["--json"])
    guard ended.code == exit, let json = try? JSONValue.parse(ended.output) else {
      throw Violation(
        "\(arguments) ended with \(ended.code), not \(exit): \(ended.output) \(ended.errors)")
    }
    return json
  }

  /// Starts a command that stays.
  func start(_ arguments: String...) throws -> ChildProcess {
    try ChildProcess(executable, ["--workspace", workspace] + arguments)
  }
}

/// A practice Mailchimp in a process of its own, which writes down every exchange.
struct PracticeProcess: Sendable {
  let site: PracticeSite
  let url: String
  /// The application that may log in.
  let client: (id: String, secret: String)
  private let child: ChildProcess
  private let record: String

  init(in directory: TemporaryDirectory, people: Int) async throws {
    let folder = ProcessInfo.processInfo.environment["LISTKEEPER_RECORD_DIR"] ?? directory.path
    record = "\(folder)/exchanges-\(UInt64.random(in: 1...UInt64.max)).jsonl"
    child = try ChildProcess(
      try builtProduct("listkeeper"),
      ["sandbox", "--listen", "127.0.0.1:0", "--people", "\(people)", "--record", record, "--json"])
    let line = try await child.prints("}\n")
    let told = try JSONValue.parse(line)
    guard let url = told["url"]?.string, let key = told["key"]?.string,
      let clientID = told["client_id"]?.string, let secret = told["client_secret"]?.string,
      let audience = told["audience"]?.string,
      let port = url.split(separator: ":").last.flatMap({ UInt16($0) })
    else { throw Violation("The sandbox printed \(line)") }
    self.url = url
    client = (clientID, secret)
    site = PracticeSite(port: port, key: key, audience: audience)
  }

  /// Calls of the API so far, as `METHOD /path`.
  func calls() throws -> [String] {
    try exchanges().map { "\($0["method"]?.string ?? "") \($0["path"]?.string ?? "")" }
  }

  /// The same, whole: method, path, query, bodies and status.
  func exchanges() throws -> [JSONValue] {
    guard FileManager.default.fileExists(atPath: record) else { return [] }
    return try String(contentsOfFile: record, encoding: .utf8).split(separator: "\n")
      .map { try JSONValue.parse(String($0)) }
      .filter { $0["path"]?.string?.hasPrefix("/3.0") ?? false }
  }

  func end() async throws {
    child.send(signal: SIGTERM)
    _ = try await child.ended()
  }
}
