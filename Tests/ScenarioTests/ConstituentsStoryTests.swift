// The preset `constituents`: a hospice trust that writes to its active individuals at their primary
// address, every night, keeps every search as a tag, and never lets Mailchimp write into its records.
// One story, step by step; each step from three sides (see PresetStory).

import Basics
import Domain
import Foundation
import Screen
import Storage
import Support
import Testing

@Suite struct ConstituentsStoryTests {
  private static let file = """
    external_id,account,kind,first_name,last_name,email,email2,active
    N-1,Donors,individual,Ada,Rowe,ada@rowe-hall.co.uk,ada@rowe-works.co.uk,yes
    N-2,Donors,individual,Bea,Stone,bea@stone-masons.co.uk,,yes
    N-3,Volunteers,individual,Cem,Aksoy,cem@aksoy-firin.com.tr,,yes
    N-4,Volunteers,individual,Dora,Lind,dora@lind-segel.se,,yes
    N-5,Donors,individual,Eli,Fox,eli@fox-garden.co.uk,,no
    V-1,Vendors,organisation,,Paper Mill,sales@papermill-kent.co.uk,,yes
    V-2,Vendors,organisation,,Town Print,office@townprint-kent.co.uk,,yes
    """
  private static let ada = "ada@rowe-hall.co.uk"
  private static let bea = "bea@stone-masons.co.uk"
  private static let cem = "cem@aksoy-firin.com.tr"
  private static let dora = "dora@lind-segel.se"
  private static let sten = "sten@berg-kapell.se"

  @Test(.timeLimit(.minutes(10)))
  func `active individuals, every night, with every search as a tag`() async throws {
    let story = try await PresetStory("constituents")
    try await preset(story)
    try await connection(story)
    try await past(story)
    try await dryRun(story)
    try await firstSync(story)
    try await foreignTags(story)
    try await editsThere(story)
    try await nightly(story)
    try await searches(story)
    try await leavers(story)
    try await refusals(story)
    try await resync(story)
    try await unknown(story)
    try await atRest(story)
    try await story.end()
  }

  /// 1. One way, every night, every search a tag.
  private func preset(_ story: PresetStory) async throws {
    let listed = try await story.says("settings", "list")
    for (key, value) in [
      ("recipients.scope", "everyone"), ("recipients.organisations", "no"),
      ("recipients.leavers", "archive"), ("sync.direction", "to"), ("sync.on-change", "no"),
      ("sync.arrivals", "list"), ("consent.back", "no"), ("tags.every-search", "yes"),
    ] {
      let line = listed.split(separator: "\n").first { $0.hasPrefix("\(key) ") }
      #expect(line?.split(separator: " ").last.map(String.init) == value, "\(key)")
    }
    let schedules = try await story.program.json("schedules", "list")["schedules"]?.array ?? []
    #expect(schedules.map { $0["type"] } == ["sync subscriptions"])
    #expect(schedules.first?["cadence"] == "daily at 02:30")
    #expect(try await story.says("schedules", "list").contains("daily at 02:30"))
    let mapping = try await story.program.json("mapping", "list")["mapping"]?.array ?? []
    #expect(mapping.allSatisfy { $0["direction"] == "to" }, "\(mapping)")
    #expect(try story.calls().isEmpty)
  }

