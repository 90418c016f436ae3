// Deliveries that are not taken, and trouble made on demand: another try at growing intervals, the
// end of a webhook that keeps failing, duplicates, order, delay, holding back, bad signatures.

import Basics
import HTTP
import Support
import Testing

@testable import Sandbox

@Suite struct DeliveryTroubleTests {
  // MARK: Deliveries that fail

  @Test func `a delivery that is refused is tried again at growing intervals`() async throws {
    let practice = try Practice()
    let ear = try await practice.ear()
    ear.postStatus.withLock { $0 = 503 }
    try await practice.add(ada)
    await practice.server.deliveriesSettled()
    #expect(ear.types.count == 1)
    practice.clock.advance(.seconds(59))
    await practice.server.deliveriesSettled()
    #expect(ear.types.count == 1)
    practice.clock.advance(.seconds(1))
    await practice.server.deliveriesSettled()
    #expect(ear.types.count == 2)
    practice.clock.advance(.minutes(1))
    await practice.server.deliveriesSettled()
    #expect(ear.types.count == 2)
    ear.postStatus.withLock { $0 = 204 }
    practice.clock.advance(.minutes(1))
    await practice.server.deliveriesSettled()
    #expect(ear.types == ["subscribe", "subscribe", "subscribe"])
    #expect(Set(ear.bodies).count == 1)
    practice.clock.advance(.hours(2))
    await practice.server.deliveriesSettled()
    #expect(ear.types.count == 3)
    #expect(practice.server.deliveryAttempts.map(\.status) == [503, 503, 204])
  }

  @Test func `a delivery that is not answered in ten seconds is tried again`() async throws {
    let practice = try Practice()
    let ear = try await practice.ear()
    ear.postStatus.withLock { $0 = nil }
    try await practice.add(ada)
    #expect(await ear.heard(1))
    practice.clock.advance(.seconds(10))
    await practice.server.deliveriesSettled()
    #expect(practice.server.deliveryAttempts.map(\.status) == [nil])
    ear.postStatus.withLock { $0 = 200 }
    practice.clock.advance(.minutes(1))
    await practice.server.deliveriesSettled()
    #expect(practice.server.deliveryAttempts.map(\.status) == [nil, 200])
  }

  @Test func `tries are woken by the time alone`() async throws {
    let practice = try Practice()
    let ear = try await practice.ear()
    ear.postStatus.withLock { $0 = 500 }
    try await practice.add(ada)
    await practice.server.deliveriesSettled()
    practice.clock.advance(.minutes(1))
    #expect(await ear.heard(2))
  }

  @Test func `a webhook that keeps failing for more than an hour is dropped`() async throws {
    let practice = try Practice()
    let ear = try await practice.ear()
    ear.postStatus.withLock { $0 = 500 }
    try await practice.add(ada)
    await practice.server.deliveriesSettled()
    for minutes in [1, 2, 4, 8, 15, 20] {
      practice.clock.advance(.minutes(minutes))
      await practice.server.deliveriesSettled()
      #expect(practice.server.webhooks().count == 1)
    }
    practice.clock.advance(.minutes(25))
    await practice.server.deliveriesSettled()
    #expect(ear.types.count == 8)
    #expect(practice.server.webhooks().isEmpty)
    #expect(practice.server.waitingDeliveries == 0)
  }

  @Test func `one event nobody wanted does not end a webhook that works`() async throws {
    let practice = try Practice { $0.webhookRetries = [.minutes(1)] }
    let ear = try await practice.ear()
    ear.postStatus.withLock { $0 = 500 }
    try await practice.add(ada)
    await practice.server.deliveriesSettled()
    ear.postStatus.withLock { $0 = 200 }
    try await practice.add(grace)
    await practice.server.deliveriesSettled()
    ear.postStatus.withLock { $0 = 500 }
    practice.clock.advance(.minutes(1))
    await practice.server.deliveriesSettled()
    #expect(practice.server.deliveryAttempts.map(\.status) == [500, 200, 500])
    #expect(practice.server.webhooks().count == 1)
  }

  @Test func `a webhook deleted meanwhile is not tried again`() async throws {
    let practice = try Practice()
    let ear = try await practice.ear()
    ear.postStatus.withLock { $0 = 500 }
    try await practice.add(ada)
    await practice.server.deliveriesSettled()
    let id = try #require(practice.server.webhooks().first?.id)
    _ = try await practice.api.call("DELETE", "\(practice.lists)/webhooks/\(id)")
    practice.clock.advance(.minutes(1))
    await practice.server.deliveriesSettled()
    #expect(ear.types.count == 1)
  }

