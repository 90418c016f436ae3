// The queue against its model: the same random operations on both, the whole table compared after
// every one. Times step forward only; tokens, terms and ids are as often stale as fresh.

import Basics
import Queue
import SQLite
import Support
import Testing

@Suite struct QueueModelTests {
  @Test func `24 runs of 500 random operations leave the file as the model says`() async throws {
    let folder = try TemporaryDirectory()
    var played: [String: Int] = [:]
    var round = 0
    try await forAll(24) { generator in
      round += 1
      let connection = try Connection(path: folder.file("\(round).db"))
      try connection.script(MessageQueue.schema)
      var run = Run(connection: connection, generator: generator)
      for _ in 0..<5 {
        // Statements are real and the file is; only the commits are few.
        try connection.transaction { () throws(Problem) in
          for _ in 0..<100 {
            let operation = try run.step()
            played[operation, default: 0] += 1
          }
        }
      }
    }
    #expect(played.values.reduce(0, +) == 12000)
    // A run in which nothing was finished, folded or refused would prove little.
    for operation in Run.expected {
      #expect(played[operation, default: 0] > 20, "\(operation) of \(played)")
    }
  }
}

/// One run: the file, the model, and what happened so far.
private struct Run {
  static let kinds = ["push", "pull", "tags"]
  static let subjects = ["ada", "bo", "čeněk", "", "d'Arc"]
  static let expected = [
    "new", "coalesced", "leased", "leased none", "renewed", "renewed none", "completed",
    "complete refused", "released", "release refused", "postponed", "postpone refused", "buried",
    "bury refused", "expired", "expired none", "folded", "revived", "revive refused", "discarded",
    "discard refused", "deleted", "deleted none",
  ]

  let connection: Connection
  var generator: SeededGenerator
  var model = QueueModel()
  var now = Instant(milliseconds: 1_000_000)
  var term: Int64 = 1
  var tokens = ["never given"]

  init(connection: Connection, generator: SeededGenerator) {
    self.connection = connection
    self.generator = generator
  }

