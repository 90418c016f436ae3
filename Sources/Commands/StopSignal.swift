// The wish to end, from a signal or from a test, as something to wait for. Until `listen` was
// called the signals end the program as usual; afterwards they ask, and a program that takes no
// notice is ended by the third (see `Signals`).

import Basics
import Glibc

package final class StopSignal: Sendable {
  private let wakeup: Wakeup
  private let signals = Locked<Signals?>(nil)
  private let asked = Locked(false)

  package init() throws(Problem) { wakeup = try Wakeup() }

  package var isAsked: Bool {
    if let signals = signals.withLock({ $0 }), !signals.take().isEmpty { ask() }
    return asked.withLock { $0 }
  }

  package func ask() {
    asked.withLock { $0 = true }
    wakeup.ring()
  }

  /// From here on SIGINT, SIGTERM and SIGHUP ask instead of killing.
  package func listen() throws(Problem) {
    let caught = try Signals(catching: [.interrupt, .terminate, .hangUp])
    signals.withLock { $0 = caught }
  }

  /// Waits until one of `wakeups` rings, or `timeout` is over, or the end is asked for. False when
  /// the end is asked for.
  @discardableResult
  package func wait(for wakeups: [Wakeup] = [], timeout: Duration? = nil) -> Bool {
    let isOn = wait(descriptors: wakeups.map(\.descriptor), timeout)
    for wakeup in wakeups { wakeup.silence() }
    return isOn
  }

  /// Waits until there is something to read. False when the end is asked for.
  package func wait(readable descriptor: Int32) -> Bool { wait(descriptors: [descriptor], nil) }

  private func wait(descriptors: [Int32], _ timeout: Duration?) -> Bool {
    if isAsked { return false }
    let descriptors =
      [wakeup.descriptor, signals.withLock { $0?.descriptor } ?? -1] + descriptors
    var set = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    let milliseconds = timeout.map { Int32(clamping: max(0, $0.wholeMilliseconds)) } ?? -1
    _ = poll(&set, nfds_t(set.count), milliseconds)
    return !isAsked
  }
}
