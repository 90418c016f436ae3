// One thread that owns one connection and works off what others hand it, in the order it came.
// `close` lets it finish what it was handed, closes the connection and returns when it is gone.

import Basics
import CSQLite
import Glibc

/// A queue whose taker sleeps until there is something or nothing will come any more.
final class WorkQueue<Job>: @unchecked Sendable {  // because `mutex` guards what changes
  private var jobs: [Job] = []
  private var taken = 0
  private var isClosed = false
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>

  init() {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
    condition = .allocate(capacity: 1)
    condition.initialize(to: pthread_cond_t())
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// False when the queue is closed and `job` was not taken in.
  func push(_ job: Job) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    guard !isClosed else { return false }
    jobs.append(job)
    pthread_cond_signal(condition)
    return true
  }

  /// The next job; nil when the queue is closed and empty.
  func next() -> Job? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while taken == jobs.count, !isClosed { pthread_cond_wait(condition, mutex) }
    return take()
  }

  /// The next job if there is one now.
  func nextIfAny() -> Job? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return take()
  }

  /// Takes no more jobs in; those in it are still handed out.
  func close() {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    isClosed = true
    pthread_cond_broadcast(condition)
  }

  private func take() -> Job? {
    guard taken < jobs.count else { return nil }
    let job = jobs[taken]
    taken += 1
    // Given back at once when all are taken, else when half the array is spent.
    if taken == jobs.count || taken > 1024 && taken * 2 > jobs.count {
      jobs.removeFirst(taken)
      taken = 0
    }
    return job
  }
}

/// A thread of the system that can be waited for once.
final class WorkThread: Sendable {
  private let thread: Locked<pthread_t?>

  init(_ body: @escaping @Sendable () -> Void) throws(Problem) {
    let box = Unmanaged.passRetained(Body(body))
    var created = pthread_t()
    let result = pthread_create(
      &created, nil,
      { @Sendable box in
        // Not nil: it is the box of the line above.
        if let box { Unmanaged<Body>.fromOpaque(box).takeRetainedValue().run() }
        return nil
      }, box.toOpaque())
    guard result == 0 else {
      box.release()
      throw Problem(
        "system.no-thread", "The system gave no thread for the database.",
        remedy: "Raise the limit of processes (ulimit -u).",
        cause: String(cString: strerror(result)))
    }
    thread = Locked(created)
  }

  deinit {
    if let thread = thread.withLock({ $0 }) { pthread_detach(thread) }
  }

  /// Returns when the thread has ended; at once when called on the thread itself.
  func join() {
    let joined = thread.withLock { thread -> pthread_t? in
      guard let mine = thread, pthread_equal(mine, pthread_self()) == 0 else { return nil }
      thread = nil
      return mine
    }
    if let joined { pthread_join(joined, nil) }
  }

  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
}

/// Carries a connection to the thread that owns it from then on.
// It is opened exactly once, on that thread.
struct Handover: @unchecked Sendable {  // because the sender gave its reference away (`sending`)
  let connection: Connection

  init(_ connection: sending Connection) { self.connection = connection }
}

/// Waits, on a thread that may wait, for what another thread will say.
final class Reply<Value>: @unchecked Sendable {  // because a semaphore parts writing and reading
  private var result: Result<Value, Problem>?
  private let semaphore: UnsafeMutablePointer<sem_t>

  init() {
    semaphore = .allocate(capacity: 1)
    semaphore.initialize(to: sem_t())
    sem_init(semaphore, 0, 0)
  }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  func say(_ result: Result<Value, Problem>) {
    self.result = result
    sem_post(semaphore)
  }

  func wait() throws(Problem) -> Value {
    while sem_wait(semaphore) != 0 {}
    guard let result else { throw Problem("internal", "An answer was awaited and not given.") }
    return try result.get()
  }
}

extension Problem {
  static func closed(_ path: String) -> Problem {
    Problem("sqlite.closed", "\(path) is closed already.")
  }
}
