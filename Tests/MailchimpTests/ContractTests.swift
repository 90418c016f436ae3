// What the client relies on, as one suite for the practice Mailchimp and for the real one. The real
// one joins when LISTKEEPER_CONTRACT_KEY, _AUDIENCE (an id) and _DOMAIN (of addresses that may be
// made up) are in the environment; every address is new to each run, and archived at its end.

import Basics
import Domain
import Foundation
import HTTP
import Sandbox
import Support
import Testing

@testable import Mailchimp

/// Where the contract is tried.
enum Stage: Sendable, CustomStringConvertible {
  case sandbox
  case real(key: String, audience: String, domain: String)

  static var all: [Stage] {
    let environment = ProcessInfo.processInfo.environment
    guard let key = environment["LISTKEEPER_CONTRACT_KEY"],
      let audience = environment["LISTKEEPER_CONTRACT_AUDIENCE"],
      let domain = environment["LISTKEEPER_CONTRACT_DOMAIN"]
    else { return [.sandbox] }
    return [.sandbox, .real(key: key, audience: audience, domain: domain)]
  }

  var description: String {
    switch self {
    case .sandbox: "practice Mailchimp"
    case .real: "Mailchimp"
    }
  }
}

/// A stage that is set: a client, an audience, addresses of this run.
final class Scene: Sendable {
  let client: MailchimpClient
  let audience: String
  /// Nil at the real Mailchimp.
  let sandbox: SandboxServer?
  private let domain: String
  private let connection: MailchimpConnection
  private let run = UInt32.random(in: 1...UInt32.max)
  private let used = Locked<[String]>([])

  init(
    _ stage: Stage = .sandbox, connections: Int = 6, callTime: Duration = .seconds(300),
    _ configure: (inout SandboxConfiguration) -> Void = { _ in }
  ) throws {
    switch stage {
    case .sandbox:
      var configuration = SandboxConfiguration()
      configuration.recordPath = Self.recording()
      configure(&configuration)
      let server = SandboxServer(configuration: configuration)
      try server.start()
      sandbox = server
      audience = server.audience
      domain = "mail.test"
      connection = MailchimpConnection(
        key: try MailchimpKey(Secret(server.key)), url: server.url, callTime: callTime)
    case .real(let key, let audience, let domain):
      sandbox = nil
      self.audience = audience
      self.domain = domain
      connection = MailchimpConnection(key: try MailchimpKey(Secret(key)))
    }
    client = try MailchimpClient(
      connection, http: HTTPClient(), budget: RequestBudget(most: connections))
  }

  /// Another client of the same Mailchimp, that waits as long as it takes.
  func patient() throws -> MailchimpClient {
    var connection = connection
    connection.callTime = .seconds(300)
    return try MailchimpClient(connection, http: HTTPClient(), budget: RequestBudget(most: 1))
  }

  /// Where LISTKEEPER_RECORD_DIR names a folder, a file of its own for the server's recording.
  private static func recording() -> String? {
    ProcessInfo.processInfo.environment["LISTKEEPER_RECORD_DIR"].map {
      "\($0)/client-\(UUID().uuidString).jsonl"
    }
  }

  /// An address nobody has used, the same each time for one name.
  func address(_ name: String) -> String {
    let address = "\(name)-\(run)@\(domain)"
    used.withLock { if !$0.contains(address) { $0.append(address) } }
    return address
  }

  func add(
    _ name: String, _ fields: [String: MergeValue] = [:], status: Domain.MemberStatus = .subscribed
  ) async throws -> Member {
    try await client.put(
      MemberWrite(email: address(name), status: status, mergeFields: fields), to: audience
    ).member
  }

  func end() async {
    for address in used.withLock({ $0 }) where sandbox == nil {
      _ = try? await client.archive(MemberWrite(email: address).computedID, in: audience)
    }
    sandbox?.stop()
  }

  /// `body` must end in an error of that fault.
  func expect(
    _ fault: Fault, at place: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
  ) async throws {
    let found = try await error(body).fault
    #expect(found == fault, sourceLocation: place)
  }

