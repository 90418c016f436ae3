// A thread of one's own, for the two loops that block in poll(2): swift's cooperative pool has as
// few threads as there are cores and must never be blocked.

import Basics
import Glibc

struct LoopThread: Sendable {
  private let handle: pthread_t

  /// Runs `body` on a new thread until it returns; the thread must be joined once.
  init(_ body: @escaping @Sendable () -> Void) throws(Problem) {
    let box = Unmanaged.passRetained(Body(body))
    var created = pthread_t()
    let code = pthread_create(
      &created, nil,
      { @Sendable pointer in
        guard let pointer else { return nil }
        let body = Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue()
        body.run()
        return nil
      }, box.toOpaque())
    guard code == 0 else {
      box.release()
      throw Problem(
        "system.no-thread", "The system gave no thread.",
        remedy: "Raise the limit of processes (ulimit -u).", cause: String(cString: strerror(code)))
    }
    handle = created
  }

  /// Waits until the body has returned. On the thread itself it only lets go of it.
  func join() {
    if pthread_equal(handle, pthread_self()) != 0 {
      pthread_detach(handle)
    } else {
      pthread_join(handle, nil)
    }
  }

  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
}

/// Milliseconds of a clock that never jumps, for deadlines on the wire.
func monotonicMilliseconds() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}
