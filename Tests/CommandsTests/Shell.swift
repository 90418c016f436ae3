// The built program, run as somebody runs it, on a workspace of its own beside a practice
// Mailchimp.

import Basics
import Sandbox
import Support

struct Shell: Sendable {
  let directory: TemporaryDirectory
  let mailchimp: SandboxServer
  let workspace: String
  private let program: String

  /// A folder without a workspace.
  init(empty: Void) throws {
    directory = try TemporaryDirectory()
    mailchimp = SandboxServer()
    try mailchimp.start()
    workspace = directory.file("a.listkeeper")
    program = try builtProduct("listkeeper")
  }

  /// A workspace that is set up on the practice Mailchimp's audience.
  init() async throws {
    try self.init(empty: ())
    for words in [
      ["init"], ["settings", "set", "mailchimp.url", mailchimp.url],
      ["settings", "set", "mailchimp.key", mailchimp.key],
      ["audiences", "use", mailchimp.audience],
    ] {
      let ended = try await run(words)
      guard ended.code == 0 else { throw Violation("\(words): \(ended.errors)") }
    }
  }

  func run(_ words: String..., input: String = "") async throws -> ChildProcess.Ended {
    try await run(words, input: input)
  }

  func run(_ words: [String], input: String = "") async throws -> ChildProcess.Ended {
    try await ChildProcess.run(
      program, ["--workspace", workspace] + words, environment: environment, input: input)
  }

  /// What `words` and `--json` print, whatever the exit code.
  func json(_ words: String...) async throws -> JSONValue {
    try JSONValue.parse(try await run(words + ["--json"]).output)
  }

  func start(_ words: String...) throws -> ChildProcess {
    try ChildProcess(program, ["--workspace", workspace] + words, environment: environment)
  }

  func add(_ fields: String...) async throws {
    let ended = try await run(["people", "add"] + fields)
    guard ended.code == 0 else { throw Violation(ended.errors) }
  }

  var environment: [String: String] { ["HOME": directory.path, "USER": "tester"] }
}
