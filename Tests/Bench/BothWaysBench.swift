// What moves both ways, against the practice Mailchimp in this process: one change from its commit
// to the wire, a pull of many changed members, tags on many members, a burst of webhook events.

import Basics
import Domain
import Engine
import Foundation
import HTTP
import Sandbox
import Storage
import Support

enum BothWaysBench {
  static let parts: [(String, @Sendable () async throws -> Void)] = [
    ("push", pushOne),
    ("pull", { try await pull(Bench.size("LISTKEEPER_BENCH_PULLED", default: 10_000)) }),
    ("burst", { try await burst(Bench.size("LISTKEEPER_BENCH_EVENTS", default: 5000)) }),
    (
      "tags",
      {
        try await tag(
          Bench.size("LISTKEEPER_BENCH_TAGGED", default: 100_000),
          tags: Bench.size("LISTKEEPER_BENCH_TAGS", default: 12))
      }
    ),
  ]

  /// Commit here to arrival there, one change after the other.
  private static func pushOne() async throws {
    print("\nPush of one change")
    let scenario = try await Scenario()
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada", last: "Byron")
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    var took: [Double] = []
    for number in 0..<100 {
      let hold = scenario.mailchimp.hold(.arrival, method: "PATCH", path: nil)
      let last = try await scenario.workspace.read { (reading) throws(Problem) in
        try reading.database.integer("SELECT coalesce(max(id), 0) FROM execution")
      }
      try await scenario.edit(ada) { $0.lastName = "Byron\(number)" }
      took.append(await SyncBench.seconds { await hold.reached() })
      hold.release()
      _ = try await scenario.execution(after: ExecutionID(Int64(last))) { $0.trigger == .change }
    }
    took.sort()
    Bench.row(
      "commit to request on the wire, 100 changes",
      String(format: "p50 %.1f ms, p99 %.1f ms", took[50] * 1000, took[98] * 1000))
    await scenario.end()
  }

  private static func pull(_ people: Int) async throws {
    print("\nPull of \(people) changed members")
    let scenario = try await Scenario(settings: [
      "sync.direction": "both", "guard.people": "1000000",
    ])
    try await scenario.workspace.write(as: "bench") { (tx) throws(Problem) in
      try tx.audiences.saveMapping([
        FieldMapping(.firstName, "FNAME"), FieldMapping(.lastName, "LNAME", direction: .both),
      ])
    }
    try await SyncBench.add(people, to: scenario)
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    let now = scenario.workspace.time.now()
    try scenario.mailchimp.with { (mailchimp) throws(Problem) in
      for index in 0..<people {
        try mailchimp.perform(
          .personEdits("person\(index)@town\(index % 50).dev", ["LNAME": "Pulled"]), at: now)
      }
    }
    scenario.mailchimp.forgetExchanges()
    var done: Execution?
    let took = try await Bench.cost {
      done = try await scenario.run(.forceSync(approve: true))
    }
    let taken = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.integer("SELECT count(*) FROM person WHERE last_name = 'Pulled'")
    }
    Bench.row(
      "read, compared and written here", took.text(people),
      "\(taken) taken, \(done?.status.rawValue ?? ""), "
        + "\(scenario.mailchimp.exchanges.count) calls, \(Memory().text)")
    await scenario.end()
  }

  private static func burst(_ events: Int) async throws {
    print("\nWebhook burst of \(events) events")
    let scenario = try await Scenario()
    try await SyncBench.add(events, to: scenario)
    let door = WebhookDoor(scenario.workspace)
    let listener = HTTPListener { request, _ in
      .response(await door.answer(request) ?? HTTPResponse(404))
    }
    try listener.start()
    let port = listener.port
    try await scenario.workspace.write(as: "bench") { (tx) throws(Problem) in
      try tx.settings.set("webhook.url", to: "http://127.0.0.1:\(port)")
    }
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    let address = try await scenario.when { (reading) throws(Problem) in
      try reading.webhooks.record(of: try reading.settings.values()[Settings.audience])
        .flatMap { $0.remoteID == nil ? nil : $0.address.reveal() }
    }
    await scenario.stopEngine()
    let client = try HTTPClient()
    let audience = scenario.mailchimp.audience
    let arrivals = Locked<[Double]>([])
    let took = try await SyncBench.seconds {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for lane in 0..<10 {
          group.addTask {
            for index in stride(from: lane, to: events, by: 10) {
              let body = FormEncoding.encode([
                FormField("type", "profile"), FormField("fired_at", "2026-01-02 03:04:05"),
                FormField("data[list_id]", audience),
                FormField("data[email]", "person\(index)@town\(index % 50).dev"),
              ])
              let request = HTTPClientRequest(
                "POST", address,
                headers: ["Content-Type": "application/x-www-form-urlencoded"],
                body: Array(body.utf8))
              let clock = ContinuousClock.now
              let answer = try await client.send(request)
              let seconds = (ContinuousClock.now - clock).seconds
              arrivals.withLock { $0.append(answer.status == 200 ? seconds : .infinity) }
            }
          }
        }
        try await group.waitForAll()
      }
    }
    let sorted = arrivals.withLock { $0.sorted() }
    Bench.row(
      "events on disk and answered, 10 at a time", Bench.perSecond(events, took),
      String(
        format: "p50 %.1f ms, p99 %.1f ms", sorted[events / 2] * 1000,
        sorted[events * 99 / 100] * 1000))
    scenario.mailchimp.forgetExchanges()
    let looked = try await Bench.cost {
      try await scenario.startEngine()
      _ = try await scenario.when { (reading) throws(Problem) in
        try reading.database.integer("SELECT count(*) FROM message WHERE kind = 'pull member'") == 0
          ? true : nil
      }
    }
    Bench.row(
      "looked at", looked.text(events), "\(scenario.mailchimp.exchanges.count) calls")
    await scenario.end()
    listener.stop()
  }

  private static func tag(_ people: Int, tags: Int) async throws {
    print("\nTags, \(people) members × \(tags)")
    let scenario = try await Scenario()
    try await SyncBench.add(people, to: scenario)
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    scenario.mailchimp.forgetExchanges()
    let wanted = people * tags
    let took = try await Bench.cost {
      try await scenario.workspace.write(as: "bench") { (tx) throws(Problem) in
        for number in 0..<tags {
          try tx.searches.save(
            SavedSearch("Tag \(number)", try SearchQuery("active:yes"), isTag: true))
        }
      }
      _ = try await scenario.when { (reading) throws(Problem) in
        try reading.database.integer(
          """
          SELECT CASE WHEN EXISTS (SELECT 1 FROM tag_work) THEN 0
            ELSE (SELECT count(*) FROM tag_membership) END
          """) >= wanted ? true : nil
      }
    }
    Bench.row(
      "placed", took.text(wanted),
      "\(scenario.mailchimp.exchanges.count) calls, \(Memory().text)")
    scenario.mailchimp.forgetExchanges()
    let again = try await Bench.cost {
      _ = try await scenario.run(.forceSync(approve: true))
    }
    Bench.row(
      "force sync without changes", again.text(people),
      "\(scenario.mailchimp.exchanges.filter { $0.method != "GET" }.count) writes")
    await scenario.end()
  }
}
