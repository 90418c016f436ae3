// Bytes in, requests out (RFC 9112), as a pure state machine: fed in any pieces it gives the same
// requests and the same refusals. It is strict where two readers could disagree about where a
// request ends: both lengths at once, folded lines, a lone line feed, blanks before a colon and
// unreadable lengths are refused, never repaired.

import Basics

package struct RequestParser: Sendable {
  package struct Limits: Sendable, Equatable {
    /// Bytes of the request line without its end.
    package var requestLine = 8192
    /// Bytes of all header lines with their ends; trailers likewise.
    package var headerBytes = 32768
    package var headerCount = 100
    package var body = 1 << 20

    package init(
      requestLine: Int = 8192, headerBytes: Int = 32768, headerCount: Int = 100,
      body: Int = 1 << 20
    ) {
      self.requestLine = requestLine
      self.headerBytes = headerBytes
      self.headerCount = headerCount
      self.body = body
    }
  }

  package enum Event: Sendable, Equatable {
    /// The client waits for `100 Continue` before it sends the body.
    case continueExpected
    case request(ParsedRequest)
  }

  /// Why the bytes are no acceptable request, and the status to answer before closing. After one
  /// the parser stays refused: nothing behind it can be trusted to begin a request.
  package struct Refusal: Error, Sendable, Equatable {
    package let status: Int
    package let reason: String
  }

  private enum State {
    case requestLine
    case headers
    case body(remaining: Int)
    case chunkSize
    case chunk(remaining: Int)
    case chunkEnd
    case trailers
    case refused(Refusal)
  }

  private let limits: Limits
  private var state = State.requestLine
  private var buffer: [UInt8] = []
  /// Where the unread bytes begin, and how far behind it no line feed was found yet.
  private var start = 0
  private var searched = 0
  private var draft = Draft()

  package init(limits: Limits = Limits()) {
    self.limits = limits
  }

  /// True when not one byte of the next request has arrived.
  package var isBetweenRequests: Bool {
    if case .requestLine = state { start == buffer.count } else { false }
  }

  /// Takes bytes in; `next` reads them.
  package mutating func append(_ bytes: some Collection<UInt8>) {
    if start > 65536 || start == buffer.count {
      buffer.removeFirst(start)
      searched = max(0, searched - start)
      start = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// What the bytes taken in so far amount to; nil when more are needed.
  package mutating func next() throws(Refusal) -> Event? {
    do {
      while true {
        switch try step() {
        case .again: continue
        case .starved: return nil
        case .event(let event): return event
        }
      }
    } catch {
      state = .refused(error)
      throw error
    }
  }

  private enum Step {
    case again
    case starved
    case event(Event)
  }

  private mutating func step() throws(Refusal) -> Step {
    switch state {
    case .refused(let refusal): throw refusal
    case .requestLine:
      guard let line = try line(upTo: limits.requestLine, orRefuse: lineTooLong) else {
        return .starved
      }
      if line.isEmpty {
        // RFC 9112 §2.2: an empty line before a request is skipped; a stream of them is not.
        draft.emptyLines += 1
        if draft.emptyLines > 4 { throw Refusal(status: 400, reason: "no request line") }
        return .again
      }
      try draft.readRequestLine(line)
      state = .headers
      return .again
    case .headers:
      guard let line = try headerLine() else { return .starved }
      guard line.isEmpty else {
        try draft.readHeader(line, limits)
        return .again
      }
      return try headersEnded()
    case .body(let remaining):
      let taken = take(upTo: remaining)
      if taken == remaining { return .event(finish()) }
      state = .body(remaining: remaining - taken)
      return .starved
    case .chunkSize:
      guard let line = try line(upTo: 256, orRefuse: badChunk) else { return .starved }
      let size = try chunkSize(line)
      draft.headerBytes = 0
      state = size == 0 ? .trailers : .chunk(remaining: size)
      return .again
    case .chunk(let remaining):
      let taken = take(upTo: remaining)
      state = taken == remaining ? .chunkEnd : .chunk(remaining: remaining - taken)
      return taken == remaining ? .again : .starved
    case .chunkEnd:
      guard let line = try line(upTo: 0, orRefuse: badChunk) else { return .starved }
      guard line.isEmpty else { throw badChunk }
      state = .chunkSize
      return .again
    case .trailers:
      guard let line = try headerLine() else { return .starved }
      if line.isEmpty { return .event(finish()) }
      // Read for their form, then dropped: a trailer must not add what a header could not say.
      _ = try Draft.header(line)
      return .again
    }
  }

  private mutating func headersEnded() throws(Refusal) -> Step {
    switch try draft.framing(limits) {
    case .length(let length): state = .body(remaining: length)
    case .chunked: state = .chunkSize
    }
    if let expectation = draft.request.headers["Expect"] {
      guard expectation.lowercased() == "100-continue" else {
        throw Refusal(status: 417, reason: "an expectation other than 100-continue")
      }
      if case .body(0) = state { return .again }
      return draft.isHTTP11 ? .event(.continueExpected) : .again
    }
    return .again
  }

  private mutating func finish() -> Event {
    let request = ParsedRequest(
      request: draft.request, target: draft.target, keepsAlive: draft.keepsAlive,
      isHTTP11: draft.isHTTP11)
    draft = Draft()
    state = .requestLine
    return .request(request)
  }

  private func chunkSize(_ line: ArraySlice<UInt8>) throws(Refusal) -> Int {
    let digits = line.prefix { FormEncoding.digit($0) != nil }
    let behind = line[digits.endIndex...].drop { $0 == 0x20 || $0 == 0x09 }
    guard (1...8).contains(digits.count), behind.isEmpty || behind.first == UInt8(ascii: ";"),
      behind.allSatisfy({ $0 == 0x09 || (0x20...0x7E).contains($0) })
    else { throw badChunk }
    let size = digits.reduce(0) { $0 << 4 | Int(FormEncoding.digit($1) ?? 0) }
    if draft.request.body.count + size > limits.body { throw bodyTooLarge }
    return size
  }

  // MARK: Bytes

  /// Moves up to `count` buffered bytes into the body.
  private mutating func take(upTo count: Int) -> Int {
    let taken = min(count, buffer.count - start)
    draft.request.body.append(contentsOf: buffer[start..<start + taken])
    start += taken
    searched = start
    return taken
  }

  private mutating func headerLine() throws(Refusal) -> ArraySlice<UInt8>? {
    let room = limits.headerBytes - draft.headerBytes - 2
    guard let line = try line(upTo: room, orRefuse: headersTooLarge) else { return nil }
    draft.headerBytes += line.count + 2
    return line
  }

  /// The next line without its CR LF, or nil while it is not complete. A line longer than `limit`
  /// is refused as soon as it is certain, and always, however its bytes arrived.
  private mutating func line(
    upTo limit: Int, orRefuse refusal: Refusal
  ) throws(Refusal) -> ArraySlice<UInt8>? {
    searched = max(searched, start)
    guard let end = buffer[searched...].firstIndex(of: 0x0A) else {
      searched = buffer.count
      if buffer.count - start > limit + 1 { throw refusal }
      return nil
    }
    if end - start > limit + 1 { throw refusal }
    guard end > start, buffer[end - 1] == 0x0D else {
      throw Refusal(status: 400, reason: "a line feed without a carriage return")
    }
    let line = buffer[start..<end - 1]
    start = end + 1
    searched = start
    return line
  }
}

/// A complete request with what the wire said beside it.
package struct ParsedRequest: Sendable, Equatable {
  package let request: HTTPRequest
  /// The target as it was written, escapes and query included.
  package let target: String
  /// False when the connection ends after the answer.
  package let keepsAlive: Bool
  package let isHTTP11: Bool
}

private let lineTooLong = RequestParser.Refusal(status: 414, reason: "the request line is too long")
private let headersTooLarge = RequestParser.Refusal(
  status: 431, reason: "the headers are too large")
private let bodyTooLarge = RequestParser.Refusal(status: 413, reason: "the body is too large")
private let badChunk = RequestParser.Refusal(status: 400, reason: "a malformed chunk")

/// The request that is being read.
private struct Draft: Sendable {
  enum Framing {
    case length(Int)
    case chunked
  }

  var request = HTTPRequest("", "/")
  var target = ""
  var isHTTP11 = true
  var emptyLines = 0
  var headerBytes = 0

  var keepsAlive: Bool {
    let wishes = request.headers.all("Connection").flatMap {
      $0.lowercased().split(separator: ",").map { Text.oneLine($0) }
    }
    return isHTTP11 ? !wishes.contains("close") : wishes.contains("keep-alive")
  }

  mutating func readRequestLine(_ line: ArraySlice<UInt8>) throws(RequestParser.Refusal) {
    let words = line.split(separator: 0x20, omittingEmptySubsequences: false)
    guard words.count == 3 else {
      throw RequestParser.Refusal(status: 400, reason: "a malformed request line")
    }
    guard !words[0].isEmpty, words[0].count <= 32, words[0].allSatisfy(isToken) else {
      throw RequestParser.Refusal(status: 400, reason: "a malformed method")
    }
    request.method = String(decoding: words[0], as: UTF8.self)
    guard words[1].allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") }) else {
      throw RequestParser.Refusal(status: 400, reason: "a malformed target")
    }
    target = String(decoding: words[1], as: UTF8.self)
    try readVersion(String(decoding: words[2], as: UTF8.self))
    guard knownMethods.contains(request.method) else {
      throw RequestParser.Refusal(status: 501, reason: "an unknown method")
    }
    let halves = Self.origin(words[1]).split(
      separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = halves.first, first.first == UInt8(ascii: "/"),
      let path = FormEncoding.decodePath(first)
    else { throw RequestParser.Refusal(status: 400, reason: "a malformed path") }
    request.path = path
    if halves.count > 1 { request.query = FormEncoding.decode(halves[1]) }
  }

  private mutating func readVersion(_ version: String) throws(RequestParser.Refusal) {
    switch version {
    case "HTTP/1.1": isHTTP11 = true
    case "HTTP/1.0": isHTTP11 = false
    default:
      let digits = version.utf8.dropFirst(5)
      let known =
        version.hasPrefix("HTTP/") && digits.count == 3
        && digits.first.map { (48...57).contains($0) } == true
      throw RequestParser.Refusal(
        status: known ? 505 : 400, reason: known ? "another version of HTTP" : "no version")
    }
  }

  /// The path and query of a target that names scheme and host too (RFC 9112 §3.2.2).
  private static func origin(_ target: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    for scheme in ["http://", "https://"]
    where String(decoding: target.prefix(scheme.utf8.count), as: UTF8.self).lowercased() == scheme {
      let rest = target.dropFirst(scheme.utf8.count)
      return rest.firstIndex(of: UInt8(ascii: "/")).map { rest[$0...] } ?? [UInt8(ascii: "/")][...]
    }
    return target
  }

  mutating func readHeader(
    _ line: ArraySlice<UInt8>, _ limits: RequestParser.Limits
  ) throws(RequestParser.Refusal) {
    let (name, value) = try Self.header(line)
    if request.headers.lines.count >= limits.headerCount { throw headersTooLarge }
    request.headers.add(name, value)
  }

  static func header(
    _ line: ArraySlice<UInt8>
  ) throws(RequestParser.Refusal) -> (String, String) {
    if line.first == 0x20 || line.first == 0x09 {
      throw RequestParser.Refusal(status: 400, reason: "a folded header line")
    }
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
      line[..<colon].allSatisfy(isToken)
    else { throw RequestParser.Refusal(status: 400, reason: "a malformed header name") }
    var value = line[(colon + 1)...]
    while let first = value.first, first == 0x20 || first == 0x09 { value.removeFirst() }
    while let last = value.last, last == 0x20 || last == 0x09 { value.removeLast() }
    guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
      throw RequestParser.Refusal(status: 400, reason: "a control character in a header")
    }
    // Bytes past ASCII have no agreed meaning (RFC 9110 §5.5): UTF-8 where it is, else repaired.
    return (
      String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self)
    )
  }

  /// How the body's end is found. Two statements about it are one too many.
  func framing(_ limits: RequestParser.Limits) throws(RequestParser.Refusal) -> Framing {
    let hosts = request.headers.all("Host").count
    if hosts > 1 || (isHTTP11 && hosts == 0) {
      throw RequestParser.Refusal(status: 400, reason: "not exactly one Host header")
    }
    let lengths = request.headers.all("Content-Length")
    let encodings = request.headers.all("Transfer-Encoding")
    if !encodings.isEmpty {
      guard lengths.isEmpty, isHTTP11 else {
        throw RequestParser.Refusal(status: 400, reason: "an ambiguous length of the body")
      }
      guard encodings.count == 1, encodings[0].lowercased() == "chunked" else {
        throw RequestParser.Refusal(status: 501, reason: "an unknown transfer encoding")
      }
      return .chunked
    }
    guard let text = lengths.first else { return .length(0) }
    guard lengths.count == 1, !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) })
    else { throw RequestParser.Refusal(status: 400, reason: "a malformed Content-Length") }
    guard let length = Int(text), length <= limits.body else { throw bodyTooLarge }
    return .length(length)
  }
}

private let knownMethods: Set<String> = [
  "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS",
]

/// A character of a token (RFC 9110 §5.6.2).
private func isToken(_ byte: UInt8) -> Bool {
  switch byte {
  case 48...57, 65...90, 97...122: true
  default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
  }
}
