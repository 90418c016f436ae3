// The preset `families`: a swimming club that keeps children and writes to their account managers,
// once a day, at valid addresses only, and lets nobody go at Mailchimp. One story, step by step; each
// step from three sides (see PresetStory).

import Basics
import Domain
import Foundation
import Screen
import Support
import Testing

@Suite struct FamiliesStoryTests {
  private static let file = """
    external_id,account,first_name,last_name,email,manager_external_id,active
    M-1,Otters,Katarína,Horváth,katarina.horvath@horvath-sk.eu,,yes
    C-11,Otters,Jakub,Horváth,,M-1,yes
    C-12,Otters,Ema,Horváth,ema@horvath-sk.eu,M-1,yes
    M-2,Otters,Lars,Nygård,lars(at)nygard.no,,yes
    C-21,Otters,Sofie,Nygård,sofie@nygard.no,M-2,yes
    M-3,Seals,Ingrid,Dahl,ingrid.dahl@dahl-familie.no,,no
    C-31,Seals,Emil,Dahl,emil@dahl-familie.no,M-3,yes
    M-4,Seals,Paulo,Teixeira,paulo@teixeira-casa.pt,,yes
    C-41,Seals,Rita,Teixeira,rita@teixeira-casa.pt,M-4,yes
    C-42,Seals,Leo,Teixeira,leo@teixeira-casa.pt,C-41,yes
    M-5,Seals,Agnes,Wójcik,agnes.wojcik@wojcik-dom.pl,,yes
    """
  private static let katarina = "katarina.horvath@horvath-sk.eu"
  private static let lars = "lars.nygard@nygard.no"
  private static let paulo = "paulo@teixeira-casa.pt"
  private static let agnes = "agnes.wojcik@wojcik-dom.pl"
  private static let wrongKey = "deadbeefdeadbeefdeadbeefdeadbeef-us19"

  @Test(.timeLimit(.minutes(10)))
  func `account managers instead of children, once a day, leavers kept`() async throws {
    let story = try await PresetStory("families")
    try await preset(story)
    try await wrongKeys(story)
    try await standingError(story)
    try await firstSync(story)
    try await reasons(story)
    try await severalChildren(story)
    try await correctedAddress(story)
    try await leavers(story)
    try await lookUp(story)
    try await verify(story)
    try await repair(story)
    try await atRest(story)
    try await story.end()
  }

  /// 1. Every 24 hours, everyone, leavers kept.
  private func preset(_ story: PresetStory) async throws {
    let listed = try await story.says("settings", "list")
    for (key, value) in [
      ("recipients.scope", "everyone"), ("recipients.leavers", "keep"), ("sync.direction", "to"),
      ("sync.on-change", "no"),
    ] {
      let line = listed.split(separator: "\n").first { $0.hasPrefix("\(key) ") }
      #expect(line?.split(separator: " ").last.map(String.init) == value, "\(key)")
    }
    let schedule = try await story.program.json("schedules", "list")["schedules"]?[0]
    #expect(schedule?["type"] == "sync subscriptions")
    #expect(schedule?["cadence"] == "every 24 hours")
    #expect(schedule?["nextRunAt"]?.string != nil)
  }

  /// 2. A bad key is refused with its remedy, and nothing is saved.
  private func wrongKeys(_ story: PresetStory) async throws {
    let typed = try await story.says("settings", "set", "mailchimp.key", "no-data-centre", exit: 4)
    #expect(typed.contains("data centre"), "\(typed)")
    let refused = try await story.says("settings", "set", "mailchimp.key", Self.wrongKey, exit: 4)
    #expect(refused.contains("Mailchimp refuses the API key.\nMake a new key"), "\(refused)")
    #expect(!refused.contains(Self.wrongKey))
    #expect(!(try await story.says("settings", "list").contains("us19")))
    let isKept = try await story.read { (reading) throws(Problem) in
      try reading.settings.values().isSet(Settings.key)
    }
    #expect(!isKept)
    #expect(try story.writes().isEmpty)
  }

  /// 3. A key that goes bad later stands as an error, in status and in Settings, until a good one has
  /// worked; then what waited goes on by itself. The user id is a label.
  private func standingError(_ story: PresetStory) async throws {
    let file = try story.directory.write("families.csv", Self.file)
    #expect(try await story.program.json("people", "import", file)["added"] == 11)
    let key = Self.wrongKey
    try await story.says("settings", "set", "mailchimp.key", key, "--untested")
    try await story.says("settings", "set", "mailchimp.audience", story.site.audience)
    try await story.says("sync", "--wait", exit: 4)
    let console = try story.console()
    try await console.waits(for: "Mailchimp refuses the API key")
    console.press("0")
    try await console.waits(for: "Mailchimp user id")
    try await console.waits(for: "Make a new key in Mailchimp")
    // While it stands, the command says so too, and ends as for a wrong set-up.
    let blocked = try await story.program.json("status", exit: 4)
    #expect(blocked["engine"] == "blocked")
    #expect(blocked["problem"]?["code"] == "mailchimp.key-refused")

    console.press("]", "Enter")
    console.paste(story.site.key)
    console.press("^S")
    try await console.waits(for: "Connected to Practice as owner.")
    try await console.waits(forNo: "Mailchimp refuses the API key")
    console.press("8")
    try await console.waits(for: "The first sync of this audience")
    try await story.quit(console)
    #expect(try await story.program.json("status")["problem"] == .null)
    try await story.says("settings", "set", "mailchimp.user", "Club treasurer")
    #expect(try await story.says("settings", "get", "mailchimp.user").contains("Club treasurer"))
    #expect(try story.writes().isEmpty)
  }

