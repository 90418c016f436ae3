// What can be done with an execution and with the rows of its detail: the keys, why one cannot be
// used now, and what is asked before something happens.

import Basics
import Domain
import Screen

enum ExecutionsAction {
  static let open: ActionID = "executions.open"
  static let search: ActionID = "executions.search"
  static let filter: ActionID = "executions.filter"
  static let filters: ActionID = "executions.filters"
  static let keepFilter: ActionID = "executions.keep-filter"
  static let dropFilter: ActionID = "executions.drop-filter"
  static let outcome: ActionID = "executions.outcome"
  static let foldAll: ActionID = "executions.fold-all"
  static let cancel: ActionID = "executions.cancel"
  static let retry: ActionID = "executions.retry"
  static let replay: ActionID = "executions.replay"
  static let undo: ActionID = "executions.undo"
  static let compare: ActionID = "executions.compare"
  static let original: ActionID = "executions.original"
  static let logs: ActionID = "executions.logs"
  static let person: ActionID = "executions.person"
  static let request: ActionID = "executions.request"
  static let curl: ActionID = "executions.curl"
  static let requestLogs: ActionID = "executions.request-logs"
  static let sort: ActionID = "executions.sort"
  static let reverse: ActionID = "executions.reverse"
  static let mark: ActionID = "executions.mark"
  static let range: ActionID = "executions.range"
  static let all: ActionID = "executions.all"

  static func sortMenu(_ sort: ExecutionSort) -> Menu {
    let all: [(Key, ExecutionSort.Column, String)] = [
      ("s", .started, "When it started"), ("t", .took, "How long it took"),
      ("o", .outcome, "Outcome, the worst first"), ("p", .people, "How many people it touched"),
    ]
    return Menu(
      title: "Sort by",
      items: all.map { key, column, name in
        let isNow = column == sort.column
        let wanted = isNow ? sort.reversed : ExecutionSort(column)
        return Menu.Item(
          key, name + (isNow ? "  (now; turns it round)" : ""),
          .tell(.submitted(Self.sort, ["sort": wanted.description])))
      }, selected: all.firstIndex { $0.1 == sort.column } ?? 0)
  }

  static func bindings(
    _ run: Execution?, _ detail: ExecutionDetail, _ keys: UserKeys, isInDetail: Bool,
    marked: [Execution] = []
  ) -> [KeyBinding] {
    let none = run == nil ? "No execution is selected." : nil
    let isOver = run?.status.isFinished ?? false
    let unfinished = none ?? (isOver ? nil : "It is not over yet.")
    let hasFailed = run?.hasFailed ?? false
    let count = Wording.count(marked.count, "execution", "executions")
    /// Of what acts on all that are marked, where some are.
    func label(_ verb: String, _ one: String) -> String {
      marked.isEmpty ? one : "\(verb) \(count)"
    }
    func whyNot(_ action: ActionID, _ one: String?) -> String? {
      marked.isEmpty ? one : ExecutionMarks.whyNot(action, marked)
    }
    let first = none ?? (run?.original == nil ? "It does no other execution again." : nil)
    func inTab(_ tab: ExecutionDetail.Tab, _ isThere: Bool, _ what: String) -> String? {
      if detail.tab != tab {
        return "That is for the tab \(tab.title): \(keys[SplitAction.nextTab]) goes there."
      }
      return isThere ? nil : "There is no \(what) here."
    }
    return [
      KeyBinding(
        ["Enter"], isInDetail ? "Show" : "Open", open, priority: 50, whyNot: none,
        help: "Open the detail; in it, show the whole of the selected row, fold or unfold a value."),
      KeyBinding(
        ["/"], "Filter", search, priority: 35,
        help: "Filter by text as you type: a name, an address, an error."),
      KeyBinding(
        ["&"], "Form", filter, priority: 25,
        help: "Filter by status, trigger, flow, time, person, text, originals, changes; combined."),
      KeyBinding(
        ["b"], "Filters", filters, priority: 24,
        help: "Filters with names: choose one, save what is shown, forget one."),
      KeyBinding(
        ["s"], "Sort", sort, priority: 23,
        help: "Sort by start, duration, outcome or people; so does a click on a heading."),
      KeyBinding(["S"], "Reverse", reverse, help: "Turn the order of the list round."),
      KeyBinding(
        ["Space"], "Mark", mark, priority: 19, whyNot: none,
        help: "Mark the execution, or not any more; retry, replay and cancel act on all marked."),
      KeyBinding(
        ["v"], "Range", range, priority: 9, whyNot: none,
        help: "Begin a range here; \(keys[range]) again marks all in between."),
      KeyBinding(
        ["*"], "All", all, priority: 8, whyNot: none,
        help: "Mark all in view, or none any more."),
      KeyBinding(
        ["f"], "Outcome", outcome, priority: detail.tab == .people ? 45 : 0,
        whyNot: none ?? inTab(.people, true, ""),
        help: "In People: show only those with one outcome, such as refused."),
      KeyBinding(
        ["o"], "Fold all", foldAll, priority: detail.tab == .steps ? 45 : 0,
        whyNot: none ?? inTab(.steps, true, ""),
        help:
          "In Step outputs: fold everything, or unfold it; \(keys.move(.left)) and \(keys.move(.right)) fold"
          + " one."),
      KeyBinding(
        ["c"], label("Cancel", "Cancel this run"), cancel, place: .actionMenu,
        whyNot: whyNot(
          cancel, none ?? (isOver ? "It is over: nothing is left to cancel." : nil)),
        help: "Stop the execution, or all that are marked, at the next safe point."),
      KeyBinding(
        ["r"], label("Retry what failed in", "Retry what failed"), retry, place: .actionMenu,
        whyNot: whyNot(retry, unfinished ?? (hasFailed ? nil : "Nothing in it failed.")),
        help: "Send again what this execution, or those that are marked, could not send."),
      KeyBinding(
        ["p"], label("Replay", "Replay"), replay, place: .actionMenu,
        whyNot: whyNot(replay, unfinished),
        help: "Do all of it, or of those that are marked, again as a new, linked execution."),
      KeyBinding(
        ["u"], "Undo this run", undo, place: .actionMenu, whyNot: unfinished,
        help: "Put back what it changed, there and here, where that can be done; asks first."),
      KeyBinding(
        ["o"], "Compare with its original", compare, place: .actionMenu, whyNot: first,
        help: "A retry, replay or undo beside the execution it goes back to."),
      KeyBinding(
        ["g"], "Go to its original", original, place: .actionMenu, whyNot: first,
        help: "Select the execution that this one does again."),
      KeyBinding(
        ["l"], "Its lines in Logs", logs, place: .actionMenu, whyNot: none,
        help: "Show its log lines in Logs (\(keys[.logs])), to search and to follow."),
      KeyBinding(
        ["e"], "Executions of this person", person, place: .actionMenu,
        whyNot: inTab(.people, detail.person != nil, "person"),
        help: "From People: every execution that touched the selected person."),
      KeyBinding(
        ["s"], "What was sent for this person", request, place: .actionMenu,
        whyNot: inTab(.people, detail.person != nil, "person"),
        help: "From People: the last request that was about the selected person."),
      KeyBinding(
        ["k"], "Copy as curl", curl, place: .actionMenu,
        whyNot: inTab(.requests, detail.request != nil, "request"),
        help: "From Requests: copy the request for a shell, without the key."),
      KeyBinding(
        ["t"], "Log lines of that time", requestLogs, place: .actionMenu,
        whyNot: inTab(.requests, detail.request != nil, "request"),
        help: "From Requests: the log from the moment of the request on."),
    ]
  }

