// The test with one person: the administrator's own address goes there and back, and is taken away
// again where they want it. What must stay true: the audience is read in full before anything is
// sent, nobody but the person named is sent, and each step waits for the one before it.

import Basics
import Domain
import Screen

struct SetUpTrial: Sendable, Equatable {
  /// In the order they are gone through.
  enum Stage: Int, Sendable, Comparable {
    case asked, looking, saving, reading, sending, comparing, shown, undoing, undone

    static func < (left: Stage, right: Stage) -> Bool { left.rawValue < right.rawValue }
  }

  /// What became of the person here.
  enum Remains: Sendable, Equatable { case there, marked, removed }

  private(set) var stage = Stage.asked
  private(set) var remains = Remains.there
  var form = Form(Self.fields)
  private(set) var person: PersonID?
  /// The reading with its plan, the sending, and the undo, as far as they are.
  private(set) var runs: [Stage: Execution] = [:]
  private(set) var both: SideBySide?
  /// Of the sending: what it did, step by step, and what became of the person.
  private(set) var steps = Loaded<[StepRow]>()
  private(set) var outcomes = Loaded<[OutcomeRow]>()
  private(set) var problem: Problem?
  /// The order that is out.
  private var order: Ticket?
  /// The execution that is waited for, and the last question about it.
  private var awaited: ExecutionID?
  private var question: Ticket?
  private var deletion: Ticket?

  private static let fields = [
    Form.Field(
      "first", "First name", required: true, help: "Of the person who is sent: best yourself."),
    Form.Field("last", "Last name", help: "May be empty."),
    Form.Field(
      "email", "E-mail address", required: true,
      help: "Your own. That you ask for this test counts as your opt-in, and is in the ledger."),
  ]

  var address: String { Text.oneLine(form["email"]) }
  var takesText: Bool { stage == .asked }
  /// Something is under way at Mailchimp or in the file.
  var isBusy: Bool { order != nil || awaited != nil || deletion != nil }
  var sent: Execution? { runs[.sending] }
  /// The contact was made by the test, so that taking it back archives it.
  var hasCreated: Bool { (sent?.counts.created ?? 0) > 0 }

  // MARK: Going on

  /// Checks the fields; the first that is wrong gets the focus.
  mutating func check(_ id: String, isFinal: Bool = false) {
    let text = Text.oneLine(form[id])
    var problem = ""
    if isFinal, text.isEmpty, form.fields.first(where: { $0.id == id })?.isRequired ?? false {
      problem = "\(id == "email" ? "An address" : "A name") is needed."
    } else if id == "email", !text.isEmpty {
      problem = EmailAddress.flaw(text).map { "Not valid: \($0)." } ?? ""
    }
    form.setProblem(problem, of: id)
  }

  mutating func begin(in world: World, _ book: inout TicketBook) -> [Effect] {
    problem = nil
    for field in form.fields { check(field.id, isFinal: true) }
    if let wrong = form.fields.first(where: { !$0.problem.isEmpty }) {
      form.focus(on: wrong.id)
      return []
    }
    stage = .looking
    let search = "email:=\(address)"
    let engine: [Effect] =
      world.engine == .nobody && world.overview?.engine == EngineState.none ? [.startEngine] : []
    return engine
      + ordered(&book) {
        .query(.people(search: search, WindowRequest(.at(0), count: 20)), $0)
      }
  }

  private mutating func ordered(
    _ book: inout TicketBook, _ effect: (Ticket) -> Effect
  ) -> [Effect] {
    let ticket = book.next()
    order = ticket
    return [effect(ticket)]
  }

  /// Looks at the execution that is waited for, when the file says something new.
  mutating func refresh(_ book: inout TicketBook) -> [Effect] {
    guard let awaited else { return [] }
    let ticket = book.next()
    question = ticket
    return [.query(.execution(awaited), ticket)]
  }

  /// Nil where it is no answer to this.
  mutating func take(
    _ answer: Answer, _ ticket: Ticket, _ book: inout TicketBook
  ) -> [Effect]? {
    if ticket == deletion {
      deletion = nil
      switch answer {
      case .refused(let problem): self.problem = problem
      default: remains = remains == .there ? .marked : .removed
      }
      return []
    }
    if ticket == question {
      question = nil
      if case .execution(let run?) = answer { return take(run, &book) }
      return []
    }
    switch answer {
    case .steps(let rows) where steps.accept(rows, ticket): return []
    case .outcomes(let window) where outcomes.accept(window.rows, ticket): return []
    case .refused(let problem)
    where steps.accept(problem, ticket) || outcomes.accept(problem, ticket):
      return []
    default: break
    }
    guard ticket == order else { return nil }
    order = nil
    switch (answer, stage) {
    case (.people(let window), .looking): return save(window.rows, &book)
    case (.savedPerson(let id), .saving):
      person = id
      stage = .reading
      return ordered(&book) { .ask(.dryRun, $0) }
    case (.taken(let id?), .reading), (.taken(let id?), .sending), (.taken(let id?), .undoing):
      awaited = id
      return refresh(&book)
    case (.sideBySide(let both), _):
      self.both = both
      if let sent, sent.status != .succeeded {
        problem = Problem(
          "set-up.refused",
          "Execution \(sent.id) \(sent.status.rawValue). \(both.notes.joined(separator: " "))")
      }
      stage = stage == .undoing ? .undone : .shown
      guard stage == .shown, let sent else { return [] }
      return steps.ask(.steps(sent.id), &book)
        + outcomes.ask(.outcomes(sent.id, nil, WindowRequest(.at(0), count: 5)), &book)
    case (.refused(let problem), _): stop(problem)
    default: break
    }
    return []
  }

