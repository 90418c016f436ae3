// A first sync and a resync of many people against the practice Mailchimp, in this process, at
// latency 0 and 300 ms, beside the floor that latency alone sets:
// (rounds of reading + ⌈calls ÷ connections⌉) × latency.

import Basics
import Domain
import Foundation
import Sandbox
import Storage
import Support

enum SyncBench {
  static func run() async throws {
    let people = Bench.size("LISTKEEPER_BENCH_PEOPLE", default: 20_000)
    let environment = ProcessInfo.processInfo.environment
    let latencies = (environment["LISTKEEPER_BENCH_LATENCIES"] ?? "0 300").split(separator: " ")
    for latency in latencies.compactMap({ Int($0) }) {
      print("\nSync, \(people) people, latency \(latency) ms")
      try await run(people: people, latency: latency)
    }
  }

  private static func run(people: Int, latency: Int) async throws {
    let scenario = try await Scenario { $0.latency = .milliseconds(latency) }
    let added = try await Bench.cost { try await add(people, to: scenario) }
    Bench.row("people added to the directory", added.text(people))
    try await scenario.startEngine()

    let intake = try await Bench.cost {
      _ = try await scenario.when { (reading) throws(Problem) in
        try reading.database.one(
          """
          SELECT 1 WHERE NOT EXISTS
            (SELECT 1 FROM message WHERE kind = 'person changed' AND state = 'ready')
          """
        ) { $0.int(0) }
      }
    }
    Bench.row("changes taken in", intake.text(people))
    scenario.mailchimp.forgetExchanges()
    var first: Execution?
    let firstTook = try await Bench.cost {
      first = try await scenario.run(.forceSync(approve: true))
    }
    report("first sync", people, firstTook, scenario, latency)
    if let first, first.counts.created != people {
      print("  first sync created \(first.counts.created) of \(people): \(first.status)")
    }

    for (name, request) in [
      ("force sync without changes", Request.forceSync(approve: false)),
      ("resync without changes", .resync(approve: false)),
    ] {
      scenario.mailchimp.forgetExchanges()
      let took = try await Bench.cost { _ = try await scenario.run(request) }
      report(name, people, took, scenario, latency)
    }
    Bench.row("memory of engine and practice Mailchimp", Memory().text)
    await scenario.end()
  }

  private static func report(
    _ name: String, _ people: Int, _ cost: Cost, _ scenario: Scenario, _ latency: Int
  ) {
    let calls = scenario.mailchimp.exchanges
    let reading = calls.filter { $0.method == "GET" }.count
    let writing = calls.count - reading
    let connections = 6
    let rounds = 2 + (reading > 4 ? (reading - 4 + 3) / 4 : 0)
    let floor =
      Double((rounds + (writing + connections - 1) / connections) * latency) / 1000
    let beside =
      latency == 0
      ? "" : String(format: "floor %.1f s, ratio %.2f", floor, cost.seconds / max(floor, 0.001))
    Bench.row(
      name, cost.text(people), "\(reading) reads, \(writing) writes  \(beside)")
  }

  static func add(_ count: Int, to scenario: Scenario) async throws {
    for start in stride(from: 0, to: count, by: 500) {
      try await scenario.workspace.write(as: "bench") { (tx) throws(Problem) in
        for index in start..<min(start + 500, count) {
          var person = Person(id: PersonID(0), noticedAt: tx.now)
          person.firstName = "First\(index)"
          person.lastName = "Last\(index % 997)"
          person.emails = ["person\(index)@town\(index % 50).dev"]
          try tx.directory.add(person)
        }
      }
    }
  }

  static func seconds(_ body: () async throws -> Void) async rethrows -> Double {
    let clock = ContinuousClock.now
    try await body()
    return (ContinuousClock.now - clock).seconds
  }
}
