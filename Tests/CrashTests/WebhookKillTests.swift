import Basics
import Domain
import Glibc
import HTTP
import Sandbox
import Storage
import Support
import Testing

/// Killed between the answer to a delivery and the look it asked for: what was answered is on disk,
/// is looked at by the next engine, and shows once.
@Suite(.serialized, .timeLimit(.minutes(10))) struct WebhookKillTests {
  /// A program on an address of its own, and its webhook.
  private struct Door {
    let site: CrashSite
    let port: UInt16

    init(people: Int) async throws {
      site = try await CrashSite(settings: ["consent.back": "yes"], people: people)
      // The port is free once its listener has stopped.
      let probe = HTTPListener { _, _ in .cut }
      try probe.start()
      port = probe.port
      probe.stop()
      try await site.firstSync()
    }

    func serve() async throws -> ChildProcess {
      let child = try site.start("serve", "--listen", "127.0.0.1:\(port)")
      try await child.prints("runs")
      return child
    }

    func makeWebhook() async throws {
      let url = "http://127.0.0.1:\(port)"
      try await site.scenario.workspace.write(as: "test") { (tx) throws(Problem) in
        try tx.settings.set(Settings.webhookURL.key, to: url)
      }
      _ = try await site.scenario.when { (reading) throws(Problem) in
        try reading.webhooks.records().first { $0.remoteID != nil }
      }
    }

    func kill(_ child: ChildProcess) async throws {
      child.send(signal: SIGKILL)
      #expect(try await child.ended().code == 128 + SIGKILL)
      try site.checkFile()
    }

    /// The fates of the inbox, with how many there are of each.
    func fates() async throws -> [DeliveryFate: Int] {
      try await site.scenario.workspace.read { (reading) throws(Problem) in
        try reading.reports.webhook().counts.filter { $0.value > 0 }
      }
    }

    /// What others' unsubscribes left behind, each told once.
    func effects() async throws -> (told: Int, addresses: Int, suppressed: Int, optedOut: Int) {
      try await site.scenario.workspace.read { (reading) throws(Problem) in
        let told = "FROM consent_entry WHERE by = 'Mailchimp' AND new = 'unsubscribed'"
        return (
          try reading.database.integer("SELECT count(*) \(told)"),
          try reading.database.integer("SELECT count(DISTINCT address_key) \(told)"),
          try reading.database.integer("SELECT count(*) FROM suppression"),
          try reading.database.integer("SELECT count(*) FROM person WHERE opt_in = 'no'")
        )
      }
    }
  }

  @Test(arguments: [SandboxHold.Place.arrival, .answer])
  func `a look that is killed is done by the next engine, and shows once`(
    place: SandboxHold.Place
  ) async throws {
    let door = try await Door(people: 3)
    let mailchimp = door.site.mailchimp
    let first = try await door.serve()
    try await door.makeWebhook()
    let hold = mailchimp.hold(place, method: "GET", path: "/3.0/lists/*/members/*")
    // Delivered twice, as happens.
    mailchimp.addFault(SandboxFaultRule(.delivery(.duplicated)))
    try mailchimp.perform(.personUnsubscribes("person0@town.dev"))
    await mailchimp.deliveriesSettled()
    #expect(mailchimp.deliveryAttempts.map(\.status) == [200, 200])
    await hold.reached()
    try await door.kill(first)
    #expect(try await door.fates() == [.waiting: 1])
    #expect(try await door.effects() == (0, 0, 0, 0))

    hold.release()
    let second = try await door.serve()
    try await door.site.rests()
    try await door.site.stop(second)
    #expect(try await door.fates() == [.lookedAt: 1])
    #expect(try await door.effects() == (1, 1, 1, 1))
    let open = try await door.site.scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.integer(
        "SELECT count(*) FROM execution WHERE status IN ('running', 'waiting')")
    }
    #expect(open == 0)
    try await door.site.syncsNothing()
    await door.site.end()
  }

  @Test func `everything answered before a kill is on disk, and looked at once`() async throws {
    let door = try await Door(people: 30)
    let mailchimp = door.site.mailchimp
    let first = try await door.serve()
    try await door.makeWebhook()
    // Paused, nothing is looked at; everything is taken.
    try await door.site.scenario.ask(.pause)
    for number in 0..<30 { try mailchimp.perform(.personUnsubscribes("person\(number)@town.dev")) }
    await mailchimp.deliveriesSettled()
    try await door.kill(first)
    #expect(mailchimp.deliveryAttempts.map(\.status) == Array(repeating: 200, count: 30))
    #expect(try await door.fates() == [.waiting: 30])

    let second = try await door.serve()
    try await door.site.scenario.ask(.enable)
    try await door.site.rests()
    try await door.site.stop(second)
    #expect(try await door.fates() == [.lookedAt: 30])
    #expect(try await door.effects() == (30, 30, 30, 30))
    #expect(mailchimp.deliveryAttempts.count == 30)
    await door.site.end()
  }
}