  /// The error of `body`, which must end in one.
  func error(_ body: () async throws -> Void) async throws -> MailchimpError {
    do {
      try await body()
    } catch let error as MailchimpError {
      return error
    }
    throw Violation("nothing was refused")
  }
}

@Suite struct ContractTests {
  private func on(
    _ stage: Stage, _ body: (Scene) async throws -> Void
  ) async throws {
    let scene = try Scene(stage)
    do {
      try await body(scene)
    } catch {
      await scene.end()
      throw error
    }
    await scene.end()
  }

  @Test(arguments: Stage.all) func `a good key opens the account`(stage: Stage) async throws {
    try await on(stage) { scene in
      try await scene.client.ping()
      let account = try await scene.client.account()
      #expect(!account.id.isEmpty)
      #expect(!account.role.isEmpty)
    }
  }

  @Test(arguments: Stage.all) func `a wrong key is refused as such`(stage: Stage) async throws {
    try await on(stage) { scene in
      let url = scene.sandbox?.url ?? ""
      let wrong = MailchimpConnection(
        key: try MailchimpKey(Secret("ffffffffffffffffffffffffffffffff-us19")), url: url)
      let client = try MailchimpClient(wrong, http: HTTPClient(), budget: RequestBudget())
      try await scene.expect(.everyone(.keyRefused)) { try await client.ping() }
      try await scene.expect(.everyone(.keyRefused)) {
        _ = try await client.member("f00", of: scene.audience)
      }
    }
  }

  @Test(arguments: Stage.all) func `the audience is in the list and by itself the same`(
    stage: Stage
  ) async throws {
    try await on(stage) { scene in
      let list = try await scene.client.audiences()
      let listed = try #require(list.audiences.first { $0.id == scene.audience })
      let single = try await scene.client.audience(scene.audience)
      #expect(single == listed)
      #expect(!single.name.isEmpty)
      #expect(single.subscribeURL.hasPrefix("http"))
      #expect(single.createdAt != nil)
    }
  }

  @Test(arguments: Stage.all) func `an audience that is not there is not taken for missing people`(
    stage: Stage
  ) async throws {
    try await on(stage) { scene in
      let gone = "ffffffffff"
      let vanished = Fault.everyone(.audienceVanished)
      let write = MemberWrite(email: scene.address("nobody"), statusIfNew: .subscribed)
      try await scene.expect(vanished) { _ = try await scene.client.audience(gone) }
      try await scene.expect(vanished) { _ = try await scene.client.mergeFields(of: gone) }
      try await scene.expect(vanished) { _ = try await scene.client.members(of: gone) }
      try await scene.expect(vanished) { _ = try await scene.client.member("f00", of: gone) }
      try await scene.expect(vanished) { _ = try await scene.client.put(write, to: gone) }
      try await scene.expect(vanished) { _ = try await scene.client.bulk([write], to: gone) }
    }
  }

  @Test(arguments: Stage.all) func `the merge fields are the audience's`(stage: Stage) async throws
  {
    try await on(stage) { scene in
      let fields = try await scene.client.mergeFields(of: scene.audience)
      let first = try #require(fields.first { $0.tag == "FNAME" })
      #expect(first.type == .text)
      #expect(first.mergeID > 0)
      #expect(Set(fields.map(\.tag)).count == fields.count)
    }
  }

  @Test(arguments: Stage.all) func `growth is told by month, oldest first`(
    stage: Stage
  ) async throws {
    try await on(stage) { scene in
      let months = try await scene.client.growth(of: scene.audience)
      #expect(!months.isEmpty)
      #expect(months.map(\.month) == Set(months.map(\.month)).sorted())
      #expect(months.allSatisfy { CivilDate($0.month + "-01") != nil && $0.subscribed >= 0 })
    }
  }

