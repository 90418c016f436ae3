// The preset `users`: a training platform that writes to everyone with an address, both ways and per
// field, on change and by webhook; who opts out there stays a user here. One story, step by step;
// each step from three sides (see PresetStory).

import Basics
import Domain
import Foundation
import Storage
import Support
import Testing

@Suite struct UsersStoryTests {
  private static let file = """
    external_id,account,first_name,last_name,email,birthday,membership
    U-1,Trainees,Anouk,Visser,anouk@visser-fiets.nl,03/14,gold
    U-2,Trainees,Bram,Kuiper,bram@kuiper-hout.nl,07/02,silver
    U-3,Trainees,Carla,Maas,carla@maas-boot.nl,,
    U-4,Trainees,Daan,Smit,daan@smit-kaas.nl,12/31,gold
    U-6,Staff,Els,Bos,,,
    """
  private static let anouk = "anouk@visser-fiets.nl"
  private static let bram = "bram@kuiper-hout.nl"
  private static let carla = "carla@maas-boot.nl"
  private static let daan = "daan@smit-kaas.nl"
  private static let finn = "finn@poel-vis.nl"
  private static let tess = "tess@old-friends.nl"
  private static let gusta = "gusta@berg-molen.nl"
  private static let moved = "gusta@molen-berg.nl"

  @Test(.timeLimit(.minutes(10)))
  func `everyone with an address, both ways, on change and by webhook`() async throws {
    let story = try await PresetStory("users")
    try await preset(story)
    try await mapping(story)
    try await firstSync(story)
    try await onChange(story)
    try await webhook(story)
    try await conflicts(story)
    try await optOut(story)
    try await sharedAddress(story)
    try await changedAddress(story)
    try await leavers(story)
    try await pause(story)
    try await trouble(story)
    try await executions(story)
    try await atRest(story)
    try await story.end()
  }

  /// 1. On change, both ways, arrivals become people, leavers stay.
  private func preset(_ story: PresetStory) async throws {
    let listed = try await story.says("settings", "list")
    for (key, value) in [
      ("recipients.scope", "everyone"), ("recipients.leavers", "keep"),
      ("recipients.duplicates", "last changed"), ("sync.existing", "when they change"),
      ("sync.direction", "both"), ("sync.address-change", "new contact"),
      ("sync.arrivals", "add"), ("consent.back", "no"), ("sync.on-change", "yes"),
    ] {
      let line = listed.split(separator: "\n").first { $0.hasPrefix("\(key) ") }
      #expect(line?.contains(" \(value)") == true, "\(key): \(line ?? "")")
    }
    #expect(try await story.program.json("schedules", "list")["schedules"] == [])
    #expect(try story.calls().isEmpty)
  }

