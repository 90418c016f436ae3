// The wish to end, from a signal or from a test, as something to wait for. Until `listen` was
// called the signals kill as usual; afterwards the first one asks, and a second one kills.

import Basics
import Glibc

package final class StopSignal: Sendable {
  package let wakeup: Wakeup
  private let asked = Locked(false)

  package init() throws(Problem) { wakeup = try Wakeup() }

  package var isAsked: Bool { asked.withLock { $0 } || stopSignals.isRaised }

  package func ask() {
    asked.withLock { $0 = true }
    wakeup.ring()
  }

  /// From here on SIGINT, SIGTERM and SIGHUP ask instead of killing.
  package func listen() {
    stopSignals.install(descriptor: wakeup.descriptor)
  }

  /// Waits until one of `wakeups` rings, or `timeout` is over, or the end is asked for. False when
  /// the end is asked for.
  @discardableResult
  package func wait(for wakeups: [Wakeup] = [], timeout: Duration? = nil) -> Bool {
    if isAsked { return false }
    var set = ([wakeup] + wakeups).map {
      pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0)
    }
    let milliseconds = timeout.map { Int32(clamping: max(0, $0.wholeMilliseconds)) } ?? -1
    _ = poll(&set, nfds_t(set.count), milliseconds)
    for wakeup in wakeups { wakeup.silence() }
    return !isAsked
  }
}

private let stopSignals = StopHandlers()

/// The state that signal handlers touch.
private final class StopHandlers: Sendable {
  var isRaised: Bool { raisedSignal.pointee != 0 }

  func install(descriptor: Int32) {
    ringingDescriptor.pointee = descriptor
    for number in [SIGINT, SIGTERM, SIGHUP] {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { number in
        raisedSignal.pointee = number
        var one: UInt64 = 1
        _ = write(ringingDescriptor.pointee, &one, 8)
      }
      // The second one finds the default action and kills.
      action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND) | UInt32(SA_RESTART))
      sigaction(number, &action, nil)
    }
  }
}

// Pointers, so that a handler touches memory and nothing of Swift's runtime; nonisolated(unsafe)
// because they are written before the handlers are installed, or by a handler in one store.
nonisolated(unsafe) private let raisedSignal: UnsafeMutablePointer<Int32> = {
  let cell = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
  cell.initialize(to: 0)
  return cell
}()
nonisolated(unsafe) private let ringingDescriptor: UnsafeMutablePointer<Int32> = {
  let cell = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
  cell.initialize(to: -1)
  return cell
}()