  @Test(arguments: Stage.all) func `a new address becomes a member with what was sent`(
    stage: Stage
  ) async throws {
    try await on(stage) { scene in
      let write = MemberWrite(
        email: scene.address("Ann+Tag"), statusIfNew: .subscribed,
        mergeFields: ["FNAME": .text("Zoë 中"), "LNAME": .text("O'Neil & \"Co\"")])
      let written = try await scene.client.put(write, to: scene.audience)
      #expect(written.discrepancies.isEmpty)
      #expect(written.member.status == .subscribed)
      #expect(written.member.id == write.computedID)
      #expect(written.serverTime != nil)
      let read = try await scene.client.member(written.member.id, of: scene.audience)
      #expect(read == written.member)
    }
  }

  @Test(arguments: Stage.all) func `somebody who is not there is told as such`(
    stage: Stage
  ) async throws {
    try await on(stage) { scene in
      let write = MemberWrite(email: scene.address("stranger"))
      let absent = Fault.person(.notThere)
      try await scene.expect(absent) {
        _ = try await scene.client.member(write.computedID, of: scene.audience)
      }
      try await scene.expect(absent) { _ = try await scene.client.patch(write, in: scene.audience) }
    }
  }

  @Test(arguments: Stage.all) func `a write without a status leaves an unsubscribed member alone`(
    stage: Stage
  ) async throws {
    try await on(stage) { scene in
      _ = try await scene.add("ann", status: .unsubscribed)
      let write = MemberWrite(
        email: scene.address("ann"), statusIfNew: .subscribed, mergeFields: ["FNAME": .text("Ann")])
      let put = try await scene.client.put(write, to: scene.audience)
      #expect(put.member.status == .unsubscribed)
      #expect(put.member.mergeFields["FNAME"] == .text("Ann"))
      let bulk = try await scene.client.bulk([write], to: scene.audience)
      guard case .updated(let updated) = bulk.first else {
        Issue.record("\(bulk)")
        return
      }
      #expect(updated.member.status == .unsubscribed)
    }
  }

  @Test(arguments: Stage.all) func `fields that are not sent stay and empty ones clear`(
    stage: Stage
  ) async throws {
    try await on(stage) { scene in
      _ = try await scene.add("ann", ["FNAME": .text("Ann"), "LNAME": .text("Lee")])
      let patched = try await scene.client.patch(
        MemberWrite(email: scene.address("ann"), mergeFields: ["LNAME": .empty]),
        in: scene.audience)
      #expect(patched.member.mergeFields["FNAME"] == .text("Ann"))
      #expect(patched.member.mergeFields["LNAME"]?.isEmpty == true)
      #expect(patched.discrepancies.isEmpty)
    }
  }

  @Test(arguments: Stage.all) func `a tag the audience does not have is told, not lost in silence`(
    stage: Stage
  ) async throws {
    try await on(stage) { scene in
      let written = try await scene.client.put(
        MemberWrite(
          email: scene.address("ann"), statusIfNew: .subscribed,
          mergeFields: ["NOSUCH": .text("x")]), to: scene.audience)
      #expect(written.discrepancies == [Discrepancy("NOSUCH", sent: .text("x"), got: nil)])
    }
  }