  // MARK: Trouble on demand

  private func faulty(
    _ fault: SandboxDeliveryFault, _ path: String? = nil
  ) async throws -> (Practice, Ear) {
    let practice = try Practice()
    let ear = try await practice.ear(["user"])
    try await practice.add(ada)
    practice.server.addFault(SandboxFaultRule(.delivery(fault), path: path))
    try practice.perform(.personChangesAddress(ada, to: grace))
    await practice.server.deliveriesSettled()
    return (practice, ear)
  }

  @Test func `a duplicated delivery comes twice to the letter`() async throws {
    let (_, ear) = try await faulty(.duplicated, "/profile")
    #expect(ear.types.sorted() == ["profile", "profile", "upemail"])
    #expect(Set(ear.bodies).count == 2)
  }

  @Test func `reversed deliveries come the other way round`() async throws {
    let (_, ear) = try await faulty(.reversed)
    #expect(ear.types == ["profile", "upemail"])
  }

  @Test func `a delayed delivery comes when its time has come`() async throws {
    let (practice, ear) = try await faulty(.delayed(milliseconds: 30_000), "/upemail")
    #expect(ear.types == ["profile"])
    practice.clock.advance(.seconds(30))
    await practice.server.deliveriesSettled()
    #expect(ear.types == ["profile", "upemail"])
  }

  @Test func `deliveries held back come when they are released, in reverse if wished`()
    async throws
  {
    let (practice, ear) = try await faulty(.heldBack)
    try practice.perform(.personUnsubscribes(grace))
    await practice.server.deliveriesSettled()
    #expect(ear.types.isEmpty)
    #expect(practice.server.waitingDeliveries == 3)
    practice.server.releaseDeliveries(reversed: true)
    await practice.server.deliveriesSettled()
    #expect(ear.types == ["unsubscribe", "profile", "upemail"])
  }

  @Test func `a badly signed delivery has a signature that does not verify`() async throws {
    let (practice, ear) = try await faulty(.badSignature)
    let secret = try #require(practice.server.webhooks().first?.secret)
    #expect(ear.requests.count == 2)
    for request in ear.requests {
      let signature = try #require(request.headers["X-Mailchimp-Signature"])
      #expect(signature.hasPrefix("t=1767323045,v1="))
      #expect(
        signature
          != WebhookSignature.value(secret: secret, body: request.body, at: practice.clock.now()))
    }
  }

  @Test func `a lost delivery never comes`() async throws {
    let (practice, ear) = try await faulty(.lost, "/upemail")
    practice.clock.advance(.hours(2))
    await practice.server.deliveriesSettled()
    #expect(ear.types == ["profile"])
  }

  @Test func `a faults file can trouble deliveries and leave requests alone`() async throws {
    let faults = try SandboxFaults(
      parsing: """
        {"rules": [
          {"action": "webhook-duplicate", "path": "/profile", "count": 1},
          {"action": "webhook-delay", "milliseconds": 20, "nth": 9},
          {"action": "webhook-hold", "nth": 9}, {"action": "webhook-reverse", "nth": 9},
          {"action": "webhook-bad-signature", "nth": 9}, {"action": "webhook-lose", "nth": 9}
        ]}
        """, file: "faults.json")
    #expect(faults.rules[0].fault == .delivery(.duplicated))
    #expect(faults.rules[1].fault == .delivery(.delayed(milliseconds: 20)))
    let practice = try Practice { $0.faults = faults }
    let ear = try await practice.ear(["user"])
    try await practice.add(ada)
    try practice.perform(.personEdits(ada, ["FNAME": "Ada"]))
    try practice.perform(.personEdits(ada, ["FNAME": "Augusta"]))
    await practice.server.deliveriesSettled()
    #expect(ear.types == ["profile", "profile", "profile"])
    #expect(ear.events.filter { $0["data[merges][FNAME]"] == "Ada" }.count == 2)
  }

  @Test func `a fault of every request is none of the deliveries`() async throws {
    let practice = try Practice()
    let ear = try await practice.ear()
    practice.server.addFault(SandboxFaultRule(.garbage))
    try practice.perform(.personSignsUp(ada))
    await practice.server.deliveriesSettled()
    #expect(ear.types == ["subscribe", "profile"])
  }
}
