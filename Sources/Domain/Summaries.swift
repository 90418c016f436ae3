// Rows as screens and reports show them: what a list needs and no more, so that a window of a
// million people costs a screenful. `Storage` fills them, `Console` and `--json` print them.

import Basics

/// A window of a list. Lists are keyed by id, never by position: rows may come and go while
/// somebody reads.
package struct Window<Row: Sendable & Equatable>: Sendable, Equatable {
  package var rows: [Row]
  /// Position of the first row, and how many rows the whole list has.
  package var offset: Int
  package var total: Int
  /// True where counting them all would take too long: `total` is near, and exact at either end.
  package var isEstimate: Bool

  package init(rows: [Row] = [], offset: Int = 0, total: Int = 0, isEstimate: Bool = false) {
    self.rows = rows
    self.offset = offset
    self.total = total
    self.isEstimate = isEstimate
  }
}

/// A row whose place in a list is known: a window near it is read from there, not from the start.
package struct WindowAnchor: Sendable, Equatable {
  package var id: Int64
  package var position: Int
  /// The length of the list where it need not be found out again.
  package var total: Int?
  package var isEstimate: Bool

  package init(id: Int64, position: Int, total: Int? = nil, isEstimate: Bool = false) {
    self.id = id
    self.position = position
    self.total = total
    self.isEstimate = isEstimate
  }
}

package struct PersonRow: Sendable, Equatable, Identifiable {
  package var id: PersonID
  package var name: String
  package var email: String
  package var account: String
  package var optIn: OptIn
  package var state: PersonState
  package var reason: String
  package var changedAt: Instant
  package var isActive: Bool
  package var isDeleted: Bool
  /// The source that tells of them; empty for those of this directory alone.
  package var source: String
  package var addedAt: Instant?
  /// Of a duplicate: who is written to.
  package var other: PersonID?
  /// The reason with the number that belongs to it: `duplicate-of #17`.
  package var fullReason: String { Standing.full(reason, other) }
  /// What further columns show; without those where there is nothing.
  package var details: [PersonColumn: String] = [:]

  package init(
    id: PersonID, name: String, email: String, account: String, optIn: OptIn, state: PersonState,
    reason: String, changedAt: Instant, isActive: Bool = true, isDeleted: Bool = false,
    source: String = ""
  ) {
    self.source = source
    self.id = id
    self.name = name
    self.email = email
    self.account = account
    self.optIn = optIn
    self.state = state
    self.reason = reason
    self.changedAt = changedAt
    self.isActive = isActive
    self.isDeleted = isDeleted
  }
}

/// One line of the audit trail.
package struct AuditRow: Sendable, Equatable, Identifiable {
  package var id: Int64
  package var at: Instant
  package var who: String
  package var person: PersonID?
  package var field: String
  package var old: String
  package var new: String

  package init(
    id: Int64, at: Instant, who: String, person: PersonID?, field: String, old: String, new: String
  ) {
    self.id = id
    self.at = at
    self.who = who
    self.person = person
    self.field = field
    self.old = old
    self.new = new
  }
}

/// What one execution did with one person.
package struct PersonRun: Sendable, Equatable, Identifiable {
  /// Of the row outcome.
  package var id: Int64
  package var execution: ExecutionID
  package var flow: FlowKind
  package var trigger: Trigger
  package var status: ExecutionStatus
  package var at: Instant
  package var outcome: RowOutcome

  package init(
    id: Int64, execution: ExecutionID, flow: FlowKind, trigger: Trigger, status: ExecutionStatus,
    at: Instant, outcome: RowOutcome
  ) {
    self.id = id
    self.execution = execution
    self.flow = flow
    self.trigger = trigger
    self.status = status
    self.at = at
    self.outcome = outcome
  }
}

package struct StepRow: Sendable, Equatable, Identifiable {
  package var id: Int64
  package var name: String
  package var status: ExecutionStatus
  package var startedAt: Instant
  package var tookMilliseconds: Int64?
  /// The step's output as JSON.
  package var output: JSONValue

  package init(
    id: Int64, name: String, status: ExecutionStatus, startedAt: Instant, tookMilliseconds: Int64?,
    output: JSONValue
  ) {
    self.id = id
    self.name = name
    self.status = status
    self.startedAt = startedAt
    self.tookMilliseconds = tookMilliseconds
    self.output = output
  }
}

package struct OutcomeRow: Sendable, Equatable, Identifiable {
  package var id: Int64
  package var name: String
  package var email: String
  package var outcome: RowOutcome

  package init(id: Int64, name: String, email: String, outcome: RowOutcome) {
    self.id = id
    self.name = name
    self.email = email
    self.outcome = outcome
  }
}

