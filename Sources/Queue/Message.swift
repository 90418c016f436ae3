// One thing to do, as the queue keeps it. `kind` says what, `subject` about whom or what; the queue
// compares both and understands neither, nor the body.

import Basics

package struct Message: Sendable, Hashable {
  package enum State: String, Sendable, CaseIterable {
    case ready, leased, dead
  }

  /// Who works on a message: the engine's term, one token for a batch, and until when without news.
  package struct Lease: Sendable, Hashable {
    package let term: Int64
    package let token: String
    package let until: Instant

    package init(term: Int64, token: String, until: Instant) {
      self.term = term
      self.token = token
      self.until = until
    }
  }

  /// Why and when it was given up.
  package struct Death: Sendable, Hashable {
    package let at: Instant
    package let cause: Problem

    package init(at: Instant, cause: Problem) {
      self.at = at
      self.cause = cause
    }
  }

  package let id: Identifier<Message>
  package let kind: String
  package let subject: String
  package let body: String
  package let state: State
  /// Lower goes first.
  package let priority: Int
  package let runAt: Instant
  /// Tries that failed so far.
  package let attempt: Int
  package let lease: Lease?
  package let death: Death?

  package init(
    id: Identifier<Message>, kind: String, subject: String, body: String, state: State,
    priority: Int, runAt: Instant, attempt: Int, lease: Lease? = nil, death: Death? = nil
  ) {
    self.id = id
    self.kind = kind
    self.subject = subject
    self.body = body
    self.state = state
    self.priority = priority
    self.runAt = runAt
    self.attempt = attempt
    self.lease = lease
    self.death = death
  }
}

/// A message to be put in. One of the same kind and subject that is ready already takes it up.
package struct NewMessage: Sendable, Hashable {
  /// Whose body stays when a ready message takes this one up.
  package enum Merge: Sendable {
    case newest, oldest
  }

  package var kind: String
  package var subject: String
  package var body: String
  package var priority: Int
  package var runAt: Instant
  package var merge: Merge

  package init(
    kind: String, subject: String, body: String = "{}", priority: Int = 5, runAt: Instant,
    merge: Merge = .newest
  ) {
    self.kind = kind
    self.subject = subject
    self.body = body
    self.priority = priority
    self.runAt = runAt
    self.merge = merge
  }
}

/// How many messages of one kind are in one state, and when the first of them is due.
package struct MessageCount: Sendable, Hashable {
  package let kind: String
  package let state: Message.State
  package let count: Int
  package let firstRunAt: Instant

  package init(kind: String, state: Message.State, count: Int, firstRunAt: Instant) {
    self.kind = kind
    self.state = state
    self.count = count
    self.firstRunAt = firstRunAt
  }
}

/// Dead messages of one kind that died of the same thing; `latest` is the newest problem in words.
package struct DeadCause: Sendable, Hashable {
  package let kind: String
  package let count: Int
  package let latest: Problem
  package let latestAt: Instant

  package init(kind: String, count: Int, latest: Problem, latestAt: Instant) {
    self.kind = kind
    self.count = count
    self.latest = latest
    self.latestAt = latestAt
  }
}