  @Test(arguments: Stage.all) func `archived is read, twice is once, and a PUT brings back`(
    stage: Stage
  ) async throws {
    try await on(stage) { scene in
      let member = try await scene.add("ann", ["FNAME": .text("Ann")])
      #expect(try await scene.client.archive(member.id, in: scene.audience) == .archived)
      #expect(
        try await scene.client.archive(member.id, in: scene.audience) == .nothingToArchive)
      let read = try await scene.client.member(member.id, of: scene.audience)
      #expect(read.status == .archived)
      let page = try await scene.client.members(
        of: scene.audience,
        MemberQuery(changedSince: read.lastChanged.map { $0 - .seconds(10) }, status: .archived))
      #expect(page.members.contains { $0.id == member.id })
      let back = try await scene.client.put(
        MemberWrite(email: scene.address("ann"), status: .subscribed), to: scene.audience)
      #expect(back.member.status == .subscribed)
      #expect(back.member.mergeFields["FNAME"] == .text("Ann"))
    }
  }

  @Test(arguments: Stage.all) func `a change of address keeps the contact and changes the id`(
    stage: Stage
  ) async throws {
    try await on(stage) { scene in
      let old = try await scene.add("old", ["FNAME": .text("Ann")])
      let moved = try await scene.client.put(
        MemberWrite(email: scene.address("new")), to: scene.audience, id: old.id)
      #expect(moved.member.email == scene.address("new"))
      #expect(moved.member.id != old.id)
      #expect(moved.member.contactID == old.contactID)
      #expect(moved.member.mergeFields["FNAME"] == .text("Ann"))
      try await scene.expect(.person(.notThere)) {
        _ = try await scene.client.member(old.id, of: scene.audience)
      }
    }
  }

  @Test(arguments: Stage.all) func `an address that another has is a conflict`(
    stage: Stage
  ) async throws {
    try await on(stage) { scene in
      let one = try await scene.add("one")
      _ = try await scene.add("two")
      try await scene.expect(.person(.addressTaken(.subscribed))) {
        _ = try await scene.client.put(
          MemberWrite(email: scene.address("two")), to: scene.audience, id: one.id)
      }
    }
  }

  @Test(arguments: Stage.all) func `what is no address is refused for that person only`(
    stage: Stage
  ) async throws {
    try await on(stage) { scene in
      let error = try await scene.error {
        _ = try await scene.client.put(
          MemberWrite(email: "not an address", statusIfNew: .subscribed), to: scene.audience)
      }
      guard case .person = error.fault else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test(arguments: Stage.all) func `a bulk call creates, updates and refuses, each in its place`(
    stage: Stage
  ) async throws {
    try await on(stage) { scene in
      _ = try await scene.add("there", ["LNAME": .text("Stays")])
      let outcomes = try await scene.client.bulk(
        ["there", "new"].map {
          MemberWrite(
            email: scene.address($0), statusIfNew: .subscribed, mergeFields: ["FNAME": .text("B")])
        } + [MemberWrite(email: "not an address", statusIfNew: .subscribed)], to: scene.audience)
      guard outcomes.count == 3, case .updated(let there) = outcomes[0],
        case .created(let new) = outcomes[1], case .refused(let error) = outcomes[2],
        case .person = error.fault
      else {
        Issue.record("\(outcomes)")
        return
      }
      #expect(there.member.mergeFields["LNAME"] == .text("Stays"))
      #expect(there.member.mergeFields["FNAME"] == .text("B"))
      #expect(new.discrepancies.isEmpty)
      #expect(new.member.email == scene.address("new"))
    }
  }

  @Test(arguments: Stage.all) func `a bulk call that may not update refuses who is there`(
    stage: Stage
  ) async throws {
    try await on(stage) { scene in
      _ = try await scene.add("there")
      let outcomes = try await scene.client.bulk(
        [MemberWrite(email: scene.address("there"), statusIfNew: .subscribed)],
        to: scene.audience, updatesExisting: false)
      guard case .refused(let error) = outcomes.first else {
        Issue.record("\(outcomes)")
        return
      }
      #expect(error.fault == .person(.memberExists))
    }
  }

  @Test(arguments: Stage.all)
  func `a listing from before the mark finds every change, page by page`(
    stage: Stage
  ) async throws {
    try await on(stage) { scene in
      var mark: Instant?
      for name in ["a", "b", "c"] {
        let member = try await scene.add(name)
        mark = mark ?? member.lastChanged
      }
      let since = try #require(mark) - .seconds(10)
      var found: [Member] = []
      while true {
        let page = try await scene.client.members(
          of: scene.audience, MemberQuery(changedSince: since), offset: found.count, count: 2)
        #expect(page.serverTime != nil)
        if page.entries == 0 { break }
        found += page.members
      }
      let emails = Set(found.map(\.email))
      #expect(emails.isSuperset(of: ["a", "b", "c"].map { scene.address($0) }))
      #expect(
        found.map { $0.lastChanged ?? since } == found.map { $0.lastChanged ?? since }.sorted())
    }
  }
}
