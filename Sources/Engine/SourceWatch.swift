// Rings when a file was written or replaced and has been quiet for a moment: half a file that is
// still being written must not pass for all of it.

import Basics
import Foundation
import Glibc

final class SourceWatch: Sendable {
  let path: String
  private let stop: Wakeup

  /// So long nothing must be written, in milliseconds.
  private static let quiet: Int32 = 500

  /// Watches until the object goes.
  init(_ path: String, _ ring: @escaping @Sendable () -> Void) throws(Problem) {
    self.path = path
    let name = String(path.split(separator: "/").last ?? "")
    let folder = String(path.dropLast(name.utf8.count))
    let watch = try FolderWatch(folder: folder.isEmpty ? "." : folder)
    let stop = try Wakeup()
    self.stop = stop
    Thread.detachNewThread {
      var isWritten = false
      while true {
        var set = [
          pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0),
          pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        let count = poll(&set, 2, isWritten ? SourceWatch.quiet : -1)
        if set[1].revents != 0 { return }
        if count > 0 {
          if watch.written()?.contains(name) ?? true { isWritten = true }
        } else if isWritten {
          isWritten = false
          ring()
        }
      }
    }
  }

  deinit { stop.ring() }
}
