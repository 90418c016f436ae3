// The client against our own listener: what it sends, and what it says when things go wrong.

import Basics
import Glibc
import Support
import Testing

@testable import HTTP

struct HTTPClientTests {
  private func served<Result>(
    _ handler: @escaping HTTPListener.Handler,
    _ body: (HTTPClient, String) async throws -> Result
  ) async throws -> Result {
    let listener = HTTPListener(handler: handler)
    try listener.start()
    defer { listener.stop() }
    let client = try HTTPClient()
    defer { client.stop() }
    return try await body(client, "http://127.0.0.1:\(listener.port)")
  }

  private func problem(_ body: () async throws -> Void) async throws -> Problem {
    do {
      try await body()
    } catch let problem as Problem {
      return problem
    }
    throw Violation("nothing went wrong")
  }

  @Test(arguments: ["GET", "POST", "PUT", "PATCH", "DELETE"])
  func `method, query, headers and body arrive as they were given`(method: String) async throws {
    let body = method == "GET" || method == "DELETE" ? [] : Array("{\"é\":1}".utf8)
    let seen = Locked<HTTPRequest?>(nil)
    let answer = try await served({ request, _ in
      seen.withLock { $0 = request }
      return .response(.json(201, ["ok": true]))
    }) { client, base in
      try await client.send(
        HTTPClientRequest(
          method, "\(base)/a%2Bb?x=1%2B1", headers: ["X-Empty": "", "X-Test": "yes"], body: body))
    }
    #expect(answer.status == 201)
    #expect(answer.body == Array(#"{"ok":true}"#.utf8))
    #expect(answer.headers["content-type"] == "application/json; charset=utf-8")
    let request = try #require(seen.withLock { $0 })
    #expect(request.method == method)
    #expect(request.path == "/a+b")
    #expect(request.query == [FormField("x", "1+1")])
    #expect(request.headers["X-Test"] == "yes")
    #expect(request.headers["X-Empty"] == "")
    #expect(request.headers["Expect"] == nil)
    #expect(request.body == body)
  }

  @Test func `one connection carries one request after the other`() async throws {
    let connections = Locked<Set<Int>>([])
    try await served({ _, info in
      _ = connections.withLock { $0.insert(info.connection) }
      return .response(HTTPResponse(200))
    }) { client, base in
      for _ in 0..<5 { _ = try await client.send(HTTPClientRequest("GET", base)) }
    }
    #expect(connections.withLock { $0.count } == 1)
  }

  @Test func `an answer packed with gzip arrives unpacked`() async throws {
    // "hello" by gzip, as any tool packs it.
    let packed: [UInt8] = [
      0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0x02, 0xff, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0, 0x86,
      0xa6, 0x10, 0x36, 0x05, 0, 0, 0,
    ]
    let answer = try await served({ request, _ in
      guard request.headers["Accept-Encoding"]?.contains("gzip") == true else { return .cut }
      return .response(HTTPResponse(200, headers: ["Content-Encoding": "gzip"], body: packed))
    }) { client, base in try await client.send(HTTPClientRequest("GET", base)) }
    #expect(answer.body == Array("hello".utf8))
    #expect(answer.headers["Content-Encoding"] == nil)
  }

  @Test func `a redirect is an answer and is not followed`() async throws {
    let requests = Locked(0)
    let answer = try await served({ _, _ in
      requests.withLock { $0 += 1 }
      return .response(HTTPResponse(302, headers: ["Location": "/elsewhere"]))
    }) { client, base in try await client.send(HTTPClientRequest("GET", base)) }
    #expect(answer.status == 302)
    #expect(requests.withLock { $0 } == 1)
  }

  @Test(arguments: ["GET", "POST", "DELETE"])
  func `a request cut on a kept connection is told and not repeated`(method: String) async throws {
    let requests = Locked(0)
    let problem = try await served({ _, _ in
      let number = requests.withLock { requests in
        requests += 1
        return requests
      }
      return number == 2 ? .cut : .response(HTTPResponse(200))
    }) { client, base in
      _ = try await client.send(HTTPClientRequest(method, base))
      return try await self.problem { _ = try await client.send(HTTPClientRequest(method, base)) }
    }
    #expect(problem.code == "http.connection-cut")
    #expect(problem.fields["sent"] == "maybe")
    #expect(requests.withLock { $0 } == 2)
  }

  @Test func `an answer cut in its body says that the request took effect`() async throws {
    let problem = try await served({ _, _ in
      .cutAfter(HTTPResponse(200, body: [UInt8](repeating: 65, count: 1000)), bytes: 300)
    }) { client, base in
      try await self.problem { _ = try await client.send(HTTPClientRequest("POST", base)) }
    }
    #expect(problem.code == "http.connection-cut")
    #expect(problem.fields["sent"] == "yes")
  }