  mutating func number(_ range: ClosedRange<Int>) -> Int {
    .random(in: range, using: &generator)
  }

  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[number(0...elements.count - 1)]
  }

  mutating func some(_ words: [String]) -> [String] {
    words.filter { _ in number(0...2) > 0 }
  }

  mutating func soon() -> Instant { now + .milliseconds(number(-500...2000)) }

  /// An id and a token that belong together, most of the time.
  mutating func hold() -> (Identifier<Message>, String) {
    let leased = model.entries.filter { $0.lease != nil }
    guard !leased.isEmpty, number(0...3) > 0, let lease = pick(leased).lease else {
      return (anyID(), pick(tokens))
    }
    let mine = leased.filter { $0.lease == lease }
    return (pick(mine).id, number(0...5) == 0 ? pick(tokens) : lease.token)
  }

  mutating func anyID() -> Identifier<Message> {
    model.entries.isEmpty || number(0...3) == 0
      ? Identifier(Int64(number(0...2000))) : pick(model.entries).id
  }

  mutating func deadID() -> Identifier<Message> {
    let dead = model.entries.filter { $0.state == .dead }
    return dead.isEmpty || number(0...4) == 0 ? anyID() : pick(dead).id
  }

  /// Plays one operation on both, compares, and returns its name with how it went.
  mutating func step() throws(Problem) -> String {
    now = now + .milliseconds(number(0...200))
    let before = model.entries.count
    let name = try play()
    try compare(after: name)
    let gone = model.entries.count < before
    return gone && ["released", "postponed", "expired", "revived"].contains(name) ? "folded" : name
  }

  private mutating func play() throws(Problem) -> String {
    switch number(0...23) {
    case 0...6: return try enqueue()
    case 7...10: return try lease()
    case 11:
      let (token, until) = (hold().1, now + .milliseconds(number(0...3000)))
      let count = try MessageQueue.renew(token: token, until: until, on: connection)
      try agree(count, model.renew(token, until: until), "renew")
      return count == 0 ? "renewed none" : "renewed"
    case 12, 13:
      let (id, token) = hold()
      let done = try MessageQueue.complete(id, token: token, on: connection)
      try agree(done, model.remove { $0.id == id && $0.lease?.token == token } == 1, "complete")
      return done ? "completed" : "complete refused"
    case 14, 15:
      let ((id, token), at) = (hold(), soon())
      let done = try MessageQueue.release(id, token: token, runAt: at, on: connection)
      try agree(done, model.giveBack(id, token, runAt: at, tries: 1), "release")
      return done ? "released" : "release refused"
    case 16:
      let ((id, token), at) = (hold(), soon())
      let done = try MessageQueue.postpone(id, token: token, runAt: at, on: connection)
      try agree(done, model.giveBack(id, token, runAt: at, tries: 0), "postpone")
      return done ? "postponed" : "postpone refused"
    case 17, 18: return try bury()
    case 19:
      if number(0...1) == 0 { term += 1 }
      let asked = term - Int64(number(0...1))
      let count = try MessageQueue.expire(now: now, term: asked, on: connection)
      try agree(count, model.expire(now: now, term: asked), "expire")
      return count == 0 ? "expired none" : "expired"
    case 20:
      let id = deadID()
      let done = try MessageQueue.revive(id, now: now, on: connection)
      let place = model.dead(id)
      if let place { model.makeReady(place, runAt: now, attempt: 0) }
      try agree(done, place != nil, "revive")
      return done ? "revived" : "revive refused"
    case 21, 22:
      let id = deadID()
      let done = try MessageQueue.discard(id, on: connection)
      try agree(done, model.remove { $0.id == id && $0.state == .dead } == 1, "discard")
      return done ? "discarded" : "discard refused"
    default: return try deleteReady()
    }
  }

  private mutating func enqueue() throws(Problem) -> String {
    let new = NewMessage(
      kind: pick(Self.kinds), subject: pick(Self.subjects), body: "{\"n\":\(number(0...99))}",
      priority: number(1...3), runAt: soon(), merge: number(0...3) == 0 ? .oldest : .newest)
    let isNew = model.ready(new.kind, new.subject) == nil
    let id = try MessageQueue.enqueue(new, on: connection)
    try agree(model.enqueue(new, as: id), true, "enqueue \(id)")
    return isNew ? "new" : "coalesced"
  }

  private mutating func lease() throws(Problem) -> String {
    let kinds = some(Self.kinds)
    let limit = number(0...4)
    let excluded = number(0...2) == 0 ? some(Self.subjects) : []
    let duration = Duration.milliseconds(number(0...1500))
    let token = number(0...4) == 0 ? pick(tokens) : "token \(tokens.count)"
    tokens.append(token)
    let leased = try MessageQueue.lease(
      kinds: kinds, limit: limit, now: now, term: term, token: token, duration: duration,
      excludingSubjects: excluded, on: connection)
    let lease = Message.Lease(term: term, token: token, until: now + duration)
    let expected = model.lease(
      kinds: kinds, limit: limit, now: now, lease: lease, excluding: excluded)
    try agree(leased.map(\.id), expected, "lease")
    try agree(
      Set(leased.map(entry)), Set(model.entries.filter { expected.contains($0.id) }), "leased")
    return leased.isEmpty ? "leased none" : "leased"
  }

  private mutating func bury() throws(Problem) -> String {
    let (id, token) = hold()
    let problem = Problem(
      pick(["mailchimp.refused", "mailchimp.gone"]), "No \"\(number(0...9))\".", remedy: "Mend it.",
      fields: ["status": "400"], cause: number(0...1) == 0 ? nil : "é")
    let done = try MessageQueue.bury(id, token: token, problem: problem, now: now, on: connection)
    try agree(done, model.bury(id, token, Message.Death(at: now, cause: problem)), "bury")
    return done ? "buried" : "bury refused"
  }

  private mutating func deleteReady() throws(Problem) -> String {
    let kind = pick(Self.kinds)
    let subjects = number(0...1) == 0 ? nil : some(Self.subjects)
    let last: Identifier<Message>? = number(0...1) == 0 ? nil : anyID()
    let count = try MessageQueue.deleteReady(
      kind: kind, subjects: subjects, upTo: last, on: connection)
    let expected = model.remove {
      $0.state == .ready && $0.kind == kind && subjects?.contains($0.subject) ?? true
        && $0.id <= last ?? $0.id
    }
    try agree(count, expected, "delete")
    return count == 0 ? "deleted none" : "deleted"
  }

  // MARK: Comparing

  private mutating func compare(after name: String) throws(Problem) {
    let stored = try MessageQueue.list(limit: 1000, on: connection).map(entry)
    try agree(stored, model.entries.sorted { $0.id < $1.id }, name)
    let kinds = some(Self.kinds)
    try agree(
      try MessageQueue.nextDue(kinds: kinds, on: connection),
      model.entries.filter { $0.state == .ready && kinds.contains($0.kind) }.map(\.runAt).min(),
      "next due after \(name)")
  }

  private func entry(_ message: Message) -> QueueModel.Entry {
    QueueModel.Entry(
      id: message.id, kind: message.kind, subject: message.subject, body: message.body,
      state: message.state, priority: message.priority, runAt: message.runAt,
      attempt: message.attempt, lease: message.lease, death: message.death)
  }

  private func agree<Value: Equatable>(
    _ stored: Value, _ expected: Value, _ what: String
  ) throws(Problem) {
    if stored != expected {
      throw Problem("test.differs", "\(what): the file says \(stored), the model \(expected).")
    }
  }
}
