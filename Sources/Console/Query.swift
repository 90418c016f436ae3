// What panes ask and what they are told, as data. Every question goes out with a ticket and its
// answer comes back with the same one; an answer whose ticket is not the last of its list is
// dropped, so that a slow reading can never overwrite a quick one.

import Basics
import Domain

/// Which question an answer belongs to.
package struct Ticket: Sendable, Hashable {
  package var pane: PaneID
  /// Counts the questions of one pane.
  package var generation: Int

  package init(pane: PaneID, generation: Int) {
    self.pane = pane
    self.generation = generation
  }
}

/// Gives a pane its tickets.
struct TicketBook: Sendable, Equatable {
  let pane: PaneID
  private(set) var last = 0

  init(_ pane: PaneID) { self.pane = pane }

  mutating func next() -> Ticket {
    last += 1
    return Ticket(pane: pane, generation: last)
  }
}

/// The part of a list that is wanted.
package struct WindowRequest: Sendable, Equatable {
  package enum Place: Sendable, Equatable {
    /// From this position on; where the list is shorter, its last `count` rows.
    case at(Int)
    /// The row with this id in the middle; where it is gone, the first rows.
    case around(Int64)
    /// The last rows.
    case end
  }
  package var place: Place
  package var count: Int
  /// A row near them whose position is known, in lists that are read by their ids.
  package var anchor: WindowAnchor?

  package init(_ place: Place, count: Int, anchor: WindowAnchor? = nil) {
    self.place = place
    self.count = count
    self.anchor = anchor
  }
}

/// A question. The case's comment names the answer; `refused` answers any of them.
package enum Query: Sendable, Equatable {
  /// `people`: a search that cannot be read is refused with a problem whose sentence is shown under
  /// the search.
  case people(search: String, sort: PeopleSort = PeopleSort(), WindowRequest)
  /// `person`
  case person(PersonID)
  /// `explanation`
  case explanation(PersonID)
  /// `history`: latest first.
  case history(PersonID, WindowRequest)
  /// `audiences`: as last read from the account; reads them where none were.
  case audiences
  /// `mapping`
  case mapping
  /// `executions`: running first, then latest first; or in another order.
  case executions(ExecutionFilter, sort: ExecutionSort = ExecutionSort(), WindowRequest)
  /// `execution`
  case execution(ExecutionID)
  /// `steps`: in the order they ran.
  case steps(ExecutionID)
  /// `outcomes`: refused first, then by id; or only those with one result.
  case outcomes(ExecutionID, RowResult?, WindowRequest)
  /// `exchanges`: in the order they were made; bodies may be left out.
  case exchanges(ExecutionID, WindowRequest)
  /// `exchange`: one with its bodies.
  case exchange(Int64)
  /// `logs`: oldest first.
  case logs(LogFilter, WindowRequest)
  /// `logMatch`: the next line of the filter, after or before `from`, that has `text` and is at
  /// least as grave as `minimum`. Without `from`, the last one. It looks at a piece of the log and
  /// may answer that the search goes on; `origin` is where it began.
  case logMatch(
    LogFilter, text: String, minimum: LogLevel, from: Int64?, backwards: Bool, origin: Int64?)
  /// `plans`: those that wait for a decision, latest first.
  case plans
  /// `planRows`: in the order they were planned.
  case planRows(PlanID, WindowRequest)
  /// `deadLetters`: by cause, most first.
  case deadLetters
  /// `settings`: every setting of `Settings.all`.
  case settings
  /// `savedSearches`: by name, with the fields a filter may name.
  case savedSearches
  /// `searchCounts`: how many people each finds.
  case searchCounts
  /// `driftGroups`: open differences by kind.
  case driftGroups
  /// `drifts`: those of one kind, by address.
  case drifts(DriftClass, WindowRequest)
  /// `undoPreview`: what taking this execution back would do now.
  case undoPreview(ExecutionID)
  /// `webhook`: of the chosen audience.
  case webhook
  /// `deliveries`: of webhooks, latest first.
  case deliveries(WindowRequest)
  /// `conflicts`: those that wait, latest first.
  case conflicts
  /// `customFields`: in the order they were added.
  case customFields
  /// `consent`: the ledger of one person, latest first.
  case consent(PersonID, WindowRequest)
  /// `schedules`: in the order they were made.
  case schedules
  /// `logMatch`: the first line of the filter from this moment on, or the last one.
  case logTime(LogFilter, Instant)
  /// `comparison`: with the execution this one does again.
  case comparison(ExecutionID)
  /// `savedFilters`: of executions; those every workspace has first.
  case savedFilters
  /// `exchange`: the last request of the execution that was about this address, with its bodies.
  case exchangeAbout(ExecutionID, AddressKey)
  /// `tagQuestions`: searches whose tag waits for a decision, by name.
  case tagQuestions
  /// `strangers`: contacts of the audience nobody here stands behind, by address.
  case strangers(WindowRequest)
  /// `mappingExamples`: people with what their contacts show; those in step where there are any.
  case mappingExamples(WindowRequest)
  /// `mappingTally`: what these rows come to for the people after this one, a piece of them.
  case mappingTally([FieldMapping], after: PersonID?)
  /// `growth`: of this audience, as last read; reads it where that is long ago.
  case growth(String)
  /// `allowance`
  case allowance
  /// `letterRows`: the dead letters of one cause, oldest first, at most 500.
  case letters(String)
  /// `searchWords`: what a search can name.
  case searchWords
  /// `searchValues`: what begins so.
  case searchValues(SearchBeginning)
  /// `choice`: whom the change would change.
  case choice(PeopleSelection, PeopleChange)
  /// `range`: the people from one to another of a list.
  case range(search: String, sort: PeopleSort, from: PersonID, to: PersonID)
  /// `personRuns`: what executions did with somebody, latest first.
  case personRuns(PersonID, WindowRequest)
  /// `logRange`: the lines of the filter from one to another.
  case logRange(LogFilter, ClosedRange<Int64>)
}

