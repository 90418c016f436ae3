// What work at the source of people may use: unlike other flows it calls no Mailchimp, so that a
// source is read also where no key is set yet, or while Mailchimp refuses it.

import Basics
import Domain
import HTTP
import PeopleSources
import Queue
import Storage

struct SourceRun: Sendable {
  let execution: ExecutionID
  let settings: SettingValues
  let workspace: Workspace
  let http: HTTPClient
  let time: any TimeSource
  let desk: SourceDesk

  func source() async throws(Problem) -> any PeopleSource {
    let known = try await workspace.read { (reading) throws(Problem) in
      try reading.directory.customFields()
    }
    guard
      let source = try ConfiguredSource.make(settings, known: known, http: http, time: time)
    else {
      throw Problem(
        "settings.no-source", "People are edited here; there is no source to read.",
        remedy: "Set source.kind in Settings or with `listkeeper settings set`.")
    }
    return source
  }
}

extension MessageKind {
  var isAtSource: Bool { self == .refreshPeople || self == .writeBack }
}

/// A source that is being read: the place in its stream. One refresh runs at a time.
final class OpenReading: @unchecked Sendable {  // because that refresh alone asks for pages
  let plan: PlanID
  private(set) var read: Int
  private var pages: AsyncThrowingStream<PeoplePage, any Error>.Iterator

  init(_ plan: PlanID, _ pages: AsyncThrowingStream<PeoplePage, any Error>) {
    self.plan = plan
    read = 0
    self.pages = pages.makeAsyncIterator()
  }

  func next() async throws(Problem) -> PeoplePage? {
    do {
      guard let page = try await pages.next() else {
        // A stream ends in silence for a task that was cancelled: that is not the end of the list.
        if Task.isCancelled { throw CancellationError() }
        return nil
      }
      read += page.count
      return page
    } catch {
      throw Problem(describing: error)
    }
  }
}

/// Holds the reading under way between two messages; lost with the engine, and then begun anew.
final class SourceDesk: Sendable {
  private let open = Locked<OpenReading?>(nil)

  /// The reading of this plan, where it stands at `read` rows.
  func reading(of plan: PlanID, at read: Int) -> OpenReading? {
    open.withLock { $0?.plan == plan && $0?.read == read ? $0 : nil }
  }

  func put(_ reading: OpenReading?) { open.withLock { $0 = reading } }
}

/// What work at the source leaves behind; the `Recorder` writes it.
package enum SourceFindings: Sendable {
  /// Remove what earlier readings left; then begin.
  case cleans(RefreshWork)
  /// Rows of a page, or of a look at who is missing.
  case rows([SourceRow], of: PlanID)
  /// The reading is complete: how it goes on once the guard, or somebody, lets it.
  case concludes(RefreshWork)
  case applies(RefreshWork)
  case wroteBack([WriteBack])
}
