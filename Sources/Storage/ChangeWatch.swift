// Rings the workspace's notice when another process wrote to the file, or when the one that held
// the engine's lock is gone. One thread sleeps in poll(2); an idle workspace costs nothing.
//
// The kernel tells of a write before the commit it belongs to can be seen (the log is synced in
// between), so after a write the file is looked at again, at growing intervals, until the commit
// shows or two seconds have passed. A commit that takes longer than that ends in a write of its own.

import Basics
import Foundation
import SQLite

package final class ChangeWatch: Sendable {
  private let stop: Wakeup

  /// Watches until the object goes.
  package init(_ workspace: Workspace) throws(Problem) {
    let path = workspace.path
    let name = String(path.split(separator: "/").last ?? "")
    let folder = String(path.dropLast(name.utf8.count))
    let watch = try FolderWatch(folder: folder.isEmpty ? "." : folder)
    let stop = try Wakeup()
    self.stop = stop
    let loop = WatchLoop(
      watch: watch, stop: stop, path: path, log: name + "-wal",
      lock: name + EngineLock.suffix, changes: workspace.changes)
    Thread.detachNewThread { loop.run() }
  }

  deinit { stop.ring() }
}

private struct WatchLoop: Sendable {
  let watch: FolderWatch
  let stop: Wakeup
  let path: String
  let log: String
  let lock: String
  let changes: ChangeNotice

  /// Milliseconds between looks after a write; -1 is "until the next write".
  private static let looks: [Int32] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, -1]

  func run() {
    // Without a connection every write counts as a commit: one look too many, none too few.
    let connection = try? Connection(path: path, mode: .readOnly)
    var version = try? connection?.dataVersion()
    // What was committed between the folder's watch and this version would never differ from it;
    // what was written before the watch may still be about to show, so it begins with looks.
    changes.ring()
    var look = 0
    while true {
      var set = [
        pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0),
      ]
      let count = poll(&set, 2, WatchLoop.looks[look])
      if set[1].revents != 0 { return }
      var wasWritten = false
      if count > 0, set[0].revents != 0 {
        let names = watch.written()
        wasWritten = names?.contains(log) ?? true
        if names?.contains(lock) ?? true { changes.ring() }
        if wasWritten { look = 0 }
      } else if look < WatchLoop.looks.count - 1 {
        look += 1
      }
      let seen = try? connection?.dataVersion()
      if seen != version || (connection == nil && wasWritten) {
        version = seen
        // It looks on: this may be another commit than the one whose write was told.
        changes.ring()
      }
    }
  }
}
