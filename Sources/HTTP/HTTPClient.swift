// Requests to other machines, over libcurl. A request goes over the wire at most once: nothing is
// repeated and no redirect is followed behind the caller's back, so that a cut connection is told
// and the caller decides. TLS is always verified.

import Basics
import CCurl

package struct HTTPClientRequest: Sendable, Equatable {
  package var method: String
  /// Absolute, http or https.
  package var address: String
  package var headers: HTTPHeaders
  package var body: [UInt8]
  /// For the connection, TLS included.
  package var connectTime: Duration
  /// For everything, to the answer's last byte.
  package var totalTime: Duration
  /// Bytes of the answer's body, unpacked.
  package var answerLimit: Int

  package init(
    _ method: String, _ address: String, headers: HTTPHeaders = [:], body: [UInt8] = [],
    connectTime: Duration = .seconds(15), totalTime: Duration = .seconds(120),
    answerLimit: Int = 64 << 20
  ) {
    self.method = method
    self.address = address
    self.headers = headers
    self.body = body
    self.connectTime = connectTime
    self.totalTime = totalTime
    self.answerLimit = answerLimit
  }
}

package final class HTTPClient: Sendable {
  /// Of libcurl, as it is loaded.
  package static var libraryVersion: String {
    // `libcurl/7.88.1 OpenSSL/3.0 …`
    let text = curl_version().map { String(cString: $0) } ?? ""
    return String(text.prefix { $0 != " " }.drop { $0 != "/" }.dropFirst())
  }

  private let loop: CurlLoop

  /// `certificates` names a PEM file that is trusted instead of the system's authorities.
  package init(userAgent: String = "Listkeeper", certificates: String? = nil) throws(Problem) {
    loop = try CurlLoop(userAgent: userAgent, certificates: certificates)
  }

  deinit { loop.stop() }

  /// The answer, whatever its status. Problems have codes `http.*`; the field `sent` says whether
  /// the request can have taken effect: `no`, `maybe`, or `yes` where an answer had begun.
  /// Cancelling the task aborts the transfer and gives `http.cancelled`.
  package func send(_ request: HTTPClientRequest) async throws(Problem) -> HTTPResponse {
    guard let address = HTTPAddress(request.address) else {
      throw Problem(
        "http.bad-address",
        "'\(Text.oneLine(Text.masked(address: request.address)))' is no address on the web.",
        remedy: "Write it as https://host/path, without a name or password in it.",
        fields: ["sent": "no"])
    }
    let isToken = request.method.utf8.allSatisfy { (65...90).contains($0) }
    let areClean = request.headers.lines.allSatisfy { line in
      !line.name.isEmpty
        && (line.name + line.value).utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }
    guard isToken, !request.method.isEmpty, areClean else {
      throw Problem(
        "http.bad-request", "A control character stands in the headers for \(address.host).",
        remedy: "Take it out of the setting that it comes from.",
        fields: ["host": address.host, "sent": "no"])
    }
    let transfer = Transfer(request, address)
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        transfer.continuation = continuation
        loop.post(.start(transfer))
      }
    } onCancel: {
      transfer.isCancelled.withLock { $0 = true }
      loop.post(.cancel(transfer))
    }
    return try outcome.get()
  }

  /// Aborts what is under way (`http.cancelled`) and returns when every connection is closed.
  /// What is sent afterwards is refused the same way.
  package func stop() { loop.stop() }
}
