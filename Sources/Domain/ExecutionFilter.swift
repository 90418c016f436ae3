// What the executions and logs panes show of what there is: filters, combinable, kept with names.
// What must stay true: a filter that was kept and is read again is the same filter.

import Basics

/// Filters of the executions pane, combinable.
package struct ExecutionFilter: Sendable, Equatable {
  package var statuses: Set<ExecutionStatus> = []
  package var flow: FlowKind?
  package var trigger: Trigger?
  package var since: Instant?
  package var until: Instant?
  /// Queued so long ago at most, whenever that is asked.
  package var within: Duration?
  package var originalsOnly = false
  package var hidesUnchanged = false
  /// A person that the execution touched.
  package var person: PersonID?
  /// The same as people write it: an address, `#7`, an external id.
  package var who = ""
  package var text = ""

  package init() {}
}

extension ExecutionFilter {
  package var json: JSONValue {
    var members: [String: JSONValue] = [:]
    if !statuses.isEmpty {
      members["statuses"] = .array(statuses.map(\.rawValue).sorted().map { .string($0) })
    }
    if let flow { members["flow"] = .string(flow.rawValue) }
    if let trigger { members["trigger"] = .string(trigger.rawValue) }
    if let since { members["since"] = .int(since.milliseconds) }
    if let until { members["until"] = .int(until.milliseconds) }
    if let within { members["within"] = .int(within.wholeMilliseconds) }
    if originalsOnly { members["originals"] = true }
    if hidesUnchanged { members["changes"] = true }
    if let person { members["person"] = .int(person.rawValue) }
    if !who.isEmpty { members["who"] = .string(who) }
    if !text.isEmpty { members["text"] = .string(text) }
    return .object(members)
  }

  /// Reads what `json` wrote; what it does not know it leaves out.
  package init(json: JSONValue) {
    statuses = Set(
      (json["statuses"]?.array ?? []).compactMap { $0.string }
        .compactMap { ExecutionStatus(rawValue: $0) })
    flow = json["flow"]?.string.flatMap { FlowKind(rawValue: $0) }
    trigger = json["trigger"]?.string.flatMap { Trigger(rawValue: $0) }
    since = json["since"]?.int.map { Instant(milliseconds: $0) }
    until = json["until"]?.int.map { Instant(milliseconds: $0) }
    within = json["within"]?.int.map { .milliseconds($0) }
    originalsOnly = json["originals"]?.bool ?? false
    hidesUnchanged = json["changes"]?.bool ?? false
    person = json["person"]?.int.map { PersonID($0) }
    who = json["who"]?.string ?? ""
    text = json["text"]?.string ?? ""
  }
}

/// A filter of executions with a name.
package struct SavedFilter: Sendable, Equatable, Identifiable {
  package var name: String
  package var filter: ExecutionFilter

  package init(_ name: String, _ filter: ExecutionFilter) {
    self.name = name
    self.filter = filter
  }

  package var id: String { name }

  /// Those every workspace has.
  package static let standard: [SavedFilter] = {
    var amiss = ExecutionFilter()
    amiss.statuses = [.failed, .partial]
    var changes = ExecutionFilter()
    changes.hidesUnchanged = true
    return [SavedFilter("Went wrong", amiss), SavedFilter("With changes", changes)]
  }()
}

/// Filters of the logs pane.
package struct LogFilter: Sendable, Equatable {
  package var minimum: LogLevel = .info
  package var execution: ExecutionID?
  /// Only lines that have these words.
  package var text = ""
  /// Written so long ago at most, whenever that is asked.
  package var within: Duration?

  package init() {}
}

/// What became of a search in the log: it goes a bounded piece at a time, so that a key never waits.
package enum LogSearch: Sendable, Equatable {
  case found(Int64)
  case nothing
  /// Nothing up to this line; `share` of the way is done, in thousandths.
  case goesOn(from: Int64, share: Int)
}

/// Two executions, one of which does the other again, side by side.
package struct RunComparison: Sendable, Equatable {
  package var original: Execution
  package var run: Execution
  /// People by what happened to them in the original and in this one; nil where they do not occur.
  package var moves: [Move]
  /// Those it went differently for, as many as a page takes.
  package var people: [Difference]

  package struct Move: Sendable, Equatable {
    package var old: RowResult?
    package var new: RowResult?
    package var count: Int

    package init(old: RowResult?, new: RowResult?, count: Int) {
      self.old = old
      self.new = new
      self.count = count
    }
  }

  package struct Difference: Sendable, Equatable {
    package var key: AddressKey
    package var old: RowResult?
    package var new: RowResult?
    /// Why, in the later one, or else in the original.
    package var sentence: String

    package init(key: AddressKey, old: RowResult?, new: RowResult?, sentence: String) {
      self.key = key
      self.old = old
      self.new = new
      self.sentence = sentence
    }
  }

  package init(
    original: Execution, run: Execution, moves: [Move] = [], people: [Difference] = []
  ) {
    self.original = original
    self.run = run
    self.moves = moves
    self.people = people
  }
}
