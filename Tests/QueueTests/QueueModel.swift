// The queue in a few lines of Swift over an array: what the table must do, said a second time and in
// another way. It is right as long as a person can read it in one sitting.

import Basics
import Queue

struct QueueModel {
  struct Entry: Hashable {
    var id: Identifier<Message>
    var kind: String
    var subject: String
    var body: String
    var state = Message.State.ready
    var priority: Int
    var runAt: Instant
    var attempt = 0
    var lease: Message.Lease?
    var death: Message.Death?
  }

  var entries: [Entry] = []

  func ready(_ kind: String, _ subject: String) -> Int? {
    entries.firstIndex { $0.state == .ready && $0.kind == kind && $0.subject == subject }
  }

  func held(_ id: Identifier<Message>, _ token: String) -> Int? {
    entries.firstIndex { $0.id == id && $0.lease?.token == token }
  }

  func dead(_ id: Identifier<Message>) -> Int? {
    entries.firstIndex { $0.id == id && $0.state == .dead }
  }

  /// True when `id`, which the queue answered, is the right one.
  mutating func enqueue(_ new: NewMessage, as id: Identifier<Message>) -> Bool {
    guard let twin = ready(new.kind, new.subject) else {
      let isNew = !entries.contains { $0.id == id }
      entries.append(
        Entry(
          id: id, kind: new.kind, subject: new.subject, body: new.body, priority: new.priority,
          runAt: new.runAt))
      return isNew
    }
    entries[twin].runAt = min(entries[twin].runAt, new.runAt)
    entries[twin].priority = min(entries[twin].priority, new.priority)
    entries[twin].attempt = 0
    if new.merge == .newest { entries[twin].body = new.body }
    return entries[twin].id == id
  }

  mutating func lease(
    kinds: [String], limit: Int, now: Instant, lease: Message.Lease, excluding: [String]
  ) -> [Identifier<Message>] {
    var taken: [Identifier<Message>] = []
    var busy = Set(excluding + entries.filter { $0.lease != nil }.map(\.subject))
    let due = entries.filter { $0.state == .ready && kinds.contains($0.kind) && $0.runAt <= now }
    for entry in due.sorted(by: {
      ($0.priority, $0.runAt, $0.id) < ($1.priority, $1.runAt, $1.id)
    }) where taken.count < limit && busy.insert(entry.subject).inserted {
      taken.append(entry.id)
    }
    for place in entries.indices where taken.contains(entries[place].id) {
      entries[place].state = .leased
      entries[place].lease = lease
    }
    return taken
  }

  mutating func renew(_ token: String, until: Instant) -> Int {
    let mine = entries.indices.filter { entries[$0].lease?.token == token }
    for place in mine {
      entries[place].lease = entries[place].lease.map {
        Message.Lease(term: $0.term, token: $0.token, until: until)
      }
    }
    return mine.count
  }

  mutating func makeReady(_ place: Int, runAt: Instant, attempt: Int) {
    var entry = entries.remove(at: place)
    if let twin = ready(entry.kind, entry.subject) {
      entries[twin].runAt = min(entries[twin].runAt, runAt)
      entries[twin].priority = min(entries[twin].priority, entry.priority)
      entries[twin].attempt = min(entries[twin].attempt, attempt)
    } else {
      (entry.state, entry.runAt, entry.attempt) = (.ready, runAt, attempt)
      (entry.lease, entry.death) = (nil, nil)
      entries.append(entry)
    }
  }

  mutating func giveBack(
    _ id: Identifier<Message>, _ token: String, runAt: Instant, tries: Int
  ) -> Bool {
    guard let place = held(id, token) else { return false }
    makeReady(place, runAt: runAt, attempt: entries[place].attempt + tries)
    return true
  }

  mutating func bury(_ id: Identifier<Message>, _ token: String, _ death: Message.Death) -> Bool {
    guard let place = held(id, token) else { return false }
    entries[place].state = .dead
    entries[place].attempt += 1
    entries[place].lease = nil
    entries[place].death = death
    return true
  }

  mutating func expire(now: Instant, term: Int64) -> Int {
    let lost = entries.filter { entry in
      entry.lease.map { $0.term < term || $0.until <= now } ?? false
    }
    for entry in lost.sorted(by: { $0.id < $1.id }) {
      guard let place = entries.firstIndex(where: { $0.id == entry.id }) else { continue }
      makeReady(place, runAt: entry.runAt, attempt: entry.attempt)
    }
    return lost.count
  }

  mutating func remove(where condition: (Entry) -> Bool) -> Int {
    let before = entries.count
    entries.removeAll(where: condition)
    return before - entries.count
  }
}
