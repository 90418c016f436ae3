// What this process keeps of the system's memory. A sync passes through much more than it keeps; the
// allocator would hold on to all of it for the rest of a console's day.

import CSystem

package enum ProcessMemory {
  /// Once, before threads are started.
  package static func useFewHeaps() { lk_memory_use_few_heaps() }

  private static let lastTime = Locked<ContinuousClock.Instant?>(nil)

  /// After a piece of work; takes some milliseconds in which nobody can have any memory, so it is done
  /// once a second at most, and never on the terminal's thread.
  package static func giveBack() {
    let isTime = lastTime.withLock { last in
      let now = ContinuousClock.now
      if let last, now - last < .seconds(1) { return false }
      last = now
      return true
    }
    if isTime { lk_memory_give_back() }
  }
}
