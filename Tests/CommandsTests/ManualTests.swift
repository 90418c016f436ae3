// What is printed for other programs to read: the manual page for man, the unit for systemd.

import Basics
import Domain
import Foundation
import Support
import Testing

@testable import Commands

@Suite struct ManualTests {
  private let page = ManualPage(sections: CommandTool.sections, version: "1.2.3").lines

  @Test func `every command, option, setting and topic stands in the manual page`() {
    let text = page.joined(separator: "\n")
    for command in CommandTool.sections.flatMap(\.groups).flatMap(\.commands) {
      #expect(text.contains(".B \(ManualPage.text(command.name))"), "\(command.name)")
      for option in command.options {
        #expect(text.contains(ManualPage.text("--\(option.name)")), "\(option.name)")
      }
    }
    for setting in Settings.all {
      #expect(text.contains(".B \(ManualPage.text(setting.key))\n"), "\(setting.key)")
    }
    for topic in Guidance.all {
      #expect(text.contains(ManualPage.text(topic.title.uppercased())), "\(topic.name)")
    }
  }

  @Test func `no sentence is taken for a macro`() {
    #expect(ManualPage.text(".TH is a macro") == "\\&.TH is a macro")
    #expect(ManualPage.text("'quoted'") == "\\&'quoted'")
    #expect(ManualPage.text("C:\\a -b") == "C:\\ea \\-b")
    let macros = [
      "TH", "SH", "SS", "B", "I", "TP", "IP", "PP", "RS", "RE", "nf", "fi", "\\\"",
    ]
    for line in page where line.hasPrefix(".") {
      #expect(macros.contains { line.dropFirst().hasPrefix($0) }, "\(line)")
    }
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/groff")))
  func `groff sets the manual page without a warning`() async throws {
    let ended = try await ChildProcess.run(
      "/usr/bin/groff", ["-k", "-man", "-Tutf8", "-ww"], environment: ["PATH": "/usr/bin:/bin"],
      input: page.joined(separator: "\n") + "\n")
    #expect(ended.errors == "")
    #expect(ended.output.contains("LISTKEEPER(1)"))
  }

  @Test func `a topic of the help is found by its name, and a slip is answered with it`() throws {
    let parser = CommandParser(CommandTool.sections)
    guard case .help(.guidance(let topic)) = try parser.parse(["help", "api-key"]) else {
      Issue.record("no topic")
      return
    }
    #expect(topic == .apiKey)
    do {
      _ = try parser.parse(["help", "apikey"])
      Issue.record("nothing was refused")
    } catch {
      #expect(error.remedy.contains("Did you mean 'api-key'?"))
    }
  }

  @Test func `no topic carries the name of a command, whose help would hide it`() {
    let names = Set(CommandTool.sections.flatMap(\.groups).map(\.name))
    for topic in Guidance.all { #expect(!names.contains(topic.name)) }
    #expect(Set(Guidance.all.map(\.name)).count == Guidance.all.count)
    for key in Guidance.all.flatMap(\.settings) {
      #expect(Settings.description(of: key) != nil, "\(key)")
    }
  }

  @Test func `no topic is wider than 80 columns`() {
    for topic in Guidance.all {
      for line in HelpText.guidance(topic) { #expect(line.count <= 80, "\(line)") }
    }
  }

  @Test func `a unit names this workspace, whatever its path holds`() {
    let unit = SystemdUnit(
      program: "/opt/my programs/listkeeper", workspace: "/var/50%/a \"b\" $c/x.listkeeper",
      user: "choir", listen: "127.0.0.1:8077")
    #expect(unit.text.contains("\nUser=choir\n"))
    #expect(
      unit.text.contains(
        #"""
        ExecStart="/opt/my programs/listkeeper" --workspace "/var/50%%/a \"b\" $$c/x.listkeeper" \#
        serve --listen 127.0.0.1:8077
        """#))
    #expect(unit.text.contains("\nReadWritePaths=\"/var/50%%/a \\\"b\\\" $c\"\n"))
  }

  @Test
  func `serve prints a unit for the workspace it is given, and refuses one that is not there`()
    async throws
  {
    let shell = try Shell(empty: ())
    let missing = try await shell.run("serve", "--print-unit")
    #expect(missing.code == 4)
    #expect(missing.errors.contains("There is no workspace"))
    _ = try await shell.run("init")
    let printed = try await shell.run("serve", "--print-unit")
    #expect(printed.code == 0)
    #expect(printed.output.contains("--workspace \(shell.workspace) serve"))
    #expect(printed.output.contains("User=tester"))
  }
}
