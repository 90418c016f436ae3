// The preset `registrants`: a choir festival that mails those who ticked the opt-in when they
// registered, by a schedule, and lets nobody be subscribed against their word. One story, step by
// step; each step from three sides (see PresetStory).

import Basics
import Domain
import Foundation
import Support
import Testing

@Suite struct RegistrantsStoryTests {
  private static let file = """
    external_id,account,first_name,last_name,email,opt_in
    R-101,Choir festival,Marit,Aasen,marit.aasen@nordlys-kor.no,yes
    R-102,Choir festival,Tomasz,Wilk,tomasz@wilk-rowery.pl,yes
    R-103,Choir festival,Inês,Carvalho,ines.carvalho@sal-e-mar.pt,yes
    R-104,Choir festival,Joost,de Graaf,joost@degraaf-bouw.nl,no
    R-105,Choir festival,Nadia,Haddad,nadia.haddad@atelier-cedre.fr,
    R-106,Choir festival,Bram,Peeters,bram@peeters-fietsen.be,yes
    R-107,Choir festival,Siobhán,Keane,siobhan@keane-weavers.ie,yes
    """
  private static let marit = "marit.aasen@nordlys-kor.no"
  private static let tomasz = "tomasz@wilk-rowery.pl"
  private static let ines = "ines.carvalho@sal-e-mar.pt"
  private static let joost = "joost@degraaf-bouw.nl"
  private static let bram = "bram@peeters-fietsen.be"
  private static let siobhan = "siobhan@keane-weavers.ie"
  private static let stranger = "kapellmeister@stadtkapelle-linz.at"

  @Test(.timeLimit(.minutes(10)))
  func `opted-in registrants, by a schedule, with consent both ways`() async throws {
    let story = try await PresetStory("registrants")
    try await story.site.perform("sign-up", ["address": .string(Self.stranger)])
    try await story.site.perform("sign-up", ["address": .string(Self.joost)])
    try await preset(story)
    try await firstSync(story)
    try await schedule(story)
    try await webhook(story)
    try await changesWait(story)
    try await optOutHere(story)
    try await optOutThere(story)
    try await tickedAgain(story)
    try await signedUpAgain(story)
    try await leavers(story)
    try await pause(story)
    try await atRest(story)
    try await story.end()
  }

  /// 1. The preset has filled in what this organisation needs.
  private func preset(_ story: PresetStory) async throws {
    let listed = try await story.says("settings", "list")
    for (key, value) in [
      ("recipients.scope", "opted-in"), ("recipients.leavers", "archive"),
      ("sync.direction", "to"), ("consent.back", "yes"), ("sync.on-change", "no"),
    ] {
      let line = listed.split(separator: "\n").first { $0.hasPrefix("\(key) ") }
      #expect(line?.split(separator: " ").last.map(String.init) == value, "\(key)")
    }
    let schedules = try await story.program.json("schedules", "list")["schedules"]
    #expect(schedules?.array?.count == 1)
    #expect(schedules?[0]?["type"] == "sync subscriptions")
    #expect(schedules?[0]?["active"] == true)
    #expect(try story.calls().isEmpty)
  }

  /// 2. to 4. In the console: the key and the audience's id are pasted, the first sync is held, looked
  /// at and approved.
  private func firstSync(_ story: PresetStory) async throws {
    let file = try story.directory.write("registrants.csv", Self.file)
    #expect(try await story.program.json("people", "import", file)["added"] == 7)
    let console = try story.console()
    try await story.leaveSetUp(console)

    // 2. A wrong key is refused with the reason and not saved; the right one names its account.
    console.press("0")
    try await console.waits(for: "Mailchimp user id")
    console.press("]", "Enter")
    console.paste("ffffffffffffffffffffffffffffffff-us19")
    console.press("^S")
    try await console.waits(for: "Nothing was saved.")
    let before = try await story.program.json("settings", "get", "mailchimp.key")
    #expect(!"\(before)".contains("us19"), "\(before)")
    console.press("Enter")
    console.paste(story.site.key)
    console.press("^S")
    try await console.waits(for: "Connected to Practice as owner.")
    #expect(!console.screen.contains(story.site.key), "\(console.screen.framed)")
    console.press("3")
    try await console.waits(for: "Practice audience")
    console.press("i")
    try await console.waits(for: "Audience id")
    console.paste(story.site.audience)
    console.press("Enter")
    try await console.waits(for: "Use this audience")
    console.press("y")
    try await console.waits(for: "permission reminder")
    let chosen = try await story.program.json("status")
    #expect(chosen["audience"]?["id"]?.string == story.site.audience)
    #expect(try story.writes().isEmpty)

    // 3. The first sync writes nothing and says what it would do.
    console.press("F")
    console.press("8")
    try await console.waits(for: "The first sync of this audience")
    #expect(console.screen.contains("5 added, 1 unsubscribed"), "\(console.screen.framed)")
    let plan = try await story.program.json("plans", "show", "latest")
    #expect(plan["plan"]?["status"] == "held")
    let rows = plan["rows"]?.array ?? []
    #expect(
      Set(rows.filter { $0["action"] == "create" }.compactMap { $0["email"]?.string })
        == [Self.marit, Self.tomasz, Self.ines, Self.bram, Self.siobhan])
    #expect(try story.writes().isEmpty)
    #expect(try await story.audience() == [Self.stranger: "subscribed", Self.joost: "subscribed"])

