// The parser's laws: the same bytes give the same requests however they are cut, and what two
// readers could read differently is refused with the right status.

import Basics
import Support
import Testing

@testable import HTTP

struct RequestParserTests {
  private enum Outcome: Equatable {
    case request(ParsedRequest)
    case refused(Int)
  }

  private func parse(
    _ pieces: [ArraySlice<UInt8>], _ limits: RequestParser.Limits = RequestParser.Limits()
  ) -> [Outcome] {
    var parser = RequestParser(limits: limits)
    var outcomes: [Outcome] = []
    for piece in pieces {
      parser.append(piece)
      do {
        while let event = try parser.next() {
          if case .request(let parsed) = event { outcomes.append(.request(parsed)) }
        }
      } catch {
        if outcomes.last != .refused(error.status) { outcomes.append(.refused(error.status)) }
      }
    }
    return outcomes
  }

  private func parse(
    _ text: String, _ limits: RequestParser.Limits = RequestParser.Limits()
  ) -> [Outcome] {
    parse([Array(text.utf8)[...]], limits)
  }

  @Test func `a request fed in any pieces is the same request`() async throws {
    let limits = RequestParser.Limits(requestLine: 60, headerBytes: 90, headerCount: 4, body: 40)
    try await forAll(400) { generator in
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        bytes += Self.someRequest(&generator)
      }
      if Bool.random(using: &generator), let place = bytes.indices.randomElement(using: &generator)
      {
        bytes[place] = UInt8.random(in: 0...255, using: &generator)
      }
      let whole = parse([bytes[...]], limits)
      var pieces: [ArraySlice<UInt8>] = []
      var at = 0
      while at < bytes.count {
        let end = min(bytes.count, at + Int.random(in: 1...9, using: &generator))
        pieces.append(bytes[at..<end])
        at = end
      }
      let cut = parse(pieces, limits)
      if whole != cut {
        throw Violation(
          "\(String(decoding: bytes, as: UTF8.self).debugDescription): \(whole) or \(cut)")
      }
    }
  }

  private static func someRequest(_ generator: inout SeededGenerator) -> [UInt8] {
    let body = String(
      repeating: "b", count: Int.random(in: 0...45, using: &generator))
    let path = "/" + String(repeating: "p", count: Int.random(in: 0...50, using: &generator))
    let extra = (0..<Int.random(in: 0...3, using: &generator)).map { "X\($0): \($0)\r\n" }.joined()
    switch Int.random(in: 0...3, using: &generator) {
    case 0: return Array("GET \(path) HTTP/1.1\r\nHost: h\r\n\(extra)\r\n".utf8)
    case 1:
      let half = body.count / 2
      let pieces = [body.prefix(half), body.dropFirst(half)].filter { !$0.isEmpty }
        .map { "\(String($0.count, radix: 16))\r\n\($0)\r\n" }.joined()
      return Array(
        "POST \(path) HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n\(pieces)0\r\n\r\n"
          .utf8)
    default:
      return Array(
        "POST \(path) HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.count)\r\n\(extra)\r\n\(body)"
          .utf8)
    }
  }

  @Test func `chunks and their trailers become one body`() throws {
    let outcomes = parse(
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n"
        + "4;name=value\r\nWiki\r\n5\r\npedia\r\n0\r\nX-Sum: 1\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"
    )
    guard case .request(let first) = outcomes.first else {
      Issue.record("no request")
      return
    }
    #expect(first.request.body == Array("Wikipedia".utf8))
    #expect(first.request.headers["X-Sum"] == nil)
    #expect(outcomes.count == 2)
  }

  @Test(arguments: [
    ("GET / HTTP/1.1\r\nHost: h\r\n\r\n", true),
    ("GET / HTTP/1.1\r\nHost: h\r\nConnection: x, Close\r\n\r\n", false),
    ("GET / HTTP/1.0\r\n\r\n", false),
    ("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true),
  ])
  func `the version and the Connection header decide whether the connection stays`(
    text: String, stays: Bool
  ) throws {
    guard case .request(let parsed) = parse(text).first else {
      Issue.record("no request")
      return
    }
    #expect(parsed.keepsAlive == stays)
  }

  @Test(arguments: [
    ("GET /\r\n\r\n", 400),
    ("GET  / HTTP/1.1\r\n\r\n", 400),
    ("G(T / HTTP/1.1\r\n\r\n", 400),
    ("BREW / HTTP/1.1\r\n\r\n", 501),
    ("GET / HTTP/2.0\r\n\r\n", 505),
    ("GET / FTP/1.1\r\n\r\n", 400),
    ("GET a HTTP/1.1\r\n\r\n", 400),
    ("GET /%00 HTTP/1.1\r\n\r\n", 400),
    ("GET /%0d%0aX HTTP/1.1\r\n\r\n", 400),
    ("GET /%zz HTTP/1.1\r\n\r\n", 400),
    ("GET /\u{e9} HTTP/1.1\r\n\r\n", 400),
    ("GET / HTTP/1.1\nHost: h\n\n", 400),
    ("GET / HTTP/1.1\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: h\0\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na", 400),
    ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\na", 400),
    ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x1\r\n\r\na", 400),
    ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n", 413),
    ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\n\r\n", 413),
    (
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400
    ),
    ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
    ("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n", 413),
    ("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFF\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: h\r\nExpect: tea\r\nContent-Length: 1\r\n\r\n", 417),
  ])
  func `what could be read in two ways is refused`(text: String, status: Int) {
    #expect(parse(text) == [.refused(status)])
  }

  @Test func `each limit refuses with its own status`() {
    let limits = RequestParser.Limits(requestLine: 20, headerBytes: 60, headerCount: 3, body: 5)
    let head = "GET / HTTP/1.1\r\nHost: h\r\n"
    #expect(parse("GET /123456 HTTP/1.1\r\n", limits).isEmpty)
    #expect(parse("GET /1234567 HTTP/1.1\r\n", limits) == [.refused(414)])
    #expect(parse("GET /123456789012345678", limits) == [.refused(414)])
    #expect(parse(head + "X: " + String(repeating: "y", count: 50), limits) == [.refused(431)])
    #expect(parse(head + "A: 1\r\nB: 2\r\nC: 3\r\n\r\n", limits) == [.refused(431)])
    #expect(parse(head + "Content-Length: 6\r\n\r\n", limits) == [.refused(413)])
  }

  @Test func `nothing is read behind a refusal`() {
    #expect(parse("BAD\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n") == [.refused(400)])
  }

  @Test func `a client that waits for leave to send its body is asked on once`() throws {
    var parser = RequestParser()
    parser.append(
      Array("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n".utf8))
    #expect(try parser.next() == .continueExpected)
    #expect(try parser.next() == nil)
    parser.append(Array("ab".utf8))
    guard case .request = try parser.next() else {
      Issue.record("no request")
      return
    }
  }
}

