// What a handler gives the listener, and how an answer becomes bytes. The length always matches
// the body and no header can end another early, whatever the handler put in.

import Basics

package enum HTTPReply: Sendable, Equatable {
  case response(HTTPResponse)
  /// Closes the connection without a byte, as a server that died would.
  case cut
  /// Sends only the first `bytes` of the answer as it would go over the wire, then closes.
  case cutAfter(HTTPResponse, bytes: Int)

  /// Sends the whole head and the first `bytes` of the body, then closes.
  package static func cutInBody(
    _ response: HTTPResponse, to method: String, bytes: Int, now: Instant
  ) -> HTTPReply {
    let whole = response.wireBytes(method: method, keepsAlive: false, now: now)
    return .cutAfter(response, bytes: max(0, whole.count - response.body.count) + bytes)
  }
}

/// What the listener knows about a request beside the request.
package struct HTTPConnectionInfo: Sendable, Equatable {
  /// Counts up from 1; the same for all requests of one connection.
  package let connection: Int
  /// The numeric address at the other end.
  package let peer: String
  /// The request's target as it was written, escapes and query included.
  package let target: String
  /// Connections that were open when the request was complete, this one included.
  package let openConnections: Int
}

/// How much a listener bears from strangers.
package struct ListenerLimits: Sendable, Equatable {
  package var request = RequestParser.Limits()
  /// At most this many connections at once; beyond it the longest idle one makes room, or the
  /// newcomer waits.
  package var connections = 256
  /// From a request's first byte to its last; then `408` and the end.
  package var requestTime: Duration = .seconds(30)
  /// Between two requests of one connection.
  package var idleTime: Duration = .seconds(75)
  /// For the client to take the answer.
  package var answerTime: Duration = .seconds(60)

  package init() {}
}

extension HTTPResponse {
  /// The bytes on the wire. `Content-Length`, `Connection` and, where the response has none,
  /// `Date` are added; header lines with control characters are left out.
  func wireBytes(method: String, keepsAlive: Bool, now: Instant) -> [UInt8] {
    let isBodiless = (100..<200).contains(status) || status == 204 || status == 304
    var head = "HTTP/1.1 \(status) \(HTTPResponse.reason(of: status))\r\n"
    if headers["Date"] == nil { head += "Date: \(HTTPDate.print(now))\r\n" }
    for line in headers.lines {
      let isOurs = ["content-length", "transfer-encoding", "connection"]
        .contains(line.name.lowercased())
      let isClean = (line.name + line.value).unicodeScalars.allSatisfy { !Text.isControl($0) }
      if !isOurs, isClean, !line.name.isEmpty { head += "\(line.name): \(line.value)\r\n" }
    }
    if !isBodiless { head += "Content-Length: \(body.count)\r\n" }
    head += "Connection: \(keepsAlive ? "keep-alive" : "close")\r\n\r\n"
    return Array(head.utf8) + (isBodiless || method == "HEAD" ? [] : body)
  }

  package static func reason(of status: Int) -> String { reasons[status] ?? "Status \(status)" }
}

private let reasons: [Int: String] = [
  100: "Continue", 200: "OK", 201: "Created", 202: "Accepted", 204: "No Content",
  301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified",
  307: "Temporary Redirect", 308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized",
  403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout",
  409: "Conflict", 411: "Length Required", 413: "Content Too Large", 414: "URI Too Long",
  415: "Unsupported Media Type", 417: "Expectation Failed", 422: "Unprocessable Content",
  426: "Upgrade Required", 429: "Too Many Requests", 431: "Request Header Fields Too Large",
  500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway",
  503: "Service Unavailable", 504: "Gateway Timeout", 505: "HTTP Version Not Supported",
]
