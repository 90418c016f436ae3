import Basics
import Support
import Testing

@Suite struct PeopleTests {
  @Test func `a person is meant by number, external id or address, and never guessed`() async throws
  {
    let shell = try await Shell()
    try await shell.add("first_name=Ada", "email=same@mail.example.org", "external_id=a1")
    try await shell.add("first_name=Bob", "email=same@mail.example.org", "external_id=7")
    for word in ["#1", "1", "a1"] {
      #expect(try await shell.json("people", "show", word)["firstName"] == "Ada", "\(word)")
    }
    #expect(try await shell.json("people", "show", "7")["firstName"] == "Bob")
    let both = try await shell.run("people", "show", "Same@mail.example.org")
    #expect(both.code == 1)
    #expect(both.errors.contains("#1, #2"))
    #expect(try await shell.run("people", "show", "nobody").code == 1)
  }

  @Test func `what was exported is imported without a change`() async throws {
    let shell = try await Shell()
    try await shell.add(
      "external_id=a1", "first_name=Adé \"the\" 中文", "last_name=O'Neil, Jr",
      "emails=a@mail.example.org,b@mail.example.org", "birthday=02/29", "opt_in=yes")
    try await shell.add("external_id=a2", "first_name=Kid", "manager_external_id=a1", "active=no")
    let csv = try await shell.run("people", "export").output
    let file = try shell.directory.write("people.csv", csv)
    let report = try await shell.json("people", "import", file)
    #expect(report["unchanged"] == 2)
    #expect(report["added"] == 0)
    #expect(report["changed"] == 0)
  }

  @Test func `a wrong file names its place and changes nobody`() async throws {
    let shell = try await Shell()
    let file = try shell.directory.write(
      "people.csv", "external_id,first_name,birthday\n1,Ada,12/10\n2,Bob,13/45\n")
    let ended = try await shell.run("people", "import", file, "--json")
    #expect(ended.code == 1)
    let fields = try JSONValue.parse(ended.errors)["error"]?["fields"]
    #expect(fields?["line"]?.string == "3")
    #expect(try await shell.json("people")["total"] == 0)
  }

  @Test func `deleting marks first and removes only who is marked`() async throws {
    let shell = try await Shell()
    try await shell.add("external_id=a1", "first_name=Ada")
    try await shell.add("external_id=a2", "first_name=Bob")
    #expect(try await shell.run("people", "delete", "a1", "--remove").code == 1)
    #expect(try await shell.run("people", "delete", "a1").code == 0)
    #expect(try await shell.json("people", "show", "a1")["deletedAt"]?.string != nil)
    #expect(try await shell.run("people", "delete", "a1", "--restore").code == 0)
    let counted = try await shell.run("people", "delete", "first:ada")
    #expect(counted.code == 1)
    #expect(counted.errors.contains("finds 1 person. Nothing was changed."))
    #expect(try await shell.json("people", "show", "a1")["deletedAt"] == .null)
    for nobody in ["", "  "] {
      let all = try await shell.run("people", "delete", "--yes", nobody)
      #expect(all.code == 2)
      #expect(all.errors.contains("would find everybody"))
    }
    #expect(try await shell.json("people", "show", "a1")["deletedAt"] == .null)
    #expect(try await shell.run("people", "delete", "--yes", "first:ada").code == 0)
    #expect(try await shell.run("people", "delete", "--yes", "--remove", "deleted:yes").code == 0)
    #expect(try await shell.json("people")["people"]?.array?.map { $0["name"] } == ["Bob"])
  }

  @Test func `a search finds, and one that cannot be read says where`() async throws {
    let shell = try await Shell()
    try await shell.add("first_name=Ada", "account=Guest account")
    try await shell.add("first_name=Bob")
    let found = try await shell.json("people", "list", "account:Guest account", "-first:bob")
    #expect(found["people"]?.array?.map { $0["name"] } == ["Ada"])
    let wrong = try await shell.run("people", "list", "opt-in:perhaps")
    #expect(wrong.code != 0)
    #expect(wrong.errors.split(separator: "\n").count == 2)
  }