struct FormEncodingTests {
  @Test func `what is encoded is read back, and a plus sign is escaped`() async throws {
    #expect(FormEncoding.encode("a+b c&é") == "a%2Bb%20c%26%C3%A9")
    try await forAll(300) { generator in
      let alphabet: [Character] = ["a", "+", " ", "&", "=", "%", "é", "中", "\n", "~", "/"]
      func word() -> String {
        String(
          (0..<Int.random(in: 0...6, using: &generator)).map { _ in
            alphabet.randomElement(using: &generator) ?? "a"
          })
      }
      let fields = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
        FormField(word(), word())
      }
      let read = FormEncoding.decode(FormEncoding.encode(fields))
      if read != fields { throw Violation("\(fields) became \(read)") }
    }
  }

  @Test func `a form as browsers and Mailchimp send it is read`() {
    #expect(
      FormEncoding.decode("type=sub+scribe&data%5Bemail%5D=a%2Bb%40c.org&&flag&bad=%zz%4")
        == [
          FormField("type", "sub scribe"), FormField("data[email]", "a+b@c.org"),
          FormField("flag", ""), FormField("bad", "%zz%4"),
        ])
  }

  @Test func `a date is printed as HTTP wants it and read back`() {
    let instant = Instant(milliseconds: 784_111_777_000)
    #expect(HTTPDate.print(instant) == "Sun, 06 Nov 1994 08:49:37 GMT")
    #expect(HTTPDate.read("Sun, 06 Nov 1994 08:49:37 GMT") == instant)
    #expect(HTTPDate.read("Sunday, 06-Nov-94 08:49:37 GMT") == nil)
  }
}
