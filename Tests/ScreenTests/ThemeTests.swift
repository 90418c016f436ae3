import Basics
import Foundation
import Screen
import Support
import Testing

@Suite struct ThemeTests {
  private static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "themes").path(percentEncoded: false)

  static let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
    .filter { $0.hasSuffix(".theme") }.sorted()

  private func theme(_ file: String) throws -> Theme {
    let text = try String(contentsOfFile: Self.folder + "/" + file, encoding: .utf8)
    return try ThemeFile.read(text, file: file)
  }

  @Test func `there is a dark, a light and a monochrome theme`() {
    #expect(Set(Self.files).isSuperset(of: ["dark.theme", "light.theme", "mono.theme"]))
  }

  @Test func `the guide to themes names every role, ground, attribute and colour there is`() throws
  {
    let guide = try String(contentsOfFile: Self.folder + "/README.md", encoding: .utf8)
    let attributes = Attributes.named.map(\.name)
    let names = Role.allCases.map(\.rawValue) + Ground.allCases.map(\.rawValue) + attributes
    for name in names + Colour.names { #expect(guide.contains("`\(name)`"), "\(name)") }
  }

  @Test func `the theme in the guide is one`() throws {
    let guide = try String(contentsOfFile: Self.folder + "/README.md", encoding: .utf8)
    let example = try #require(guide.components(separatedBy: "```").dropFirst().first)
    let dark = try theme("dark.theme")
    let read = try ThemeFile.read(example, file: "harbour.theme", known: ["dark": dark])
    #expect(read.name == "Harbour")
    #expect(read.grounds[.popup] == dark.grounds[.popup])
    #expect(read.roles[.danger]?.background == .ansi(1))
  }

  @Test(arguments: files) func `every pair of role and ground can be read`(file: String) throws {
    let theme = try theme(file)
    for depth in [ColourDepth.direct, .indexed] {
      let adapted = theme.adapted(to: depth)
      for role in Role.allCases {
        for ground in Ground.allCases {
          let style = adapted.style(role, on: ground)
          guard let contrast = Colour.contrast(style.foreground, style.background) else { continue }
          // Lines and the empty part of a bar carry no words.
          let needed = role == .border || role == .progressRest ? 2.5 : depth == .direct ? 4.5 : 4
          #expect(contrast >= needed, "\(role.rawValue) on \(ground.rawValue), \(depth)")
        }
      }
    }
  }

  @Test func `what the keys act on looks different on every depth`() {
    let themes =
      [Theme.standard, .standardOnLight, .mono] + Self.files.compactMap { try? theme($0) }
    for theme in themes {
      for depth in [ColourDepth.direct, .indexed, .sixteen, .eight, .mono] {
        let adapted = theme.adapted(to: depth)
        let plain = adapted.style(.text, on: .normal)
        #expect(adapted.style(.text, on: .selection) != plain, "\(theme.name) \(depth) selection")
        #expect(adapted.style(.text, on: .inputFocused) != plain, "\(theme.name) \(depth) input")
        let field = adapted.style(.text, on: .input)
        #expect(field != adapted.style(.text, on: .popup), "\(theme.name) \(depth) field in a form")
        #expect(
          adapted.style(.text, on: .inputFocused) != field, "\(theme.name) \(depth) focused field")
        #expect(
          adapted.style(.tabActive, on: .bar) != adapted.style(.tab, on: .bar),
          "\(theme.name) \(depth) tab")
        #expect(
          adapted.style(.buttonFocused, on: .popup) != adapted.style(.button, on: .popup),
          "\(theme.name) \(depth) button")
      }
    }
  }

  @Test func `on light ground the standard theme writes nothing in a pale colour`() {
    let paper = Colour.rgb(255, 255, 255)
    for depth in [ColourDepth.direct, .indexed] {
      let theme = Theme.standardOnLight.adapted(to: depth)
      for role in Role.allCases {
        let style = theme.style(role, on: .normal)
        // What is known of the sixteen: green, yellow and cyan are pale, and so are bright ones.
        if case .ansi(let number) = style.foreground {
          #expect([1, 4, 5].contains(number), "\(role.rawValue), \(depth)")
        }
        guard let contrast = Colour.contrast(style.foreground, paper) else { continue }
        #expect(contrast >= 4.5, "\(role.rawValue), \(depth)")
      }
    }
  }

  @Test func `with sixteen colours a theme of shades gives way to the standard one of its ground`()
    throws
  {
    var light = try theme("light.theme")
    #expect(light.adapted(to: .sixteen).roles[.key] == Theme.standard.roles[.key])
    light.isOnLight = true
    let sixteen = light.adapted(to: .sixteen)
    #expect(sixteen.roles == Theme.standardOnLight.adapted(to: .sixteen).roles)
    // Blue, green and one that is neither of the two.
    let shown = [Role.key, .success, .warning].map { sixteen.style($0, on: .normal).foreground }
    #expect(shown.prefix(2) == [.ansi(4), .ansi(2)])
    #expect(!shown.prefix(2).contains(shown[2]))
  }

  @Test func `without colours a key that can be used is underlined, and one that cannot is not`() {
    for ground in [Ground.bar, .normal, .popup] {
      let (on, off) = (
        Theme.mono.style(.key, on: ground), Theme.mono.style(.keyDisabled, on: ground)
      )
      #expect(on.attributes.contains(.underline), "\(ground.rawValue)")
      #expect(!off.attributes.contains(.underline), "\(ground.rawValue)")
    }
  }

  @Test func `a depth gets only colours it has`() {
    for colour in [Colour.rgb(200, 40, 90), .indexed(203), .ansi(12), .terminal, .rgb(8, 8, 8)] {
      #expect(colour.mapped(to: .mono) == .terminal)
      if case .ansi(let number) = colour.mapped(to: .eight) { #expect(number < 8) }
      if case .rgb = colour.mapped(to: .indexed) { Issue.record("\(colour) stayed true colour") }
      if case .indexed = colour.mapped(to: .sixteen) { Issue.record("\(colour) stayed 256") }
    }
    #expect(Colour.rgb(255, 0, 0).mapped(to: .indexed) == .indexed(196))
    #expect(Colour.rgb(128, 128, 128).mapped(to: .indexed) == .indexed(244))
    #expect(Colour.rgb(250, 10, 10).mapped(to: .sixteen) == .ansi(9))
    #expect(Colour.indexed(196).mapped(to: .eight) == .ansi(1))
  }

  @Test func `contrast is that of the web's rules`() throws {
    let most = try #require(Colour.contrast(.rgb(0, 0, 0), .rgb(255, 255, 255)))
    #expect(abs(most - 21) < 0.01)
    let grey = try #require(Colour.contrast(.rgb(119, 119, 119), .rgb(255, 255, 255)))
    #expect(abs(grey - 4.48) < 0.01)
    #expect(Colour.contrast(.ansi(1), .rgb(0, 0, 0)) == nil)
  }

  @Test func `what a theme leaves out comes from above`() throws {
    let parent = try ThemeFile.read(
      """
      name = Parent
      [palette]
      sea = #102030
      [roles]
      key = sea bold
      border = red
      """, file: "parent.theme")
    let child = try ThemeFile.read(
      """
      inherits = parent
      [roles]
      border = green on bright-black underline
      """, file: "themes/child.theme", known: ["parent": parent])
    #expect(child.name == "child")
    #expect(child.roles[.key] == Paint(.rgb(0x10, 0x20, 0x30), [.bold]))
    #expect(child.roles[.border] == Paint(.ansi(2), on: .ansi(8), [.underline]))
    var bare = Theme(name: "bare", roles: [.text: Paint(.ansi(3))], grounds: [:])
    bare.roles[.border] = Paint(.ansi(4))
    #expect(bare.style(.borderFocused, on: .error).foreground == .ansi(4))
    #expect(bare.style(.danger, on: .popup).foreground == .terminal)
  }

  @Test(arguments: [
    ("[roles]\ntitel = red", 2, "There is no role 'titel'."),
    ("\n[colours]", 2, "There is no section [colours]."),
    ("[palette]\nsea = #12345", 2, "'#12345' is no colour."),
    ("[roles]\ntext = octarine", 2, "'octarine' is no colour."),
    ("inherits = midnight", 1, "There is no theme 'midnight' to inherit from."),
    ("[roles]\n\nbold", 3, "'bold' has no equals sign."),
    ("colour = red", 1, "'colour' is not known here."),
    ("[grounds]\nfloor = red", 2, "There is no ground 'floor'."),
  ]) func `a mistake names its file and line and the way out`(
    text: String, line: Int, sentence: String
  ) throws {
    let problem = try #require(throws: Problem.self) {
      try ThemeFile.read(text, file: "night.theme")
    }
    #expect(problem.sentence == "night.theme, line \(line): \(sentence)")
    #expect(problem.fields["line"] == String(line))
    #expect(problem.remedy.isEmpty == false)
  }
}
