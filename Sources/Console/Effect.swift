// What an update orders, as data: a test compares effects, and nothing in this target can carry
// one out. Those of the last group are obeyed by the session itself and never leave it.

import Basics
import Domain
import Screen

package enum Effect: Sendable, Equatable {
  // MARK: For the services

  /// Read; answer with the ticket.
  case query(Query, Ticket)
  /// Write a request row into the workspace. What becomes of it is shown by the world; a refusal
  /// comes back as a notice.
  case request(Request)
  /// Write these settings in one transaction, and ask the engine to look again; answer `done`, or
  /// `refused` with nothing written.
  case saveSettings([SettingEdit], Ticket)
  /// Try this key (or reference) against this base address without saving anything; answer
  /// `account`, or `refused` with the reason.
  case testKey(Secret, url: String, Ticket)
  /// Add or change a person; answer `savedPerson` or `refused`.
  case savePerson(PersonDraft, Ticket)
  /// Answer `done` or `refused`.
  case deletePerson(PersonID, PersonDeletion, Ticket)
  /// Make this the workspace's audience, after reading it; answer `done`, or `refused` where the
  /// account has none of that id.
  case chooseAudience(String, Ticket)
  /// Read the audiences from Mailchimp again; answer `audiences` or `refused`.
  case refreshAudiences(Ticket)
  /// Send the dead letters of one cause again, or of all of them.
  case reviveLetters(cause: String?)
  case discardLetters(cause: String?)
  /// Let these differences be until they change.
  case dismissDrift(DriftSelection)
  /// Read this address from Mailchimp and from the directory; answer `sideBySide` or `refused`.
  case lookUp(AddressKey, Ticket)
  /// Add a schedule, or change the one of this id; answer `done` or `refused`.
  case saveSchedule(ScheduleID?, ScheduleTerms, Ticket)
  /// Answer `done` or `refused`.
  case removeSchedule(ScheduleID, Ticket)
  /// Take the engine's lock and run it in this process.
  case startEngine
  /// Change a saved search or its tag; answer `done` or `refused`.
  case editSearch(SavedSearchEdit, Ticket)
  case copy(String, CopyTarget)
  /// Edit the mapping; a `backfill` asks for the sync that brings everybody in step with it. Answer
  /// `mappingChanged`, or `refused` with nothing written.
  case changeMapping(MappingChange, Ticket)
  /// Read the audience's merge fields from Mailchimp again; answer `done` or `refused`.
  case readMergeFields(Ticket)
  /// Create a merge field at Mailchimp and read them again; answer `done` or `refused`.
  case createMergeField(MergeFieldDraft, Ticket)
  /// Add a custom field to people; answer `done` or `refused`.
  case addCustomField(CustomField, Ticket)
  /// Make an audience and choose it; answer `audience`, or `refused` with nothing written.
  case createAudience(AudienceDraft, Ticket)
  /// Switch double opt-in of this audience; answer `audience` or `refused`.
  case setDoubleOptIn(Bool, of: String, Ticket)
  /// Delete our webhook and forget the key; answer `disconnected` or `refused`.
  case disconnect(Ticket)
  /// Begin a login by browser; answer `login` with each step it comes to.
  case beginLogin(Ticket)
  /// The address the browser ended on: the answer to the login that was begun.
  case pasteLogin(Secret)
  /// End the login; what is under way is broken off.
  case endLogin
  /// Keep a filter of executions under its name; answer `savedFilters` or `refused`.
  case saveFilter(SavedFilter, Ticket)
  /// Answer `savedFilters` or `refused`.
  case removeFilter(String, Ticket)
  /// Write every line of this filter into a file beside the workspace; notices say how it goes.
  case exportLogs(LogFilter)
  /// Write a request row; answer `taken` once the engine has answered it, or `refused`.
  case ask(Request, Ticket)
  /// Fill in settings, schedules and mapping by a preset; answer `done` or `refused`.
  case applyPreset(Preset, Ticket)
  /// Read from Mailchimp how this audience grew; answer `growth` or `refused`.
  case readGrowth(String, Ticket)
  /// Change these people; answer `changed` as it goes on, or `refused`.
  case changePeople(PeopleChange, [PersonID], Ticket)
  /// Take back what these lines of the audit trail say; answers as to `changePeople`.
  case takeBack(EditMark, what: String, Ticket)
  /// End the change that is under way; what is done stays.
  case stopChange
  /// Folders and files of people whose paths begin so; answer `files`.
  case listFiles(String, Ticket)
  /// What is in a file of people; answer `importFile` or `refused`.
  case inspectFile(String, Ticket)
  /// What an import would do; answers `importNews`, or `refused`. Nothing is written.
  case previewImport(ImportOrder, Ticket)
  /// The same, done.
  case importPeople(ImportOrder, Ticket)
  /// The preview or import under way reads no further; what is written stays.
  case stopImport
  /// Several edits as one, in one transaction, of which the text says what they are; answer `done`,
  /// or `refused` with nothing written.
  case together([Effect], what: String, Ticket)

  // MARK: For the terminal

  case suspend
  /// Paint everything anew, believing nothing about what the terminal shows.
  case redraw
  case captureMouse(Bool)
  case quit

  // MARK: For the session

  case open(Layer)
  case notice(Notice)
  /// Show this pane, with the row of this id selected where one is named.
  case switchPane(PaneID, row: Int64?)
  /// Show a pane with what was looked for elsewhere.
  case jump(Jump)
  /// Close the form that was opened for this action: what it asked for is done.
  case closeForm(ActionID)
  /// Leave it open and say what is wrong; `fields["field"]` may name the field.
  case refuseForm(ActionID, Problem)
  /// Show in the dialog of a login, where it is open, how far it is.
  case stepLogin(LoginStep)
  /// Show a pane and do this there, where it needs no row; else say which key does it.
  case act(PaneID, ActionID)
  /// Show the themes, to choose one.
  case pickTheme
  /// Paint with this theme for now; nil: with that of the settings.
  case previewTheme(String?)
  case chooseTheme(String)
  /// Say this in the form that was opened for this action, where it is open.
  case tellForm(ActionID, String)
  /// Tell the prompt that was opened for this action what a search can name.
  case teachPrompt(ActionID, SearchVocabulary)
  /// Offer these in the place of this text, where it still stands in the prompt of this action.
  case offer(ActionID, instead: String, [SearchSuggestion])
}

