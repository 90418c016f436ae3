// What the console asks, answered from one reading of the workspace. A new `Query` asks for its
// line here; nothing here waits for the network.

import Basics
import Console
import Domain
import Engine
import Storage

enum ConsoleAnswers {
  static func answer(_ query: Query, in reading: WorkspaceReading) throws(Problem) -> Answer {
    let reports = reading.reports
    switch query {
    case .people(let search, let sort, let window):
      return .people(
        try reports.people(
          search, sort: sort, window.windowPlace, count: window.count, anchor: window.anchor))
    case .person(let id): return .person(try reports.person(id))
    case .explanation(let id):
      guard let explanation = try reports.explanation(of: id) else { throw gone("person", id) }
      let zone = LocalTime.zone(try reading.settings.values()[Settings.zone])
      return .explanation(explanation.lines { zone.print($0) })
    case .history(let id, let window):
      return .history(
        try reports.history(
          of: id, window.windowPlace, count: window.count, anchor: window.anchor))
    case .audiences: return .audiences(try reading.audiences.audiences())
    case .mapping: return .mapping(try mapping(reading))
    case .executions(let filter, let sort, let window):
      return .executions(
        try reports.executions(
          filter, sort: sort, window.windowPlace, count: window.count, anchor: window.anchor))
    case .execution(let id): return .execution(try reports.execution(id))
    case .steps(let id): return .steps(try reports.steps(of: id))
    case .outcomes(let id, let result, let window):
      return .outcomes(
        try reports.outcomes(
          of: id, only: result, window.windowPlace, count: window.count, anchor: window.anchor))
    case .exchanges(let id, let window):
      return .exchanges(
        try reports.exchanges(
          of: id, window.windowPlace, count: window.count, anchor: window.anchor))
    case .exchange(let id): return .exchange(try reports.exchange(id))
    case .logs(let filter, let window):
      return .logs(
        try reports.logs(filter, window.windowPlace, count: window.count, anchor: window.anchor))
    case .logMatch(let filter, let text, let minimum, let from, let backwards, let origin):
      return .logMatch(
        try reports.logMatch(
          filter, text: text, minimum: minimum, from: from, backwards: backwards, origin: origin))
    case .logTime(let filter, let instant):
      return .logMatch(
        try reports.logLine(filter, at: instant).map { .found($0) } ?? .nothing)
    case .logRange(let filter, let ids):
      let rows = try reports.logs(
        filter, after: ids.lowerBound - 1, through: ids.upperBound, limit: Query.longestRange + 1)
      return .logRange(rows.count > Query.longestRange ? [] : rows)
    case .comparison(let id): return .comparison(try reports.comparison(of: id))
    case .savedFilters: return .savedFilters(try reading.filters.all())
    case .exchangeAbout(let id, let key):
      return .exchange(try reports.exchange(of: id, about: key))
    case .plans: return .plans(try reports.plans())
    case .planRows(let id, let window):
      return .planRows(try reports.planRows(of: id, window.windowPlace, count: window.count))
    case .deadLetters: return .deadLetters(try reports.deadLetters())
    case .conflicts: return .conflicts(try reading.conflicts.list(openOnly: true, limit: 500))
    case .undoPreview(let id): return .undoPreview(try UndoExecution.preview(id, reading))
    case .schedules: return .schedules(try reports.schedules())
    case .driftGroups: return .driftGroups(try reports.driftGroups())
    case .drifts(let kind, let window):
      return .drifts(try reports.drifts(kind, window.windowPlace, count: window.count))
    case .savedSearches:
      return .savedSearches(
        try reports.savedSearches() + reports.tagsWithoutSearch(),
        try reading.directory.customFields())
    case .tagQuestions: return .tagQuestions(try reports.tagQuestions())
    case .growth(let id): return .growth(try reading.figures.growth(of: id))
    case .letters(let cause):
      return .letterRows(try reports.deadLetters(cause: cause, limit: 500))
    case .allowance: return .allowance(try reading.figures.allowance())
    case .strangers(let window):
      return .strangers(try reports.strangers(window.windowPlace, count: window.count))
    case .searchWords: return .searchWords(try reports.searchWords())
    case .searchValues(let beginning):
      return .searchValues(beginning, try reports.searchValues(beginning))
    case .choice(let selection, let change):
      return .choice(try reports.choice(selection, for: change))
    case .range(let search, let sort, let from, let to):
      return .range(
        try reports.peopleBetween(search, sort, from: from, to: to, limit: Query.longestRange))
    case .personRuns(let id, let window):
      return .personRuns(
        try reports.runs(
          of: id, window.windowPlace, count: window.count, anchor: window.anchor))
    case .searchCounts: return .searchCounts(try reports.searchCounts())
    case .webhook: return .webhook(try reports.webhook())
    case .deliveries(let window):
      return .deliveries(try reports.deliveries(window.windowPlace, count: window.count))
    case .customFields: return .customFields(try reading.directory.customFields())
    case .consent(let id, let window):
      return .consent(
        try reports.consent(
          of: id, window.windowPlace, count: window.count, anchor: window.anchor))
    case .mappingExamples(let window):
      return .mappingExamples(
        try reports.mappingExamples(window.windowPlace, count: window.count))
    case .mappingTally(let rows, let after):
      return .mappingTally(try reports.mappingTally(of: rows, after: after))
    case .settings:
      let stored = Dictionary(
        try reading.settings.stored().map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
      return .settings(
        Settings.all.map { setting in
          let row = stored[setting.key]
          return SettingRow(
            key: setting.key, value: row.map { Secret($0.value) }, changedBy: row?.changedBy ?? "",
            changedAt: row?.changedAt)
        })
    }
  }

  /// Each row with what is wrong with it; what is wrong with the mapping as a whole the board tells.
  private static func mapping(_ reading: WorkspaceReading) throws(Problem) -> MappingReading {
    let board = try reading.mappingBoard()
    let (problems, remarks) = (board.problems, board.remarks)
    let rows = board.rows.map { row in
      MappingRow(
        mapping: row, fieldType: row.field.type(customTypes: board.customTypes),
        mergeField: board.mergeFields?.first { $0.tag == row.tag },
        problem: problems.filter { $0.fields["tag"] == row.tag }.map(\.description)
          .joined(separator: " "),
        remark: remarks.filter { $0.fields["tag"] == row.tag }.map(\.sentence)
          .joined(separator: " "))
    }
    return MappingReading(rows: rows, board: board)
  }

  static func gone<Tag>(_ what: String, _ id: Identifier<Tag>) -> Problem {
    Problem("console.gone", "There is no \(what) \(id) any more.")
  }
}

extension WindowRequest {
  var windowPlace: WindowPlace {
    switch place {
    case .at(let position): .at(position)
    case .around(let id): .around(id)
    case .end: .end
    }
  }
}

extension Query {
  /// True for what may have to look at every row: it goes to a reader of its own.
  var maySearchLong: Bool {
    switch self {
    case .people(let search, let sort, _): !search.isEmpty || !sort.isIndexed
    case .executions(let filter, _, _): filter != ExecutionFilter()
    case .outcomes(_, let result, _): result != nil
    case .logs(let filter, _): !filter.text.isEmpty
    case .logMatch, .logTime, .comparison, .exchangeAbout, .undoPreview, .searchCounts,
      .savedSearches, .strangers, .mappingTally, .searchValues, .choice, .range,
      .logRange:
      true
    default: false
    }
  }

