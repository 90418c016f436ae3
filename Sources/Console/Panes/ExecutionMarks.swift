// Executions that are marked, and what can be done with all of them at once. What must stay true: a
// question names how many it orders, and orders nothing for those it leaves out.

import Basics
import Domain
import Screen

struct ExecutionMarks: Sendable, Equatable {
  private var runs: [ExecutionID: Execution] = [:]
  /// Where a range began that is not ended yet.
  private(set) var start: Int?

  var isEmpty: Bool { runs.isEmpty && start == nil }
  /// Latest first.
  var all: [Execution] { runs.values.sorted { $0.id > $1.id } }

  func contains(_ id: ExecutionID, at position: Int, cursor: Int) -> Bool {
    if let start, min(start, cursor)...max(start, cursor) ~= position { return true }
    return runs[id] != nil
  }

  mutating func toggle(_ run: Execution) {
    if runs.removeValue(forKey: run.id) == nil { runs[run.id] = run }
  }

  mutating func add(_ rows: [Execution]) { for run in rows { runs[run.id] = run } }

  mutating func begin(at position: Int) { start = position }
  mutating func endRange() { start = nil }
  mutating func clear() { self = ExecutionMarks() }

  /// As they stand now.
  mutating func refresh(_ rows: [Execution]) {
    for run in rows where runs[run.id] != nil { runs[run.id] = run }
  }

  /// Those an action makes sense for.
  static func fitting(_ action: ActionID, _ runs: [Execution]) -> [Execution] {
    runs.filter { run in
      switch action {
      case ExecutionsAction.cancel: !run.status.isFinished
      case ExecutionsAction.retry: run.status.isFinished && run.hasFailed
      default: run.status.isFinished
      }
    }
  }

  /// Why an action makes sense for none of them; nil where it does for one.
  static func whyNot(_ action: ActionID, _ runs: [Execution]) -> String? {
    guard fitting(action, runs).isEmpty else { return nil }
    switch action {
    case ExecutionsAction.cancel: return "All that are marked are over."
    case ExecutionsAction.retry: return "Nothing failed in those that are marked."
    default: return "None that is marked is over yet."
    }
  }

  /// One question for all that fit.
  static func dialog(_ action: ActionID, _ runs: [Execution]) -> Dialog {
    let fitting = fitting(action, runs)
    let count = Wording.count(fitting.count, "execution", "executions")
    let left = runs.count - fitting.count
    var lines: [String]
    let verb: String
    let order: (ExecutionID) -> Request
    switch action {
    case ExecutionsAction.cancel:
      verb = "Cancel"
      lines = ["\(count) stop at the next safe point. What is done stays as it is."]
      order = { .cancelExecution($0) }
    case ExecutionsAction.retry:
      verb = "Retry"
      let people = Wording.people(fitting.reduce(0) { $0 + $1.counts.refused })
      lines = ["The \(people) that \(count) could not send are sent again."]
      order = { .retryExecution($0) }
    default:
      verb = "Replay"
      let people = fitting.reduce(0) { $0 + $1.counts.changed + $1.counts.refused }
      lines = [
        "The \(Wording.people(people)) that \(count) touched are compared with the audience once"
          + " more, each in a new execution."
      ]
      order = { .replayExecution($0) }
    }
    if left > 0 {
      lines.append("\(Wording.number(left)) more that are marked are left as they are.")
    }
    return Dialog(
      title: "\(verb) \(count)", lines: lines, verb: verb,
      word: fitting.count > 10 ? "\(fitting.count)" : nil,
      orders: fitting.reversed().map { .request(order($0.id)) })
  }
}

extension Execution {
  var hasFailed: Bool { counts.refused > 0 || status == .failed }
}
