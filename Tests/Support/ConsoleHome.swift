// Where a console of the tests lives: places of its own, so that it neither sees nor leaves anything in
// somebody's home, and the ways it is started there.

import Screen

package struct ConsoleHome: Sendable {
  package let directory: TemporaryDirectory

  package init() throws { directory = try TemporaryDirectory() }

  package var workspace: String { directory.file("own.listkeeper") }

  package var environment: [String: String] {
    [
      "HOME": directory.path, "XDG_DATA_HOME": directory.file("data"),
      "XDG_STATE_HOME": directory.file("state"), "XDG_CONFIG_HOME": directory.file("config"),
      "TMPDIR": directory.path, "LC_ALL": "C.UTF-8",
    ]
  }

  /// The program on a terminal, from its first byte on; `more` is added to the environment.
  package func start(
    _ arguments: [String], size: Size = Size(80, 24), _ more: [String: String] = [:]
  ) throws -> TerminalSession {
    try TerminalSession(
      try builtProduct("listkeeper"), arguments,
      environment: environment.merging(more) { _, new in new }, size: size)
  }

  /// The demo, once its first picture is whole and its engine ready.
  package func demo(
    size: Size = Size(80, 24), _ more: [String: String] = [:]
  ) async throws -> TerminalSession {
    let session = try start(["demo"], size: size, more)
    try await session.waits(for: "Force sync")
    try await session.waits(for: "ready")
    return session
  }

  /// The console on a workspace; one without key and audience opens with its set-up, which is left.
  package func console(
    on path: String? = nil, size: Size = Size(80, 24), isNew: Bool = true
  ) async throws -> TerminalSession {
    let session = try start(["--workspace", path ?? workspace], size: size)
    guard isNew else { return session }
    try await session.waits(for: "Step 1 of 6")
    session.press("Esc")
    // Gone before the next key, which would be one with the Esc before it.
    try await session.waits(forNo: "Step 1 of 6")
    return session
  }

  /// A command beside it.
  @discardableResult
  package func run(_ words: [String], on path: String? = nil) async throws -> ChildProcess.Ended {
    try await ChildProcess.run(
      try builtProduct("listkeeper"), ["--workspace", path ?? workspace] + words,
      environment: environment)
  }
}
