// Pages from a thread that may block (a file, a database, a pipe) to a task that may not. What must
// stay true: the thread is never more than two pages ahead, so that the size of a source does not
// matter, and it ends when nobody asks any more. Who asks is never kept waiting by the thread once
// the asking task is cancelled.

import Basics
import Dispatch
import Foundation

final class PageChannel: Sendable {
  private struct State {
    var pages: [PeoplePage] = []
    var end: Result<Void, Problem>?
    var isAbandoned = false
    var waiting: CheckedContinuation<Result<PeoplePage?, Problem>, Never>?
  }

  private let state = Locked(State())
  /// Made with none and then given two: libdispatch traps where one ends with fewer than it began.
  private let room = DispatchSemaphore(value: 0)
  /// Rung when nobody asks any more: what blocks in the thread waits for this too.
  let stop: Wakeup

  private init() throws(Problem) {
    stop = try Wakeup()
    for _ in 0..<2 { room.signal() }
  }

  /// Pages as `produce` puts them in; it runs on a thread of its own and begins when the first page
  /// is asked for.
  static func stream(
    _ produce: @escaping @Sendable (PageChannel) throws(Problem) -> Void
  ) -> AsyncThrowingStream<PeoplePage, any Error> {
    let reading = Reading(produce)
    return AsyncThrowingStream { try await reading.next() }
  }

  /// True once nobody asks any more; what is read then goes nowhere.
  var isAbandoned: Bool { state.withLock { $0.isAbandoned } }

  /// Waits for room; throws when nobody asks any more.
  func put(_ page: PeoplePage) throws(Problem) {
    room.wait()
    let (isAbandoned, waiting) = state.withLock { state in
      let waiting = state.waiting
      state.waiting = nil
      if waiting == nil { state.pages.append(page) }
      return (state.isAbandoned, waiting)
    }
    if isAbandoned { throw PageChannel.givenUp }
    if let waiting {
      room.signal()
      waiting.resume(returning: .success(page))
    }
  }

  fileprivate func end(_ end: Result<Void, Problem>) {
    let waiting = state.withLock { state in
      state.end = end
      defer { state.waiting = nil }
      return state.waiting
    }
    waiting?.resume(returning: end.map { nil })
  }

  fileprivate func next() async throws(Problem) -> PeoplePage? {
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let ready: Result<PeoplePage?, Problem>? = state.withLock { state in
          if state.isAbandoned { return .failure(PageChannel.givenUp) }
          if !state.pages.isEmpty { return .success(state.pages.removeFirst()) }
          if let end = state.end { return end.map { nil } }
          state.waiting = continuation
          return nil
        }
        guard let ready else { return }
        if case .success(_?) = ready { room.signal() }
        continuation.resume(returning: ready)
      }
    } onCancel: {
      abandon()
    }
    return try result.get()
  }

  fileprivate func abandon() {
    let waiting = state.withLock { state in
      state.isAbandoned = true
      defer { state.waiting = nil }
      return state.waiting
    }
    stop.ring()
    room.signal()
    waiting?.resume(returning: .failure(PageChannel.givenUp))
  }

  private static let givenUp = Problem("cancelled", "The reading was given up.")

  /// Starts the thread once, and tells it when the stream has gone.
  private final class Reading: Sendable {
    private let channel: Result<PageChannel, Problem>
    private let produce: Locked<(@Sendable (PageChannel) throws(Problem) -> Void)?>

    init(_ produce: @escaping @Sendable (PageChannel) throws(Problem) -> Void) {
      self.produce = Locked(produce)
      channel = Result { () throws(Problem) in try PageChannel() }
    }

    // Where no channel could be made there is none to leave, and `next` has told it.
    deinit { try? channel.get().abandon() }

    func next() async throws -> PeoplePage? {
      let channel = try channel.get()
      let begins = produce.withLock { produce in
        defer { produce = nil }
        return produce
      }
      if let begins {
        Thread.detachNewThread {
          do throws(Problem) {
            try begins(channel)
            channel.end(.success(()))
          } catch {
            channel.end(.failure(error))
          }
        }
      }
      return try await channel.next()
    }
  }
}
