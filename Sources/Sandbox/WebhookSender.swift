// Sends what the webhooks are to be told: a queue, a few deliveries at a time, another try at
// growing intervals when one is not answered 2xx within ten seconds, and an end to a webhook that
// keeps failing. Every wait goes by the time source; a delivery is either ready, under way,
// waiting for its time, held back, or gone.

import Basics
import HTTP

/// One attempt to deliver, for tests to look at what was sent.
package struct SandboxDeliveryAttempt: Sendable, Equatable {
  package let delivery: WebhookDelivery
  package let signature: String?
  /// What the other side answered; nil where it did not.
  package let status: Int?
}

/// How a delivery goes wrong on its way.
package enum SandboxDeliveryFault: Sendable, Equatable {
  case duplicated
  /// The deliveries of one act are sent in reverse order.
  case reversed
  case delayed(milliseconds: Int)
  /// Stays here until released.
  case heldBack
  case badSignature
  case lost
}

final class WebhookSender: Sendable {
  private static let concurrency = 8
  private static let patience = Duration.seconds(10)

  private let time: any TimeSource
  private let mailchimp: Locked<SandboxMailchimp>
  private let retries: [Duration]
  private let state = Locked(State())

  /// Deliveries that are sent one after the other.
  private struct Job {
    var deliveries: [Parcel]
    var tries = 0
    var due = Instant(milliseconds: 0)
  }

  struct Parcel: Sendable {
    let delivery: WebhookDelivery
    var isForged = false
  }

  private struct State {
    var client: HTTPClient?
    var ready: [Job] = []
    /// The place in `ready` of the next one.
    var next = 0
    var waiting: [Job] = []
    var held: [Job] = []
    var running = 0
    var alarm: (due: Instant, Task<Void, Never>)?
    var watchers: [CheckedContinuation<Void, Never>] = []
    var attempts: [SandboxDeliveryAttempt] = []
    /// Webhooks whose last delivery failed.
    var failing: Set<String> = []
    var isStopped = false

    var isIdle: Bool { running == 0 && next == ready.count }

    mutating func take() -> Job? {
      guard next < ready.count, !isStopped else { return nil }
      defer {
        next += 1
        if next == ready.count { (ready, next) = ([], 0) }
      }
      return ready[next]
    }

    /// Moves what is due to the ready ones.
    mutating func promote(at now: Instant) {
      guard waiting.contains(where: { $0.due <= now }) else { return }
      ready += waiting.filter { $0.due <= now }.sorted { $0.due < $1.due }
      waiting.removeAll { $0.due <= now }
    }
  }

  init(mailchimp: Locked<SandboxMailchimp>, time: any TimeSource, retries: [Duration]) {
    self.mailchimp = mailchimp
    self.time = time
    self.retries = retries
  }

  /// Ends what is under way; nothing is sent any more.
  func stop() {
    let (client, alarm, watchers) = state.withLock { state in
      state.isStopped = true
      defer { state.watchers = [] }
      return (state.client, state.alarm?.1, state.watchers)
    }
    alarm?.cancel()
    client?.stop()
    for watcher in watchers { watcher.resume() }
  }

  /// Takes over the deliveries of one act to one webhook, each with what goes wrong with it.
  func send(_ act: [(WebhookDelivery, SandboxDeliveryFault?)]) {
    var inOrder: [Parcel] = []
    var (late, held): ([Job], [Job]) = ([], [])
    for (delivery, fault) in act {
      let parcel = Parcel(delivery: delivery, isForged: fault == .badSignature)
      switch fault {
      case .duplicated: inOrder += [parcel, parcel]
      case .delayed(let milliseconds):
        let due = time.now() + .milliseconds(milliseconds)
        late.append(Job(deliveries: [parcel], due: due))
      case .heldBack: held.append(Job(deliveries: [parcel]))
      case .lost: break
      case .reversed: inOrder.insert(parcel, at: 0)
      case .badSignature, nil: inOrder.append(parcel)
      }
    }
    state.withLock { state in
      if !inOrder.isEmpty { state.ready.append(Job(deliveries: inOrder)) }
      state.waiting += late
      state.held += held
    }
    pump()
    if !late.isEmpty { setAlarm() }
  }

  /// Sends what was held back, one after the other, the last one first if that is wished.
  func release(reversed: Bool) {
    state.withLock { state in
      let parcels = state.held.flatMap(\.deliveries)
      state.held = []
      if parcels.isEmpty { return }
      state.ready.append(Job(deliveries: reversed ? parcels.reversed() : parcels))
    }
    pump()
  }

  /// Returns when nothing is under way and nothing is due. What waits for another try, is delayed
  /// or held back is not waited for.
  func settled() async {
    promote()
    await withCheckedContinuation { continuation in
      let isIdle = state.withLock { state in
        if state.isIdle || state.isStopped { return true }
        state.watchers.append(continuation)
        return false
      }
      if isIdle { continuation.resume() }
    }
  }