package enum Answer: Sendable, Equatable {
  case people(Window<PersonRow>)
  /// Nil: there is no such person any more.
  case person(PersonDetail?)
  case explanation([ExplanationLine])
  case history(Window<AuditRow>)
  case audiences([Audience])
  case mapping(MappingReading)
  case executions(Window<Execution>)
  case execution(Execution?)
  case steps([StepRow])
  case outcomes(Window<OutcomeRow>)
  case exchanges(Window<ExchangeRow>)
  case exchange(ExchangeRow?)
  case logs(Window<LogRow>)
  case logMatch(LogSearch)
  case plans([PlanSummary])
  case planRows(Window<PlanRowSummary>)
  case deadLetters([DeadLetterGroup])
  case settings([SettingRow])
  case savedSearches([SavedSearchRow], [CustomField])
  case searchCounts([String: Int])
  case driftGroups([DriftGroup])
  case drifts(Window<DriftRow>)
  case undoPreview(UndoPreview)
  case conflicts([ConflictRow])
  /// To `lookUp`.
  case sideBySide(SideBySide)
  case webhook(WebhookHealth)
  case deliveries(Window<WebhookDelivery>)
  case schedules([ScheduleRow])
  /// Nil: it does nothing again, or the other one is gone.
  case comparison(RunComparison?)
  case savedFilters([SavedFilter])
  /// To `testKey`: whose key it is.
  case account(MailchimpAccount)
  /// To `savePerson`: who it is.
  case savedPerson(PersonID)
  case customFields([CustomField])
  case consent(Window<ConsentRow>)
  /// To `changeMapping`: the row that only people who change from now on get, where there is one.
  case mappingChanged(waiting: FieldMapping?)
  /// To `createAudience` and `setDoubleOptIn`: the audience as it is now.
  case audience(Audience)
  /// To `disconnect`: what came of it, in sentences.
  case disconnected([String])
  /// To `beginLogin`, each time it is a step further.
  case login(LoginStep)
  case tagQuestions([SavedSearchRow])
  case strangers(Window<UnknownContact>)
  case mappingExamples(Window<MappingExample>)
  case mappingTally(MappingTally)
  case growth(AudienceGrowth)
  /// Nil: the audiences were not read yet.
  case allowance(AudienceAllowance?)
  case letterRows([DeadLetterRow])
  case searchWords(SearchVocabulary)
  case searchValues(SearchBeginning, [SearchVocabulary.Counted])
  case choice(PeopleChoice)
  /// Empty where they do not stand in that order, or too far apart.
  case range([PersonID])
  case personRuns(Window<PersonRun>)
  /// Empty where they are too many.
  case logRange([LogRow])
  case files(String, [String])
  case importFile(ImportFile)
  /// To `previewImport` and `importPeople`, each time they are a step further.
  case importNews(ImportNews)
  /// To `changePeople` and `takeBack`, each time they are a step further.
  case changed(PeopleProgress)
  /// To `ask`: the execution it started or joined, where there is one.
  case taken(ExecutionID?)
  /// To every other order that was carried out.
  case done
  /// To any question or order that came to nothing.
  case refused(Problem)
}

extension Query {
  /// How many people or lines a range holds at most.
  package static let longestRange = 10_000
}