  @Test func `a duplicate is listed with the number of whose details are sent`() async throws {
    let shell = try await Shell()
    try await shell.add("first_name=Ada", "email=both@mail.example.org")
    try await shell.add("first_name=Bob", "email=both@mail.example.org")
    #expect(try await shell.run("sync", "--dry-run", "--wait").code == 0)
    let list = try await shell.run("people", "list", "reason:duplicate-of").output
    #expect(list.contains("excluded: duplicate-of #2"))
    let rows = try await shell.json("people", "list", "reason:duplicate-of")["people"]?.array
    #expect(rows?.first?["reason"] == "duplicate-of")
    #expect(rows?.first?["duplicateOf"] == 2)
    #expect(try await shell.run("people", "show", "#1").output.contains("duplicate-of #2"))
  }

  @Test func `explain ends with the rule that keeps somebody out`() async throws {
    let shell = try await Shell()
    try await shell.add(
      "external_id=a1", "first_name=Ada", "email=ada@mail.example.org", "opt_in=no")
    let lines = try await shell.run("people", "explain", "a1").output.split(separator: "\n")
    #expect(lines.first?.hasPrefix("✗ Engine: none runs.") == true)
    #expect(lines.contains { $0.hasPrefix("✗ opted-out: yes.") })
  }

  @Test func `a dry run says what an import would do, and the import does it`() async throws {
    let shell = try await Shell()
    try await shell.add("external_id=a1", "last_name=Byron", "email=a@mail.example.org")
    let file = try shell.directory.write(
      "people.csv",
      "external_id,Surname,email,birthday\na1,King,a@mail.example.org,\na2,New,n@mail.example.org,\n"
        + "a3,Wrong,w@mail.example.org,13/45\n")
    let dry = try await shell.run(
      "people", "import", file, "--dry-run", "--match", "Surname=last_name")
    // As it stands the import would be refused.
    #expect(dry.code == 1)
    #expect(dry.output.contains("1 would be added, 1 changed, 0 unchanged, 1 refused"))
    #expect(dry.output.contains("last_name: Byron → King"))
    #expect(dry.output.contains("Line 4: '13/45' does not fit birthday"))
    #expect(try await shell.json("people", "show", "a1")["lastName"] == "Byron")
    let refused = try await shell.run("people", "import", file, "--match", "Surname=last_name")
    #expect(refused.code == 1)
    let report = try await shell.json(
      "people", "import", file, "--match", "Surname=last_name", "--skip-refused")
    #expect(report["added"] == 1)
    #expect(report["changed"] == 1)
    #expect(report["refused"] == 1)
    #expect(try await shell.json("people", "show", "a1")["lastName"] == "King")
    let wrong = try await shell.run("people", "import", file, "--match", "Surname")
    #expect(wrong.errors.contains("COLUMN=FIELD"))
  }

  @Test func `people are listed in the order of any column, and the other way round`() async throws
  {
    let shell = try await Shell()
    for (name, company) in [("Bob", "Zoo"), ("Ada", ""), ("Cyd", "Acme")] {
      try await shell.add("first_name=\(name)", "company=\(company)")
    }
    func names(_ order: String) async throws -> [String] {
      let report = try await shell.json("people", "list", "--order", order)
      return (report["people"]?.array ?? []).compactMap { $0["name"]?.string }
    }
    #expect(try await names("company") == ["Cyd", "Bob", "Ada"])
    #expect(try await names("-company") == ["Bob", "Cyd", "Ada"])
    #expect(try await names("-id") == ["Cyd", "Ada", "Bob"])
    let wrong = try await shell.run("people", "list", "--order", "compny")
    #expect(wrong.errors.contains("Did you mean 'company'?"))
  }
}