  /// 2. A field of their own is made on both sides and mapped; what cannot work is refused with its
  /// reason, before anything is sent.
  private func mapping(_ story: PresetStory) async throws {
    try await story.says("settings", "set", "mailchimp.key", story.site.key)
    try await story.says("audiences", "use", story.site.audience)
    let file = try story.directory.write("users.csv", Self.file)
    #expect(
      try await story.program.json("people", "import", "--custom-fields", file)["added"] == 5)
    let cut = try await story.says("mapping", "create-field", "MEMBERSHIP_KIND", exit: 1)
    #expect(cut.contains("10"), "\(cut)")
    try await story.says("mapping", "create-field", "MEMBER", "--name", "Membership")
    try await story.says("mapping", "set", "custom:membership", "MEMBER", "--direction", "both")
    let whole = try await story.says("mapping", "set", "date_of_birth", "BIRTHDAY", exit: 4)
    #expect(whole.contains("month-day"), "\(whole)")
    // Phone numbers are kept by the people themselves, at Mailchimp.
    try await story.says("mapping", "set", "phone", "PHONE", "--direction", "from")
    #expect(try await story.says("mapping", "check").contains("The mapping can work."))
    let rows = try await story.program.json("mapping", "list")["mapping"]?.array ?? []
    #expect(
      rows.map { "\($0["field"]?.string ?? "") \($0["direction"]?.string ?? "")" }.sorted() == [
        "birthday both", "custom.membership both", "first_name both", "last_name both",
        "phone from",
      ])
    #expect(try story.writes().map(\.path).allSatisfy { $0.hasSuffix("/merge-fields") })
  }

  /// 3. Nobody who was here already is sent; whom nobody knows becomes a person of the default
  /// account.
  private func firstSync(_ story: PresetStory) async throws {
    try await story.site.perform(
      "sign-up", ["address": .string(Self.tess), "merge_fields": ["FNAME": "Tess"]])
    let held = try await story.program.json("sync", "--wait", exit: 3)
    #expect(held["plan"]?["status"] == "held")
    #expect(held["plan"]?["counts"]?["arrival"] == 1, "\(held)")
    #expect(held["plan"]?["reason"]?.string?.contains(": 1 arriving from Mailchimp.") == true)
    _ = try await story.program.json("sync", "--approve", "latest", "--wait")
    for who in ["U-1", "U-2", "U-3", "U-4"] {
      #expect(try await story.place(who) == "waiting: unchanged-since-set-up", "\(who)")
    }
    #expect(try await story.place("U-6") == "excluded: no-email")
    let arrived = try await story.program.json("people", "show", Self.tess)
    #expect(arrived["account"] == "Default account")
    #expect(arrived["firstName"] == "Tess")
    #expect(try await story.audience() == [Self.tess: "subscribed"])
    #expect(try story.writes().isEmpty)
  }

  /// 4. Who changes leaves by themselves, alone, with the birthday as month and day.
  private func onChange(_ story: PresetStory) async throws {
    let port = try await story.serve()
    try await story.says("settings", "set", "webhook.url", "http://127.0.0.1:\(port)")
    _ = try await story.when("the webhook to be made") { (reading) throws(Problem) in
      try reading.database.one(
        "SELECT 1 FROM execution WHERE flow = 'webhook' AND status = 'succeeded'"
      ) { $0.bool(0) }
    }
    try await story.rests()
    _ = try story.writes()
    try await story.says("people", "set", "U-1", "last_name=Visser-Bos")
    try await story.waits(for: "U-1", toBe: "in step")
    try await story.rests()
    let sent = try story.writes()
    #expect(sent.count == 1, "\(sent)")
    #expect(
      sent.first?.body["merge_fields"] == [
        "BIRTHDAY": "03/14", "FNAME": "Anouk", "LNAME": "Visser-Bos", "MEMBER": "gold",
      ])
    #expect(sent.first?.body["status_if_new"] == "subscribed")
    #expect(
      try await story.audience() == [Self.tess: "subscribed", Self.anouk: "subscribed"])
    #expect(try await story.place("U-2") == "waiting: unchanged-since-set-up")
  }

  /// 5. A profile edited there arrives here by the webhook, in the name of the key's owner; what is
  /// not mapped is nobody's business, and nothing goes back.
  private func webhook(_ story: PresetStory) async throws {
    let status = try await story.program.json("webhook", "status")
    #expect(status["state"] == "working", "\(status)")
    let last = try await story.newest()
    try await story.site.perform(
      "edit-profile",
      [
        "address": .string(Self.anouk),
        "merge_fields": [
          "BIRTHDAY": "03/15", "MEMBER": "platinum", "LNAME": "de Visser",
          "PHONE": "020 555 01 02",
        ],
      ])
    let run = try await story.ending(after: last, trigger: "webhook")
    #expect(run["execution"]?["flow"] == "Mailchimp → directory", "\(run)")
    #expect(run["execution"]?["detectedChanges"] == true, "\(run)")
    try await story.rests()
    let shown = try await story.program.json("people", "show", "U-1")
    #expect(shown["phone"] == "020 555 01 02", "\(shown)")
    #expect(shown["birthday"] == "03/15")
    #expect(shown["lastName"] == "de Visser")
    #expect(shown["customFields"]?["membership"] == "platinum", "\(shown)")
    let audit = try await story.program.json(
      "audit", "list", "--who", "Mailchimp", "--person", "U-1")
    #expect(
      Set((audit["audit"]?.array ?? []).compactMap { $0["field"]?.string })
        == ["birthday", "last_name", "phone", "custom.membership"], "\(audit)")
    #expect(audit["audit"]?[0]?["who"]?.string?.contains("practice") == true, "\(audit)")
    let after = try await story.program.json("webhook", "status")
    #expect(after["deliveries"]?[0]?["type"] == "profile", "\(after)")
    try await story.rests()
    #expect(try story.writes().isEmpty)
  }

  /// 6. Changed on both sides: asked, and decided once in Review and once by command; with the rule
  /// *newest* the edit there counts by itself, because ours is hours older, and the phone number only
  /// Mailchimp is asked for is never written.
  private func conflicts(_ story: PresetStory) async throws {
    try await story.says("settings", "set", "sync.conflicts", "ask")
    for (there, here) in [("Anna", "Annemarie"), ("Annie", "Anne-Fleur")] {
      try await story.says("pause")
      try await story.site.perform(
        "edit-profile", ["address": .string(Self.anouk), "merge_fields": ["FNAME": .string(there)]])
      try await story.says("people", "set", "U-1", "first_name=\(here)")
      try await story.says("enable")
      try await story.waits(for: "U-1", toBe: "waiting: conflict")
      let open = try await story.program.json("conflicts", "list")["conflicts"]?.array ?? []
      #expect(open.map { $0["field"] } == ["first_name"], "\(open)")
      #expect(open.first?["here"]?.string == here)
      #expect(open.first?["there"]?.string == there)
      #expect(try story.writes().isEmpty)
      if there == "Anna" {
        let console = try story.console()
        try await console.waits(for: "Force sync")
        console.press("8")
        try await console.waits(for: "Annemarie")
        console.press("x", "t")
        try await console.waits(for: "The value at Mailchimp counts")
        console.press("y")
        try await console.waits(for: "Nothing waits for a decision.")
        try await story.quit(console)
        try await story.waits(for: "U-1", toBe: "in step")
        #expect(try await story.program.json("people", "show", "U-1")["firstName"] == "Anna")
        #expect(try story.writes().isEmpty)
      } else {
        let id = open.first?["id"]?.int ?? 0
        try await story.says("conflicts", "resolve", "\(id)", "--directory")
        try await story.waits(for: "U-1", toBe: "in step")
        #expect(try await story.held("FNAME", Self.anouk) == "Anne-Fleur")
        #expect(try story.writes().map { $0.body["merge_fields"] } == [["FNAME": "Anne-Fleur"]])
      }
    }
    let decided = try await story.program.json("conflicts", "list", "--decided")["conflicts"]
    #expect(
      Set((decided?.array ?? []).compactMap { $0["decision"]?.string }) == [
        "directory", "mailchimp",
      ],
      "\(decided ?? .null)")

    try await story.says("settings", "set", "sync.conflicts", "newest")
    try await story.says(
      "people", "add", "external_id=U-8", "last_name=Berg", "email=\(Self.gusta)")
    try await story.waits(for: "U-8", toBe: "in step")
    try await story.rests()
    _ = try story.writes()
    try await story.says("pause")
    try await story.edit("U-8", .hours(2), [.firstName: "Guus"])
    #expect(try await story.place("U-8") == "waiting: changed")
    try await story.site.perform(
      "edit-profile", ["address": .string(Self.gusta), "merge_fields": ["FNAME": "Augusta"]])
    try await story.says("enable")
    _ = try await story.when("the name from there") { (reading) throws(Problem) in
      try reading.database.one(
        "SELECT 1 FROM person WHERE external_id = 'U-8' AND first_name = 'Augusta'"
      ) { $0.bool(0) }
    }
    try await story.waits(for: "U-8", toBe: "in step")
    try await story.rests()
    #expect(try await story.program.json("conflicts", "list")["conflicts"] == [])
    #expect(try await story.held("FNAME", Self.gusta) == "Augusta")
    #expect(try story.writes().isEmpty)
  }

  /// 7. Who opts out there stays as they are here, and is never subscribed again by us.
  private func optOut(_ story: PresetStory) async throws {
    let last = try await story.newest()
    try await story.site.perform("unsubscribe", ["address": .string(Self.anouk)])
    _ = try await story.ending(after: last, trigger: "webhook")
    try await story.rests()
    #expect(try await story.place("U-1") == "excluded: suppressed")
    #expect(try await story.program.json("people", "show", "U-1")["optIn"] == "unknown")
    try await story.says("people", "set", "U-1", "opt_in=yes", "first_name=Anouk")
    try await story.rests()
    // A resync sends those who stood unchanged since set-up, and brings nobody back.
    let run = try await story.program.json("sync", "--resync", "--wait")
    #expect(run["execution"]?["counts"]?["created"] == 3, "\(run)")
    #expect(
      try await story.audience() == [
        Self.tess: "subscribed", Self.anouk: "unsubscribed", Self.bram: "subscribed",
        Self.carla: "subscribed", Self.daan: "subscribed", Self.gusta: "subscribed",
      ])
    let sent = try story.writes()
    let hers = sent.filter { $0.path.hasSuffix(PresetStory.hash(Self.anouk)) }
    #expect(hers.map { $0.body["merge_fields"] } == [["FNAME": "Anouk"]], "\(hers)")
    #expect(hers.allSatisfy { $0.body["status"] == nil && $0.body["status_if_new"] == nil })
    #expect(try await story.place("U-2") == "in step")
  }

  /// 8. The same address twice: the one changed last replaces the other.
  private func sharedAddress(_ story: PresetStory) async throws {
    try await story.says(
      "people", "add", "external_id=U-5", "account=Staff", "first_name=Daniel", "last_name=Smits",
      "email=DAAN@smit-kaas.nl", "birthday=01/02", "custom:membership=gold")
    try await story.waits(for: "U-5", toBe: "in step")
    #expect(try await story.place("U-4") == "excluded: duplicate-of")
    #expect(try await story.held("FNAME", Self.daan) == "Daniel")
    try await story.says("people", "set", "U-4", "first_name=Daantje")
    try await story.waits(for: "U-4", toBe: "in step")
    #expect(try await story.place("U-5") == "excluded: duplicate-of")
    #expect(try await story.held("FNAME", Self.daan) == "Daantje")
    #expect(try await story.held("BIRTHDAY", Self.daan) == "12/31")
    try await story.rests()
    #expect(try story.writes().allSatisfy { $0.method == "PATCH" })
    #expect(try await story.audience().count == 6)
  }

  /// 9. Another address is another contact; the old one stays. The same the other way round: who takes
  /// another address there is somebody new here, and nobody is put back at the address they left.
  private func changedAddress(_ story: PresetStory) async throws {
    let old = try #require(try await story.contact(Self.bram))
    try await story.says("people", "set", "U-2", "emails=bram@kuiper-nieuw.nl")
    try await story.rests()
    #expect(try await story.place("U-2") == "in step")
    let new = try #require(try await story.contact("bram@kuiper-nieuw.nl"))
    #expect(new["merge_fields"]?["MEMBER"] == "silver")
    #expect(new["contact_id"] != old["contact_id"])
    #expect(try await story.contact(Self.bram) == old)
    let sent = try story.writes()
    #expect(sent.map(\.method) == ["PUT"], "\(sent)")

    try await story.site.perform(
      "change-address", ["address": .string(Self.gusta), "to": .string(Self.moved)])
    _ = try await story.when("who moved there to arrive") { (reading) throws(Problem) in
      try reading.database.one("SELECT 1 FROM address WHERE key = ?", Self.moved) {
        $0.bool(0)
      }
    }
    try await story.rests()
    let arrived = try await story.program.json("people", "show", Self.moved)
    #expect(arrived["account"] == "Default account")
    #expect(arrived["externalID"] != "U-8", "\(arrived)")
    try await story.says("people", "set", "U-8", "last_name=van den Berg")
    try await story.rests()
    #expect(try await story.place("U-8") == "excluded: suppressed")
    #expect(try await story.contact(Self.gusta) == nil)
    #expect(try await story.status(Self.moved) == "subscribed")
    #expect(try story.writes().isEmpty)
  }

  /// 10. Deletes never cascade, neither way.
  private func leavers(_ story: PresetStory) async throws {
    try await story.says("people", "delete", "U-3")
    try await story.rests()
    #expect(try await story.status(Self.carla) == "subscribed")
    #expect(try await story.place("U-3") == "excluded: deleted")
    try await story.site.perform("admin-archive", ["address": .string(Self.tess)])
    _ = try await story.program.json("sync", "--wait")
    let kept = try await story.program.json("people", "show", Self.tess)
    #expect(kept["deletedAt"] == .null)
    #expect(kept["state"] == "excluded")
    #expect(kept["reason"] == "suppressed")
    try await story.rests()
    #expect(try story.writes().isEmpty)
    #expect(try await story.status(Self.tess) == "archived")
  }

  /// 11. Paused nothing moves, either way; enabled, what happened meanwhile is done.
  private func pause(_ story: PresetStory) async throws {
    let before = try await story.site.contacts()
    try await story.says("pause")
    try await story.says("people", "set", "U-2", "custom:membership=bronze")
    try await story.site.perform(
      "edit-profile", ["address": .string(Self.daan), "merge_fields": ["LNAME": "Smit-Jansen"]])
    #expect(try await story.program.json("status")["engine"] == "paused")
    #expect(try await story.place("U-2") == "waiting: changed")
    #expect(try story.writes().isEmpty)
    #expect(
      try await story.contact("bram@kuiper-nieuw.nl") == before["bram@kuiper-nieuw.nl"])
    #expect(try await story.program.json("people", "show", "U-4")["lastName"] == "Smit")
    try await story.says("enable")
    try await story.waits(for: "U-2", toBe: "in step")
    _ = try await story.when("the name from there") { (reading) throws(Problem) in
      try reading.database.one(
        "SELECT 1 FROM person WHERE external_id = 'U-4' AND last_name = 'Smit-Jansen'"
      ) { $0.bool(0) }
    }
    try await story.rests()
    #expect(try story.writes().map { $0.body["merge_fields"] } == [["MEMBER": "bronze"]])
  }

  /// 12. Trouble at Mailchimp is tried six times, each time linked to the first; then it is a dead
  /// letter, sent again once the cause is gone.
  private func trouble(_ story: PresetStory) async throws {
    let last = try await story.newest()
    try await story.site.perform(
      "faults",
      [
        "rules": [
          [
            "method": "PUT", "path": "/3.0/lists/*/members/*", "action": "status", "status": 503,
          ]
        ]
      ])
    try await story.says(
      "people", "add", "external_id=U-7", "first_name=Finn", "last_name=Poel",
      "email=\(Self.finn)")
    try await story.letRetriesComeDue()
    let dead = try await story.program.json("queue", "dead")["deadLetters"]?.array ?? []
    #expect(dead.map { $0["attempts"] } == [6], "\(dead)")
    #expect(dead.first?["code"] == "mailchimp.server-error")
    let all = try await story.program.json("executions", "list", "--status", "failed")["executions"]
    let tries = (all?.array ?? []).filter { ($0["id"]?.int ?? 0) > last }
      .sorted { ($0["id"]?.int ?? 0) < ($1["id"]?.int ?? 0) }
    #expect(tries.compactMap { $0["attempt"]?.int } == [1, 2, 3, 4, 5, 6], "\(tries)")
    #expect(tries.first?["trigger"] == "change")
    #expect(tries.dropFirst().allSatisfy { $0["trigger"] == "retry" })
    #expect(tries.dropFirst().allSatisfy { $0["original"] == tries.first?["id"] })
    #expect(try await story.place("U-7").hasPrefix("refused"))
    #expect(try story.writes().count { $0.method == "PUT" } == 6)
    #expect(try await story.contact(Self.finn) == nil)

    try await story.site.perform("clear-faults", [:])
    let id = dead.first?["id"]?.int ?? 0
    try await story.says("queue", "retry", "\(id)")
    try await story.waits(for: "U-7", toBe: "in step")
    #expect(try await story.status(Self.finn) == "subscribed")
    #expect(try await story.program.json("queue", "dead")["deadLetters"] == [])
    #expect(try story.writes().map(\.method) == ["PUT"])
  }

  /// 13. Executions are looked for: originals, without changes, failed, of one person; the console
  /// remembers the filter.
  private func executions(_ story: PresetStory) async throws {
    _ = try await story.program.json("sync", "--wait")
    func ids(_ arguments: [String]) async throws -> [JSONValue] {
      let ended = try await ChildProcess.run(
        story.program.executable,
        ["--workspace", story.program.workspace, "executions", "list", "--limit", "200", "--json"]
          + arguments)
      return try JSONValue.parse(ended.output)["executions"]?.array ?? []
    }
    let all = try await ids([])
    let originals = try await ids(["--originals"])
    #expect(all.contains { $0["original"] != .null })
    #expect(originals.allSatisfy { $0["original"] == .null })
    let changed = try await ids(["--changes"])
    #expect(all.contains { $0["detectedChanges"] == false })
    // A failure is never hidden.
    let quiet = changed.filter { $0["detectedChanges"] == false && $0["status"] != "failed" }
    #expect(!changed.isEmpty && quiet.isEmpty, "\(quiet)")
    let pulled = try await ids(["--flow", "pull", "--trigger", "webhook", "--changes"])
    #expect(!pulled.isEmpty && pulled.allSatisfy { $0["flow"] == "Mailchimp → directory" })
    let his = try await ids(["--person", "U-7", "--status", "succeeded"])
    #expect(his.count == 1, "\(his)")
  }

  /// 14. At rest both sides agree, and a resync sends nothing.
  private func atRest(_ story: PresetStory) async throws {
    let verified = try await story.program.json("verify", "--wait")
    #expect(verified["drift"] == [], "\(verified)")
    let run = try await story.program.json("sync", "--resync", "--wait")
    #expect(run["execution"]?["status"] == "succeeded")
    try await story.rests()
    #expect(try story.writes().isEmpty)
    #expect(try await story.status(Self.anouk) == "unsubscribed")
    #expect(try await story.program.json("people", "show", "U-1")["optIn"] == "yes")
    let everything = try story.mailchimp.exchanges().filter { $0["method"] != "GET" }
    #expect(
      everything.allSatisfy { $0["request_body"]?["merge_fields"]?["PHONE"] == nil },
      "a field that is only taken is never written")
  }
}
