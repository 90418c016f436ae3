import Foundation
import Screen
import Support
import Testing

@testable import Commands

@Suite struct ThemeShelfTests {
  private let directory: TemporaryDirectory
  private let shelf: ThemeShelf

  init() throws {
    let directory = try TemporaryDirectory()
    self.directory = directory
    try FileManager.default.createDirectory(
      atPath: directory.file("listkeeper/themes"), withIntermediateDirectories: true)
    shelf = ThemeShelf { $0 == "XDG_CONFIG_HOME" ? directory.path : nil }
  }

  private func write(_ name: String, _ text: String) throws {
    try text.write(
      toFile: directory.file("listkeeper/themes/\(name).theme"), atomically: true, encoding: .utf8)
  }

  @Test func `a theme of one's own wins over the one that came with the program`() throws {
    try write("dark", "[roles]\ntext = red")
    let (theme, problem) = shelf.theme("dark")
    #expect(problem == nil)
    #expect(theme.roles[.text]?.foreground == .ansi(1))
  }

  @Test func `a theme may inherit from another file, and that one from a third`() throws {
    try write("a", "inherits = b\n[roles]\ntext = red")
    try write("b", "inherits = c\n[roles]\naccent = green")
    try write("c", "[roles]\nlink = blue")
    let (theme, problem) = shelf.theme("a")
    #expect(problem == nil)
    #expect(theme.roles[.text]?.foreground == .ansi(1))
    #expect(theme.roles[.accent]?.foreground == .ansi(2))
    #expect(theme.roles[.link]?.foreground == .ansi(4))
  }

  @Test func `a circle of themes is refused with a reason, and the terminal's colours are used`()
    throws
  {
    try write("a", "inherits = b")
    try write("b", "inherits = a")
    let (theme, problem) = shelf.theme("a")
    #expect(problem?.code == "theme.inherits-itself")
    #expect(theme == .standard)
  }

  @Test func `a mistake names file and line, in an inherited file too`() throws {
    try write("a", "inherits = b")
    try write("b", "[roles]\ntext = rde")
    let problem = shelf.theme("a").problem
    #expect(problem?.sentence.contains("b.theme, line 2") == true)
  }

  @Test func `on a light terminal the standard theme, and what it stands in for, is dark`() throws {
    try write("a", "[roles]\ntext = rde")
    for name in ["standard", "nowhere", "a"] {
      #expect(shelf.theme(name).theme == .standard, "\(name)")
      #expect(shelf.theme(name, onLight: false).theme == .standard, "\(name)")
      #expect(shelf.theme(name, onLight: true).theme == .standardOnLight, "\(name)")
    }
    try write("light", "[roles]\ntext = red")
    #expect(shelf.theme("auto", onLight: true).theme.isOnLight)
    #expect(shelf.theme("mono", onLight: true).theme == .mono)
  }

  @Test func `a theme's name reaches no file outside the folders`() throws {
    try "[roles]\ntext = red".write(
      toFile: directory.file("listkeeper/out.theme"), atomically: true, encoding: .utf8)
    #expect(shelf.theme("../out").problem?.code == "theme.missing")
  }
}
