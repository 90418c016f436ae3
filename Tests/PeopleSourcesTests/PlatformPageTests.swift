// How a platform's pages are found, and when they are none: every reading ends.

import Basics
import Domain
import HTTP
import Support
import Testing

@testable import PeopleSources

@Suite struct PlatformPageTests {
  /// Answers by target; what was asked for is kept.
  private final class Platform: Sendable {
    let targets = Locked<[String]>([])
    private let listener: HTTPListener

    init(_ answer: @escaping @Sendable (String) -> JSONValue) throws {
      let targets = targets
      listener = HTTPListener { _, info in
        let target = info.target
        let count = targets.withLock { all in
          all.append(target)
          return all.count
        }
        // A reading that does not end must not hang the test.
        return .response(count > 20 ? HTTPResponse(404) : .json(200, answer(target)))
      }
      try listener.start()
    }

    deinit { listener.stop() }

    func source(
      _ path: String, _ configure: (inout HTTPPlatform.Layout) -> Void
    ) throws -> HTTPPlatform {
      var layout = HTTPPlatform.Layout()
      layout.writesBack = true
      configure(&layout)
      return HTTPPlatform(
        "http://127.0.0.1:\(listener.port)\(path)", layout: layout, http: try HTTPClient()
      ) { Secret("") }
    }
  }

  private static func person(_ key: String) -> JSONValue {
    ["external_id": .string(key), "first_name": "Ada"]
  }

  private func read(_ source: HTTPPlatform) async throws -> Int {
    var count = 0
    for try await page in source.people(changedSince: nil) { count += page.count }
    return count
  }

  @Test func `a platform that does not know the page parameter is a circle, not endless`()
    async throws
  {
    let platform = try Platform { _ in ["items": [Self.person("k1"), Self.person("k2")]] }
    let source = try platform.source("/people") {
      $0.list = "items"
      $0.pages = .page("page")
    }
    let problem = await #expect(throws: Problem.self) { _ = try await read(source) }
    #expect(problem?.code == "source.circle")
    #expect(platform.targets.withLock { $0 } == ["/people?page=1", "/people?page=2"])
  }

  @Test func `links that lead back are a circle`() async throws {
    let platform = try Platform { target in
      target.hasPrefix("/a")
        ? ["items": [Self.person("k1")], "next": "/b"]
        : ["items": [Self.person("k2")], "next": "/a"]
    }
    let source = try platform.source("/a") {
      $0.list = "items"
      $0.pages = .link("next")
    }
    let problem = await #expect(throws: Problem.self) { _ = try await read(source) }
    #expect(problem?.code == "source.circle")
  }

  @Test func `a query in the address stays behind the path`() async throws {
    let platform = try Platform { _ in ["totalResults": 0] }
    let scim = try platform.source("/scim/?tenant=7") { $0.isSCIM = true }
    #expect(try await read(scim) == 0)
    let change = WriteBack(person: PersonID(1), externalID: "k 1", values: [.firstName: "Ada"])
    try await scim.record(change)
    let plain = try platform.source("/people?tenant=7") { _ in }
    try await plain.record(change)
    #expect(
      platform.targets.withLock { $0 } == [
        "/scim/Users?tenant=7&startIndex=1&count=100", "/scim/Users/k%201?tenant=7",
        "/people/k%201?tenant=7",
      ])
  }

  @Test func `a password in an address is never said`() async throws {
    let source = HTTPPlatform(
      "https://ada:hunter2@people.dev/list", layout: .init(), http: try HTTPClient()
    ) { Secret("") }
    #expect(!source.name.contains("hunter2"))
    let problem = try #require(
      await #expect(throws: Problem.self) { _ = try await read(source) })
    #expect(problem.code == "http.bad-address")
    #expect(!"\(problem) \(problem.fields)".contains("hunter2"))
  }
}