  // MARK: Outcomes

  private static let chosen = "executions.outcome:"

  /// Results with their counts, where executions count them.
  static func menu(_ run: Execution) -> Menu {
    let counted: [RowResult: Int] = [
      .created: run.counts.created, .updated: run.counts.updated,
      .unsubscribed: run.counts.unsubscribed, .archived: run.counts.archived,
      .refused: run.counts.refused,
    ]
    let results: [(Key, RowResult)] = [
      ("r", .refused), ("c", .created), ("u", .updated), ("n", .unsubscribed), ("v", .archived),
      ("s", .skipped), ("p", .suppressed), ("e", .excluded), ("g", .unchanged),
    ]
    return Menu(
      title: "Show only",
      bindings: [KeyBinding(["a"], "all", ActionID(chosen), help: "")]
        + results.map { key, result in
          let count = counted[result].map { "  \(Wording.number($0))" } ?? ""
          return KeyBinding(
            [key], result.rawValue + count, ActionID(chosen + result.rawValue), help: "")
        })
  }

  /// What was chosen in the menu: all (nil) or one; nil for another action.
  static func result(_ action: ActionID) -> RowResult?? {
    guard action.description.hasPrefix(chosen) else { return nil }
    return .some(RowResult(rawValue: String(action.description.dropFirst(chosen.count))))
  }
}

enum ExecutionDialogs {
  static func dialog(_ action: ActionID, _ run: Execution) -> Dialog {
    let counts = run.counts
    switch action {
    case ExecutionsAction.cancel:
      let done = Wording.number(run.done)
      let of = run.total.map { " of \(Wording.number($0))" } ?? ""
      return Dialog(
        title: "Cancel \(run.id)",
        lines: ["\(done)\(of) people are done; they stay as they are. The rest is not sent."],
        verb: "Cancel the run", orders: [.request(.cancelExecution(run.id))])
    case ExecutionsAction.retry:
      return Dialog(
        title: "Retry \(run.id)",
        lines: ["The \(Wording.people(counts.refused)) it could not send are sent again."],
        verb: "Retry", orders: [.request(.retryExecution(run.id))])
    default:
      let all = counts.changed + counts.refused
      return Dialog(
        title: "Replay \(run.id)",
        lines: [
          "The \(Wording.people(all)) it touched are compared with the audience once more,"
            + " in a new execution."
        ], verb: "Replay", orders: [.request(.replayExecution(run.id))])
    }
  }

  static func undo(_ preview: UndoPreview) -> Dialog {
    let counts = preview.counts
    var lines = [preview.sentence.prefix(1).uppercased() + preview.sentence.dropFirst() + "."]
    if counts.update > 0 {
      lines.append("Old values stay there until that field changes here.")
    }
    if counts.restore > 0 {
      lines.append("What is put back here leaves with the next sync where the mapping sends it.")
    }
    lines += preview.notes.prefix(3).map { "\(Wording.people($0.count)): \($0.sentence)" }
    lines += preview.stays.prefix(6).map {
      "\(Wording.people($0.count)) \($0.count == 1 ? "stays" : "stay"): \($0.sentence)"
    }
    let rest = preview.stays.dropFirst(6).reduce(0) { $0 + $1.count }
    if rest > 0 { lines.append("\(Wording.people(rest)) stay for other reasons.") }
    return Dialog(
      title: "Undo \(preview.execution)", lines: lines, verb: "Undo",
      word: counts.archive > 0 ? "\(counts.archive)" : nil,
      orders: [.request(.undoExecution(preview.execution))])
  }
}
