// The preset `customers`: small workshops that mail those of their customers who ticked the opt-in,
// as soon as something changes, to an audience that asks new people to confirm. One story, step by
// step; each step from three sides (see PresetStory).

import Basics
import Domain
import Foundation
import Support
import Testing

@Suite struct CustomersStoryTests {
  private static let file = """
    external_id,first_name,last_name,email,opt_in
    K-1,Ottilie,Brandt,ottilie@brandt-keramik.de,yes
    K-2,Rafael,Moreno,rafael@moreno-cafe.es,yes
    K-3,Yuki,Tanabe,yuki@tanabe-paper.jp,yes
    K-4,Femke,Visser,femke@visser-bloemen.nl,no
    K-5,Ana,Petrović,ana@petrovic-med.rs,
    K-6,Gwen,Pritchard,gwen@pritchard-saddlery.wales,yes
    """
  private static let ottilie = "ottilie@brandt-keramik.de"
  private static let rafael = "rafael@moreno-cafe.es"
  private static let yuki = "yuki@tanabe-paper.jp"
  private static let yukiAgain = "yuki.tanabe@tanabe-paper.jp"
  private static let ana = "ana@petrovic-med.rs"
  private static let gwen = "gwen@pritchard-saddlery.wales"
  private static let guest = "rezeption@pension-alpenblick.ch"

  @Test(.timeLimit(.minutes(10)))
  func `opted-in customers, on change, with double opt-in and consent both ways`() async throws {
    let story = try await PresetStory("customers")
    try await story.site.perform("admin-double-optin-on", [:])
    try await connect(story)
    try await firstSync(story)
    try await onChange(story)
    try await confirmed(story)
    try await signsUpThere(story)
    try await unknown(story)
    try await optsOut(story)
    try await bounce(story)
    try await forgotten(story)
    try await leaver(story)
    try await bigChange(story)
    try await atRest(story)
    try await story.end()
  }

  /// 1. and 2. The key by command; the audience in the console, where the first is preselected, and
  /// double opt-in and the permission reminder are shown before it is chosen.
  private func connect(_ story: PresetStory) async throws {
    let saved = try await story.says("settings", "set", "mailchimp.key", story.site.key)
    #expect(saved.contains("The key belongs to Practice (owner)."))
    let connected = try await story.program.json("connect")
    #expect(connected["account"]?["role"] == "owner")
    #expect(connected["audiences"]?[0]?["doubleOptIn"] == true)

    let console = try story.console()
    try await console.waits(for: "Force sync")
    console.press("3")
    try await console.waits(for: "Practice audience")
    let reminder = try #require(connected["audiences"]?[0]?["permissionReminder"]?.string)
    try await console.waits(for: String(reminder.prefix(24)))
    try await console.waits(for: "new people are asked to confirm by mail")
    console.press("Enter")
    try await console.waits(for: "It uses double opt-in")
    console.press("y")
    try await console.waits(for: "Check the permission reminder")
    try await story.quit(console)
    let listed = try await story.program.json("audiences", "list")
    #expect(listed["audiences"]?[0]?["isChosen"] == true)
    #expect(try story.writes().isEmpty)
  }