  @Test func `an answer over the limit is refused`() async throws {
    let problem = try await served({ _, _ in
      .response(HTTPResponse(200, body: [UInt8](repeating: 65, count: 1001)))
    }) { client, base in
      try await self.problem {
        _ = try await client.send(HTTPClientRequest("GET", base, answerLimit: 1000))
      }
    }
    #expect(problem.code == "http.answer-too-large")
  }

  @Test func `a server that stays silent is a time-out while answering`() async throws {
    let problem = try await served({ _, _ in
      await untilCancelled()
      return .cut
    }) { client, base in
      try await self.problem {
        _ = try await client.send(
          HTTPClientRequest("GET", base, totalTime: .milliseconds(500)))
      }
    }
    #expect(problem.code == "http.time-out")
    #expect(problem.fields["while"] == "answering")
  }

  @Test func `cancelling the task aborts the transfer`() async throws {
    let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
    let problem = try await served({ _, _ in
      arrived.yield()
      await untilCancelled()
      return .cut
    }) { client, base in
      let task = Task { try await client.send(HTTPClientRequest("GET", base)) }
      for await _ in arrivals { break }
      task.cancel()
      return try await self.problem { _ = try await task.value }
    }
    #expect(problem.code == "http.cancelled")
  }

  @Test func `stopping the client ends what is under way and refuses what comes later`()
    async throws
  {
    let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
    try await served({ _, _ in
      arrived.yield()
      await untilCancelled()
      return .cut
    }) { client, base in
      let task = Task { try await client.send(HTTPClientRequest("GET", base)) }
      for await _ in arrivals { break }
      client.stop()
      let during = try await self.problem { _ = try await task.value }
      let after = try await self.problem {
        _ = try await client.send(HTTPClientRequest("GET", base))
      }
      #expect(during.code == "http.cancelled")
      #expect(after.code == "http.cancelled")
    }
  }

  @Test func `nobody listening is unreachable, with host and port`() async throws {
    let listener = HTTPListener { _, _ in .cut }
    try listener.start()
    let port = listener.port
    listener.stop()
    let client = try HTTPClient()
    let problem = try await problem {
      _ = try await client.send(HTTPClientRequest("GET", "http://127.0.0.1:\(port)/"))
    }
    #expect(problem.code == "http.unreachable")
    #expect(problem.fields["port"] == String(port))
    #expect(problem.fields["sent"] == "no")
  }

  @Test(arguments: [
    "", "ftp://host/", "https://", "http://user:word@host/", "http://host:0/", "http://host:99999/",
    "http://ho st/", "file:///etc/passwd", "http://host/a#b",
  ])
  func `what is no address on the web is refused before anything is sent`(address: String)
    async throws
  {
    let client = try HTTPClient()
    let problem = try await problem { _ = try await client.send(HTTPClientRequest("GET", address)) }
    #expect(problem.code == "http.bad-address")
  }

  @Test func `a name that nobody has is told as such`() async throws {
    // A label of more than 63 letters is no name, so no name service is asked.
    let host = String(repeating: "a", count: 64) + ".test"
    let client = try HTTPClient()
    let problem = try await problem {
      _ = try await client.send(HTTPClientRequest("GET", "http://\(host)/"))
    }
    #expect(problem.code == "http.name-not-found")
    #expect(problem.fields["sent"] == "no")
  }

  @Test func `the proxy of the environment is used, but never for this machine`() async throws {
    // In a process of its own, because the environment is the process's.
    await #expect(processExitsWith: .success) {
      let proxy = HTTPListener { _, info in
        .response(HTTPResponse(200, body: Array("proxy \(info.target)".utf8)))
      }
      let here = HTTPListener { _, _ in .response(HTTPResponse(200, body: Array("here".utf8))) }
      try proxy.start()
      try here.start()
      setenv("http_proxy", "http://127.0.0.1:\(proxy.port)", 1)
      unsetenv("no_proxy")
      unsetenv("NO_PROXY")
      let client = try HTTPClient()
      let far = try await client.send(HTTPClientRequest("GET", "http://far.test/x"))
      let near = try await client.send(
        HTTPClientRequest("GET", "http://127.0.0.1:\(here.port)/"))
      #expect(far.body == Array("proxy http://far.test/x".utf8))
      #expect(near.body == Array("here".utf8))
    }
  }

  @Test func `a header with a line feed is refused`() async throws {
    let client = try HTTPClient()
    let problem = try await problem {
      _ = try await client.send(
        HTTPClientRequest("GET", "http://127.0.0.1/", headers: ["X": "a\r\nY: b"]))
    }
    #expect(problem.code == "http.bad-request")
  }

  @Test(arguments: [
    ("http://127.0.0.1/", true), ("http://127.8.9.1:80/x", true), ("https://localhost", true),
    ("http://[::1]:8/", true), ("http://127.0.0.1.example.org/", false),
    ("http://localhost.example.org", false), ("http://128.0.0.1/", false),
  ])
  func `loopback is told by number and exact name`(address: String, expected: Bool) throws {
    #expect(try #require(HTTPAddress(address)).isLoopback == expected)
  }
}
