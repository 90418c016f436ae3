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
    let isPlain = name.utf8.allSatisfy { byte in
      (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
        || byte == UInt8(ascii: "-")
    }
    let files = isPlain ? folders.map { "\($0)/\(name).theme" } : []
    guard let file = files.first(where: { access($0, R_OK) == 0 }) else {
      let isDefault = name == "dark" || name == Theme.standard.name
      let problem = Problem(
        "theme.missing", "There is no theme '\(Text.oneLine(name))'.",
        remedy: "Give dark, light or mono in Settings, Console, Theme.")
      return (.standard, isDefault ? nil : problem)
    }
    do throws(Problem) {
      return (try ThemeFile.read(try FileText.read(file), file: file), nil)
    } catch {
      return (.standard, error)
    }
  }
}