  /// 4. The first sync writes to the managers, at valid addresses, with their own details.
  private func firstSync(_ story: PresetStory) async throws {
    let held = try await story.program.json("plans", "show", "latest")
    #expect(held["plan"]?["status"] == "held")
    #expect((held["rows"]?.array ?? []).map { $0["action"] } == ["create", "create", "create"])
    #expect(try story.writes().isEmpty)
    let done = try await story.program.json("sync", "--approve", "latest", "--wait")
    #expect(done["execution"]?["status"] == "succeeded")
    #expect(
      try await story.audience()
        == [Self.katarina: "subscribed", Self.paulo: "subscribed", Self.agnes: "subscribed"])
    #expect(try await story.contact(Self.katarina)?["merge_fields"]?["FNAME"] == "Katarína")
    let sent = try story.writes().map { $0.body.description }.joined()
    for address in ["ema@", "sofie@", "emil@", "rita@", "leo@", "lars(at)", "ingrid.dahl@"] {
      #expect(!sent.contains(address), "\(address)")
    }
  }

  /// 5. Every child has the reason of their manager, one level only.
  private func reasons(_ story: PresetStory) async throws {
    for (who, place) in [
      ("M-1", "in step"), ("C-11", "excluded: child"), ("C-12", "excluded: child"),
      ("M-2", "excluded: invalid-email"), ("C-21", "excluded: invalid-email"),
      ("M-3", "excluded: inactive"), ("C-31", "excluded: inactive"), ("M-4", "in step"),
      ("C-41", "excluded: child"), ("C-42", "excluded: child"), ("M-5", "in step"),
    ] {
      #expect(try await story.place(who) == place, "\(who)")
    }
    let sofie = try await story.says("people", "explain", "C-21")
    #expect(sofie.contains("is not written to: The e-mail address is not valid."), "\(sofie)")
    let ema = try await story.says("people", "explain", "C-12")
    #expect(ema.contains("the account manager Katarína Horváth (#1) is written to."), "\(ema)")
    let leo = try await story.says("people", "explain", "C-42")
    #expect(leo.contains("✗ child: yes."), "\(leo)")
    let found = try await story.program.json("people", "list", "reason:invalid-email")
    #expect(found["total"] == 2)
  }

  /// 6. Several children are one recipient: their changes send nothing, the manager's one update.
  private func severalChildren(_ story: PresetStory) async throws {
    try await story.says("people", "set", "C-11", "first_name=Kubo")
    try await story.says("people", "set", "C-12", "email=ema.h@horvath-sk.eu")
    let first = try await story.program.json("schedules", "run", "1", "--wait")
    #expect(first["execution"]?["trigger"] == "schedule")
    #expect(try story.writes().isEmpty)
    try await story.says("people", "set", "M-1", "last_name=Horváthová")
    #expect(try await story.place("M-1") == "waiting: changed")
    let run = try await story.program.json("schedules", "run", "1", "--wait")
    #expect(run["execution"]?["counts"]?["updated"] == 1)
    #expect(try story.writes().map { $0.body["merge_fields"] } == [["LNAME": "Horváthová"]])
    #expect(try await story.contact(Self.katarina)?["merge_fields"]?["LNAME"] == "Horváthová")
    #expect(try await story.place("C-12") == "excluded: child")
  }

  /// 7. A corrected address brings manager and child onto the list at the next run, which was missed
  /// for days while no engine ran and happens once, as soon as one does.
  private func correctedAddress(_ story: PresetStory) async throws {
    try await story.says("people", "set", "M-2", "email=\(Self.lars)")
    let last = try await story.newest()
    try await story.letScheduleComeDue(1, before: .hours(73))
    try await story.serve()
    let run = try await story.ending(after: last, trigger: "schedule")
    #expect(run["execution"]?["counts"]?["created"] == 1, "\(run)")
    try await story.rests()
    try await story.stopServing()
    let all = try await story.program.json("executions", "list", "--trigger", "schedule")
    let runs = (all["executions"]?.array ?? []).filter { ($0["id"]?.int ?? 0) > last }
    #expect(runs.count == 1, "\(runs)")
    #expect(try await story.status(Self.lars) == "subscribed")
    #expect(try await story.place("M-2") == "in step")
    #expect(try await story.place("C-21") == "excluded: child")
    #expect(try story.writes().count == 1)
  }

  /// 8. Who leaves stays at Mailchimp as they are; the state here says why they are off the list.
  private func leavers(_ story: PresetStory) async throws {
    try await story.says("people", "set", "M-5", "active=no")
    try await story.says("people", "delete", "M-2")
    let run = try await story.program.json("sync", "--wait")
    #expect(run["execution"]?["status"] == "succeeded")
    #expect(try story.writes().isEmpty)
    #expect(try await story.status(Self.agnes) == "subscribed")
    #expect(try await story.status(Self.lars) == "subscribed")
    #expect(try await story.place("M-5") == "excluded: inactive")
    #expect(try await story.place("C-21") == "excluded: deleted")
    try await story.says("people", "delete", "M-2", "--restore")
    try await story.says("people", "set", "M-5", "active=yes")
    _ = try await story.program.json("sync", "--wait")
    #expect(try await story.place("M-5") == "in step")
    #expect(try story.writes().isEmpty)
  }

  /// 9. One address is looked up, by command and in the People pane: both records side by side.
  private func lookUp(_ story: PresetStory) async throws {
    let both = try await story.program.json("lookup", Self.katarina)
    #expect(both["person"] == 1)
    let lines = both["lines"]?.array ?? []
    let last = lines.first { $0["label"] == "LNAME" }
    #expect(last?["here"] == "Horváthová")
    #expect(last?["there"] == "Horváthová")
    #expect(lines.contains { $0["label"] == "Status" && $0["there"] == "subscribed" })
    #expect(!lines.contains { $0["differs"] == true }, "\(lines)")
    let notes = "\(both["notes"] ?? .null)"
    #expect(notes.contains("#2") && notes.contains("#3"), "\(notes)")
    #expect(try story.calls().allSatisfy { $0.method == "GET" })
  }

  /// 10. A random few are verified, each read by itself; then everybody, and both totals add up.
  private func verify(_ story: PresetStory) async throws {
    _ = try story.calls()
    let few = try await story.program.json("verify", "--sample", "3", "--wait")
    #expect(few["drift"] == [])
    let single = try story.calls().filter { $0.path.contains("/members/") }
    #expect((1...3).contains(single.count), "\(single)")
    #expect(single.allSatisfy { $0.method == "GET" })
    #expect(try await story.program.json("status")["verification"]?["sample"] == 3)

    let all = try await story.program.json("verify", "--wait")
    #expect(all["drift"] == [])
    #expect(all["totals"]?["people"]?["all"] == 11)
    #expect(all["totals"]?["people"]?["in step"] == 4)
    #expect(all["totals"]?["contacts"]?["all"] == 4)
    #expect(all["totals"]?["contacts"]?["matched"] == 4)
    #expect(try story.writes().isEmpty)
  }

  /// 11. What was changed there by hand is found, shown in Review and repaired; who was archived there
  /// is left alone.
  private func repair(_ story: PresetStory) async throws {
    try await story.site.perform(
      "admin-edit", ["address": .string(Self.paulo), "merge_fields": ["FNAME": "Pablo"]])
    try await story.site.perform("admin-archive", ["address": .string(Self.agnes)])
    let found = try await story.program.json("verify", "--wait", exit: 3)
    let drift = found["drift"]?.array ?? []
    #expect(
      Set(drift.map { "\($0["class"]?.string ?? "") \($0["address"]?.string ?? "")" })
        == ["field \(Self.paulo)", "status \(Self.agnes)"], "\(drift)")
    let field = drift.first { $0["class"] == "field" }
    #expect(field?["ours"] == "Paulo")
    #expect(field?["theirs"] == "Pablo")
    #expect(try story.writes().isEmpty)

    let console = try story.console()
    try await console.waits(for: "Force sync")
    console.press("8")
    try await console.waits(for: "differs")
    try await story.quit(console)

    let repaired = try await story.program.json("verify", "--repair")
    #expect(repaired["repair"]?["counts"]?["updated"] == 1, "\(repaired)")
    #expect(try await story.contact(Self.paulo)?["merge_fields"]?["FNAME"] == "Paulo")
    #expect(try await story.status(Self.agnes) == "archived")
    #expect(try await story.place("M-5") == "excluded: suppressed")
    #expect(try story.writes().map { $0.body["merge_fields"] } == [["FNAME": "Paulo"]])
  }

  /// 12. At rest nothing differs and nothing is sent.
  private func atRest(_ story: PresetStory) async throws {
    let run = try await story.program.json("sync", "--resync", "--wait")
    #expect(run["execution"]?["status"] == "succeeded")
    #expect(try await story.program.json("verify", "--wait")["drift"] == [])
    #expect(try await story.program.json("status")["people"]?["in step"] == 3)
    #expect(try story.writes().isEmpty)
  }
}
