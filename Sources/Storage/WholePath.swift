// Paths in settings are kept whole: `serve` runs in another folder than the shell in which somebody
// typed them. What must stay true: a path that begins with `/` is kept to the letter.

import Basics
import Domain
import Glibc

enum WholePath {
  /// The text of a setting, with a path in it made whole from where this process runs.
  static func of(_ text: String, _ key: String) -> String {
    if key == Settings.sourcePath.key { return whole(text) }
    let reference = "file:"
    guard Settings.description(of: key)?.isSecret == true, text.hasPrefix(reference) else {
      return text
    }
    return reference + whole(Text.oneLine(text.dropFirst(reference.count)))
  }

  private static func whole(_ path: String) -> String {
    if path.isEmpty || path.hasPrefix("/") { return path }
    if path.hasPrefix("~/"), let home = getenv("HOME").map({ String(cString: $0) }) {
      return home + path.dropFirst()
    }
    guard let folder = getcwd(nil, 0) else { return path }
    defer { free(folder) }
    let here = String(cString: folder)
    return here + (here.hasSuffix("/") ? "" : "/") + path
  }
}
