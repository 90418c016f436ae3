// One connection of the listener: reads a request, waits for its reply, writes it, and reads the
// next. It never reads while a request is being handled, so a client cannot pile up work, and
// after a refusal it takes in and drops what still comes, so that the client gets to read why.

import Basics
import Glibc

struct ListenerConnection {
  private enum State {
    case reading
    /// A request is complete and not yet handed on.
    case complete(ParsedRequest)
    case handling
    case writing(thenClose: Bool)
    /// Our side is shut; what comes is dropped until the client closes too.
    case draining(budget: Int)
    case over
  }

  let id: Int
  let descriptor: Int32
  let peer: String
  /// When this state lasts too long, in monotonic milliseconds.
  private(set) var deadline: Int64
  var handling: Task<Void, Never>?

  private let limits: ListenerLimits
  private var parser: RequestParser
  private var state = State.reading
  private var method = ""
  private var keepsAlive = true
  private var output: [UInt8] = []
  private var sent = 0

  init(id: Int, descriptor: Int32, peer: String, limits: ListenerLimits) {
    self.id = id
    self.descriptor = descriptor
    self.peer = peer
    self.limits = limits
    parser = RequestParser(limits: limits.request)
    deadline = monotonicMilliseconds() + limits.idleTime.wholeMilliseconds
  }

  /// Between two requests: may be closed to make room for another.
  var isIdle: Bool {
    if case .reading = state { parser.isBetweenRequests && output.isEmpty } else { false }
  }

  var isOver: Bool {
    if case .over = state { true } else { false }
  }

  /// What poll(2) shall wait for; hang-ups are reported always.
  var awaited: Int16 {
    switch state {
    case .reading: Int16(POLLIN) | (output.isEmpty ? 0 : Int16(POLLOUT))
    case .draining: Int16(POLLIN)
    case .writing: Int16(POLLOUT)
    // Not for bytes, but for the client's leaving.
    case .handling: Int16(clientLeft)
    case .complete, .over: 0
    }
  }

  /// The request to be handled now, once.
  mutating func takeRequest() -> ParsedRequest? {
    guard case .complete(let parsed) = state else { return nil }
    state = .handling
    deadline = .max
    return parsed
  }

  /// Acts on what poll(2) said.
  mutating func ready(_ events: Int16, _ input: inout [UInt8]) {
    switch state {
    case .reading:
      if events & Int16(POLLOUT) != 0 { flush() }
      if events & Int16(POLLIN | POLLHUP | POLLERR) != 0 { receive(&input) }
    case .draining(let budget): drain(budget, &input)
    case .writing: flush()
    case .complete, .handling, .over:
      // Nobody is there to take the answer; the handler's reply will find no connection.
      if events & Int16(POLLHUP | POLLERR | POLLNVAL | clientLeft) != 0 { state = .over }
    }
  }

  mutating func send(_ reply: HTTPReply) {
    guard case .handling = state else { return }
    handling = nil
    switch reply {
    case .cut: state = .over
    case .response(let response): write(response, close: !keepsAlive, cutAfter: nil)
    case .cutAfter(let response, let bytes): write(response, close: true, cutAfter: bytes)
    }
  }

  mutating func timeRanOut() {
    switch state {
    case .reading where !parser.isBetweenRequests:
      refuse(RequestParser.Refusal(status: 408, reason: "the request took too long"))
    default: state = .over
    }
  }

  // MARK: Reading

  private mutating func receive(_ input: inout [UInt8]) {
    let wasBetween = parser.isBetweenRequests
    let count = recv(descriptor, &input, input.count, 0)
    if count < 0, errno == EAGAIN || errno == EINTR { return }
    guard count > 0 else {
      state = .over
      return
    }
    if wasBetween {
      deadline = monotonicMilliseconds() + limits.requestTime.wholeMilliseconds
    }
    parser.append(input[..<count])
    parse()
  }

  private mutating func parse() {
    do {
      while let event = try parser.next() {
        switch event {
        case .continueExpected:
          output += Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
          flush()
        case .request(let parsed):
          method = parsed.request.method
          keepsAlive = parsed.keepsAlive
          state = .complete(parsed)
          return
        }
      }
    } catch {
      refuse(error)
    }
  }

  private mutating func refuse(_ refusal: RequestParser.Refusal) {
    keepsAlive = false
    let body = Array("\(refusal.status) \(refusal.reason)\n".utf8)
    write(
      HTTPResponse(
        refusal.status, headers: ["Content-Type": "text/plain; charset=utf-8"], body: body),
      close: true, cutAfter: nil)
  }

  // MARK: Writing

  private mutating func write(_ response: HTTPResponse, close: Bool, cutAfter: Int?) {
    var bytes = response.wireBytes(
      method: method, keepsAlive: !close, now: SystemTime().now())
    if let cutAfter { bytes = Array(bytes.prefix(max(0, cutAfter))) }
    output += bytes
    state = .writing(thenClose: close)
    deadline = monotonicMilliseconds() + limits.answerTime.wholeMilliseconds
    flush()
  }

  private mutating func flush() {
    while sent < output.count {
      let count = output.withUnsafeBytes {
        Glibc.send(
          descriptor, $0.baseAddress?.advanced(by: sent), $0.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count < 0 {
        if errno == EINTR { continue }
        if errno != EAGAIN { state = .over }
        return
      }
      sent += count
    }
    output = []
    sent = 0
    guard case .writing(let thenClose) = state else { return }
    if thenClose {
      shutdown(descriptor, Int32(SHUT_WR))
      state = .draining(budget: limits.request.body + 65536)
      deadline = monotonicMilliseconds() + 2000
    } else {
      state = .reading
      deadline = monotonicMilliseconds() + limits.idleTime.wholeMilliseconds
      if !parser.isBetweenRequests {
        deadline = monotonicMilliseconds() + limits.requestTime.wholeMilliseconds
      }
      parse()
    }
  }

  private mutating func drain(_ budget: Int, _ input: inout [UInt8]) {
    let count = recv(descriptor, &input, input.count, 0)
    if count < 0, errno == EAGAIN || errno == EINTR { return }
    state = count <= 0 || count >= budget ? .over : .draining(budget: budget - count)
  }
}

/// POLLRDHUP, which Glibc's module leaves out: the client closed its side. One that only half
/// closed it is taken to have left too.
private let clientLeft: Int32 = 0x2000
