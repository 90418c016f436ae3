// How somebody's own keys and themes come to their console, and come again when a file of them is
// written: the kernel tells, nobody polls.

import Basics
import Console
import Glibc

struct OwnLook {
  struct Written {
    var keys = false
    var themes = false
  }

  let shelf: ThemeShelf
  private let environment: @Sendable (String) -> String?
  private let watches: [FolderWatch]

  init(environment: @escaping @Sendable (String) -> String?) {
    self.environment = environment
    let shelf = ThemeShelf(environment: environment)
    self.shelf = shelf
    // A folder that is not there is looked for with the next console.
    let folder = OwnFolder.path(environment: environment)
    watches = [folder, shelf.own].compactMap { path in
      guard let path, access(path, R_OK) == 0 else { return nil }
      // Without a watch, where the system has none left, files are read when the console starts.
      return try? FolderWatch(folder: path)
    }
  }

  var descriptors: [Int32] { watches.map(\.descriptor) }

  /// What was written in the folder whose watch rang.
  func written(_ descriptor: Int32) -> Written {
    guard let watch = watches.first(where: { $0.descriptor == descriptor }) else {
      return Written()
    }
    guard let names = watch.written() else { return Written(keys: true, themes: true) }
    return Written(
      keys: names.contains("keys"), themes: names.contains { $0.hasSuffix(".theme") })
  }

  /// What was wrong with a file of one's own, with its name from that folder on: a line of the screen
  /// has no room for the way to it.
  func notice(_ problem: Problem) -> Notice {
    let folder = OwnFolder.path(environment: environment).map { "\($0)/" } ?? ""
    return Notice(.error, problem.description.replacing(folder, with: ""))
  }

  func readKeys() throws(Problem) -> UserKeys {
    try OwnFolder.readKeys(environment: environment)
  }
}
