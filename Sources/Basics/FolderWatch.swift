// Tells which files of a folder were written, by the kernel's word (inotify): nobody polls. It says
// that something was written, not what; and it says nothing on a network disk.

import CSystem
import Glibc

package final class FolderWatch: Sendable {
  /// For a poll set; readable while there is something to tell.
  package let descriptor: Int32

  package init(folder: String) throws(Problem) {
    descriptor = lk_inotify_open(folder)
    if descriptor < 0 {
      throw Problem(
        "system.no-watch", "The system does not tell of changes in \(folder).",
        remedy: "Raise fs.inotify.max_user_instances and max_user_watches (sysctl).",
        cause: String(cString: strerror(errno)))
    }
  }

  deinit { close(descriptor) }

  /// Names of the files written since the last call. Nil when there were too many to remember:
  /// then any may have been written.
  package func written() -> Set<String>? {
    var names: Set<String> = []
    var overflowed = false
    var buffer = [UInt8](repeating: 0, count: 16 * 1024)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count <= 0 { break }
      var start = 0
      // struct inotify_event: wd, mask, cookie, len (four bytes each), then len bytes of name.
      while start + 16 <= count {
        let (mask, length) = buffer.withUnsafeBytes {
          (
            $0.loadUnaligned(fromByteOffset: start + 4, as: UInt32.self),
            Int($0.loadUnaligned(fromByteOffset: start + 12, as: UInt32.self))
          )
        }
        if mask & UInt32(IN_Q_OVERFLOW) != 0 { overflowed = true }
        let name = buffer[(start + 16)..<(start + 16 + length)].prefix { $0 != 0 }
        if !name.isEmpty { names.insert(String(decoding: name, as: UTF8.self)) }
        start += 16 + length
      }
    }
    return overflowed ? nil : names
  }
}