/// One API call of an execution, secrets masked.
package struct ExchangeRow: Sendable, Equatable, Identifiable {
  package var id: Int64
  package var at: Instant
  package var method: String
  package var path: String
  /// Nil when no answer came.
  package var status: Int?
  package var tookMilliseconds: Int64
  package var requestBytes: Int
  package var responseBytes: Int
  package var problem: String
  /// Whole bodies where they were kept.
  package var requestBody: String?
  package var responseBody: String?

  package init(
    id: Int64, at: Instant, method: String, path: String, status: Int?, tookMilliseconds: Int64,
    requestBytes: Int, responseBytes: Int, problem: String, requestBody: String? = nil,
    responseBody: String? = nil
  ) {
    self.id = id
    self.at = at
    self.method = method
    self.path = path
    self.status = status
    self.tookMilliseconds = tookMilliseconds
    self.requestBytes = requestBytes
    self.responseBytes = responseBytes
    self.problem = problem
    self.requestBody = requestBody
    self.responseBody = responseBody
  }
}

package struct LogRow: Sendable, Equatable, Identifiable {
  package var id: Int64
  package var execution: ExecutionID?
  package var line: LogLine

  package init(id: Int64, execution: ExecutionID?, line: LogLine) {
    self.id = id
    self.execution = execution
    self.line = line
  }
}

package struct PlanRowSummary: Sendable, Equatable, Identifiable {
  package var id: Int64
  package var name: String
  package var row: PlanRow

  package init(id: Int64, name: String, row: PlanRow) {
    self.id = id
    self.name = name
    self.row = row
  }
}

package struct DeadLetterRow: Sendable, Equatable, Identifiable {
  package var id: Int64
  package var kind: String
  package var subject: String
  package var attempts: Int
  package var diedAt: Instant
  /// The code of its problem, by which letters are grouped, and the sentence.
  package var code: String
  package var cause: String

  package init(
    id: Int64, kind: String, subject: String, attempts: Int, diedAt: Instant, code: String,
    cause: String
  ) {
    self.code = code
    self.id = id
    self.kind = kind
    self.subject = subject
    self.attempts = attempts
    self.diedAt = diedAt
    self.cause = cause
  }
}

/// What the engine of a workspace is doing.
package enum EngineState: String, Sendable, CaseIterable {
  case none = "no engine"
  case running, paused, blocked
}

/// What the first row of the screen and the overview show.
package struct Overview: Sendable, Equatable {
  package var workspace: String
  package var engine: EngineState
  /// The standing error of a blocked flow or a connection, with its remedy.
  package var problem: Problem?
  package var account: String
  package var audienceID: String
  package var audienceName: String
  /// People by state.
  package var people: [PersonState: Int]
  /// Whoever is not in step and not about to be, by reason; most first.
  package var reasons: [Reason]
  package var waitingMessages: Int
  package var deadLetters: Int
  package var heldPlans: Int
  package var lastRun: Execution?
  package var running: Execution?
  package var nextPoll: Instant?
  package var isFirstSyncDone: Bool
  /// Nil where the audience was never verified.
  package var verification: VerificationSummary?
  /// What stands in the way of the webhook; polling goes on beside it.
  package var webhookProblem: Problem?
  /// Those that are active, the next one first.
  package var schedules: [Schedule] = []
  /// Fields that changed on both sides, and tags whose name is in question.
  package var conflicts = 0
  package var tagQuestions = 0
  /// What is in the queue beside `waitingMessages`, its whole number.
  package var queue = QueueDepth()
  package var throughput = Throughput()
  /// Those before the last one that changed something or did not succeed, latest first.
  package var earlierRuns: [Execution] = []
  /// People whose confirmation Mailchimp waits for.
  package var unconfirmed: Int {
    reasons.first { $0.code == WaitingReason.unconfirmed.rawValue }?.count ?? 0
  }

  /// What Review counts beside differences: somebody has to say something about it.
  package var decisions: Int { heldPlans + deadLetters + conflicts + tagQuestions }

  /// What runs next by the clock: a schedule, or, where none is named, a poll of Mailchimp.
  package var nextRun: (at: Instant, schedule: Schedule?)? {
    let schedule = schedules.first.flatMap { first in first.nextRunAt.map { ($0, first) } }
    switch (nextPoll, schedule) {
    case (nil, nil): return nil
    case (let poll?, let (at, first)?): return at < poll ? (at, first) : (poll, nil)
    case (let poll?, nil): return (poll, nil)
    case (nil, let (at, first)?): return (at, first)
    }
  }

  /// Who merely waits for their turn is counted, not named.
  package static func names(_ state: PersonState, _ reason: String) -> Bool {
    switch state {
    case .inStep: false
    case .waiting: WaitingReason(rawValue: reason) != nil
    case .excluded, .refused: !reason.isEmpty
    }
  }

  package struct Reason: Sendable, Equatable {
    package var code: String
    package var count: Int
    package init(code: String, count: Int) {
      self.code = code
      self.count = count
    }
  }

  package init(workspace: String) {
    self.workspace = workspace
    engine = .none
    account = ""
    audienceID = ""
    audienceName = ""
    people = [:]
    reasons = []
    waitingMessages = 0
    deadLetters = 0
    heldPlans = 0
    isFirstSyncDone = false
  }

  package var totalPeople: Int { people.values.reduce(0, +) }
}