  /// Questions of one kind replace each other; an older one need not be answered any more.
  var kind: String {
    switch self {
    case .people: "people"
    case .person: "person"
    case .explanation: "explanation"
    case .history: "history"
    case .audiences: "audiences"
    case .mapping: "mapping"
    case .executions: "executions"
    case .execution: "execution"
    case .steps: "steps"
    case .outcomes: "outcomes"
    case .exchanges: "exchanges"
    case .exchange: "exchange"
    case .logs: "logs"
    case .logMatch: "log match"
    case .plans: "plans"
    case .planRows: "plan rows"
    case .deadLetters: "dead letters"
    case .schedules: "schedules"
    case .settings: "settings"
    case .undoPreview: "undo preview"
    case .conflicts: "conflicts"
    case .savedSearches: "saved searches"
    case .searchCounts: "search counts"
    case .driftGroups: "drift groups"
    case .drifts: "drifts"
    case .webhook: "webhook"
    case .deliveries: "deliveries"
    case .customFields: "custom fields"
    case .consent: "consent"
    // It takes the place of a search.
    case .logTime: "log match"
    case .comparison: "comparison"
    case .savedFilters: "saved filters"
    case .exchangeAbout: "exchange"
    case .tagQuestions: "tag questions"
    case .strangers: "strangers"
    case .mappingExamples: "mapping examples"
    case .mappingTally: "mapping tally"
    case .growth: "growth"
    case .allowance: "allowance"
    case .letters: "letters"
    case .searchWords: "search words"
    case .searchValues: "search values"
    case .choice: "choice"
    case .range: "range"
    case .personRuns: "person runs"
    case .logRange: "log range"
    }
  }
}
