// `audit` and `consent`: filtered, readable, exported whole.

import Basics
import Foundation
import Glibc
import Support
import Testing

@Suite struct LedgerCommandTests {
  @Test func `a return that cannot be is refused to whoever asks, with an engine or without`()
    async throws
  {
    let shell = try await Shell()
    try await shell.add("first_name=Ada", "email=ada@mail.example.org")
    let alone = try await shell.run("consent", "lift", "#1")
    #expect(alone.code == 1)
    #expect(alone.errors.contains("Nothing bars ada@mail.example.org"))
    #expect(try await shell.run("executions", "cancel", "99").code == 1)
    let undecided = try await shell.run("conflicts", "resolve", "7", "8", "--directory")
    #expect(undecided.code == 1)
    #expect(undecided.errors.contains("2 of 2 were refused"))
    #expect(undecided.errors.contains("There is no conflict #7."))
    let engine = try shell.start("serve", "--listen", "127.0.0.1:0")
    _ = try await engine.prints("port ")
    let asked = try await shell.run("consent", "ask", "#1")
    #expect(asked.code == 1)
    #expect(asked.errors.contains("Nothing bars ada@mail.example.org"))
    let stopped = try await shell.run("executions", "cancel", "99")
    #expect(stopped.code == 1)
    engine.send(signal: SIGTERM)
    #expect(try await engine.ended().code == 0)
  }

  private func site() async throws -> Shell {
    let shell = try Shell(empty: ())
    _ = try await shell.run("init")
    _ = try await shell.run("people", "add-field", "size")
    try await shell.add(
      "first_name=Ada", "last_name=Byron", "email=ada@example.org", "opt_in=yes")
    try await shell.add("first_name=Bob", "email=bob@example.org")
    _ = try await shell.run("people", "set", "#1", "last_name=King", "custom:size=M", "opt_in=no")
    _ = try await shell.run("people", "set", "#1", "address.line1=1 Rue", "address.city=Paris")
    return shell
  }

  @Test func `the trail says who changed what, latest first, in words`() async throws {
    let shell = try await site()
    let rows = try await shell.json("audit", "list", "--person", "#1")["audit"]?.array ?? []
    #expect(rows.first?["field"] == "address")
    #expect(rows.first?["new"] == "1 Rue, Paris")
    let name = rows.first { $0["field"] == "last_name" }
    #expect(name?["old"] == "Byron")
    #expect(name?["new"] == "King")
    #expect(name?["who"] == "tester")
    #expect(rows.allSatisfy { $0["person"] == 1 })
  }

  @Test func `filters narrow the trail and together narrow it more`() async throws {
    let shell = try await site()
    func fields(_ words: String...) async throws -> [String] {
      let out = try await shell.run(["audit", "list"] + words + ["--json"]).output
      return (try JSONValue.parse(out)["audit"]?.array ?? []).compactMap { $0["field"]?.string }
    }
    #expect(try await fields("--field", "last_name") == ["last_name"])
    #expect(try await fields("--field", "custom:size") == ["custom.size"])
    #expect(try await fields("--who", "TEST", "--limit", "1").count == 1)
    #expect(try await fields("--who", "nobody").isEmpty)
    #expect(try await fields("--since", "2999-01-01").isEmpty)
    #expect(try await !fields("--since", "2020-01-01", "--until", "2999-01-01").isEmpty)
    #expect(try await shell.run("audit", "list", "--since", "soon").code == 2)
  }

  @Test func `the ledger is listed by person and address and exported as CSV`() async throws {
    let shell = try await site()
    let rows = try await shell.json("consent", "list")["consent"]?.array ?? []
    #expect(rows.map { $0["new"]?.string } == ["opt-in no", "opt-in yes"])
    #expect(rows.first?["name"] == "Ada King")
    let none = try await shell.json("consent", "list", "--address", "bob@example.org")
    #expect(none["consent"] == [])
    let path = shell.directory.file("ledger.csv")
    #expect(try await shell.run("consent", "list", "--export", path).code == 0)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let lines = text.components(separatedBy: "\r\n")
    #expect(lines.first == "id,at,person,name,address,old,new,by,evidence")
    #expect(lines.count == 4)
    #expect(lines.dropFirst().first?.contains("opt-in no") == true)
    let again = try await shell.run("consent", "list", "--export", path)
    #expect(again.code == 1)
    let rights = try FileManager.default.attributesOfItem(atPath: path)
    #expect(rights[.posixPermissions] as? Int == 0o600)
  }

  @Test func `what strangers wrote neither computes in a spreadsheet nor steers a terminal`()
    async throws
  {
    let shell = try await site()
    _ = try await shell.run("people", "set", "#2", "last_name==1+1")
    let csv = try await shell.run("audit", "list", "--export", "-")
    #expect(csv.code == 0)
    #expect(csv.output.contains(",'=1+1\r\n"))
    let rows = try await shell.json("audit", "list")["audit"]?.array ?? []
    #expect(rows.first?["new"] == "=1+1")
    #expect(try await shell.json("audit", "list", "--who", "nobody")["audit"] == [])
    let people = try await shell.run("people", "export")
    #expect(people.output.contains(",'=1+1,"))
  }

  @Test func `a day is a day of the workspace's zone for executions too`() async throws {
    let shell = try await site()
    #expect(try await shell.run("executions", "list", "--since", "soon").code == 2)
    #expect(try await shell.run("executions", "list", "--since", "2026-01-31").code == 0)
    #expect(try await shell.run("executions", "list", "--until", "2026-01-31T08:00Z").code == 0)
  }
}
