// A survey that somebody wants to see what changed meanwhile: it begins from the top, in the same
// execution and with the same plan, and what it had planned is forgotten. What must stay true: who
// asked joins this sync only where it will look at everybody after what they asked about.

import Basics
import Domain
import Queue
import Storage

enum SurveyAgain {
  /// Where the message in hand says so, the window just looked at is not the next but the last one:
  /// its facts are kept, and the first window follows.
  static func look(
    _ work: LeasedWork, _ outcome: inout Outcome, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    guard let lease = work.messages.first,
      let message = try MessageQueue.message(lease.id, on: tx.database),
      try JSONValue.parse(message.body)["again"]?.bool == true
    else { return }
    let survey = try SurveyWork(message)
    try tx.plans.begin(survey.plan)
    try tx.executions.countAnew(survey.execution)
    outcome.rows = []
    outcome.planRows = []
    outcome.planCounts = nil
    outcome.counts = ExecutionCounts()
    outcome.done = 0
    outcome.step = StepReport(StepName.compare, nil)
    outcome.log = [
      LogLine(
        at: tx.now, .info, "Something changed since the comparison began; it begins from the top.")
    ]
    outcome.ending = .goesOn
    outcome.next = [
      SurveyWork(execution: survey.execution, plan: survey.plan, mode: survey.mode)
        .message(at: tx.now)
    ]
  }
}
