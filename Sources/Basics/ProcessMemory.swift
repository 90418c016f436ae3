// What this process keeps of the system's memory. A sync passes through much more than it keeps; the
// allocator would hold on to all of it for the rest of a console's day.

import CSystem

package enum ProcessMemory {
  /// Once, before threads are started.
  package static func useFewHeaps() { lk_memory_use_few_heaps() }

  /// After a large piece of work; takes some milliseconds, so never on the terminal's thread.
  package static func giveBack() { lk_memory_give_back() }
}
