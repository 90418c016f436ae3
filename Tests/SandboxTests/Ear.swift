// Somebody who listens for webhooks: a listener on a port of its own that keeps what it is sent
// and answers as told.

import Basics
import HTTP
import Support
import Testing

@testable import Sandbox

final class Ear: Sendable {
  private let listener: HTTPListener
  private let heard = Observed<[HTTPRequest]>([])
  /// What a GET and a POST are answered; nil is no answer for as long as the caller stays.
  let getStatus = Locked<Int?>(200)
  let postStatus = Locked<Int?>(200)

  init() throws {
    let (heard, getStatus, postStatus) = (heard, getStatus, postStatus)
    listener = HTTPListener { request, _ in
      heard.update { $0.append(request) }
      let status = (request.method == "GET" ? getStatus : postStatus).withLock { $0 }
      guard let status else {
        await untilCancelled()
        return .cut
      }
      return .response(HTTPResponse(status))
    }
    try listener.start()
  }

  deinit { listener.stop() }

  func url(_ target: String = "/hook") -> String { "http://127.0.0.1:\(listener.port)\(target)" }

  var requests: [HTTPRequest] { heard.value }
  /// Bodies of deliveries as they came over the wire.
  var bodies: [String] {
    requests.filter { $0.method == "POST" }.map { String(decoding: $0.body, as: UTF8.self) }
  }
  /// Deliveries as fields by name.
  var events: [[String: String]] {
    requests.filter { $0.method == "POST" }.map { request in
      Dictionary(FormEncoding.decode(request.body).map { ($0.name, $0.value) }) { first, _ in first
      }
    }
  }
  var types: [String] { events.map { $0["type"] ?? "" } }

  /// Returns when so many requests came.
  func heard(_ count: Int) async -> Bool {
    await heard.waits(within: .seconds(120)) { $0.count >= count }
  }

  func forget() { heard.update { $0 = [] } }
}

extension Practice {
  /// A webhook for all events from those sources, and who listens to it.
  func ear(_ sources: [String] = ["user", "admin", "api"]) async throws -> Ear {
    let ear = try Ear()
    let answer = try await hook(ear.url(), sources: sources)
    #expect(answer.status == 200, "\(answer.body)")
    ear.forget()
    return ear
  }

  func hook(
    _ url: String,
    events: [String] = ["subscribe", "unsubscribe", "profile", "cleaned", "upemail"],
    sources: [String] = ["user", "admin", "api"]
  ) async throws -> RawAnswer {
    func flags(_ names: [String]) -> JSONValue {
      .object(Dictionary(names.map { ($0, .bool(true)) }) { first, _ in first })
    }
    return try await api.call(
      "POST", "\(lists)/webhooks",
      ["url": .string(url), "events": flags(events), "sources": flags(sources)])
  }
}
