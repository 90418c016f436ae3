// Where themes lie: the person's own folder first, then what came with the program. A theme that is
// missing or wrong never stops the console; it says so and the compiled-in one is used.

import Basics
import Console
import Foundation
import Glibc
import Screen

struct ThemeShelf {
  /// The theme that is dark or light as the terminal is.
  static let automatic = "auto"

  let folders: [String]
  /// The first of them, where it is somebody's own.
  let own: String?

  init(environment: (String) -> String?) {
    own = OwnFolder.path(environment: environment).map { "\($0)/themes" }
    var folders = own.map { [$0] } ?? []
    if let program = realpath("/proc/self/exe", nil) {
      defer { free(program) }
      // Installed beside the program or in ../share; in a checkout some folders further up.
      var parts = String(cString: program).split(separator: "/").dropLast()
      for _ in 0..<5 where !parts.isEmpty {
        let folder = "/" + parts.joined(separator: "/")
        folders += ["\(folder)/themes", "\(folder)/share/listkeeper/themes"]
        parts = parts.dropLast()
      }
    }
    self.folders = folders
  }

  /// The theme of that name, and what was wrong with it, if anything.
  func theme(_ name: String, onLight isLight: Bool? = nil) -> (theme: Theme, problem: Problem?) {
    let standard = isLight == true ? Theme.standardOnLight : .standard
    if name == Theme.mono.name { return (.mono, nil) }
    if name == Theme.standard.name { return (standard, nil) }
    if name == Self.automatic {
      // A terminal that does not say what it is gets its own colours.
      guard let isLight, file(of: isLight ? "light" : "dark") != nil else { return (standard, nil) }
      return theme(isLight ? "light" : "dark", onLight: isLight)
    }
    guard let file = file(of: name) else {
      let names = choices().map(\.name)
      let problem = Problem(
        "theme.missing", "There is no theme '\(Text.oneLine(name))'.",
        remedy: "Give one of: \(names.joined(separator: ", "))."
          + Suggestion.sentence(name, among: names))
      return (standard, problem)
    }
    do throws(Problem) {
      var theme = try read(file, inheritedBy: [])
      theme.isOnLight = isLight == true
      return (theme, nil)
    } catch {
      return (standard, error)
    }
  }

  /// Every theme there is, those that need no file first; of two with one name, the one that counts.
  func choices() -> [ThemeChoice] {
    var all = [
      ThemeChoice(Theme.standard.name, "the terminal's own colours"),
      ThemeChoice(Self.automatic, "dark or light, as the terminal is"),
      ThemeChoice(Theme.mono.name, "no colours"),
    ]
    for folder in folders {
      // A folder that is not there, or cannot be read, has no themes to choose from.
      let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      for file in files.sorted() where file.hasSuffix(".theme") {
        let name = String(file.dropLast(6))
        guard Self.isName(name), !all.contains(where: { $0.name == name }) else { continue }
        let isOwn = folder == own
        all.append(ThemeChoice(name, isOwn ? "yours" : "came with the program", isOwn: isOwn))
      }
    }
    return all
  }

  private static func isName(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
          || byte == UInt8(ascii: "-")
      }
  }

  private func file(of name: String) -> String? {
    guard Self.isName(name) else { return nil }
    return folders.map { "\($0)/\(name).theme" }.first { access($0, R_OK) == 0 }
  }

  /// Reads a theme after the one it inherits from, which may lie in another folder.
  private func read(_ file: String, inheritedBy heirs: [String]) throws(Problem) -> Theme {
    let text = try FileText.read(file)
    var known: [String: Theme] = [:]
    if let parent = ThemeFile.parent(in: text), let source = self.file(of: parent) {
      guard source != file, !heirs.contains(source) else {
        throw Problem(
          "theme.inherits-itself", "The theme \(file) inherits from itself, by way of \(parent).",
          remedy: "Let one of them inherit from standard, or from nothing.")
      }
      known[parent] = try read(source, inheritedBy: heirs + [file])
    }
    return try ThemeFile.read(text, file: file, known: known)
  }
}
