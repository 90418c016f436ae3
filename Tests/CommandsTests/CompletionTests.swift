// Completions, asked for as the shells ask for them: bash, which every machine of ours has, and zsh
// and fish where they are.

import Basics
import Foundation
import Support
import Testing

@testable import Commands

@Suite struct CompletionTests {
  private let script = CompletionScript(sections: CommandTool.sections)

  @Test(arguments: [
    ("listkeeper pla", "plans"),
    ("listkeeper people add-", "add-field"),
    ("listkeeper people list --or", "--order"),
    ("listkeeper --workspace people settings set mailchimp.ke", "mailchimp.key"),
    ("listkeeper executions list --trigger f", "force\\ sync"),
    ("listkeeper --plain ov", "overview"),
    ("listkeeper audiences double-opt-in of", "off"),
    ("listkeeper schedules add refr", "refresh\\ people"),
    ("listkeeper mapping create-field SHOE --type zi", "zip"),
    ("listkeeper people add-field shoe --type nu", "number"),
    ("listkeeper help first", "first-sync"),
    ("listkeeper completions f", "fish"),
    ("listkeeper sync --nothing", ""),
  ])
  func `bash completes words, options and their values`(line: String, expected: String) async throws
  {
    let words = line.split(separator: " ").map(String.init)
    let program = """
      \(script.text(for: .bash))
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _listkeeper; printf '%s\\n' "${COMPREPLY[@]}"
      """
    let ended = try await ChildProcess.run(
      "/bin/bash", ["-c", program, "bash"] + words, environment: ["PATH": "/usr/bin:/bin"])
    #expect(ended.code == 0, "\(ended.errors)")
    #expect(ended.output == expected + "\n")
  }

  @Test func `bash completes files where a file is named, and nothing that is an option there`()
    async throws
  {
    let directory = try TemporaryDirectory()
    try Data().write(to: URL(filePath: directory.file("backup of june.listkeeper")))
    let program = """
      \(script.text(for: .bash))
      cd \(directory.path)
      COMP_WORDS=(listkeeper restore ba); COMP_CWORD=2; _listkeeper; printf '%s\\n' "${COMPREPLY[@]}"
      """
    let ended = try await ChildProcess.run(
      "/bin/bash", ["-c", program], environment: ["PATH": "/usr/bin:/bin"])
    #expect(ended.output == "backup of june.listkeeper\n")
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/fish")))
  func `fish completes words, options and their values`() async throws {
    let directory = try TemporaryDirectory()
    let file = directory.file("listkeeper.fish")
    try script.text(for: .fish).write(toFile: file, atomically: true, encoding: .utf8)
    for (line, expected) in [
      ("listkeeper pla", "plans"), ("listkeeper people list --or", "--order"),
      ("listkeeper audiences double-opt-in of", "off"),
      ("listkeeper --workspace x settings set mailchimp.ke", "mailchimp.key"),
    ] {
      let ended = try await ChildProcess.run(
        "/usr/bin/fish", ["-N", "-c", "source \(file); complete -C '\(line)'"],
        environment: ["HOME": directory.path, "PATH": "/usr/bin:/bin"])
      #expect(ended.errors == "")
      #expect(
        ended.output.split(separator: "\t").first.map(String.init)?.hasPrefix(expected) == true)
      #expect(ended.output.split(separator: "\n").count == 1, "\(line): \(ended.output)")
    }
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/zsh")))
  func `zsh reads its completions without a complaint`() async throws {
    let directory = try TemporaryDirectory()
    let file = directory.file("_listkeeper")
    try script.text(for: .zsh).write(toFile: file, atomically: true, encoding: .utf8)
    let ended = try await ChildProcess.run(
      "/usr/bin/zsh",
      [
        "-f", "-c",
        "autoload -U compinit; compinit -u -D; source \(file); print $_comps[listkeeper]",
      ],
      environment: ["HOME": directory.path, "PATH": "/usr/bin:/bin"])
    #expect(ended.errors == "")
    #expect(ended.output == "_listkeeper\n")
  }

  @Test func `an option takes a value everywhere or nowhere, so that words are told apart`() {
    let commands = CommandTool.sections.flatMap(\.groups).flatMap(\.commands)
    var takesValue: [String: Bool] = [:]
    for option in commands.flatMap(\.options) + Command.Option.global {
      let known = takesValue.updateValue(option.value != nil, forKey: option.name)
      #expect(known ?? (option.value != nil) == (option.value != nil), "--\(option.name)")
    }
  }
}