  /// 2. Logged in from the console with a browser, without any key; the audience is made by command,
  /// and chosen. Neither screen nor output ever shows what the login gave.
  private func connection(_ story: PresetStory) async throws {
    try await story.registerApp()
    let console = try story.console(Size(80, 24))
    try await story.leaveSetUp(console)
    try await story.logIn(from: console)
    try await console.waits(for: "Check the permission reminder at")
    console.press("Enter")
    try await console.waits(for: "Login: client id")
    try await story.quit(console)
    let key = try await story.read { (reading) throws(Problem) in
      try reading.settings.values()[Settings.key].reveal()
    }
    #expect(key.hasPrefix("oauth:") && key.hasSuffix("-us19"))
    let token = key.dropFirst(6).dropLast(5)
    #expect(!console.screen.contains(String(token)))
    #expect(try story.writes().isEmpty)

    let made = try await story.program.json(
      "audiences", "create", "--name", "Friends of the hospice", "--company", "Hospice trust",
      "--address1", "1 Garden Lane", "--city", "Canterbury", "--zip", "CT1 1AA", "--country", "GB",
      "--permission-reminder", "You give to the hospice.", "--from-name", "The hospice",
      "--from-email", "friends@hospice-kent.org.uk", "--subject", "News", "--language", "en",
      "--format-choice", "no")
    let id = try #require(made["audience"]?["id"]?.string)
    #expect(made["audience"]?["isChosen"] == true)
    #expect(id != story.site.audience)
    story.moves(to: id)
    #expect(try await story.site.contacts().isEmpty)
    #expect(
      try await story.program.json("settings", "get", "mailchimp.audience")["value"]?.string == id)
    let written = try story.writes()
    #expect(written.map { "\($0.method) \($0.path)" } == ["POST /3.0/lists"], "\(written)")
    #expect(written.first?.body["permission_reminder"] == "You give to the hospice.")
    let again = try await story.program.json("connect")
    #expect(again["audience"]?.string == id)
    #expect(again["reminder"]?["audience"]?.string == id)
  }

  /// What comes to be in it before the first sync: a stranger, one of ours, and tags others made.
  private func past(_ story: PresetStory) async throws {
    try await story.site.perform(
      "sign-up", ["address": .string(Self.sten), "merge_fields": ["FNAME": "Sten"]])
    try await story.site.perform(
      "sign-up",
      ["address": .string(Self.bea), "merge_fields": ["FNAME": "Bee", "PHONE": "01 234"]])
    for (address, tag) in [(Self.bea, "VIP"), (Self.sten, "Donors"), (Self.sten, "Volunteers")] {
      try await story.site.perform("admin-tag", ["address": .string(address), "tag": .string(tag)])
    }
  }

  /// 3. The people are read in, and a dry run is made and taken away as a file.
  private func dryRun(_ story: PresetStory) async throws {
    let file = try story.directory.write("constituents.csv", Self.file)
    #expect(try await story.program.json("people", "import", file)["added"] == 7)

    let before = try await story.site.contacts()
    let dry = try await story.program.json("sync", "--dry-run", "--wait")
    #expect(dry["plan"]?["status"] == "ready")
    #expect(dry["plan"]?["counts"]?["create"] == 3)
    #expect(dry["plan"]?["counts"]?["update"] == 1)
    #expect(dry["plan"]?["counts"]?["excluded"] == 3)
    let export = story.directory.file("plan.csv")
    try await story.says("plans", "export", "latest", export)
    let rows = try String(contentsOfFile: export, encoding: .utf8).split(
      whereSeparator: \.isNewline)
    #expect(rows.first == "plan,row,action,status,person,name,email,field,old,new,remarks")
    #expect(rows.contains { $0.hasSuffix("Bea Stone,\(Self.bea),FNAME,Bee,Bea,") }, "\(rows)")
    #expect(rows.count { $0.contains(",create,subscribed,") && $0.contains(",status,") } == 3)
    // Neither the second address nor whoever stays out is in it.
    for word in ["rowe-works", "papermill", "townprint", "fox-garden", "berg-kapell"] {
      #expect(!rows.contains { $0.contains(word) }, "\(word)")
    }
    // A file that is there is not overwritten, and that is what is said.
    let refused = try await story.says("plans", "export", "latest", export, exit: 1)
    #expect(refused.contains("is there already"), "\(refused)")
    #expect(try story.writes().isEmpty)
    #expect(try await story.site.contacts() == before)
  }

  /// 4. In the console: F, the plan in Review, approved; 2 shows who is out and why.
  private func firstSync(_ story: PresetStory) async throws {
    let console = try story.console()
    try await console.waits(for: "ready")
    console.press("F")
    console.press("8")
    try await console.waits(for: "The first sync of this audience")
    #expect(console.screen.contains("3 added, 1 updated"), "\(console.screen.framed)")
    #expect(try story.writes().isEmpty)
    // A tag's question may have come before the plan, and be the selected row.
    console.press("g")
    console.press("A")
    try await console.waits(for: "Approve")
    console.press("y")
    // The plan is gone from Review; what others called by the same name waits there now.
    try await console.waits(forNo: "The first sync of this audience")
    try await console.waits(for: "Donors")
    console.press("2")
    try await console.waits(for: "excluded")
    try await console.waits(for: "in step")
    try await console.waits(forNo: "waiting")

    // 5. What others called by the same name waits for a decision in pane 5, asked once; adopted.
    console.press("5")
    try await console.waits(for: "decide: x a")
    try await story.rests()
    let sent = try story.writes().filter { $0.path.hasSuffix("/tags") }
    #expect(!sent.isEmpty)
    #expect(!sent.contains { $0.body.description.contains("Donors") }, "\(sent)")
    #expect(!sent.contains { $0.body.description.contains("\"Volunteers\"") }, "\(sent)")
    console.press("Home", "Down", "Down", "Down", "x", "a")
    try await console.waits(for: "Adopt the tag Donors")
    console.press("y")
    try await console.waits(for: "The tag is taken over.")
    try await story.quit(console)

    #expect(
      try await story.audience() == [
        Self.ada: "subscribed", Self.bea: "subscribed", Self.cem: "subscribed",
        Self.dora: "subscribed", Self.sten: "subscribed",
      ])
    #expect(try await story.contact(Self.bea)?["merge_fields"]?["FNAME"] == "Bea")
    #expect(try await story.contact(Self.bea)?["merge_fields"]?["PHONE"] == "01 234")
    for (who, place) in [
      ("N-1", "in step"), ("N-5", "excluded: inactive"), ("V-1", "excluded: organisation"),
    ] {
      #expect(try await story.place(who) == place, "\(who)")
    }
  }

  /// 6. The other name is changed on our side; theirs stays as it was.
  private func foreignTags(_ story: PresetStory) async throws {
    let asked = try await story.says("searches", "list")
    #expect(asked.contains("The audience has a tag 'Volunteers' that others made"), "\(asked)")
    #expect(!asked.contains("a tag 'Donors'"), "asked once: \(asked)")
    try await story.says("searches", "rename-tag", "Volunteers", "Helpers")
    _ = try await story.program.json("sync", "--wait")
    #expect(try await story.tags(Self.ada) == ["All active", "New this month", "Donors"])
    #expect(try await story.tags(Self.bea) == ["VIP", "All active", "New this month", "Donors"])
    #expect(try await story.tags(Self.cem) == ["All active", "New this month", "Helpers"])
    #expect(try await story.tags(Self.sten) == ["Donors", "Volunteers"])
    let held = try await story.program.json("searches", "show", "Volunteers")["search"]
    #expect(held?["state"] == "kept")
    #expect(held?["tagName"] == "Helpers")
    #expect(held?["placed"] == 2)
    #expect(try !story.writes().contains { $0.body.description.contains("inactive") })
  }

  /// 7. What is edited at Mailchimp is overwritten at the next run; nothing is written here.
  private func editsThere(_ story: PresetStory) async throws {
    let before = try await story.directoryNow()
    try await story.site.perform(
      "admin-edit",
      ["address": .string(Self.bea), "merge_fields": ["FNAME": "Beatrix", "PHONE": "09 876"]])
    try await story.site.perform(
      "edit-profile", ["address": .string(Self.ada), "merge_fields": ["LNAME": "Lovelace"]])
    _ = try await story.program.json("sync", "--wait")
    #expect(try await story.contact(Self.bea)?["merge_fields"]?["FNAME"] == "Bea")
    #expect(try await story.contact(Self.ada)?["merge_fields"]?["LNAME"] == "Rowe")
    // She has no phone here, and what is empty never overwrote what stood there.
    let sent = try story.writes().compactMap { $0.body["merge_fields"] }
    #expect(sent.contains(["FNAME": "Bea"]), "\(sent)")
    #expect(sent.contains(["LNAME": "Rowe"]), "\(sent)")
    #expect(try await story.directoryNow() == before)
  }

  /// 8. By day nothing leaves; at night, by the clock of the engine that runs, everything does, in one
  /// execution of the schedule.
  private func nightly(_ story: PresetStory) async throws {
    try await story.serve()
    try await story.says("people", "set", "N-1", "first_name=Adela")
    try await story.says(
      "people", "set", "N-2", "emails=bea@stone-garden.co.uk,\(Self.bea)")
    #expect(try await story.place("N-1") == "waiting: changed")
    #expect(try story.writes().isEmpty)
    let last = try await story.newest()
    try await story.letScheduleComeDue(1)
    let run = try await story.ending(after: last, trigger: "schedule")
    #expect(run["execution"]?["counts"]?["updated"] == 2, "\(run)")
    try await story.rests()
    let sent = try story.writes()
    #expect(sent.map(\.method) == ["PATCH", "PATCH"], "\(sent)")
    #expect(sent.contains { $0.body["merge_fields"] == ["FNAME": "Adela"] })
    // The primary address goes; the contact stays the same one, with the tags others gave it.
    #expect(try await story.contact(Self.bea) == nil)
    #expect(
      try await story.tags("bea@stone-garden.co.uk")
        == ["VIP", "All active", "New this month", "Donors"])
    #expect(try await story.place("N-2") == "in step")
    let row = try await story.program.json("schedules", "list")["schedules"]?[0]
    #expect(row?["lastRunAt"]?.string != nil, "\(row ?? .null)")
    #expect(row?["nextRunAt"]?.string?.contains("T02:30:00") == true, "\(row ?? .null)")
  }

  /// 9. A person enters a search and leaves another; a new search is a tag by itself; removed, it is
  /// taken off those we gave it to, and off nobody else.
  private func searches(_ story: PresetStory) async throws {
    try await story.says("people", "set", "N-3", "account=Donors")
    let set = try await story.program.json("searches", "set", "Lake side", "last:lind")
    #expect(set["search"]?["people"] == 1)
    _ = try await story.program.json("sync", "--wait")
    try await story.rests()
    #expect(try await story.tags(Self.cem) == ["All active", "New this month", "Donors"])
    #expect(
      try await story.tags(Self.dora) == ["All active", "New this month", "Helpers", "Lake side"])
    let sent = try story.writes()
    #expect(
      sent.allSatisfy { $0.path.hasSuffix("/tags") || $0.path.hasSuffix("/segments") }, "\(sent)")

    // Somebody there gives it to a stranger; that one keeps it.
    try await story.site.perform(
      "admin-tag", ["address": .string(Self.sten), "tag": "Lake side"])
    try await story.says("searches", "remove", "Lake side")
    _ = try await story.program.json("sync", "--wait")
    try await story.rests()
    #expect(try await story.tags(Self.dora) == ["All active", "New this month", "Helpers"])
    #expect(try await story.tags(Self.sten) == ["Donors", "Volunteers", "Lake side"])
    #expect(
      try !story.writes().contains { $0.path.contains(PresetStory.hash(Self.sten)) })
  }

  /// 10. Who becomes inactive or is deleted here is archived; active again, or restored, they come back
  /// as the same contact with its history, subscribed, because it was we who archived them.
  private func leavers(_ story: PresetStory) async throws {
    let bea = "bea@stone-garden.co.uk"
    let before = try await story.site.contacts()
    try await story.says("people", "set", "N-4", "active=no")
    try await story.says("people", "delete", "N-2")
    let gone = try await story.program.json("sync", "--wait")
    #expect(gone["execution"]?["counts"]?["archived"] == 2)
    #expect(try await story.status(Self.dora) == "archived")
    #expect(try await story.status(bea) == "archived")
    #expect(try await story.place("N-4") == "excluded: inactive")
    #expect(try await story.place("N-2") == "excluded: deleted")
    #expect(try story.writes().map(\.method) == ["DELETE", "DELETE"])

    try await story.says("people", "set", "N-4", "active=yes")
    try await story.says("people", "delete", "N-2", "--restore")
    _ = try await story.program.json("sync", "--wait")
    try await story.rests()
    let after = try await story.site.contacts()
    for (who, address) in [("N-4", Self.dora), ("N-2", bea)] {
      #expect(after[address]?["status"] == "subscribed")
      #expect(after[address]?["contact_id"] == before[address]?["contact_id"])
      #expect(after[address]?["web_id"] == before[address]?["web_id"])
      #expect(try await story.place(who) == "in step")
      let ledger = try await story.ledger(who)
      #expect(ledger.contains { $0.hasPrefix("subscribed → archived") }, "\(ledger)")
      #expect(ledger.last?.hasPrefix("archived → subscribed") == true, "\(ledger)")
    }
    #expect(try await story.tags(Self.dora) == ["All active", "New this month", "Helpers"])
    #expect(try await story.tags(bea) == ["VIP", "All active", "New this month", "Donors"])
    let sent = try story.writes().filter { !$0.path.hasSuffix("/tags") }
    #expect(sent.map { $0.body["status"] } == ["subscribed", "subscribed"], "\(sent)")
  }

  /// 11. Who unsubscribes there is off the list; no field of the person is written here.
  private func refusals(_ story: PresetStory) async throws {
    let before = try await story.directoryNow()
    try await story.site.perform("unsubscribe", ["address": .string(Self.cem)])
    _ = try await story.program.json("sync", "--wait")
    #expect(try await story.place("N-3") == "excluded: suppressed")
    #expect(try await story.program.json("people", "show", "N-3")["optIn"] == "unknown")
    let explained = try await story.says("people", "explain", "N-3")
    #expect(explained.contains("Unsubscribed at Mailchimp, not by us."), "\(explained)")
    try await story.rests()
    #expect(try !story.writes().contains { $0.body.description.contains("subscribed") })
    #expect(try await story.directoryNow() == before)
  }

  /// 12. R in the console names the people it compares; it brings nobody back.
  private func resync(_ story: PresetStory) async throws {
    try await story.says("people", "set", "N-3", "first_name=Cemal")
    let last = try await story.newest()
    let console = try story.console()
    try await console.waits(for: "ready")
    console.press("R")
    try await console.waits(for: "All 7 people are compared")
    console.press("y")
    let run = try await story.ending(after: last, trigger: "resync")
    #expect(run["execution"]?["status"] == "succeeded", "\(run)")
    console.press("6")
    try await console.waits(for: "resync")
    try await story.quit(console)
    #expect(try await story.status(Self.cem) == "unsubscribed")
    // Who left still gets their details kept up, without a status.
    let sent = try story.writes().filter { !$0.path.hasSuffix("/tags") }
    #expect(sent.map { $0.body["merge_fields"] } == [["FNAME": "Cemal"]], "\(sent)")
    #expect(sent.first?.body["status"] == nil)
    #expect(sent.first?.body["status_if_new"] == nil)
  }

  /// 13. Contacts nobody stands behind are listed as unknown, and left alone.
  private func unknown(_ story: PresetStory) async throws {
    let verified = try await story.program.json("verify", "--wait")
    #expect(verified["totals"]?["contacts"]?["unknown"] == 1, "\(verified)")
    let found = verified["drift"]?.array ?? []
    #expect(found.map { $0["class"] } == ["missing-here"], "\(found)")
    #expect(found.first?["address"]?.string == Self.sten, "\(found)")
    #expect(try await story.program.json("people", "list")["total"] == 7)
    #expect(try story.writes().isEmpty)
    #expect(try await story.contact(Self.sten)?["merge_fields"]?["FNAME"] == "Sten")
  }

  /// 14. At rest nothing is sent, and in all of it Mailchimp wrote nothing into the directory.
  private func atRest(_ story: PresetStory) async throws {
    let dry = try await story.program.json("sync", "--dry-run", "--wait")
    for name in ["create", "update", "unsubscribe", "archive", "tagsAdded", "tagsRemoved"] {
      #expect(dry["plan"]?["counts"]?[name] == 0, "\(name): \(dry)")
    }
    let run = try await story.program.json("sync", "--resync", "--wait")
    #expect(run["execution"]?["status"] == "succeeded")
    #expect(run["execution"]?["detectedChanges"] == false)
    try await story.rests()
    #expect(try story.writes().isEmpty)
    let writers = try await story.read { (reading) throws(Problem) in
      try reading.database.rows("SELECT DISTINCT who FROM audit WHERE person_id IS NOT NULL") {
        $0.text(0)
      }
    }
    #expect(!writers.contains { $0.contains("Mailchimp") }, "\(writers)")
  }
}
