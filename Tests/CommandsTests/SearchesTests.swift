import Basics
import Support
import Testing

/// `searches`: saved searches and their tags by command.
@Suite struct SearchesTests {
  private func people(_ shell: Shell) async throws {
    for (name, account) in [("ada", "Choir"), ("bea", "Choir"), ("cleo", "Board")] {
      try await shell.add("first_name=\(name)", "account=\(account)", "email=\(name)@town.dev")
    }
  }

  @Test func `a search is saved, told with its people, renamed and removed`() async throws {
    let shell = try await Shell()
    try await people(shell)
    let set = try await shell.run("searches", "set", "--tag", "Singers", "account:choir")
    #expect(set.output.contains("2 people found. Tag: not placed yet."), "\(set.errors)")
    #expect(set.output.contains("ada@town.dev"))

    let rows = try await shell.json("searches", "list")["searches"]?.array ?? []
    #expect(
      rows.compactMap { $0["name"]?.string } == [
        "All active", "Birthday this month", "Board", "Choir", "Default account",
        "New this month", "Opted in", "Singers",
      ])
    #expect(rows.last?["people"] == 2)
    #expect(rows.last?["tag"] == true)
    #expect(try await shell.run("searches", "rename", "Singers", "Voices").code == 0)
    // A quick list stays.
    #expect(try await shell.run("searches", "remove", "Choir").code == 1)
    #expect(try await shell.run("searches", "remove", "voices").code == 0)
    #expect(try await shell.run("searches", "show", "Voices").code == 1)
  }

  @Test func `what cannot be read is refused with its place and nothing is saved`() async throws {
    let shell = try await Shell()
    let set = try await shell.run("searches", "set", "Odd", "opt-in:maybe")
    #expect(set.code != 0)
    #expect(set.errors.contains("'opt-in' has no value 'maybe'"))
    #expect(try await shell.run("searches", "show", "Odd").code == 1)
    #expect(try await shell.run("searches", "adopt", "All active").code == 1)
  }

  @Test func `a sync that runs its own engine places the tags before it ends`() async throws {
    let shell = try await Shell()
    try await people(shell)
    #expect(try await shell.run("searches", "set", "Choir", "--tag").code == 0)
    let dry = try await shell.json("sync", "--dry-run", "--wait")
    #expect(dry["plan"]?["counts"]?["tagsAdded"] == 2, "\(dry)")
    #expect(try await shell.run("sync", "--approve", "latest", "--wait").code == 0)
    let show = try await shell.json("searches", "show", "Choir")
    #expect(show["search"]?["state"] == "kept")
    #expect(show["search"]?["placed"] == 2)
    let raw = RawHTTP(port: shell.mailchimp.port, key: shell.mailchimp.key)
    let tags = try await raw.call(
      "GET", "/3.0/lists/\(shell.mailchimp.audience)/segments?type=static")
    #expect(tags["segments"].array?.first?["member_count"] == 2)
    // Removing the search takes the tag off again.
    #expect(try await shell.run("searches", "set", "Choir", "--no-tag").code == 0)
    #expect(try await shell.run("sync", "--wait").code == 0)
    let after = try await raw.call(
      "GET", "/3.0/lists/\(shell.mailchimp.audience)/segments?type=static")
    #expect(after["segments"].array?.first?["member_count"] == 0)
  }
}
