// The practice Mailchimp behind a real socket: its state under one lock, latency, the limit of
// simultaneous requests, faults, holds and the recording. A request takes effect at one moment,
// after its latency, whether or not the client is still there, as on a real server.

import Basics
import HTTP

/// One request that arrived, for tests to look at what was sent.
package struct SandboxExchange: Sendable, Equatable {
  package let method: String
  package let path: String
  package let query: [FormField]
  /// Empty for old exchanges once all bodies together take more than 64 MiB.
  package fileprivate(set) var body: [UInt8]
  /// What went back; nil where a fault altered the exchange.
  package let status: Int?
}

package final class SandboxServer: Sendable {
  package let configuration: SandboxConfiguration
  private let time: any TimeSource
  private let state: Locked<SandboxMailchimp>
  private let desk: Locked<Desk>
  private let listener = Locked<HTTPListener?>(nil)
  private let sender: WebhookSender
  private let people: Locked<SandboxPlatform>

  /// What the server itself keeps, beside the state of Mailchimp.
  private struct Desk {
    var faults: SandboxFaults
    /// Requests of the account under way, by whatever key or token.
    var running = 0
    var holds: [SandboxHold] = []
    var exchanges: [SandboxExchange] = []
    var platformExchanges: [SandboxExchange] = []
    var bodyBytes = 0
    var watchers: [(count: Int, CheckedContinuation<Void, Never>)] = []
    var recorder: SandboxRecorder?

    /// Remembers an exchange, and forgets old ones so that a long practice stays small.
    mutating func keep(_ exchange: SandboxExchange) {
      if exchanges.count >= 100_000 { exchanges.removeFirst(50_000) }
      exchanges.append(exchange)
      bodyBytes += exchange.body.count
      guard bodyBytes > 64 << 20 else { return }
      for index in exchanges.indices.dropLast(50) { exchanges[index].body = [] }
      bodyBytes = exchanges.suffix(50).reduce(0) { $0 + $1.body.count }
    }
  }

  /// `time` dates the answers; latency runs on the machine's own clock.
  package init(
    configuration: SandboxConfiguration = SandboxConfiguration(),
    time: any TimeSource = SystemTime()
  ) {
    self.configuration = configuration
    self.time = time
    let now = time.now()
    var mailchimp = SandboxMailchimp(configuration, at: now)
    if configuration.people > 0 {
      mailchimp.addSamplePeople(configuration.people, seed: configuration.seed, at: now)
    }
    state = Locked(mailchimp)
    sender = WebhookSender(mailchimp: state, time: time, retries: configuration.webhookRetries)
    desk = Locked(Desk(faults: configuration.faults))
    var platform = SandboxPlatform(key: configuration.platformKey)
    platform.addSamplePeople(configuration.platformPeople, seed: configuration.seed + 1, at: now)
    people = Locked(platform)
  }

  deinit { stop() }

  /// Opens the recording and the port.
  package func start() throws(Problem) {
    if let path = configuration.recordPath {
      let recorder = try SandboxRecorder(path: path)
      desk.withLock { $0.recorder = recorder }
    }
    var limits = ListenerLimits()
    limits.request.body = 8 << 20
    // Weak, because the listener would else keep its owner, and its port, alive.
    let made = HTTPListener(
      address: configuration.address, port: configuration.port, limits: limits
    ) { [weak self] request, _ in
      await self?.reply(request) ?? .cut
    }
    try made.start()
    listener.withLock { $0 = made }
  }

  package func stop() {
    listener.withLock { listener in
      listener?.stop()
      listener = nil
    }
    sender.stop()
  }

  package var port: UInt16 { listener.withLock { $0?.port ?? 0 } }

  /// Stands for `https://<dc>.api.mailchimp.com`; the API is below it at `/3.0/`.
  package var url: String { "http://\(configuration.address):\(port)" }

  package var key: String { configuration.key }

  /// The id of the first audience.
  package var audience: String { with { $0.audiences.first?.id ?? "" } }

  // MARK: For tests and people practising

  /// Looks at Mailchimp or changes it, alone. What the webhooks are to be told of it is sent.
  package func with<R, E: Error>(
    _ body: (inout SandboxMailchimp) throws(E) -> R
  ) throws(E) -> R {
    let (result, acts) = try state.withLock { mailchimp throws(E) in
      let result = try body(&mailchimp)
      return (result, mailchimp.hasNews ? mailchimp.takeDeliveries(at: time.now()) : [])
    }
    for act in acts {
      sender.send(
        desk.withLock { desk in act.map { ($0, desk.faults.next($0)) } })
    }
    return result
  }

  /// What a person or an administrator does now.
  package func perform(_ deed: SandboxDeed, in audience: String? = nil) throws(Problem) {
    let now = time.now()
    try with { mailchimp throws(Problem) in
      try mailchimp.perform(deed, in: audience, at: now)
    }
  }

  /// The person of that address in the first audience, or the one named.
  package func member(_ address: String, in audience: String? = nil) -> SandboxMember? {
    with { mailchimp in
      mailchimp.audiences.first { audience == nil || $0.id == audience }?.member(address: address)
    }
  }

  package func addFault(_ rule: SandboxFaultRule) {
    desk.withLock { $0.faults.add(rule) }
  }

  /// From now on these go wrong, and no others.
  package func setFaults(_ faults: SandboxFaults) {
    desk.withLock { $0.faults = faults }
  }

  /// Ends all faults.
  package func clearFaults() {
    desk.withLock { $0.faults = SandboxFaults() }
  }

  /// Stops matching requests at `place` until the hold is released.
  package func hold(
    _ place: SandboxHold.Place, method: String? = nil, path: String? = nil
  ) -> SandboxHold {
    let hold = SandboxHold(place, method: method, path: path)
    desk.withLock { $0.holds.append(hold) }
    return hold
  }

  /// The newest exchanges with the API, oldest first; at most a hundred thousand.
  package var exchanges: [SandboxExchange] { desk.withLock { $0.exchanges } }

  /// How many exchanges of that kind there were; `path` may hold `*`.
  package func count(_ method: String, _ path: String = "/**") -> Int {
    exchanges.filter { $0.method == method && PathPattern.matches(path, $0.path) }.count
  }

  /// Returns when there were that many exchanges since the start or the last forgetting.
  package func exchanged(_ count: Int) async {
    await withCheckedContinuation { continuation in
      let isThere = desk.withLock { desk in
        if desk.exchanges.count < count { desk.watchers.append((count, continuation)) }
        return desk.exchanges.count >= count
      }
      if isThere { continuation.resume() }
    }
  }

  package func forgetExchanges() {
    desk.withLock { $0.exchanges = [] }
  }

  // MARK: The people platform

  /// Looks at the people platform or changes it, alone.
  package func platform<R, E: Error>(
    _ body: (inout SandboxPlatform, Instant) throws(E) -> R
  ) throws(E) -> R {
    let now = time.now()
    return try people.withLock { platform throws(E) in try body(&platform, now) }
  }

  /// Below it are `/scim/v2/Users` and `/people`.
  package var platformURL: String { "\(url)/platform" }

  /// What the platform was asked, oldest first.
  package var platformExchanges: [SandboxExchange] { desk.withLock { $0.platformExchanges } }

  // MARK: Webhooks

  /// Returns when every delivery that is due was made; what is delayed, held back or waits for
  /// another try is not waited for.
  package func deliveriesSettled() async { await sender.settled() }

  /// Sends what a fault held back, one after the other, the last one first if that is wished.
  package func releaseDeliveries(reversed: Bool = false) { sender.release(reversed: reversed) }

  /// Every attempt to deliver, oldest first; at most twenty thousand.
  package var deliveryAttempts: [SandboxDeliveryAttempt] { sender.attempts }

  /// Deliveries that wait: for another try, for their time, or to be released.
  package var waitingDeliveries: Int { sender.waiting }

  /// The webhooks of the first audience, or of the one named.
  package func webhooks(in audience: String? = nil) -> [SandboxWebhook] {
    with { $0.audiences.first { audience == nil || $0.id == audience }?.webhooks ?? [] }
  }

  // MARK: One request

  private func reply(_ request: HTTPRequest) async -> HTTPReply {
    if let answer = await control(request) { return .response(answer) }
    let isPage = request.path == "/oauth2/authorize"
    guard
      request.path.hasPrefix("/3.0") || request.path.hasPrefix("/oauth2/")
        || SandboxFaults.isOfPlatform(request.path)
        || request.path.hasPrefix(SandboxMailchimp.batchArchives), !isPage
    else {
      let now = time.now()
      return .response(with { SandboxDesk.answer(request, &$0, at: now) })
    }
    let isOfPlatform = SandboxFaults.isOfPlatform(request.path)
    let isCounted = !isOfPlatform && with { $0.isFromTheAccount(request) }
    let (isOver, fault) = desk.withLock { desk in
      if isCounted { desk.running += 1 }
      let isOver = isCounted && desk.running > configuration.maxConnections
      return (isOver, isOver ? nil : desk.faults.next(request))
    }
    defer {
      if isCounted { desk.withLock { $0.running -= 1 } }
    }
    if isOver {
      let now = time.now()
      let response = with { $0.refuseOverLimit(at: now) }
      note(request, response)
      return .response(response)
    }
    await pass(.arrival, request)
    var wait = configuration.latency
    if case .delayed(let milliseconds) = fault { wait += .milliseconds(milliseconds) }
    // A client that leaves meanwhile does not undo what it asked for.
    if wait > .zero { try? await Task.sleep(for: wait) }
    if SandboxDesk.hangs(request) {
      note(request, nil)
      await untilTheClientLeaves()
      return .cut
    }
    guard let fault else {
      let response = await apply(request)
      note(request, response)
      return .response(response)
    }
    return await reply(request, with: fault)
  }

  private func apply(_ request: HTTPRequest) async -> HTTPResponse {
    if SandboxFaults.isOfPlatform(request.path) {
      let response = platform { platform, now in platform.answer(request, at: now) }
      await pass(.answer, request)
      return response
    }
    if let url = with({ $0.webhookToTry(request) }) {
      let status = await sender.probe(url)
      with { $0.webhookProbes[url] = status }
    }
    let now = time.now()
    let response = with { $0.answer(request, at: now) }
    await pass(.answer, request)
    return response
  }

  private func reply(_ request: HTTPRequest, with fault: SandboxFault) async -> HTTPReply {
    switch fault {
    case .status(let status, let title, let detail, let applied):
      if applied { _ = await apply(request) }
      note(request, nil)
      return .response(SandboxDesk.problem(status, title, detail))
    case .tooManyRequests:
      let now = time.now()
      note(request, nil)
      return .response(with { $0.refuseOverLimit(at: now) })
    case .forbiddenWithoutJSON:
      note(request, nil)
      return .response(
        HTTPResponse(
          403, headers: ["Content-Type": "text/html"],
          body: Array("<html><body><h1>Access Denied</h1></body></html>\n".utf8)))
    case .timeOut(let applied):
      if applied { _ = await apply(request) }
      note(request, nil)
      await untilTheClientLeaves()
      return .cut
    case .cut(let applied):
      if applied { _ = await apply(request) }
      note(request, nil)
      return .cut
    case .truncated(let bytes):
      let response = await apply(request)
      note(request, nil)
      return .cutInBody(response, to: request.method, bytes: bytes, now: time.now())
    case .garbage:
      _ = await apply(request)
      note(request, nil)
      return .response(
        HTTPResponse(
          200, headers: ["Content-Type": "application/json; charset=utf-8"],
          body: Array("{\"id\": \"\u{1}<html>".utf8) + [0xFF, 0xFE, 0x00]))
    case .delayed, .delivery:
      let response = await apply(request)
      note(request, response)
      return .response(response)
    }
  }

  private func untilTheClientLeaves() async {
    while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
  }

  private func pass(_ place: SandboxHold.Place, _ request: HTTPRequest) async {
    let holds = desk.withLock { desk in
      desk.holds.filter {
        $0.place == place && $0.matches(method: request.method, path: request.path)
      }
    }
    for hold in holds { await hold.pass() }
  }

  private func note(_ request: HTTPRequest, _ response: HTTPResponse?) {
    let exchange = SandboxExchange(
      method: request.method, path: request.path, query: request.query, body: request.body,
      status: response?.status)
    if SandboxFaults.isOfPlatform(request.path) {
      // No exchange with Mailchimp: neither recorded nor counted among those.
      desk.withLock { $0.platformExchanges.append(exchange) }
      return
    }
    // The store of batch results is no part of the API.
    if !request.path.hasPrefix(SandboxMailchimp.batchArchives) {
      desk.withLock { $0.recorder }?.record(request, response)
    }
    let due = desk.withLock { desk in
      desk.keep(exchange)
      let count = desk.exchanges.count
      defer { desk.watchers.removeAll { $0.count <= count } }
      return desk.watchers.filter { $0.count <= count }
    }
    for watcher in due { watcher.1.resume() }
  }
}
