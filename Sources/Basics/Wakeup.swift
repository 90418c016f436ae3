// A descriptor that `poll(2)` can wait for and any thread may ring. Ringing twice before anybody
// looked is ringing once.

import CSystem
import Glibc

package final class Wakeup: Sendable {
  /// For a poll set; readable while rung.
  package let descriptor: Int32

  package init() throws(Problem) {
    descriptor = lk_eventfd_create()
    if descriptor < 0 {
      throw Problem(
        "system.no-descriptor", "The system gave no descriptor for wake-ups.",
        remedy: "Raise the limit of open files (ulimit -n).",
        cause: String(cString: strerror(errno)))
    }
  }

  deinit { close(descriptor) }

  package func ring() { lk_eventfd_signal(descriptor) }

  /// Silences it; true when it had been rung.
  @discardableResult
  package func silence() -> Bool { lk_eventfd_drain(descriptor) == 1 }
}