  private mutating func save(_ rows: [PersonRow], _ book: inout TicketBook) -> [Effect] {
    let key = AddressKey(address)
    if let other = rows.first(where: { $0.id != person && AddressKey($0.email) == key }) {
      form.setProblem(
        "\(other.name) (\(other.id)) has this address here already: give another one.", of: "email")
      form.focus(on: "email")
      stage = .asked
      return []
    }
    stage = .saving
    let draft = PersonDraft(
      id: person,
      values: [
        .firstName: Text.oneLine(form["first"]), .lastName: Text.oneLine(form["last"]),
        .optIn: OptIn.yes.rawValue,
      ], emails: [address])
    return ordered(&book) { .savePerson(draft, $0) }
  }

  private mutating func take(_ run: Execution, _ book: inout TicketBook) -> [Effect] {
    runs[stage] = run
    if run.status == .held {
      awaited = nil
      stop(
        Problem(
          "set-up.held", "Execution \(run.id) is held for a look.", remedy: "Decide in Review.")
      )
      return []
    }
    guard run.status.isFinished else { return [] }
    awaited = nil
    // Who is refused is looked up all the same: it says why.
    let isRefused = stage == .sending && run.problem == nil && run.status != .cancelled
    guard run.status == .succeeded || isRefused else {
      stop(run.problem ?? Problem("set-up.ended", "Execution \(run.id) \(run.status.rawValue)."))
      return []
    }
    switch stage {
    case .reading:
      guard let person else { return [] }
      stage = .sending
      return ordered(&book) { .ask(.syncPerson(person), $0) }
    case .sending, .undoing:
      if stage == .sending { stage = .comparing }
      let key = AddressKey(address)
      return ordered(&book) { .lookUp(key, $0) }
    default: return []
    }
  }

  /// What went wrong stands there; what was done is kept, and can be taken back.
  private mutating func stop(_ problem: Problem) {
    self.problem = problem
    switch stage {
    case .comparing, .undoing: stage = .shown
    case .shown, .undone: break
    default: stage = .asked
    }
  }

  // MARK: Afterwards

  /// The question before the contact is taken back there.
  mutating func takeBack(_ book: inout TicketBook) -> [Effect] {
    guard let sent, stage == .shown, !isBusy else { return [] }
    let ticket = book.next()
    let lines =
      hasCreated
      ? ["1 contact, \(address), was made by the test and is archived at Mailchimp now."]
      : ["1 contact, \(address), stood there before: what the test changed is put back."]
    return [
      .open(
        .dialog(
          Dialog(
            title: hasCreated ? "Archive it there" : "Put it back there",
            lines: lines + ["Nobody else is touched."], verb: hasCreated ? "Archive" : "Put back",
            orders: undoing(sent.id, ticket), action: SetUpAction.takeBack)))
    ]
  }

  private mutating func undoing(_ id: ExecutionID, _ ticket: Ticket) -> [Effect] {
    order = ticket
    problem = nil
    stage = .undoing
    return [.ask(.undoExecution(id), ticket)]
  }

  /// The first step marks at once, and can be taken back in People; the second asks.
  mutating func delete(_ book: inout TicketBook) -> [Effect] {
    guard let person, stage >= .shown, !isBusy, remains != .removed else { return [] }
    let ticket = book.next()
    deletion = ticket
    let effect = Effect.deletePerson(person, remains == .there ? .mark : .remove, ticket)
    guard remains == .marked else { return [effect] }
    return [
      .open(
        .dialog(
          Dialog(
            title: "Remove for good",
            lines: ["1 person, \(address), is removed here.", "This cannot be taken back."],
            verb: "Remove", orders: [effect], action: SetUpAction.delete)))
    ]
  }

  /// A question of these was answered with no.
  mutating func cancel(_ action: ActionID) {
    if action == SetUpAction.delete { deletion = nil }
    if action == SetUpAction.takeBack {
      order = nil
      stage = .shown
    }
  }

  /// From the top; the person is the same one as long as there is one.
  mutating func again() {
    guard !isBusy else { return }
    let (values, person) = (form, remains == .there ? person : nil)
    self = SetUpTrial()
    form = values
    self.person = person
  }
}
