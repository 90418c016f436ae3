// Contacts that were sent in bulk, whose answers carry no contact id, and that change their address
// at Mailchimp before anything has read them: they moved, and were not deleted.

import Basics
import Domain
import Sandbox
import Storage
import Support
import Testing

@Suite struct MovedContactTests {
  /// Twelve people sent in one call; nobody was read since.
  private func sent(_ settings: [String: String]) async throws -> Scenario {
    let scenario = try await Scenario(settings: settings)
    try await scenario.map(
      ["FNAME", "LNAME"].map {
        FieldMapping($0 == "FNAME" ? .firstName : .lastName, $0, direction: .both)
      })
    try await scenario.crowd(12)
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    try await scenario.rests()
    let link = try #require(try await scenario.link("person3@town.dev"))
    #expect(link.contactID == nil)
    #expect(link.webID != nil)
    return scenario
  }

  @Test(arguments: ["both", "to"])
  func `an address that was changed there is seen by the next reading, whatever its kind`(
    direction: String
  ) async throws {
    for request in [Request.forceSync(approve: false), .resync(approve: false)] {
      let scenario = try await sent(["sync.direction": direction])
      try scenario.mailchimp.perform(
        .personChangesAddress("person3@town.dev", to: "moved@town.dev"))
      _ = try await scenario.run(request)
      try await scenario.rests()
      let expected = direction == "both" ? "moved@town.dev" : "person3@town.dev"
      #expect(try await scenario.audience().count == 12)
      #expect(try await scenario.status(expected) == "subscribed")
      #expect(try await scenario.suppression("person3@town.dev") == nil)
      #expect(try await scenario.link(expected)?.contactID != nil)
      await scenario.end()
    }
  }

  @Test(arguments: ["both", "to"])
  func `a single change that finds the contact gone follows it, and suppresses nobody`(
    direction: String
  ) async throws {
    let scenario = try await sent(["sync.direction": direction])
    try scenario.mailchimp.perform(
      .personChangesAddress("person3@town.dev", to: "moved@town.dev"))
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      for person in try tx.directory.people(at: AddressKey("person3@town.dev")) {
        try tx.directory.update(person.id) { $0.lastName = "King" }
      }
    }
    try await scenario.rests()
    let expected = direction == "both" ? "moved@town.dev" : "person3@town.dev"
    let contacts = try await scenario.audience()
    #expect(contacts.count == 12)
    #expect(contacts[expected]?["merge_fields"]?["LNAME"] == "King")
    #expect(try await scenario.suppression("person3@town.dev") == nil)
    await scenario.end()
  }

  @Test(arguments: ["both", "to"])
  func `many changes at once follow a contact that moved, and add nobody where it was`(
    direction: String
  ) async throws {
    let scenario = try await sent(["sync.direction": direction])
    try scenario.mailchimp.perform(
      .personChangesAddress("person3@town.dev", to: "moved@town.dev"))
    try await scenario.rename(12, to: "King")
    try await scenario.rests()
    let expected = direction == "both" ? "moved@town.dev" : "person3@town.dev"
    let contacts = try await scenario.audience()
    #expect(contacts.count == 12)
    #expect(contacts[expected]?["status"] == "subscribed")
    #expect(contacts[expected]?["merge_fields"]?["LNAME"] == "King")
    #expect(try await scenario.suppression("person3@town.dev") == nil)
    await scenario.end()
  }

  @Test func `where the other address is another contact the one that was left is gone`()
    async throws
  {
    let scenario = try await sent(["sync.direction": "to", "sync.address-change": "new contact"])
    try scenario.mailchimp.perform(
      .personChangesAddress("person3@town.dev", to: "moved@town.dev"))
    try await scenario.rename(12, to: "King")
    try await scenario.rests()
    let contacts = try await scenario.audience()
    #expect(contacts.count == 12)
    #expect(contacts["person3@town.dev"] == nil)
    #expect(contacts["person4@town.dev"]?["merge_fields"]?["LNAME"] == "King")
    #expect(try await scenario.suppression("person3@town.dev") == .deletedByOthers)
    await scenario.end()
  }

  @Test(arguments: [false, true])
  func `the next reading lets go of the one that was left, also where somebody came before it`(
    isMet: Bool
  ) async throws {
    let scenario = try await sent(["sync.direction": "to", "sync.address-change": "new contact"])
    if isMet { _ = try await scenario.run(.resync(approve: false)) }
    try scenario.mailchimp.perform(
      .personChangesAddress("person3@town.dev", to: "moved@town.dev"))
    if isMet {
      try await scenario.add("moved@town.dev", first: "Q")
      try await scenario.rests()
      #expect(try await scenario.link("moved@town.dev")?.status == .subscribed)
    }
    _ = try await scenario.run(.forceSync(approve: false))
    try await scenario.rests()
    #expect(try await scenario.suppression("person3@town.dev") == .deletedByOthers)
    #expect(try await scenario.link("person3@town.dev")?.status == nil)
    #expect(try await scenario.status("moved@town.dev") == "subscribed")
    let again = try await scenario.run(.resync(approve: false))
    #expect(again.counts.changed == 0)
    await scenario.end()
  }

  @Test(arguments: [nil, 12])
  func `a verification misses nobody whose address was changed there`(sample: Int?) async throws {
    let scenario = try await sent(["sync.direction": "both"])
    try scenario.mailchimp.perform(
      .personChangesAddress("person3@town.dev", to: "moved@town.dev"))
    let verified = try await scenario.run(.verify(sample: sample))
    #expect(verified.status == .succeeded)
    let differences = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.integer("SELECT count(*) FROM drift")
    }
    #expect(differences == 0)
    await scenario.end()
  }

  @Test func `a repair takes nobody for deleted whose address was changed there`() async throws {
    let scenario = try await sent(["sync.direction": "to", "sync.poll-minutes": "1440"])
    try scenario.mailchimp.perform(.adminEdits("person3@town.dev", ["FNAME": "Other"]))
    let verified = try await scenario.run(.verify(sample: nil))
    #expect(verified.detectedChanges)
    try scenario.mailchimp.perform(
      .personChangesAddress("person3@town.dev", to: "moved@town.dev"))
    _ = try await scenario.run(.repairDrift(.all(nil)))
    try await scenario.rests()
    let contacts = try await scenario.audience()
    #expect(contacts.count == 12)
    #expect(contacts["person3@town.dev"]?["status"] == "subscribed")
    #expect(contacts["person3@town.dev"]?["merge_fields"]?["FNAME"] == "P3")
    #expect(try await scenario.suppression("person3@town.dev") == nil)
    await scenario.end()
  }

  @Test func `one that is at no address any more was deleted, and that is said`() async throws {
    let scenario = try await sent(["sync.direction": "to"])
    try scenario.mailchimp.perform(.adminDeletesPermanently("person3@town.dev"))
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      for person in try tx.directory.people(at: AddressKey("person3@town.dev")) {
        try tx.directory.update(person.id) { $0.lastName = "King" }
      }
    }
    try await scenario.rests()
    #expect(try await scenario.suppression("person3@town.dev") == .deletedByOthers)
    await scenario.end()
  }
}
