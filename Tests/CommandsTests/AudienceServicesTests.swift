// What the console orders of audiences, carried out at the practice Mailchimp.

import Basics
import Console
import Domain
import Glibc
import Sandbox
import Screen
import Storage
import Support
import Testing

@testable import Commands

@Suite struct AudienceServicesTests {
  private static let draft = AudienceDraft([
    .name: "Friends", .company: "Choir", .address1: "1 Main St", .city: "Bern", .country: "CH",
    .permissionReminder: "You joined the choir.", .fromName: "The choir",
    .fromEmail: "choir@directory.example.org", .subject: "News", .language: "de",
    .formatChoice: "false",
  ])

  private func answer(to effect: Effect, _ ticket: Ticket, _ services: ConsoleServices) async throws
    -> Answer
  {
    #expect(services.carryOut(effect))
    return try await onThread { () throws(Problem) in
      while true {
        for event in services.takeMail() {
          if case .answered(ticket, let answer) = event { return answer }
        }
        var wait = [pollfd(fd: services.wakeup.descriptor, events: Int16(POLLIN), revents: 0)]
        guard poll(&wait, 1, 20_000) > 0 else { throw Problem("test", "Nothing came.") }
      }
    }
  }

  @Test func `an audience is made, switched, refused at the plan's limit, and left`() async throws {
    let shell = try await Shell()
    let workspace = try Workspace.open(at: shell.workspace)
    defer { workspace.close() }
    let world = World(size: Size(80, 24), now: workspace.time.now())
    let services = try ConsoleServices(
      workspace, seat: EngineSeat(workspace, log: .silent), user: "tester", world: world)
    defer { services.close() }
    func ticket(_ generation: Int) -> Ticket { Ticket(pane: .audience, generation: generation) }

    let made = try await answer(
      to: .createAudience(Self.draft, ticket(1)), ticket(1), services)
    guard case .audience(let audience) = made else { return #expect(Bool(false), "\(made)") }
    #expect(audience.name == "Friends" && !audience.doubleOptIn)
    let chosen = try workspace.readBlocking { (reading) throws(Problem) in
      try reading.settings.values()[Settings.audience]
    }
    #expect(chosen == audience.id)

    let switched = try await answer(
      to: .setDoubleOptIn(true, of: shell.mailchimp.audience, ticket(2)), ticket(2), services)
    guard case .audience(let other) = switched else { return #expect(Bool(false), "\(switched)") }
    #expect(other.id == shell.mailchimp.audience && other.doubleOptIn)

    for place in 3...5 {
      _ = try await answer(
        to: .createAudience(Self.draft, ticket(place)), ticket(place), services)
    }
    let full = try await answer(to: .createAudience(Self.draft, ticket(6)), ticket(6), services)
    guard case .refused(let problem) = full else { return #expect(Bool(false), "\(full)") }
    #expect(problem.description.contains("allows 5, and there are 5"))

    let ended = try await answer(to: .disconnect(ticket(7)), ticket(7), services)
    guard case .disconnected(let sentences) = ended else { return #expect(Bool(false), "\(ended)") }
    #expect(sentences.contains("People, links and the consent ledger are kept."))
    let again = try await answer(to: .disconnect(ticket(8)), ticket(8), services)
    guard case .refused(let noKey) = again else { return #expect(Bool(false), "\(again)") }
    #expect(noKey.code == "configuration.no-key")
  }

  @Test func `connect links to the page of the permission reminder and says why`() async throws {
    let shell = try await Shell()
    let connected = try await shell.run("connect").output
    let page = try await shell.json("audiences", "show")["audience"]?["settingsPage"]?.string
    #expect(connected.contains("Check the permission reminder at \(try #require(page)): it tells"))
    let told = try await shell.json("connect")["reminder"]
    #expect(told?["page"]?.string == page)
    #expect(told?["audience"]?.string == shell.mailchimp.audience)
    #expect(told?["why"]?.string?.contains("keeps them from marking it as spam") == true)
  }

  @Test
  func `a key that is set links to the reminder too, and an account without audience to none`()
    async throws
  {
    let shell = try await Shell()
    let key = shell.mailchimp.key
    let page = try await shell.json("audiences", "show")["audience"]?["settingsPage"]?.string
    let said = try await shell.run("settings", "set", "mailchimp.key", key).output
    #expect(said.contains("Check the permission reminder at \(try #require(page)): it tells"))
    let told = try await shell.json("settings", "set", "mailchimp.key", key)
    #expect(told["dataCentre"] == "us19")
    #expect(told["reminder"]?["page"]?.string == page)
    try shell.mailchimp.perform(.adminDeletesAudience)
    #expect(try await shell.json("settings", "set", "mailchimp.key", key)["reminder"] == .null)
    #expect(try await shell.json("settings", "set", "tags.every-search", "no")["reminder"] == nil)
  }

  @Test func `how an audience grew is read once a day and kept`() async throws {
    let shell = try await Shell()
    let told = try await shell.json("audiences", "growth")
    #expect(told["months"]?.array?.isEmpty == false)
    let workspace = try Workspace.open(at: shell.workspace)
    defer { workspace.close() }
    var world = World(size: Size(80, 24), now: workspace.time.now())
    world.hasKey = true
    let services = try ConsoleServices(
      workspace, seat: EngineSeat(workspace, log: .silent), user: "tester", world: world)
    defer { services.close() }
    let ticket = Ticket(pane: .audience, generation: 1)
    let kept = try await answer(
      to: .query(.growth(shell.mailchimp.audience), ticket), ticket, services)
    guard case .growth(let growth) = kept else { return #expect(Bool(false), "\(kept)") }
    #expect(growth.readAt.map { "\($0)" } == told["readAt"]?.string)
    let again = try await answer(
      to: .readGrowth(shell.mailchimp.audience, ticket), ticket, services)
    guard case .growth(let newer) = again else { return #expect(Bool(false), "\(again)") }
    #expect(newer.months == growth.months)
    // What is kept is shown where Mailchimp cannot be asked.
    shell.mailchimp.stop()
    try await workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.database.execute("UPDATE growth_reading SET at = 0")
    }
    let old = try await answer(
      to: .query(.growth(shell.mailchimp.audience), ticket), ticket, services)
    guard case .growth(let shown) = old else { return #expect(Bool(false), "\(old)") }
    #expect(shown.months == growth.months)
  }
}
