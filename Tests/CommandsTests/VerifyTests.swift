import Basics
import Glibc
import Sandbox
import Support
import Testing

@Suite struct VerifyTests {
  private func synced() async throws -> Shell {
    let shell = try await Shell()
    try await shell.add("first_name=Ada", "email=ada@mail.example.org", "external_id=a1")
    try await shell.add("first_name=Bob", "email=bob@mail.example.org")
    #expect(try await shell.run("sync", "--approve", "latest", "--wait").code == 0)
    return shell
  }

  @Test func `verify says what differs with 3, repairs it, and then ends with 0`() async throws {
    let shell = try await synced()
    let clean = try await shell.run("verify")
    #expect(clean.code == 0, "\(clean)")
    #expect(clean.output.contains("2 in step"))
    try shell.mailchimp.perform(.adminEdits("ada@mail.example.org", ["FNAME": "Adele"]))
    let found = try await shell.run("verify")
    #expect(found.code == 3)
    #expect(found.output.contains("FNAME is 'Ada' here and 'Adele' at Mailchimp."))
    let list = try await shell.json("drift", "list")
    #expect(list["drift"]?.array?.map { $0["class"] } == ["field"])
    #expect(try await shell.json("status")["verification"]?["open"] == 1)

    let repaired = try await shell.json("verify", "--repair")
    #expect(repaired["repair"]?["status"] == "succeeded")
    #expect(repaired["tagRepair"] == .null)
    #expect(repaired["drift"] == [])
    let ada = try await shell.json("lookup", "ada@mail.example.org")
    #expect(
      ada["lines"]?.array?.first { $0["label"] == "FNAME" }
        == ["label": "FNAME", "here": "Ada", "there": "Ada", "differs": false])
    #expect(try await shell.run("verify").code == 0)
  }

  @Test func `a repair of people and of tags names both executions and waits for both`()
    async throws
  {
    let shell = try await Shell()
    #expect(try await shell.run("searches", "set", "Adas", "first:ada", "--tag").code == 0)
    for name in ["Ada", "Bob"] {
      try await shell.add("first_name=\(name)", "email=\(name.lowercased())@mail.example.org")
    }
    #expect(try await shell.run("sync", "--approve", "latest", "--wait").code == 0)
    for json in [false, true] {
      try shell.mailchimp.perform(.adminEdits("bob@mail.example.org", ["FNAME": "Rob"]))
      try shell.mailchimp.perform(.adminUntags("ada@mail.example.org", "Adas"))
      if json {
        let told = try await shell.json("verify", "--repair")
        #expect(told["repair"]?["flow"] == "directory → Mailchimp")
        #expect(told["repair"]?["status"] == "succeeded")
        #expect(told["tagRepair"]?["flow"] == "tags")
        #expect(told["tagRepair"]?["status"] == "succeeded")
        #expect(told["drift"] == [])
      } else {
        let told = try await shell.run("verify", "--repair")
        #expect(told.code == 0, "\(told)")
        #expect(told.output.contains("Repair of tags: execution "))
        #expect(told.output.contains("Repair: execution "))
      }
      #expect(try await shell.run("verify").code == 0)
    }
    try shell.mailchimp.perform(.adminEdits("bob@mail.example.org", ["FNAME": "Rob"]))
    try shell.mailchimp.perform(.adminUntags("ada@mail.example.org", "Adas"))
    #expect(try await shell.run("verify").code == 3)
    let told = try await shell.json("drift", "repair", "--all", "--wait")
    #expect(told["executions"]?.array?.count == 2)
    // Also where beside tags there are only contacts nobody here knows.
    try shell.mailchimp.perform(.personSignsUp("stranger@mail.example.org"))
    try shell.mailchimp.perform(.adminUntags("ada@mail.example.org", "Adas"))
    #expect(try await shell.run("verify").code == 3)
    let both = try await shell.json("drift", "repair", "--all", "--wait")
    #expect(both["executions"]?.array?.count == 2)
  }

  @Test func `a sample takes a number, and contacts nobody knows are listed and left alone`()
    async throws
  {
    let shell = try await synced()
    try shell.mailchimp.perform(.personSignsUp("stranger@mail.example.org"))
    #expect(try await shell.run("verify", "--sample", "none").code == 2)
    #expect(try await shell.run("verify", "--sample", "1", "--seed", "5").code == 0)
    let all = try await shell.json("verify")
    #expect(all["drift"]?.array?.map { $0["class"] } == ["missing-here"])
    #expect(all["totals"]?["contacts"]?["unknown"] == 1)
    #expect(try await shell.run("drift", "dismiss").code == 2)
    #expect(try await shell.run("drift", "dismiss", "--class", "missing-here").code == 0)
    #expect(try await shell.json("drift", "list")["drift"] == [])
    #expect(shell.mailchimp.member("stranger@mail.example.org")?.status == .subscribed)
  }

  @Test func `lookup shows both records, also of an address only one side knows`() async throws {
    let shell = try await synced()
    try shell.mailchimp.perform(.personSignsUp("stranger@mail.example.org"))
    let stranger = try await shell.run("lookup", "stranger@mail.example.org")
    #expect(stranger.code == 0)
    #expect(stranger.output.contains("Nobody here stands at this address."))
    let nobody = try await shell.run("lookup", "nobody@mail.example.org")
    #expect(nobody.output.contains("not there"))
    #expect(try await shell.run("lookup", "a1").output.contains("ada@mail.example.org"))
    #expect(try await shell.run("lookup", "unheard-of").code == 1)
  }

  @Test func `a plan is exported row by row, as CSV and as JSON`() async throws {
    let shell = try await Shell()
    try await shell.add(
      "first_name=Ada", "last_name=\"King\", Countess", "email=ada@mail.example.org")
    #expect(try await shell.run("sync", "--wait").code == 3)
    let csv = shell.directory.file("plan.csv")
    #expect(try await shell.run("plans", "export", "latest", csv).code == 0)
    let printed = try await shell.run("plans", "export", "latest", "-")
    let lines = printed.output.split(separator: "\r\n").map(String.init)
    #expect(
      lines.first == "plan,row,action,status,person,name,email,field,old,new,remarks")
    #expect(lines.contains { $0.hasSuffix("FNAME,,Ada,") })
    #expect(lines.contains { $0.contains("LNAME,,\"\"\"King\"\", Countess\"") })
    // A file that is there is left alone.
    #expect(try await shell.run("plans", "export", "latest", csv).code == 1)
    let json = shell.directory.file("plan.json")
    let done = try await shell.json("plans", "export", "latest", json)
    #expect(done["rows"] == 1)
    let file = try #require(fopen(json, "r"))
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 65536)
    let count = fread(&bytes, 1, bytes.count, file)
    let plan = try JSONValue.parse(String(decoding: bytes[..<count], as: UTF8.self))
    #expect(plan["rows"]?.array?.first?["email"] == "ada@mail.example.org")
  }

  @Test func `dead letters are counted by code and chosen by it`() async throws {
    let shell = try await Shell()
    #expect(
      try await shell.json("queue", "dead", "--cause", "mailchimp.server-error")["deadLetters"]
        == [])
    let none = try await shell.run("queue", "retry", "--cause", "mailchimp.server-error")
    #expect(none.code == 0)
    #expect(none.output.contains("no such dead letters"))
  }
}
