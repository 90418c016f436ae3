// What lies in somebody's own folders: keys, themes, and the memory of a workspace's consoles.

import Basics
import Console
import Foundation
import Screen
import Storage
import Support
import Testing

@testable import Commands

@Suite struct OwnFolderTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func environment(_ name: String) -> String? {
    switch name {
    case "XDG_CONFIG_HOME": directory.file("config")
    case "XDG_STATE_HOME": directory.file("state")
    default: nil
    }
  }

  private func write(_ text: String, to path: String) throws {
    let whole = directory.file(path)
    try FileManager.default.createDirectory(
      atPath: URL(filePath: whole).deletingLastPathComponent().path,
      withIntermediateDirectories: true)
    try text.write(toFile: whole, atomically: true, encoding: .utf8)
  }

  @Test func `each workspace has a memory of its own, readable by its owner only`() throws {
    let first = try #require(MemoryFile(of: "/srv/a.listkeeper", environment: environment))
    let second = try #require(MemoryFile(of: "/srv/b.listkeeper", environment: environment))
    #expect(first.read() == ConsoleMemory())
    var memory = ConsoleMemory()
    memory.pane = .logs
    memory.panes[.people] = ["search": "last:smith"]
    first.write(memory)
    #expect(first.read() == memory)
    #expect(second.read() == ConsoleMemory())
    // The same file by another way to it.
    #expect(MemoryFile(of: "/srv/x/../a.listkeeper", environment: environment)?.read() == memory)
    let folder = directory.file("state/listkeeper/consoles")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(files.count == 1)
    let rights = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(files[0])")
    #expect(rights[.posixPermissions] as? Int == 0o600)
    try "{broken".write(toFile: "\(folder)/\(files[0])", atomically: true, encoding: .utf8)
    #expect(first.read() == ConsoleMemory())
  }

  @Test func `themes of one's own are listed with those of the program, each name once`() throws {
    try write("[roles]\ntext = red", to: "config/listkeeper/themes/harbour.theme")
    try write("[roles]\ntext = red", to: "config/listkeeper/themes/dark.theme")
    try write("x", to: "config/listkeeper/themes/notes.txt")
    let shelf = ThemeShelf(environment: environment)
    let choices = shelf.choices()
    #expect(choices.prefix(3).map(\.name) == ["standard", "auto", "mono"])
    #expect(choices.filter { $0.about == "yours" }.map(\.name) == ["dark", "harbour"])
    #expect(Set(choices.map(\.name)).count == choices.count)
    #expect(shelf.theme("harbor").problem?.remedy.contains("Did you mean 'harbour'?") == true)
  }

  @Test func `auto is light on light, dark on dark, and the terminal's own where it says nothing`()
    throws
  {
    try write("name = Night\n[roles]\ntext = white", to: "config/listkeeper/themes/dark.theme")
    try write("name = Day\n[roles]\ntext = black", to: "config/listkeeper/themes/light.theme")
    let shelf = ThemeShelf(environment: environment)
    #expect(shelf.theme("auto").theme == .standard)
    #expect(shelf.theme("auto", onLight: true).theme.name == "Day")
    #expect(shelf.theme("auto", onLight: false).theme.name == "Night")
  }

  @Test func `keys lists every action, and a wrong line of one's own ends it with 4`() async throws
  {
    let shell = try Shell(empty: ())
    let folder = shell.directory.file(".config/listkeeper")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    func write(_ text: String) throws {
      try text.write(toFile: "\(folder)/keys", atomically: true, encoding: .utf8)
    }
    try write("sync.force = ^G")
    let listed = try await shell.run("keys")
    #expect(listed.code == 0)
    let line = listed.output.split(separator: "\n").first { $0.contains("sync.force") } ?? ""
    #expect(line.contains(" ^G "))
    let all = try await shell.json("keys").array ?? []
    #expect(all.contains { $0["action"] == "people.delete" && $0["keys"] == ["x", "d"] })
    try write("sync.force = ^G\nsync.farce = F")
    let refused = try await shell.run("keys")
    #expect(refused.code == 4)
    #expect(refused.errors.contains("listkeeper/keys, line 2"))
    #expect(refused.errors.contains("Did you mean 'sync.force'?"))
    // The doctor says the same, of themes too.
    try FileManager.default.createDirectory(
      atPath: "\(folder)/themes", withIntermediateDirectories: true)
    try "[roles]\ntext = rde".write(
      toFile: "\(folder)/themes/harbour.theme", atomically: true, encoding: .utf8)
    let told = try await shell.run("doctor").output
    #expect(told.contains("listkeeper/keys, line 2"))
    #expect(told.contains("harbour.theme, line 2"))
  }
}
