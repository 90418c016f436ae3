// A file looked at before it is imported: what is said is what is then done.

import Basics
import Domain
import Storage
import Support
import Testing

@testable import PeopleSources

@Suite struct ImportPreviewTests {
  let folder: TemporaryDirectory
  let workspace: Workspace

  init() throws {
    folder = try TemporaryDirectory()
    workspace = try Workspace.create(at: folder.file("a.listkeeper"))
  }

  private func order(_ text: String) throws -> ImportOrder {
    ImportOrder(path: try folder.write("people.csv", Array(text.utf8)))
  }

  private func counts() async throws -> Int {
    try await workspace.read { (reading) throws(Problem) in try reading.directory.count() }
  }

  @Test func `the columns of a file come with samples and what they seem to be`() async throws {
    let wanted = try order(
      "Given Name;last_name;E-Mail;Newsletter;Shoe\nAda;Byron;a@x.org;yes;38\nBob;;b@x.org;yes;\n")
    let file = try await PeopleImport(workspace).inspect(wanted.path)
    #expect(file.columns.map(\.target) == ["first_name", "last_name", "email", "", ""])
    #expect(file.columns.map(\.origin) == [.suggested, .named, .suggested, .unknown, .unknown])
    #expect(file.columns[0].samples == ["Ada", "Bob"])
    #expect(file.columns[3].samples == ["yes"])
    // Who is mailed hangs on nobody's guess.
    #expect(file.columns[3].hint == "opt_in")
    #expect(file.targets.contains("manager_external_id"))
  }

  @Test func `a preview writes nothing, and says of each row what would become of it`() async throws
  {
    _ = try await PeopleImport(workspace).run(
      try order("external_id,last_name,email\n1,Byron,a@x.org\n2,Hopper,g@x.org\n"))
    let before = try await counts()
    let preview = try await PeopleImport(workspace).preview(
      try order(
        "external_id,last_name,email\n1,King,a@x.org\n2,Hopper,g@x.org\n3,New,n@x.org\n3,Twice,t@x.org\n"
      ))
    #expect(preview.rows == 4)
    #expect(preview[.added] == 1)
    #expect(preview[.changed] == 1)
    #expect(preview[.unchanged] == 1)
    #expect(preview[.refused] == 1)
    #expect(preview.told[.changed]?.first?.text == "last_name: Byron → King")
    #expect(preview.told[.refused]?.first?.id == 5)
    #expect(try await counts() == before)
  }

  @Test func `columns are taken for what somebody says, and nothing else`() async throws {
    var wanted = try order("Name,email,x\nByron,a@x.org,gold\n")
    wanted.matching = ["Name": "last_name", "x": "custom.level"]
    let report = try await PeopleImport(workspace).run(wanted)
    #expect(report.added == 1)
    let person = try #require(
      try await workspace.read { (reading) throws(Problem) in
        try reading.directory.people(after: nil, limit: 1).first
      })
    #expect(person.lastName == "Byron")
    #expect(person.customFields == ["level": "gold"])
    for (matching, code) in [
      (["Name": "email"], "import.matched-twice"), (["Name": "nme"], "import.unknown-target"),
      (["Nme": "email"], "import.no-column"), (["email": ""], "csv.no-header"),
    ] {
      wanted.matching = matching
      let refused = wanted
      await #expect("\(code)") { _ = try await PeopleImport(workspace).preview(refused) } throws: {
        ($0 as? Problem)?.code == code
      }
    }
  }

  @Test func `a file that was written since it was looked at is not imported`() async throws {
    var wanted = try order("email\na@x.org\n")
    wanted.signature = try await PeopleImport(workspace).inspect(wanted.path).signature
    _ = try order("email\na@x.org\nb@x.org\n")
    let stale = wanted
    await #expect { _ = try await PeopleImport(workspace).run(stale) } throws: {
      ($0 as? Problem)?.code == "import.file-changed"
    }
    #expect(try await counts() == 0)
  }

  @Test func `refused rows are left out where that is said, with the children of refused managers`()
    async throws
  {
    var wanted = try order(
      """
      external_id,last_name,email,birthday,manager_external_id
      m1,Mother,m@x.org,13/45,
      c1,Child,c@x.org,,m1
      g1,Grandchild,g@x.org,,c1
      o1,Other,o@x.org,,
      n1,Nobodys,n@x.org,,zz
      """)
    let strict = wanted
    await #expect {
      _ = try await PeopleImport(workspace).run(strict)
    } throws: {
      ($0 as? Problem)?.code == "import.refused"
    }
    let preview = try await PeopleImport(workspace).preview(wanted)
    #expect(preview[.refused] == 4)
    #expect(preview[.added] == 1)
    wanted.leavesOutRefused = true
    let report = try await PeopleImport(workspace).run(wanted)
    #expect(report.added == 1)
    #expect(report.refused == 4)
    let names = try await workspace.read { (reading) throws(Problem) in
      try reading.directory.people(after: nil, limit: 10).map(\.lastName)
    }
    #expect(names == ["Other"])
  }

  @Test func `what a preview says of any file is what the import then does`() async throws {
    for round in 0..<25 {
      var random = SeededGenerator(seed: runSeed &+ UInt64(round))
      func pick(_ all: [String]) -> String { all.randomElement(using: &random) ?? "" }
      var text = "external_id,first_name,last_name,email,opt_in,birthday,manager_external_id\n"
      for _ in 0..<Int.random(in: 1...30, using: &random) {
        let cells = [
          pick(["", "", "1", "2", "3", "4", "5"]), pick(["Ada", "Bob", ""]), pick(["B", "C", ""]),
          pick(["a@x.org", "b@x.org", "c@x.org", ""]), pick(["", "yes", "no"]),
          pick(["", "12/10", "", "13/13"]), pick(["", "", "", "1", "2", "9"]),
        ]
        text += cells.joined(separator: ",") + "\n"
      }
      var wanted = try order(text)
      wanted.leavesOutRefused = true
      let said = try await PeopleImport(workspace).preview(wanted)
      let done = try await PeopleImport(workspace).run(wanted)
      let (a, b) = (
        [said[.added], said[.changed], said[.unchanged], said[.refused]],
        [done.added, done.changed, done.unchanged, done.refused]
      )
      #expect(a == b, "seed \(runSeed), round \(round):\n\(text)")
      // And the same file once more changes nothing.
      let again = try await PeopleImport(workspace).preview(wanted)
      #expect(again[.added] == 0, "seed \(runSeed), round \(round):\n\(text)")
    }
  }
}
