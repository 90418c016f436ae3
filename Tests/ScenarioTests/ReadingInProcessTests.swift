// The independent reading against the engine in this process, under each rule that a setting changes.

import Basics
import Domain
import PeopleSources
import Support
import Testing

@Suite struct ReadingInProcessTests {
  @Test(arguments: [
    ([:], PaperReading.Rules()),
    (
      ["recipients.scope": "opted-in", "recipients.organisations": "yes"],
      PaperReading.Rules(isOptedInOnly: true, withOrganisations: true)
    ),
    (
      ["recipients.duplicates": "account manager"],
      PaperReading.Rules(managerWinsDuplicates: true)
    ),
  ])
  func `the audience is what the rules say in every scope`(
    settings: [String: String], rules: PaperReading.Rules
  ) async throws {
    let people = RealisticPeople(700, seed: runSeed)
    let scenario = try await Scenario(settings: settings) { $0.people = 40 }
    let site = PracticeSite(scenario)
    try await site.live(through: people.pasts)
    let before = try await site.contacts()
    let file = try scenario.directory.write("people.csv", people.csv)
    let report = try await PeopleImport(scenario.workspace).run(path: file)
    #expect(report.added == people.rows.count)

    try await scenario.startEngine()
    let run = try await scenario.run(.forceSync(approve: true))
    #expect(run.status.isFinished)
    let standings = try await scenario.standings()
    let paper = try PaperReading(people, numbers: standings.mapValues(\.number), rules)
    let wrong = differences(
      try paper.audience(), before: before, after: try await site.contacts())
    #expect(wrong.isEmpty, "seed \(runSeed): \(wrong.count), \(wrong.prefix(20))")

    var misjudged: [String] = []
    for (name, code) in try paper.codes() {
      let found = standings[name].map { "\($0.state): \($0.reason)" } ?? "nothing"
      let meant = code.isEmpty ? "in step: " : "excluded: \(code)"
      if found != meant { misjudged.append("\(name) is \(found), to be \(meant)") }
    }
    #expect(
      misjudged.isEmpty, "seed \(runSeed): \(misjudged.count), \(misjudged.sorted().prefix(20))")
    await scenario.end()
  }
}

extension Scenario {
  struct Place: Sendable {
    var number: Int
    var state: String
    var reason: String
  }

  /// Everybody by external id.
  func standings() async throws -> [String: Place] {
    try await workspace.read { (reading) throws(Problem) in
      var places: [String: Place] = [:]
      try reading.database.query(
        """
        SELECT p.external_id, p.id, coalesce(s.state, 'none'), coalesce(s.reason, '')
        FROM person p LEFT JOIN standing s ON s.person_id = p.id
        """
      ) { row in
        places[row.text(0)] = Place(number: row.int(1), state: row.text(2), reason: row.text(3))
      }
      return places
    }
  }
}
