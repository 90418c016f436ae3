// The listener over real sockets: what a client sees, what a stranger cannot do.

import Basics
import Support
import Testing

@testable import HTTP

struct HTTPListenerTests {
  private func listener(
    _ limits: ListenerLimits = ListenerLimits(),
    _ handler: @escaping HTTPListener.Handler = { request, _ in
      .response(HTTPResponse(200, body: Array("\(request.method) \(request.path)".utf8)))
    }
  ) throws -> HTTPListener {
    let listener = HTTPListener(limits: limits, handler: handler)
    try listener.start()
    return listener
  }

  @Test func `an answer carries date, length and connection`() async throws {
    let listener = try listener()
    defer { listener.stop() }
    let client = try RawConnection(port: listener.port)
    defer { client.close() }
    client.send("GET /a%20b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    let answer = await client.read()
    #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\nDate: "))
    #expect(answer.contains("\r\nContent-Length: 8\r\nConnection: close\r\n\r\nGET /a b"))
  }

  @Test func `two requests sent at once are answered in their order on one connection`()
    async throws
  {
    let listener = try listener()
    defer { listener.stop() }
    let client = try RawConnection(port: listener.port)
    defer { client.close() }
    client.send(
      "GET /one HTTP/1.1\r\nHost: x\r\n\r\nGET /two HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    let answer = await client.read()
    let bodies = answer.split(separator: "\r\n").filter {
      $0.hasPrefix("GET /one") || $0.hasPrefix("GET /two")
    }
    #expect(bodies.count == 2)
    #expect(answer.hasSuffix("GET /two"))
  }

  private func answer(_ port: UInt16, _ text: String) async throws -> String {
    let client = try RawConnection(port: port)
    defer { client.close() }
    client.send(text)
    return await client.read()
  }

  @Test func `a refused request is answered with its status and the connection ends`()
    async throws
  {
    let listener = try listener()
    defer { listener.stop() }
    let answer = try await answer(
      listener.port, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n")
    #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
    #expect(answer.contains("Connection: close\r\n"))
  }

  @Test func `a body over the limit is refused although the client goes on sending`() async throws {
    var limits = ListenerLimits()
    limits.request.body = 1000
    let listener = try listener(limits)
    defer { listener.stop() }
    let answer = try await answer(
      listener.port,
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n"
        + String(repeating: "x", count: 100_000))
    #expect(answer.hasPrefix("HTTP/1.1 413 "))
  }

  @Test func `a cut is no byte, and a cut after some bytes is exactly those`() async throws {
    let response = HTTPResponse(200, headers: ["Date": "then"], body: Array("hello".utf8))
    let listener = try listener { request, _ in
      request.path == "/cut" ? .cut : .cutAfter(response, bytes: 21)
    }
    defer { listener.stop() }
    let end = " HTTP/1.1\r\nHost: h\r\n\r\n"
    #expect(try await answer(listener.port, "GET /cut" + end) == "")
    #expect(try await answer(listener.port, "GET /after" + end) == "HTTP/1.1 200 OK\r\nDate")
  }

  @Test func `a header value cannot begin another header`() async throws {
    let listener = try listener { _, _ in
      .response(HTTPResponse(204, headers: ["X": "a\r\nSet-Cookie: b", "Content-Length": "7"]))
    }
    defer { listener.stop() }
    let answer = try await answer(
      listener.port, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    #expect(!answer.contains("Set-Cookie"))
    #expect(!answer.contains("Content-Length"))
  }

  @Test func `HEAD gets the length without the body`() async throws {
    let listener = try listener()
    defer { listener.stop() }
    let answer = try await answer(
      listener.port, "HEAD /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    #expect(answer.contains("Content-Length: 7\r\n"))
    #expect(answer.hasSuffix("\r\n\r\n"))
  }

  @Test func `leave to send a body is given when asked for`() async throws {
    let listener = try listener { request, _ in .response(HTTPResponse(200, body: request.body)) }
    defer { listener.stop() }
    let client = try RawConnection(port: listener.port)
    defer { client.close() }
    client.send(
      "PUT / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    )
    #expect(await client.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
    client.send("ab")
    #expect(await client.read().hasSuffix("\r\n\r\nab"))
  }

  @Test func `a request that trickles in is ended with a time-out`() async throws {
    var limits = ListenerLimits()
    limits.requestTime = .milliseconds(30)
    let listener = try listener(limits)
    defer { listener.stop() }
    #expect(try await answer(listener.port, "GET / HT").hasPrefix("HTTP/1.1 408 "))
  }

  @Test func `a connection that stays idle is closed without a byte`() async throws {
    var limits = ListenerLimits()
    limits.idleTime = .milliseconds(30)
    let listener = try listener(limits)
    defer { listener.stop() }
    #expect(try await answer(listener.port, "") == "")
  }

  @Test func `at the limit the longest idle connection makes room`() async throws {
    var limits = ListenerLimits()
    limits.connections = 2
    let listener = try listener(limits)
    defer { listener.stop() }
    let request = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n"
    var clients: [RawConnection] = []
    for _ in 0..<3 {
      let client = try RawConnection(port: listener.port)
      client.send(request)
      #expect(await client.read(until: "GET /x").hasPrefix("HTTP/1.1 200"))
      clients.append(client)
    }
    #expect(await clients[0].read() == "")
    clients[1].send(request)
    #expect(await clients[1].read(until: "GET /x").hasPrefix("HTTP/1.1 200"))
    for client in clients { client.close() }
  }

  @Test func `a busy connection does not hold up the others`() async throws {
    let gate = AsyncStream.makeStream(of: Void.self)
    let listener = try listener { request, _ in
      if request.path == "/slow" { for await _ in gate.stream { break } }
      return .response(HTTPResponse(200, body: Array(request.path.utf8)))
    }
    defer { listener.stop() }
    let slow = try RawConnection(port: listener.port)
    defer { slow.close() }
    slow.send("GET /slow HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    let quick = try await answer(
      listener.port, "GET /quick HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    #expect(quick.hasSuffix("/quick"))
    gate.continuation.yield()
    #expect(await slow.read().hasSuffix("/slow"))
  }

  @Test func `a large answer arrives whole`() async throws {
    let body = [UInt8](repeating: 65, count: 8 << 20)
    let listener = try listener { _, _ in .response(HTTPResponse(200, body: body)) }
    defer { listener.stop() }
    let answer = try await answer(
      listener.port, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    #expect(answer.utf8.count > body.count)
  }

  @Test func `a taken port is said with its number`() throws {
    let listener = try listener()
    defer { listener.stop() }
    let second = HTTPListener(port: listener.port) { _, _ in .cut }
    let problem = try #require(throws: Problem.self) { try second.start() }
    #expect(problem.code == "http.port-taken")
    #expect(problem.sentence.contains(String(listener.port)))
  }

  @Test func `a name is no address to listen on`() throws {
    let problem = try #require(throws: Problem.self) {
      try HTTPListener(address: "example.org") { _, _ in .cut }.start()
    }
    #expect(problem.code == "http.bad-address")
  }

  @Test func `a stopped listener frees its port and can start again`() async throws {
    let listener = try listener()
    let port = listener.port
    listener.stop()
    #expect(listener.port == 0)
    let second = HTTPListener(port: port) { _, _ in .response(HTTPResponse(200)) }
    try second.start()
    defer { second.stop() }
    #expect(
      try await answer(port, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        .hasPrefix("HTTP/1.1 200"))
  }

  @Test func `stopping cancels the handlers that still work`() async throws {
    let begun = AsyncStream.makeStream(of: Void.self)
    let ended = AsyncStream.makeStream(of: Bool.self)
    let listener = try listener { _, _ in
      begun.continuation.yield()
      await untilCancelled()
      ended.continuation.yield(Task.isCancelled)
      return .cut
    }
    let client = try RawConnection(port: listener.port)
    defer { client.close() }
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    for await _ in begun.stream { break }
    listener.stop()
    for await wasCancelled in ended.stream {
      #expect(wasCancelled)
      break
    }
  }

  @Test func `a handler whose client has left is cancelled`() async throws {
    let begun = AsyncStream.makeStream(of: Void.self)
    let ended = AsyncStream.makeStream(of: Bool.self)
    let listener = try listener { _, _ in
      begun.continuation.yield()
      await untilCancelled()
      ended.continuation.yield(Task.isCancelled)
      return .cut
    }
    defer { listener.stop() }
    let client = try RawConnection(port: listener.port)
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    for await _ in begun.stream { break }
    client.close()
    for await wasCancelled in ended.stream {
      #expect(wasCancelled)
      break
    }
  }
}
