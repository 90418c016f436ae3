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
}
