// Reading `themes/*.theme`. A line is `name = foreground on background attributes`, every part
// optional; sections are [palette], [roles] and [grounds]; `inherits = name` at the top takes what
// the file leaves out from another theme. What must stay true: a mistake names file and line and
// what was expected, and never changes the theme in use.

import Basics

package struct ThemeFile {
  private enum Section: String { case top, palette, roles, grounds }

  private let file: String
  private let known: [String: Theme]
  private var theme: Theme
  private var palette: [String: Colour] = [:]
  private var section = Section.top
  private var line = 0

  /// Reads a theme. `known` are the themes it may inherit from, besides `standard` and `mono`; a
  /// file that inherits nothing starts from `standard`'s attributes without its colours.
  package static func read(
    _ text: String, file: String, known: [String: Theme] = [:]
  ) throws(Problem) -> Theme {
    var reader = ThemeFile(file: file, known: known)
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      reader.line += 1
      try reader.take(Self.trimmed(line))
    }
    return reader.theme
  }

  /// The theme that a text inherits from, as it is written there; nil where it names none.
  package static func parent(in text: String) -> String? {
    for line in text.split(separator: "\n").map(trimmed) {
      if line.hasPrefix("[") { return nil }
      let parts = line.split(separator: "=", maxSplits: 1).map(trimmed)
      if parts.count == 2, parts[0] == "inherits" { return String(parts[1]) }
    }
    return nil
  }

  private init(file: String, known: [String: Theme]) {
    self.file = file
    self.known = known
    theme = Theme(
      name: String(file.split(separator: "/").last?.split(separator: ".").first ?? "theme"),
      roles: Theme.mono.roles, grounds: Theme.mono.grounds)
  }

  private mutating func take(_ line: Substring) throws(Problem) {
    if line.isEmpty || line.hasPrefix("#") { return }
    if line.hasPrefix("[") {
      guard line.hasSuffix("]"), let named = Section(rawValue: String(line.dropFirst().dropLast())),
        named != .top
      else {
        throw problem("There is no section \(line).", "Use [palette], [roles] or [grounds].")
      }
      section = named
      return
    }
    guard let equals = line.firstIndex(of: "=") else {
      throw problem("'\(line)' has no equals sign.", "Write: name = value.")
    }
    let name = String(Self.trimmed(line[..<equals]))
    let value = Self.trimmed(line[line.index(after: equals)...])
    switch section {
    case .top: try takeTop(name, String(value))
    case .palette:
      guard let colour = Colour(name: String(value)) else { throw unknownColour(String(value)) }
      palette[name] = colour
    case .roles:
      guard let role = Role(rawValue: name) else {
        throw problem(
          "There is no role '\(name)'.", suggestion(name, Role.allCases.map(\.rawValue)))
      }
      theme.roles[role] = try paint(value)
    case .grounds:
      guard let ground = Ground(rawValue: name) else {
        throw problem(
          "There is no ground '\(name)'.", suggestion(name, Ground.allCases.map(\.rawValue)))
      }
      theme.grounds[ground] = try paint(value)
    }
  }

  private mutating func takeTop(_ name: String, _ value: String) throws(Problem) {
    switch name {
    case "name": theme.name = Text.oneLine(value)
    case "inherits":
      let parents = known.merging(["standard": .standard, "mono": .mono]) { own, _ in own }
      guard let parent = parents[value] else {
        throw problem(
          "There is no theme '\(value)' to inherit from.",
          "Use one of: \(parents.keys.sorted().joined(separator: ", ")).")
      }
      theme.roles = parent.roles
      theme.grounds = parent.grounds
    default:
      throw problem(
        "'\(name)' is not known here.", "Use name or inherits, or open a section first.")
    }
  }

  private func paint(_ value: Substring) throws(Problem) -> Paint {
    var paint = Paint()
    var isBackground = false
    for word in value.split(separator: " ") {
      if word == "on" {
        isBackground = true
      } else if let named = Attributes.named.first(where: { $0.name == word }) {
        paint.attributes.insert(named.attribute)
      } else {
        guard let colour = palette[String(word)] ?? Colour(name: String(word)) else {
          throw unknownColour(String(word))
        }
        if isBackground { paint.background = colour } else { paint.foreground = colour }
      }
    }
    return paint
  }

  // MARK: Problems

  private func unknownColour(_ word: String) -> Problem {
    problem(
      "'\(Text.oneLine(word))' is no colour.",
      "Use #rrggbb, a name of the palette, terminal, \(Colour.names.joined(separator: ", ")), one of"
        + " these with bright- before it, or a number up to 255.")
  }

  private func suggestion(_ name: String, _ names: [String]) -> String {
    "Use one of: \(names.joined(separator: ", "))."
  }

  private func problem(_ sentence: String, _ remedy: String) -> Problem {
    Problem(
      "theme.cannot-read", "\(file), line \(line): \(sentence)", remedy: remedy,
      fields: ["file": file, "line": String(line)])
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var kept = text
    while let first = kept.unicodeScalars.first, first.properties.isWhitespace {
      kept.unicodeScalars.removeFirst()
    }
    while let last = kept.unicodeScalars.last, last.properties.isWhitespace {
      kept.unicodeScalars.removeLast()
    }
    return kept
  }
}