  /// The newest attempts, oldest first; at most twenty thousand.
  var attempts: [SandboxDeliveryAttempt] { state.withLock { $0.attempts } }

  /// Deliveries that wait: for another try, for their time, or to be released.
  var waiting: Int {
    state.withLock { state in
      (state.waiting + state.held).reduce(0) { $0 + $1.deliveries.count }
    }
  }

  /// The status of a GET of that address; 0 where none came.
  func probe(_ url: String) async -> Int {
    await answer(to: request("GET", url))?.status ?? 0
  }

  // MARK: Working

  private func pump() {
    let started = state.withLock { state in
      let wanted = min(Self.concurrency - state.running, state.ready.count - state.next)
      guard wanted > 0, !state.isStopped else { return 0 }
      state.running += wanted
      return wanted
    }
    for _ in 0..<started { Task.detached { await self.work() } }
  }

  private func work() async {
    while true {
      let (job, watchers) = state.withLock { state in
        if let job = state.take() { return (Optional(job), [CheckedContinuation<Void, Never>]()) }
        state.running -= 1
        guard state.isIdle else { return (nil, []) }
        defer { state.watchers = [] }
        return (nil, state.watchers)
      }
      for watcher in watchers { watcher.resume() }
      guard let job else { return }
      for parcel in job.deliveries { await deliver(parcel, tries: job.tries) }
    }
  }

  private func deliver(_ parcel: Parcel, tries: Int) async {
    let delivery = parcel.delivery
    guard mailchimp.withLock({ $0.wants(delivery) }) else { return }
    var request = request("POST", delivery.url)
    request.headers.set("Content-Type", "application/x-www-form-urlencoded")
    request.body = delivery.body
    let signature = delivery.secret.map { secret in
      WebhookSignature.value(
        secret: parcel.isForged ? "not \(secret)" : secret, body: delivery.body, at: time.now())
    }
    if let signature { request.headers.set(WebhookSignature.header, signature) }
    let status = await answer(to: request)?.status
    let isTaken = status.map { (200..<300).contains($0) } ?? false
    let attempt = SandboxDeliveryAttempt(
      delivery: delivery, signature: signature, status: status)
    let isLast = tries >= retries.count
    let now = time.now()
    let keepsFailing = state.withLock { state in
      if state.attempts.count >= 20_000 { state.attempts.removeFirst(10_000) }
      state.attempts.append(attempt)
      if isTaken {
        state.failing.remove(delivery.webhook)
        return false
      }
      if state.isStopped { return false }
      let wasFailing = !state.failing.insert(delivery.webhook).inserted
      if isLast { return wasFailing || retries.isEmpty }
      state.waiting.append(
        Job(deliveries: [parcel], tries: tries + 1, due: now + retries[tries]))
      return false
    }
    if keepsFailing {
      mailchimp.withLock { $0.dropWebhook(delivery.webhook, of: delivery.audience) }
    } else if !isTaken, !isLast {
      setAlarm()
    }
  }

  private func request(_ method: String, _ url: String) -> HTTPClientRequest {
    HTTPClientRequest(
      method, url, connectTime: .seconds(30), totalTime: .seconds(60), answerLimit: 1 << 20)
  }

  /// The answer, if one comes in time.
  private func answer(to request: HTTPClientRequest) async -> HTTPResponse? {
    guard let client = client() else { return nil }
    let time = time
    let deadline = time.now() + Self.patience
    return await withTaskGroup(of: HTTPResponse?.self) { group in
      group.addTask { try? await client.send(request) }
      group.addTask {
        try? await time.sleep(until: deadline)
        return nil
      }
      defer { group.cancelAll() }
      return await group.next() ?? nil
    }
  }

  private func client() -> HTTPClient? {
    state.withLock { state in
      if state.client == nil, !state.isStopped {
        // Without a client nothing can be sent, and that is what an attempt then says.
        state.client = try? HTTPClient(userAgent: "MailChimp")
      }
      return state.client
    }
  }

  // MARK: Waiting

  private func promote() {
    let now = time.now()
    state.withLock { $0.promote(at: now) }
    pump()
  }

  /// Sees to it that somebody wakes when the next one is due.
  private func setAlarm() {
    let time = time
    state.withLock { state in
      guard let due = state.waiting.map(\.due).min(), !state.isStopped else { return }
      if let alarm = state.alarm {
        if alarm.due <= due { return }
        alarm.1.cancel()
      }
      let task = Task.detached { [weak self] in
        do { try await time.sleep(until: due) } catch { return }
        self?.wake()
      }
      state.alarm = (due, task)
    }
  }

  private func wake() {
    state.withLock { $0.alarm = nil }
    promote()
    setAlarm()
  }
}
