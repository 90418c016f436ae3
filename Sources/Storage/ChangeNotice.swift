// Who wants to know that the workspace changed. Ringing says only "look again": what changed is
// read from the file, so several rings may arrive as one and one too many does no harm.

import Basics

package final class ChangeNotice: Sendable {
  private let state = Locked(State())

  private struct State {
    var wakeups: [WeakWakeup] = []
    var streams: [Int: AsyncStream<Void>.Continuation] = [:]
    var nextStream = 0
  }

  private struct WeakWakeup {
    weak var wakeup: Wakeup?
  }

  package init() {}

  /// Rings `wakeup` at every change for as long as somebody else keeps it alive.
  package func register(_ wakeup: Wakeup) {
    state.withLock {
      $0.wakeups.removeAll { $0.wakeup == nil }
      $0.wakeups.append(WeakWakeup(wakeup: wakeup))
    }
  }

  package func unregister(_ wakeup: Wakeup) {
    state.withLock { $0.wakeups.removeAll { $0.wakeup == nil || $0.wakeup === wakeup } }
  }

  /// An element soon after each change; those nobody took yet are one. Ends with its task.
  package func stream() -> AsyncStream<Void> {
    AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
      let id = state.withLock { state in
        state.nextStream += 1
        state.streams[state.nextStream] = continuation
        return state.nextStream
      }
      continuation.onTermination = { [weak self] _ in
        _ = self?.state.withLock { $0.streams.removeValue(forKey: id) }
      }
    }
  }

  package func ring() {
    // Yielded to outside the lock, because ending a stream takes it.
    let (wakeups, streams) = state.withLock {
      ($0.wakeups.compactMap(\.wakeup), Array($0.streams.values))
    }
    for wakeup in wakeups { wakeup.ring() }
    for stream in streams { stream.yield() }
  }
}
