import Basics
import Domain
import SQLite
import Support
import Testing

@testable import Storage

/// The inbox of deliveries: once each, open until somebody has looked, gone in time.
@Suite struct WebhookStoreTests {
  let folder: TemporaryDirectory
  let workspace: Workspace
  let time = SteppedTime()

  init() throws {
    folder = try TemporaryDirectory()
    workspace = try Workspace.create(at: folder.file("a.listkeeper"), time: time)
  }

  private func write<Value: Sendable>(
    _ body: @escaping @Sendable (WebhookStore) throws(Problem) -> Value
  ) throws -> Value {
    try workspace.writeBlocking(as: "test") { (tx) throws(Problem) in try body(tx.webhooks) }
  }

  private func delivery(
    _ text: String, _ addresses: [String] = [], _ fate: DeliveryFate = .waiting,
    type: String = "profile"
  ) -> NewDelivery {
    var event = WebhookEvent(fields: [(name: "type", value: type)])
    event.addresses = addresses.map { AddressKey($0) }
    return NewDelivery(
      event: event, body: Array(text.utf8), audienceID: "a", signature: .absent, fate: fate)
  }

  private func receive(_ delivery: NewDelivery) throws -> DeliveryID? {
    try write { (store) throws(Problem) in try store.receive(delivery) }
  }

  private func look(_ address: String, upTo: Int64, changed: Bool) throws {
    try write { (store) throws(Problem) in
      try store.finish(
        [WebhookLook(key: AddressKey(address), upTo: DeliveryID(upTo), changed: changed)],
        in: ExecutionID(7))
    }
  }

  private func inbox() throws -> [WebhookDelivery] {
    try workspace.readBlocking { (reading) throws(Problem) in
      try reading.reports.deliveries(.at(0), count: 100).rows
    }
  }

  @Test func `a webhook in trouble is looked after as soon as somebody listens`() throws {
    let now = time.now()
    try write { (store) throws(Problem) in
      for (id, problem) in [("well", nil), ("ill", Problem("webhook.unreachable", "x"))] {
        var record = WebhookRecord(audienceID: id)
        record.checkedAt = now
        record.problem = problem
        try store.save(record)
      }
      try store.setListening(at: nil)
      #expect(try store.record(of: "ill")?.checkedAt == now)
      try store.setListening(at: "127.0.0.1:8077")
      #expect(try store.record(of: "ill")?.checkedAt == nil)
      #expect(try store.record(of: "well")?.checkedAt == now)
    }
  }

  @Test func `the same body twice is one delivery, and a refused one may come again`() throws {
    #expect(try receive(delivery("x", ["a@b.org"])) == DeliveryID(1))
    #expect(try receive(delivery("x", ["a@b.org"])) == nil)
    #expect(try receive(delivery("y", [], .refused)) != nil)
    #expect(try receive(delivery("y", [], .refused)) == nil)
    #expect(try receive(delivery("y", ["a@b.org"])) != nil)
    #expect(try inbox().map(\.fate) == [.waiting, .refused, .waiting])
  }

  @Test func `a delivery waits until all of its people were looked at`() throws {
    _ = try receive(delivery("x", ["old@b.org", "new@b.org"]))
    try look("old@b.org", upTo: 1, changed: true)
    #expect(try inbox().first?.fate == .waiting)
    try look("new@b.org", upTo: 1, changed: false)
    let done = try #require(try inbox().first)
    #expect(done.fate == .lookedAt)
    #expect(done.execution == ExecutionID(7))
    #expect(done.addresses.map(\.description) == ["old@b.org", "new@b.org"])
  }

  @Test func `a look ends only what had come when it began`() throws {
    _ = try receive(delivery("x", ["a@b.org"]))
    _ = try receive(delivery("y", ["a@b.org"]))
    try look("a@b.org", upTo: 1, changed: false)
    #expect(try inbox().map(\.fate) == [.waiting, .echo])
  }

  @Test func `evidence is the latest delivery, endings before others`() throws {
    _ = try receive(delivery("x", ["a@b.org"], type: "unsubscribe"))
    _ = try receive(delivery("y", ["a@b.org"], type: "profile"))
    let found = try workspace.readBlocking { (reading) throws(Problem) in
      try reading.webhooks.evidence([AddressKey("a@b.org"), AddressKey("c@b.org")])
    }
    #expect(found == [AddressKey("a@b.org"): "webhook delivery 1, unsubscribe"])
  }

  @Test func `bodies and rows go in time, what waits stays`() throws {
    _ = try receive(delivery("x", ["a@b.org"]))
    _ = try receive(delivery("y", ["b@b.org"]))
    try look("b@b.org", upTo: 2, changed: false)
    time.advance(.days(8))
    let now = time.now()
    try write { (store) throws(Problem) in
      try store.sweep(bodiesBefore: now - .days(7), before: now - .days(90))
    }
    let bodies = try workspace.readBlocking { (reading) throws(Problem) in
      try reading.database.integer("SELECT count(body) FROM webhook_delivery")
    }
    #expect(bodies == 0)
    #expect(try inbox().count == 2)
    try write { (store) throws(Problem) in
      try store.sweep(bodiesBefore: now, before: now)
    }
    #expect(try inbox().map(\.fate) == [.waiting])
  }

  @Test func `strangers cannot fill the file with refused deliveries`() throws {
    for number in 0..<(WebhookStore.mostRefused + 20) {
      _ = try receive(delivery("\(number)", [], .refused))
    }
    let now = time.now()
    try write { (store) throws(Problem) in
      try store.sweep(bodiesBefore: now - .days(7), before: now - .days(7))
    }
    let kept = try workspace.readBlocking { (reading) throws(Problem) in
      try reading.reports.webhook().counts[.refused]
    }
    #expect(kept == WebhookStore.mostRefused)
  }

  @Test func `the secret path is made once and stays`() throws {
    let first = try write { (store) throws(Problem) in try store.path() }
    let second = try write { (store) throws(Problem) in try store.path() }
    #expect(first == second)
    #expect(first.reveal().count == 52)
    #expect("\(first)" == "•••")
  }

  @Test func `what is known of a webhook comes back as it was written`() throws {
    var record = WebhookRecord(audienceID: "a")
    record.remoteID = "77"
    record.address = Secret("https://x.org/webhook/abc")
    record.signingSecret = Secret("s")
    record.createdAt = time.now()
    record.problem = Problem("a.b", "It stands.", remedy: "Sit.")
    let written = record
    try write { (store) throws(Problem) in try store.save(written) }
    let read = try workspace.readBlocking { (reading) throws(Problem) in
      try reading.webhooks.record(of: "a")
    }
    #expect(read == record)
  }
}