/// From what is shown in one pane to what belongs to it in another.
package enum Jump: Sendable, Equatable {
  case executions(ExecutionFilter)
  /// Lines of this filter, with one of them selected where it is named.
  case logs(LogFilter, line: Int64?)
  /// Lines of this filter, from this moment on.
  case logsAt(LogFilter, Instant)
  /// The field of a setting.
  case setting(String)
  /// Who fits this search.
  case people(search: String)
  /// The webhook and its deliveries.
  case webhook

  var pane: PaneID {
    switch self {
    case .setting: .settings
    case .executions: .executions
    case .logs, .logsAt: .logs
    case .people: .people
    case .webhook: .audience
    }
  }
}

/// A setting and its new text; nil goes back to the default. It travels as a secret because one of
/// them is one.
package struct SettingEdit: Sendable, Equatable {
  package var key: String
  package var value: Secret?

  package init(key: String, value: Secret?) {
    self.key = key
    self.value = value
  }
}

/// The two steps of deleting, and the way back from the first.
package enum PersonDeletion: String, Sendable, CaseIterable {
  /// Mark as deleted: they leave the audience by the rule for leavers.
  case mark
  /// Remove what was marked before.
  case remove
  case restore
}

package enum CopyTarget: String, Sendable, CaseIterable {
  /// The clipboard, by OSC 52.
  case clipboard
  /// A file beside the workspace; a notice says which.
  case file
}

/// A sentence on the row above the hints.
package struct Notice: Sendable, Equatable {
  package enum Level: String, Sendable, CaseIterable { case info, success, warning, error }
  package var level: Level
  package var text: String
  /// When it was first shown; the session fills it in.
  package var at: Instant?

  package init(_ level: Level, _ text: String, at: Instant? = nil) {
    self.level = level
    self.text = text
    self.at = at
  }

  package init(_ problem: Problem) {
    self.init(.error, problem.description)
  }

  /// How long it stays; an error stays until a key.
  package var lifetime: Duration? {
    switch level {
    case .error: nil
    case .warning: .seconds(8)
    case .info, .success: .seconds(4)
    }
  }
}
