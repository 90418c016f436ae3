// What somebody keeps for their consoles on this machine: a folder with keys and themes, and a memory
// of each workspace. What must stay true: nothing of it is needed, and what cannot be read or written
// costs a sentence and never the console.

import Basics
import Console
import Foundation

enum OwnFolder {
  /// `$XDG_CONFIG_HOME/listkeeper`; nil where there is no home.
  static func path(environment: (String) -> String?) -> String? {
    base("XDG_CONFIG_HOME", "/.config", environment).map { "\($0)/listkeeper" }
  }

  /// The file of somebody's own keys.
  static func keys(environment: (String) -> String?) -> String? {
    path(environment: environment).map { "\($0)/keys" }
  }

  fileprivate static func base(
    _ name: String, _ usual: String, _ environment: (String) -> String?
  ) -> String? {
    if let named = environment(name), named.hasPrefix("/") { return named }
    return environment("HOME").flatMap { $0.hasPrefix("/") ? $0 + usual : nil }
  }

  /// The keys as their file says; none where there is no file.
  static func readKeys(environment: (String) -> String?) throws(Problem) -> UserKeys {
    guard let file = keys(environment: environment), access(file, F_OK) == 0 else {
      return UserKeys()
    }
    return try UserKeys(reading: try FileText.read(file), file: file)
  }
}

/// The memory of one workspace's consoles, of this person on this machine.
struct MemoryFile {
  private let folder: String
  private let path: String

  /// Nil where there is no home.
  init?(of workspace: String, environment: (String) -> String?) {
    guard let state = OwnFolder.base("XDG_STATE_HOME", "/.local/state", environment) else {
      return nil
    }
    let whole = URL(filePath: workspace).standardizedFileURL.path(percentEncoded: false)
    folder = "\(state)/listkeeper/consoles"
    path = "\(folder)/\(Digest.md5(whole.utf8)).json"
  }

  /// One that cannot be read is as none: what it holds is no more than a convenience.
  func read() -> ConsoleMemory {
    guard let bytes = FileManager.default.contents(atPath: path), bytes.count < 1 << 20,
      let json = try? JSONValue.parse(Array(bytes))
    else { return ConsoleMemory() }
    return ConsoleMemory(json: json)
  }

  /// Written beside itself and moved into place, so that a half one is never found. Where that
  /// cannot be, the next console opens at its first pane: nothing of the list is lost, and somebody
  /// who leaves is not to be kept by it.
  func write(_ memory: ConsoleMemory) {
    let new = "\(path).\(getpid())"
    defer { unlink(new) }
    guard (try? PrivateFile.makeFolder(folder)) != nil,
      (try? PrivateFile.write("\(memory.json)\n", to: new)) != nil
    else { return }
    rename(new, path)
  }
}
