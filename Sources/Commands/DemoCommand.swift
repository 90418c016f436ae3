// `demo`: the console on a throw-away workspace and a practice Mailchimp in this process, with
// people to play with. Everything lies in one temporary folder, which is gone at the end.

import Basics
import Domain
import Foundation
import Sandbox
import Storage

enum DemoCommand {
  private static let people = Command.Option.value(
    "people", "N", "So many people in the directory; 40 unless given.")
  private static let latency = Command.Option.value(
    "latency", "MS", "Let the practice Mailchimp take so many milliseconds an answer.")

  static let group = CommandGroup(
    Command(
      "demo", "The console on practice data, with nothing to configure",
      options: [people, latency],
      notes: """
        Press F to sync the sample people with a practice Mailchimp. Nothing leaves this machine, \
        and nothing is left behind.
        """
    ) { (run) throws(Problem) in
      if run[.workspace] != nil {
        throw Problem(
          "usage.contradiction", "demo has a workspace of its own.",
          remedy: "Leave --workspace away.")
      }
      let count = try run.number(people, 0...1_000_000) ?? 40
      var configuration = SandboxConfiguration()
      configuration.people = 60
      configuration.latency = .milliseconds(try run.number(latency, 0...60000) ?? 0)
      // From here on a signal leaves by the end of this block, which takes the folder with it.
      try run.context.stop.listen()
      let folder = try makeFolder()
      // Litter in the system's temporary folder is all that is left where this does not work.
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let server = SandboxServer(configuration: configuration, time: run.context.time)
      try server.start()
      defer { server.stop() }
      let workspace = try Workspace.create(
        at: "\(folder)/demo.listkeeper", time: run.context.time)
      defer { workspace.close() }
      try fill(workspace, server, count) { run.context.stop.isAsked }
      if !run.context.stop.isAsked {
        try ConsoleCommand.show(workspace, run, isPractice: true)
      }
      return .done
    })

  private static func makeFolder() throws(Problem) -> String {
    let base = FileManager.default.temporaryDirectory.path
    var template = Array("\(base)/listkeeper-demo-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else {
      throw Problem(
        "demo.no-folder", "No folder for the demo can be made in \(base).",
        remedy: "Free some space there, or set TMPDIR to another folder.",
        cause: String(cString: strerror(errno)))
    }
    return String(cString: made)
  }

  /// Settings, sample people, and some who are at the practice Mailchimp already; ends early when
  /// that is asked for.
  static func fill(
    _ workspace: Workspace, _ server: SandboxServer, _ count: Int,
    until isAsked: () -> Bool = { false }
  ) throws(Problem) {
    let (url, key, audience) = (server.url, server.key, server.audience)
    try workspace.writeBlocking(as: "demo") { (tx) throws(Problem) in
      try tx.settings.set(Settings.name.key, to: "Practice")
      try tx.settings.set(Settings.url.key, to: url)
      try tx.settings.set(Settings.key.key, to: key)
      try tx.settings.set(Settings.user.key, to: "Practice")
    }
    let access = try AccountAccess(workspace)
    _ = try waitFor { () throws(Problem) in try await access.choose(audience, as: "demo") }
    let members = server.with { mailchimp in
      mailchimp.audiences.first?.members.map(\.address) ?? []
    }
    let sample = SamplePeople(known: members)
    for start in stride(from: 0, to: count, by: 500) where !isAsked() {
      let range = start..<min(start + 500, count)
      try workspace.writeBlocking(as: "demo", evidence: "sample people") { (tx) throws(Problem) in
        var manager: PersonID?
        for index in range {
          let person = sample.person(index, manager: manager, now: tx.now)
          let id = try tx.directory.add(person)
          if person.managerID == nil, person.kind == .individual, person.isActive { manager = id }
        }
      }
    }
  }
}

/// People who meet every rule, the same ones at every start.
struct SamplePeople {
  /// Addresses that the practice Mailchimp knows.
  let known: [String]

  private static let first = [
    "Ada", "Björn", "Chloé", "Dario", "Ewa", "Farid", "Grace", "Hana", "Ivo", "Joyce", "Kofi",
    "Leïla", "Mateo", "Nina", "Oskar", "Paula", "Quinn", "Ravi", "Sofía", "Tariq", "Ursula",
    "Vera", "Wen", "Xenia", "Yara", "Zoltán", "美咲", "伟",
  ]
  private static let last = [
    "Adeyemi", "Brandt", "Costa", "Demir", "Eklund", "Fontaine", "Gupta", "Horváth", "Ivanova",
    "Jansson", "Kovač", "Lopes", "Moreau", "Nguyễn", "O'Neill", "Petrović", "Rahman", "Santos",
    "Tamm", "Vogel", "Wójcik", "Yamamoto", "Zhao",
  ]
  private static let accounts = ["Guest account", "Donors", "Members"]

  func person(_ index: Int, manager: PersonID?, now: Instant) -> Person {
    var person = Person(
      id: PersonID(0), account: Self.accounts[index % Self.accounts.count], noticedAt: now)
    person.externalID = "sample-\(index + 1)"
    person.firstName = Self.first[index % Self.first.count]
    person.lastName = Self.last[(index * 7 + index / Self.first.count) % Self.last.count]
    person.emails = ["person\(index + 1)@sample.example.org"]
    person.optIn = [.yes, .unknown, .yes][index % 3]
    if index.isMultiple(of: 4) {
      person.birthday = MonthDay(month: index % 12 + 1, day: index % 28 + 1)
    }
    if index.isMultiple(of: 5) { person.phone = "+44 20 \(7_000_000 + index)" }
    switch index % 20 {
    case 3, 8, 12, 17:
      // Somebody the audience knows: in step, changed, or gone from there.
      let place = index / 20 * 4 + (index % 20) / 5
      if known.indices.contains(place) { person.emails = [known[place]] }
    case 5: person.optIn = .no
    case 7: person.isActive = false
    case 9:
      person.kind = .organisation
      person.company = "\(person.lastName) & Sons"
      (person.firstName, person.lastName) = ("", "")
    case 11: person.emails = []
    case 13: person.emails = ["person\(index + 1)(at)sample.example.org"]
    case 15:
      person.managerID = manager
      person.emails = []
    case 19: person.emails = ["person\(index)@sample.example.org"]
    default: break
    }
    return person
  }
}