  /// 3. The first sync counts the confirmation mails, and subscribes nobody by itself.
  private func firstSync(_ story: PresetStory) async throws {
    let file = try story.directory.write("customers.csv", Self.file)
    #expect(try await story.program.json("people", "import", file)["added"] == 6)
    let held = try await story.says("sync", "--wait", exit: 3)
    #expect(held.contains("4 added, 4 sent a confirmation mail"), "\(held)")
    #expect(try story.writes().isEmpty)
    let done = try await story.program.json("sync", "--approve", "latest", "--wait")
    #expect(done["execution"]?["counts"]?["created"] == 4)
    #expect(
      try await story.audience() == [
        Self.ottilie: "pending", Self.rafael: "pending", Self.yuki: "pending",
        Self.gwen: "pending",
      ])
    #expect(try await story.place("K-4") == "excluded: opted-out")
    #expect(try await story.place("K-5") == "excluded: out-of-scope")
    let written = try story.writes()
    #expect(!written.contains { $0.body.description.contains("\"subscribed\"") }, "\(written)")
  }

  /// 4. Somebody ticks the opt-in here: it leaves by itself, and is asked to confirm.
  private func onChange(_ story: PresetStory) async throws {
    try await story.serve()
    let last = try await story.newest()
    try await story.says("people", "set", "K-4", "opt_in=yes")
    let run = try await story.ending(after: last, trigger: "change")
    #expect(run["execution"]?["status"] == "succeeded", "\(run)")
    #expect(run["execution"]?["counts"]?["created"] == 1)
    #expect(try await story.status("femke@visser-bloemen.nl") == "pending")
    #expect(try story.writes().count == 1)
    let lines = try await story.says("people", "explain", "K-4")
    #expect(lines.contains("Mailchimp: pending as femke@visser-bloemen.nl"), "\(lines)")
    #expect(lines.contains("✗ unconfirmed: yes. Waits for their own confirmation since "))
    #expect(try await story.place("K-4") == "waiting: unconfirmed")
    let waiting =
      try await story.program.json(
        "people", "list", "state:waiting reason:unconfirmed")["people"]?.array ?? []
    #expect(waiting.count == 5, "\(waiting)")
  }

  /// 5. They confirm: subscribed there, in step here, in the ledger as theirs.
  private func confirmed(_ story: PresetStory) async throws {
    for address in [Self.ottilie, Self.rafael, Self.yuki, Self.gwen] {
      try await story.site.perform("confirm", ["address": .string(address)])
    }
    let run = try await story.program.json("sync", "--wait")
    #expect(run["execution"]?["counts"]?["updated"] == 4)
    let shown = try await story.program.json("people", "show", "K-1")
    #expect(shown["state"] == "in step")
    #expect(shown["member"]?["status"] == "subscribed")
    let ledger = try await story.ledger("K-1")
    #expect(ledger.contains { $0.hasPrefix("pending → subscribed") }, "\(ledger)")
    #expect(try story.writes().isEmpty)
  }

  /// 6. Somebody whose opt-in is unknown here signs up there: it is ticked here, and they are in step.
  private func signsUpThere(_ story: PresetStory) async throws {
    try await story.site.perform("sign-up", ["address": .string(Self.ana)])
    try await story.site.perform("confirm", ["address": .string(Self.ana)])
    _ = try await story.program.json("sync", "--wait")
    let shown = try await story.program.json("people", "show", "K-5")
    #expect(shown["optIn"] == "yes")
    let ledger = try await story.ledger("K-5")
    #expect(ledger.contains { $0.hasPrefix("opt-in unknown → opt-in yes, Mailchimp") }, "\(ledger)")
    // Her name follows by itself, without a status.
    _ = try await story.program.json("people", "sync", "K-5", "--wait")
    #expect(try await story.place("K-5") == "in step")
    #expect(try await story.contact(Self.ana)?["merge_fields"]?["LNAME"] == "Petrović")
    #expect(!(try story.writes().contains { $0.body["status"] != nil }))
  }

  /// 7. A subscriber nobody here knows is listed as unknown, and left alone.
  private func unknown(_ story: PresetStory) async throws {
    try await story.site.perform("sign-up", ["address": .string(Self.guest)])
    try await story.site.perform("confirm", ["address": .string(Self.guest)])
    _ = try await story.program.json("sync", "--wait")
    #expect(try await story.program.json("people", "list", Self.guest)["total"] == 0)
    let verified = try await story.program.json("verify", "--wait")
    #expect(verified["totals"]?["contacts"]?["unknown"] == 1)
    let drift = verified["drift"]?.array ?? []
    #expect(drift.map { $0["class"] } == ["missing-here"], "\(drift)")
    #expect(drift.first?["address"]?.string == Self.guest)
    #expect(try story.writes().isEmpty)
  }

  /// 8. Opt-outs, both ways: there it clears the opt-in here, here it unsubscribes there.
  private func optsOut(_ story: PresetStory) async throws {
    try await story.site.perform("unsubscribe", ["address": .string(Self.rafael)])
    _ = try await story.program.json("sync", "--wait")
    #expect(try await story.program.json("people", "show", "K-2")["optIn"] == "no")
    #expect(try await story.place("K-2") == "excluded: opted-out")
    #expect(try story.writes().isEmpty)

    let last = try await story.newest()
    try await story.says("people", "set", "K-5", "opt_in=no")
    let run = try await story.ending(after: last, trigger: "change")
    #expect(run["execution"]?["counts"]?["unsubscribed"] == 1, "\(run)")
    #expect(try await story.status(Self.ana) == "unsubscribed")
    #expect(try story.writes().map { $0.body["status"] } == ["unsubscribed"])
  }

  /// 9. A bounce bars the address, not the person: a corrected one goes out again.
  private func bounce(_ story: PresetStory) async throws {
    try await story.site.perform("bounce", ["address": .string(Self.yuki)])
    _ = try await story.program.json("sync", "--wait")
    let shown = try await story.program.json("people", "show", "K-3")
    #expect(shown["optIn"] == "yes")
    #expect(shown["reason"] == "suppressed")
    #expect(shown["suppression"]?["reason"] == "cleaned")
    #expect(shown["sentence"]?.string?.contains("Give the person another address.") ?? false)

    let last = try await story.newest()
    try await story.says("people", "set", "K-3", "email=\(Self.yukiAgain)")
    let run = try await story.ending(after: last, trigger: "change")
    #expect(run["execution"]?["counts"]?["created"] == 1, "\(run)")
    #expect(try await story.status(Self.yukiAgain) == "pending")
    #expect(try await story.status(Self.yuki) == "cleaned")
    let written = try story.writes()
    #expect(!written.contains { $0.body["email_address"]?.string == Self.yuki }, "\(written)")
  }

  /// 10. Who was deleted there for good is forgotten: said once, with the sign-up form's address as
  /// the way out, and not tried again.
  private func forgotten(_ story: PresetStory) async throws {
    try await story.site.perform("admin-delete", ["address": .string(Self.gwen)])
    let last = try await story.newest()
    try await story.says("people", "set", "K-6", "last_name=Pritchard-Rees")
    _ = try await story.ending(after: last, trigger: "change")
    _ = try story.writes()
    #expect(try await story.status(Self.gwen) == nil)
    let shown = try await story.program.json("people", "show", "K-6")
    #expect(shown["reason"] == "suppressed")
    let form = try await story.signUpForm()
    #expect(form.hasPrefix("https://"), "\(form)")
    #expect(shown["sentence"]?.string?.contains(form) ?? false, "\(shown)")
    #expect(try await story.says("people", "explain", "K-6").contains(form))

    // Neither a change nor a resync tries again.
    let next = try await story.newest()
    try await story.says("people", "set", "K-6", "first_name=Gwenllian")
    _ = try await story.ending(after: next, trigger: "change")
    let resync = try await story.program.json("sync", "--resync", "--wait")
    #expect(resync["execution"]?["status"] == "succeeded")
    #expect(try story.writes().isEmpty)
    #expect(try await story.status(Self.gwen) == nil)
  }

  /// 11. A leaver is archived by itself, and comes back subscribed, as they were.
  private func leaver(_ story: PresetStory) async throws {
    var last = try await story.newest()
    try await story.says("people", "delete", "K-1")
    let gone = try await story.ending(after: last, trigger: "change")
    #expect(gone["execution"]?["counts"]?["archived"] == 1, "\(gone)")
    #expect(try await story.status(Self.ottilie) == "archived")
    last = try await story.newest()
    try await story.says("people", "delete", "K-1", "--restore")
    _ = try await story.ending(after: last, trigger: "change")
    #expect(try await story.status(Self.ottilie) == "subscribed")
    #expect(try await story.place("K-1") == "in step")
    #expect(try story.writes().map(\.method) == ["DELETE", "PUT"])
  }

  /// 12. A file that would unsubscribe many is held: nothing is written until somebody has looked.
  private func bigChange(_ story: PresetStory) async throws {
    let many = (1...120).map { number in
      "L-\(number),Ines,Rocha,ines\(number)@rocha-leiloes.pt"
    }
    let all = "external_id,first_name,last_name,email,opt_in\n"
    let file = try story.directory.write(
      "auction.csv", all + many.map { "\($0),yes" }.joined(separator: "\n"))
    try await story.says("pause")
    try await story.says("people", "import", file)
    try await story.says("enable")
    _ = try await story.program.json("sync", "--wait")
    #expect(try await story.audience().values.filter { $0 == "pending" }.count == 122)
    _ = try story.writes()

    let last = try await story.newest()
    let wrong = try story.directory.write(
      "wrong.csv", all + many.map { "\($0),no" }.joined(separator: "\n"))
    try await story.says("people", "import", wrong)
    let held = try await story.when("a held execution") { (reading) throws(Problem) in
      try reading.database.one(
        "SELECT id FROM execution WHERE id > ? AND status = 'held' LIMIT 1", last
      ) { $0.int64(0) }
    }
    let execution = try await story.program.json("executions", "show", "\(held)")
    #expect(execution["execution"]?["status"] == "held")
    // Nobody beyond the guard's hundred in an hour; the rest waits in Review, with its numbers.
    let before = try await story.audience().values.filter { $0 == "unsubscribed" }.count
    #expect(before <= 2 + 100, "\(before)")
    let plan = try await story.program.json("plans", "show", "latest")
    #expect(plan["plan"]?["status"] == "held")
    #expect(plan["plan"]?["reason"]?.string?.isEmpty == false, "\(plan["plan"] ?? .null)")
    let console = try story.console()
    try await console.waits(for: "Force sync")
    console.press("8")
    try await console.waits(for: "More than 100 people would change")
    // The plan itself has been read: what x d discards is known.
    try await console.waits(for: "Old and new values")
    console.press("x", "d")
    try await console.waits(for: "Discard")
    console.press("y")
    // Opt-outs are not lost with it: they are held anew at once, and look the same on the screen.
    let number = try #require(plan["plan"]?["id"]?.int)
    _ = try await story.when("the plan to be discarded") { (reading) throws(Problem) -> Bool? in
      try reading.plans.plan(PlanID(number))?.status == .discarded ? true : nil
    }
    try await story.quit(console)
    #expect(
      try await story.audience().values.filter { $0 == "unsubscribed" }.count == before)
  }

  /// 13. At rest both sides agree and nothing is sent; the guest was never touched.
  private func atRest(_ story: PresetStory) async throws {
    #expect(try await story.status(Self.guest) == "subscribed")
    #expect(try await story.contact(Self.guest)?["merge_fields"]?["FNAME"] == "")
    // In the whole story nobody was subscribed by us but the one we had archived ourselves.
    let raised = try story.mailchimp.exchanges().filter {
      $0["method"] != "GET" && $0["request_body"]?.description.contains("\"subscribed\"") ?? false
    }
    #expect(raised.map { $0["method"] } == ["PUT"], "\(raised)")
  }
}
