import Basics
import Domain
import Storage
import Support
import Testing

@testable import PeopleSources

@Suite struct PeopleImportTests {
  let folder: TemporaryDirectory
  let workspace: Workspace

  init() throws {
    folder = try TemporaryDirectory()
    workspace = try Workspace.create(at: folder.file("a.listkeeper"))
  }

  @discardableResult
  func load(_ text: String, customFields: Bool = false) async throws(Problem) -> ImportReport {
    try await load(Array(text.utf8), customFields: customFields)
  }

  func load(_ bytes: [UInt8], customFields: Bool = false) async throws(Problem) -> ImportReport {
    let path: String
    do {
      path = try folder.write("people.csv", bytes)
    } catch {
      throw Problem(describing: error)
    }
    return try await PeopleImport(workspace).run(path: path, customFields: customFields)
  }

  func people() async throws(Problem) -> [Person] {
    try await workspace.read { (reading) throws(Problem) in
      try reading.directory.people(after: nil, limit: 10_000)
    }
  }

  func person(_ externalID: String) async throws -> Person {
    try #require(
      try await workspace.read { (reading) throws(Problem) in
        try reading.directory.person(externalID: externalID)
      })
  }

  static let sample = #"""
    external_id,account,kind,first_name,last_name,email,email2,email3,phone,company,birthday,\#
    date_of_birth,opt_in,active,manager_external_id,updated_at
    k1,Families,individual,Kid,Łę 中文,kid@example.org,,,,,03/07,2015-03-07,,yes,m1,2026-01-02T03:04:05Z
    m1,Families,,Mère,"O'Neil, ""Bob""",Boss@Example.org,second@example.org,,"+33 1",,,,yes,1,,
    o1,,organisation,,,info@example.org,,,,"Acme
    Ltd",,,no,0,,
    ,,,Plain,Person,plain@example.org,,,,,,,,,,
    """#

  @Test func `every column arrives where it belongs`() async throws {
    let report = try await load(PeopleImportTests.sample)
    #expect(report.read == 4)
    #expect(report.added == 4)
    #expect(report.ignoredColumns.isEmpty)
    let kid = try await person("k1")
    let boss = try await person("m1")
    let firm = try await person("o1")
    #expect(kid.managerID == boss.id)
    #expect(kid.birthday == MonthDay("03/07"))
    #expect(kid.dateOfBirth == CivilDate("2015-03-07"))
    #expect(kid.optIn == .unknown)
    #expect(kid.changedAt == Instant(iso8601: "2026-01-02T03:04:05Z"))
    #expect(boss.lastName == "O'Neil, \"Bob\"")
    #expect(boss.emails == ["Boss@Example.org", "second@example.org"])
    #expect(boss.optIn == .yes)
    #expect(boss.optInHow == "import people.csv line 3")
    #expect(firm.company == "Acme Ltd")
    #expect(firm.kind == .organisation)
    #expect(!firm.isActive)
    #expect(firm.account == Account.defaultName)
    let history = try await workspace.read { (reading) throws(Problem) in
      (
        try reading.reports.history(of: boss.id, .at(0), count: 50).rows,
        try reading.reports.consentHistory(of: boss.id)
      )
    }
    #expect(Set(history.0.map(\.who)) == ["import people.csv"])
    #expect(history.1.map(\.evidence) == ["people.csv line 3"])
  }

  @Test func `the same file twice changes nothing`() async throws {
    try await load(PeopleImportTests.sample)
    let before = try await people()
    let again = try await load(PeopleImportTests.sample)
    #expect(again.unchanged == 4)
    #expect(again.added + again.changed == 0)
    #expect(try await people() == before)
  }

  @Test func `only what the file has and what differs is written`() async throws {
    try await load("external_id,first_name,phone\n1,Ada,111\n2,Bob,222\n")
    let report = try await load("external_id,first_name\n1,Ada\n2,Robert\n3,New\n")
    #expect(report.unchanged == 1)
    #expect(report.changed == 1)
    #expect(report.added == 1)
    #expect(try await person("2").phone == "222")
    try await load("external_id,phone,first_name\n2,,Robert\n")
    #expect(try await person("2").phone == "")
  }

  @Test func `rows without an external id find their people again`() async throws {
    let file =
      "first_name,last_name,email\nAda,King,a@x.org\nAda,King,a@x.org\nZoe,King,a@x.org\nNo,Mail,\n"
    try await load(file)
    #expect(try await people().count == 4)
    let again = try await load(file + "New,One,a@x.org\n")
    #expect(again.unchanged == 4)
    #expect(again.added == 1)
  }

  @Test func `a corrected name without an external id is somebody new, and that is said`()
    async throws
  {
    let family = "first_name,last_name,email\nAda,King,a@x.org\nZoe,King,a@x.org\n"
    #expect(try await load(family).notices.isEmpty)
    #expect(try await load(family + "Bob,King,b@x.org\n").notices.isEmpty)
    let corrected = try await load("first_name,last_name,email\nBobby,King,b@x.org\n")
    #expect(corrected.added == 1)
    #expect(corrected.notices.map(\.code) == ["import.beside"])
    #expect(corrected.notices.first?.fields["line"] == "2")
    #expect(try await load(family + "Bob,King,b@x.org\nBobby,King,b@x.org\n").notices.isEmpty)
  }

  @Test func `managers may come later, manage each other, or be here already`() async throws {
    try await load("external_id,first_name\nold,Old\n")
    let rows = (0..<700).map { "c\($0),Child,m\($0 % 7)" }
    let managers = (0..<7).map { "m\($0),Boss,\($0 == 0 ? "old" : "")" }
    let circle = ["a,A,b", "b,B,a"]
    let text = (["external_id,first_name,manager_external_id"] + rows + circle + managers)
      .joined(separator: "\n")
    let report = try await load(text)
    #expect(report.added == 709)
    let all = try await people()
    let names = Dictionary(all.map { ($0.id, $0.externalID ?? "") }) { first, _ in first }
    func manager(_ id: String) throws -> String? {
      try #require(all.first { $0.externalID == id }).managerID.flatMap { names[$0] }
    }
    #expect(try manager("c8") == "m1")
    #expect(try manager("m0") == "old")
    #expect(try manager("a") == "b")
    #expect(try manager("b") == "a")
    // Nobody stands in the directory before the one who is written to instead.
    for child in all where child.externalID?.hasPrefix("c") == true {
      #expect(child.managerID.map { $0 < child.id } == true)
    }
    let again = try await load(text)
    #expect(again.unchanged == 709)
  }

  @Test func `an opt-out made here outlasts a file that does not know of it`() async throws {
    let file = "external_id,first_name,opt_in\n1,Ada,yes\n2,Bob,\n"
    try await load(file)
    try await workspace.write(as: "ada") { (tx) throws(Problem) in
      for id in [PersonID(1), PersonID(2)] { try tx.directory.update(id) { $0.optIn = .no } }
    }
    let again = try await load(file)
    #expect(again.refusalsKept == 1)
    #expect(again.notices.map(\.code) == ["import.opt-outs-kept"])
    #expect(try await people().map(\.optIn) == [.no, .no])
    try await load("external_id,first_name,opt_in,updated_at\n1,Ada,yes,2099-01-01\n")
    #expect(try await person("1").optIn == .yes)
    // What a file said, a file may take back and say again.
    try await load("external_id,first_name,opt_in\n1,Ada,no\n")
    try await load("external_id,first_name,opt_in\n1,Ada,yes\n")
    #expect(try await person("1").optIn == .yes)
  }

  @Test func `further columns are told, or become custom fields`() async throws {
    let file = "First_Name,EMAIL,Shoe size,Vip\nAda,a@x.org,38,yes\n"
    let report = try await load(file)
    #expect(report.ignoredColumns == ["Shoe size", "Vip"])
    #expect(try await people().first?.customFields == [:])
    let second = try await load(file, customFields: true)
    #expect(second.changed == 1)
    #expect(try await people().first?.customFields == ["Shoe size": "38", "Vip": "yes"])
    let third = try await load(file)
    #expect(third.ignoredColumns.isEmpty)
    #expect(third.unchanged == 1)
  }

  @Test func `control characters go at the door`() async throws {
    try await load(
      "first_name,last_name,email\nA\u{1B}[31mda,\u{202E}King\u{7},a@x.org\u{0}\n".replacing(
        "\u{0}", with: ""))
    let person = try #require(try await people().first)
    #expect(person.firstName == "A[31mda")
    #expect(person.lastName == "King")
  }

  // MARK: Bad input

  @Test(arguments: [
    ("", "csv.empty", "nothing in it"),
    ("Vorname,Nachname,E-Mail\nA,B,c\n", "csv.no-header", "Rename 'Vorname' to first_name"),
    ("a,b\n1,2\n", "csv.no-header", "external_id,first_name"),
    ("email,Email\n1,2\n", "csv.duplicate-column", "twice, in columns 1 and 2"),
    ("email,phone\nx\n", "csv.cells", "Line 2 has 1 cells"),
    ("email\nx\ny,\"z\n", "csv.unclosed-quote", "line 3"),
    ("email,kind\nx,robot\n", "import.does-not-fit", "'robot' does not fit kind"),
    ("email,birthday\nx,2001-01-02\n", "import.does-not-fit", "month and day"),
    ("email,date_of_birth\nx,31/12/2001\n", "import.does-not-fit", "1985-12-10"),
    ("email,updated_at\nx,yesterday\n", "import.does-not-fit", "ISO 8601"),
    ("email,opt_in\nx,maybe\n", "import.does-not-fit", "yes or no"),
    (
      "external_id,email\n7,a\n8,b\n7,c\n", "import.duplicate-external-id",
      "Line 4: the external id 7 stands on line 2"
    ),
    ("email,manager_external_id\na,nobody\n", "import.unknown-manager", "nobody is neither"),
    (
      "external_id,email,manager_external_id\n1,a,1\n", "import.own-manager",
      "their own account manager"
    ),
    ("email,phone\n,123\n", "import.nobody", "neither a name nor"),
  ])
  func `a bad file is named with its place and writes nothing`(
    text: String, code: String, words: String
  ) async throws {
    let problem = await #expect(throws: Problem.self) { try await load(text) }
    #expect(problem?.code == code)
    #expect(problem?.description.contains(words) == true, "\(problem?.description ?? "")")
    #expect(problem?.sentence.hasPrefix("people.csv: ") == true)
    #expect(try await people().isEmpty)
  }

  @Test func `wrong encodings and endless cells are refused in words`() async throws {
    let latin = Array("first_name,email\nJos".utf8) + [0xE9, 0x2C, 0x61, 0x0A]
    let wide = Array("first_name,email\nJo,a\n".utf16).flatMap {
      [UInt8($0 & 0xFF), UInt8($0 >> 8)]
    }
    let endless = Array("first_name,email\n\"".utf8) + [UInt8](repeating: 0x61, count: 1_000_000)
    for (bytes, code) in [
      (latin, "csv.encoding"), ([0xFF, 0xFE] + wide, "csv.encoding"), (wide, "csv.nul"),
      (endless, "csv.cell-too-long"),
    ] {
      let problem = await #expect(throws: Problem.self) { try await load(bytes) }
      #expect(problem?.code == code)
      #expect(problem?.fields["line"] != nil)
    }
    #expect(try await people().isEmpty)
  }

  @Test func `all problems of a file are told, the first twenty in words`() async throws {
    let rows = (0..<30).map { "a\($0)@x.org,robot" }
    let problem = await #expect(throws: Problem.self) {
      try await load("email,kind\n" + rows.joined(separator: "\n"))
    }
    #expect(problem?.code == "import.refused")
    #expect(problem?.fields["count"] == "30")
    #expect(problem?.sentence.contains("Line 21:") == true)
    #expect(problem?.sentence.contains("Line 22:") == false)
    #expect(problem?.sentence.hasSuffix("And 10 more.") == true)
    #expect(try await people().isEmpty)
  }

  // MARK: Resuming and exporting

  @Test func `an import that was cut off is finished by the same file`() async throws {
    let rows = (0..<1200).map { "\($0 % 3 == 0 ? "" : "e\($0)"),N\($0 % 40),m\($0 % 50)@x.org" }
    let file = "external_id,first_name,email\n" + rows.joined(separator: "\n")
    let path = try folder.write("people.csv", file)
    let workspace = workspace
    let cut = Task {
      try await PeopleImport(workspace).run(path: path) { done, _ in
        // Closing is as sudden as a kill for what was not committed yet.
        if done == 500 { workspace.close() }
      }
    }
    await #expect(throws: Problem.self) { _ = try await cut.value }
    let reopened = try Workspace.open(at: workspace.path)
    let some = try await reopened.read { (reading) throws(Problem) in
      try reading.directory.count()
    }
    #expect(some == 500)
    let report = try await PeopleImport(reopened).run(path: path)
    #expect(report.unchanged == 500)
    #expect(report.added == 700)
    let again = try await PeopleImport(reopened).run(path: path)
    #expect(again.unchanged == 1200)
  }

  @Test func `importing what was exported changes nothing`() async throws {
    try await load(PeopleImportTests.sample)
    try await load(
      "first_name,last_name,email,Shoe size\nAda,\"=1+1\",a@x.org,\"''-x\"\n", customFields: true)
    let lines = Locked<[UInt8]>([])
    let count = try await PeopleExport(workspace).run { bytes in
      lines.withLock { $0 += bytes }
    }
    #expect(count == 5)
    let before = try await people()
    let report = try await load(lines.withLock { $0 })
    #expect(report.unchanged == 5)
    #expect(report.ignoredColumns.isEmpty)
    #expect(try await people() == before)
  }

  @Test func `the built-in directory is a source that tells changes and takes them back`()
    async throws
  {
    try await load(PeopleImportTests.sample)
    let source = BuiltInDirectory(workspace, page: 3)
    var pages: [PeoplePage] = []
    for try await page in source.people(changedSince: nil) { pages.append(page) }
    #expect(pages.map(\.people.count) == [3, 1])
    let kid = try #require(pages.flatMap(\.people).first { $0.externalID == "k1" })
    #expect(kid.word.values["manager_external_id"] == "m1")
    let id = try await person(kid.externalID).id
    try await source.record(
      WriteBack(person: id, externalID: kid.externalID, values: [.firstName: "Renamed"]))
    let person = try await workspace.read { (reading) throws(Problem) in
      try reading.directory.person(id)
    }
    #expect(person?.firstName == "Renamed")
    #expect(try await source.describe().canWriteBack)
  }

  @Test func `a file is a source that tells everybody in it, and takes nothing back`() async throws
  {
    let file = CSVFile(try folder.write("people.csv", PeopleImportTests.sample))
    let description = try await file.describe()
    #expect(description.hasKeys)
    #expect(!description.canWriteBack)
    #expect(description.fields.contains(.manager))
    var people: [SourcePerson] = []
    var refused: [SourceRefusal] = []
    for try await page in file.people(changedSince: nil) {
      people += page.people
      refused += page.refused
    }
    #expect(refused.map(\.place) == ["people.csv line 6"])
    #expect(people.map(\.externalID) == ["k1", "m1", "o1"])
    #expect(people.map { $0.word.values["manager_external_id"] } == ["m1", "", ""])
    #expect(people.map(\.place).last == "people.csv line 4")
    let refusal = await #expect(throws: Problem.self) {
      try await file.record(
        WriteBack(person: PersonID(1), externalID: "k1", values: [.firstName: "x"]))
    }
    #expect(refusal?.code == "source.cannot-write-back")
  }
}
