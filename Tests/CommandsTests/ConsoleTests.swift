import Basics
import Console
import Foundation
import Screen
import Support
import Testing

@Suite(.serialized) struct ConsoleTests {
  @Test func `demo opens, F sends everybody, and nothing is left behind`() async throws {
    let directory = try TemporaryDirectory()
    let console = try TerminalSession(
      builtProduct("listkeeper"), ["demo"],
      environment: ["HOME": directory.path, "TMPDIR": directory.path, "TERM": "xterm-256color"],
      size: Size(110, 32))
    defer { console.close() }
    try await console.waits(for: "Practice audience")
    try await console.waits(for: "ready")
    console.press("F")
    try await console.waits(for: "succeeded")
    console.press("q")
    #expect(try await console.exitCode() == 0)
    #expect(console.leftovers == [])
    let left = try FileManager.default.contentsOfDirectory(atPath: directory.path)
    #expect(!left.contains { $0.hasPrefix("listkeeper-demo") })
  }

  @Test func `the console hosts the engine until it ends, and says how to go on without it`()
    async throws
  {
    let shell = try await Shell()
    let console = try TerminalSession(
      builtProduct("listkeeper"), ["--workspace", shell.workspace],
      environment: shell.environment.merging(["TERM": "xterm-256color"]) { $1 })
    defer { console.close() }
    try await console.waits(for: "ready")
    #expect(try await shell.run("serve").code == 5)
    try await shell.add("first_name=Ada", "email=ada@mail.example.org")
    #expect(try await shell.run("sync", "--approve", "latest", "--wait").code == 0)
    try await console.waits(for: "1 created")
    console.press("q")
    #expect(try await console.exitCode() == 0)
    #expect(try await shell.json("status")["engine"] == "no engine")
  }

  @Test func `a terminal that can show no screen is answered with --plain`() async throws {
    let shell = try await Shell()
    let console = try TerminalSession(
      builtProduct("listkeeper"), ["--workspace", shell.workspace],
      environment: shell.environment.merging(["TERM": "dumb"]) { $1 })
    defer { console.close() }
    try await console.waits(for: "--plain")
    #expect(try await console.exitCode() == 1)
    for pane in PaneID.allCases.map({ "\($0)".lowercased() }) {
      let ended = try await shell.run("--plain", pane)
      #expect(ended.code == 0, "\(pane): \(ended.errors)")
      #expect(!ended.output.isEmpty, "\(pane)")
      #expect(!ended.output.contains("\u{1b}"), "\(pane)")
      #expect(!ended.output.contains(shell.mailchimp.key.prefix(12)), "\(pane)")
    }
    let slip = try await shell.run("--plain", "peple")
    #expect(slip.code == 2)
    #expect(slip.errors.contains("Did you mean 'people'?"))
  }
}