    // 4. Approved in Review, it is done. Who ticked nothing is not mailed, who said no is taken off.
    console.press("A")
    // Somebody leaves the list by it, which one key is not enough for.
    try await console.waits(for: "1 person leaves the list.")
    console.type("1")
    console.press("Enter")
    try await console.waits(for: "Nothing waits for a decision.")
    console.press("2")
    try await console.waits(for: "excluded")
    try await console.waits(for: "in step")
    try await console.waits(forNo: "waiting")
    try await story.quit(console)
    #expect(
      try await story.audience() == [
        Self.marit: "subscribed", Self.tomasz: "subscribed", Self.ines: "subscribed",
        Self.bram: "subscribed", Self.siobhan: "subscribed", Self.joost: "unsubscribed",
        Self.stranger: "subscribed",
      ])
    #expect(try await story.place("R-101") == "in step")
    #expect(try await story.place("R-104") == "excluded: opted-out")
    #expect(try await story.place("R-105") == "excluded: out-of-scope")
    let written = try story.writes()
    #expect(!written.isEmpty)
    #expect(!written.contains { $0.method == "DELETE" }, "\(written)")
    #expect(!written.contains { $0.body.description.contains(Self.stranger) })
    #expect(!written.contains { $0.body.description.contains("nadia.haddad") })
  }

  /// 5. The schedule is given another time, switched off and on.
  private func schedule(_ story: PresetStory) async throws {
    let moved = try await story.says(
      "schedules", "set", "1", "daily", "at", "04:15", "--zone", "Europe/Oslo")
    #expect(moved.contains("daily at 04:15"))
    let off = try await story.says("schedules", "set", "1", "--active", "no")
    #expect(off.contains("not active, so it does not run"))
    let idle = try await story.program.json("schedules", "list")["schedules"]?[0]
    #expect(idle?["active"] == false)
    #expect(idle?["nextRunAt"] == .null)
    let on = try await story.program.json("schedules", "set", "1", "--active", "yes")
    #expect(on["cadence"] == "daily at 04:15")
    #expect(on["zone"] == "Europe/Oslo")
    let next = try #require(on["nextRunAt"]?.string)
    #expect(next.hasSuffix("T02:15:00Z") || next.hasSuffix("T03:15:00Z"), "\(next)")
    #expect(try story.writes().isEmpty)
  }

  /// 6. With a public address the engine makes its webhook on the audience, for what people and
  /// administrators do there, and not for what programs do.
  private func webhook(_ story: PresetStory) async throws {
    let port = try await story.serve()
    try await story.says("settings", "set", "webhook.url", "http://127.0.0.1:\(port)")
    _ = try await story.when("a working webhook") { (reading) throws(Problem) -> Bool? in
      try reading.reports.webhook().state == .working ? true : nil
    }
    let made = try story.writes()
    #expect(made.map(\.method) == ["POST"], "\(made)")
    #expect(made.first?.path.hasSuffix("/webhooks") ?? false)
    let told = try await story.says("webhook", "status")
    #expect(told.contains("Webhook   working"), "\(told)")
    #expect(told.contains("/webhook/•••"), "\(told)")
    let there = try await RawHTTP(port: story.site.port, key: story.site.key)
      .call("GET", "/3.0/lists/\(story.site.audience)/webhooks")
    #expect(there["total_items"] == 1)
    let hook = there["webhooks"][0]
    #expect(hook?["sources"] == ["user": true, "admin": true, "api": false])
    #expect(hook?["events"]?["unsubscribe"] == true)
    #expect(hook?["events"]?["campaign"] == false)
  }

  /// 7. A change waits for the schedule, and says so; then it leaves.
  private func changesWait(_ story: PresetStory) async throws {
    try await story.says("people", "set", "R-103", "last_name=Carvalho-Reis")
    #expect(try await story.place("R-103") == "waiting: changed")
    let lines = try await story.says("people", "explain", "R-103")
    #expect(lines.contains("Engine: running; this address is not due until 2"), "\(lines)")
    let last = try await story.newest()
    try await story.letScheduleComeDue(1)
    let run = try await story.ending(after: last, trigger: "schedule")
    #expect(run["execution"]?["status"] == "succeeded")
    #expect(run["execution"]?["counts"]?["updated"] == 1)
    let all = try await story.program.json("executions", "list")["executions"]?.array ?? []
    let fresh = all.filter { ($0["id"]?.int ?? 0) > last }
    #expect(fresh.map { $0["trigger"] } == ["schedule"], "nothing ran before it: \(fresh)")
    let written = try story.writes()
    #expect(written.count == 1)
    #expect(written.first?.body["merge_fields"] == ["LNAME": "Carvalho-Reis"])
    #expect(written.first?.body["status"] == nil)
    #expect(try await story.place("R-103") == "in step")
  }

  /// 8. The opt-in is cleared here: unsubscribed there, not archived and not deleted.
  private func optOutHere(_ story: PresetStory) async throws {
    try await story.says("people", "set", "R-101", "opt_in=no")
    let run = try await story.program.json("schedules", "run", "1", "--wait")
    #expect(run["execution"]?["counts"]?["unsubscribed"] == 1)
    let written = try story.writes()
    #expect(written.map(\.method) == ["PATCH"], "\(written)")
    #expect(written.first?.body["status"] == "unsubscribed")
    #expect(try await story.status(Self.marit) == "unsubscribed")
    #expect(try await story.place("R-101") == "excluded: opted-out")
    let ledger = try await story.ledger("R-101")
    #expect(
      ledger.contains { $0.hasPrefix("opt-in yes → opt-in no") && $0.contains("command line") },
      "\(ledger)")
    #expect(ledger.contains { $0.hasPrefix("subscribed → unsubscribed") }, "\(ledger)")
  }

  /// 9. Somebody unsubscribes at Mailchimp: the webhook tells it, the opt-in is cleared here, with the
  /// delivery as evidence.
  private func optOutThere(_ story: PresetStory) async throws {
    for address in [Self.tomasz, Self.siobhan] {
      try await story.site.perform(
        "unsubscribe", ["address": .string(address), "reason": "Too many mails"])
    }
    try await story.waits(for: "R-102", "R-107", toBe: "excluded: opted-out")
    for who in ["R-102", "R-107"] {
      let shown = try await story.program.json("people", "show", who)
      #expect(shown["optIn"] == "no")
      #expect(shown["suppression"]?["reason"] == "unsubscribed")
      let ledger = try await story.ledger(who)
      #expect(
        ledger.contains {
          $0.hasPrefix("opt-in yes → opt-in no, Mailchimp") && $0.contains("webhook delivery")
        },
        "\(ledger)")
    }
    let inbox = try await story.program.json("webhook", "status")["deliveries"]?.array ?? []
    #expect(inbox.map { $0["fate"] } == ["looked at", "looked at"], "\(inbox)")
    #expect(Set(inbox.map { $0["signature"] }) == ["verified"])
    #expect(try story.writes().isEmpty)
    #expect(try await story.status(Self.tomasz) == "unsubscribed")
  }

  /// 10. Ticked again here, they stay off the list, and explain says why.
  private func tickedAgain(_ story: PresetStory) async throws {
    try await story.says("people", "set", "R-102", "opt_in=yes")
    let run = try await story.program.json("sync", "--wait")
    #expect(run["execution"]?["status"] == "succeeded")
    _ = try await story.program.json("sync", "--resync", "--wait")
    #expect(try story.writes().isEmpty)
    #expect(try await story.status(Self.tomasz) == "unsubscribed")
    #expect(try await story.place("R-102") == "excluded: suppressed")
    let lines = try await story.says("people", "explain", "R-102")
    #expect(lines.contains("✗ suppressed: yes. Unsubscribed at Mailchimp, not by us."), "\(lines)")
    #expect(lines.contains(try await story.signUpForm()), "\(lines)")
  }

  /// 11. They sign up again themselves, by the form: back in step. Whose opt-in was cleared by the
  /// unsubscribe has it ticked back, with the delivery as evidence.
  private func signedUpAgain(_ story: PresetStory) async throws {
    try await story.site.perform("sign-up", ["address": .string(Self.siobhan)])
    try await story.waits(for: "R-107", toBe: "in step")
    let back = try await story.program.json("people", "show", "R-107")
    #expect(back["optIn"] == "yes")
    #expect(back["suppression"] == .null)
    let theirs = try await story.ledger("R-107")
    #expect(
      theirs.contains {
        $0.hasPrefix("opt-in no → opt-in yes, Mailchimp") && $0.contains("webhook delivery")
      },
      "\(theirs)")
    #expect(try await story.status(Self.siobhan) == "subscribed")
    try await story.site.perform("sign-up", ["address": .string(Self.tomasz)])
    _ = try await story.program.json("sync", "--wait")
    let shown = try await story.program.json("people", "show", "R-102")
    #expect(shown["state"] == "in step")
    #expect(shown["optIn"] == "yes")
    #expect(shown["suppression"] == .null)
    let ledger = try await story.ledger("R-102")
    #expect(ledger.contains { $0.hasPrefix("unsubscribed → subscribed, Mailchimp") }, "\(ledger)")
    #expect(!(try story.writes().contains { $0.body["status"] != nil }))
    #expect(try await story.status(Self.tomasz) == "subscribed")
  }

  /// 12. Leavers, in two steps: the first archives the contact, and undone it brings it back; the
  /// second removes the person and leaves the contact archived.
  private func leavers(_ story: PresetStory) async throws {
    try await story.says("people", "delete", "R-106", "R-103")
    let run = try await story.program.json("sync", "--wait")
    #expect(run["execution"]?["counts"]?["archived"] == 2)
    #expect(try story.writes().map(\.method) == ["DELETE", "DELETE"])
    #expect(try await story.status(Self.bram) == "archived")
    #expect(try await story.place("R-106") == "excluded: deleted")

    try await story.says("people", "delete", "R-106", "--restore")
    try await story.says("people", "delete", "R-103", "--remove")
    _ = try await story.program.json("sync", "--wait")
    #expect(try await story.status(Self.bram) == "subscribed")
    #expect(try await story.place("R-106") == "in step")
    #expect(try await story.status(Self.ines) == "archived")
    try await story.says("people", "show", "R-103", exit: 1)
    #expect(try !story.writes().contains { $0.body["email_address"]?.string == Self.ines })
  }

  /// 13. Paused, nothing leaves and nothing is lost; enabled, it goes on.
  private func pause(_ story: PresetStory) async throws {
    try await story.says("pause")
    try await story.says("people", "set", "R-106", "first_name=Abraham")
    #expect(try await story.says("sync", "--wait", exit: 1).contains("Everything is paused."))
    #expect(try await story.program.json("status")["engine"] == "paused")
    #expect(try await story.says("people", "explain", "R-106").contains("✗ Engine: paused."))
    #expect(try story.writes().isEmpty)
    try await story.says("enable")
    _ = try await story.program.json("sync", "--wait")
    #expect(try story.writes().map { $0.body["merge_fields"] } == [["FNAME": "Abraham"]])
    #expect(try await story.place("R-106") == "in step")
    #expect(try await story.program.json("status")["engine"] == "running")
  }

  /// 14. At rest both sides agree, the next plan is empty, and the stranger was never touched.
  private func atRest(_ story: PresetStory) async throws {
    let run = try await story.program.json("sync", "--resync", "--wait")
    #expect(run["execution"]?["status"] == "succeeded")
    let verified = try await story.program.json("verify", "--wait")
    #expect(verified["drift"]?.array?.filter { $0["class"] != "missing-here" } == [])
    #expect(try story.writes().isEmpty)
    let stranger = try await story.contact(Self.stranger)
    #expect(stranger?["status"] == "subscribed")
    #expect(stranger?["merge_fields"]?["FNAME"] == "")
    #expect(try await story.audience().count == 7)
  }
}
