// Where themes lie: the person's own folder first, then what came with the program. A theme that is
// missing or wrong never stops the console; it says so and the compiled-in one is used.

import Basics
import Glibc
import Screen

struct ThemeShelf {
  let folders: [String]

  init(environment: (String) -> String?) {
    var folders: [String] = []
    if let configuration = environment("XDG_CONFIG_HOME"), configuration.hasPrefix("/") {
      folders.append("\(configuration)/listkeeper/themes")
    } else if let home = environment("HOME"), !home.isEmpty {
      folders.append("\(home)/.config/listkeeper/themes")
    }
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
  func theme(_ name: String) -> (theme: Theme, problem: Problem?) {
    if name == Theme.mono.name { return (.mono, nil) }
    guard let file = file(of: name) else {
      let isDefault = name == "dark" || name == Theme.standard.name
      let problem = Problem(
        "theme.missing", "There is no theme '\(Text.oneLine(name))'.",
        remedy: "Give dark, light or mono in Settings, Console, Theme.")
      return (.standard, isDefault ? nil : problem)
    }
    do throws(Problem) {
      return (try read(file, inheritedBy: []), nil)
    } catch {
      return (.standard, error)
    }
  }

  private func file(of name: String) -> String? {
    let isPlain = name.utf8.allSatisfy { byte in
      (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
        || byte == UInt8(ascii: "-")
    }
    guard isPlain else { return nil }
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
