// Forgets somebody, for the command line and the console: first at Mailchimp, then here. What must
// stay true: nobody is gone here while Mailchimp goes on to have them. Blocks; never on the thread of
// the screen.

import Basics
import Domain
import Storage

struct Eraser: Sendable {
  private let workspace: Workspace
  private let who: String
  private let time: any TimeSource

  /// How often it is tried to find the engine with nothing in hand, twice a second.
  private static let tries = 60

  init(_ workspace: Workspace, as who: String, _ time: any TimeSource) {
    self.workspace = workspace
    self.who = who
    self.time = time
  }

  /// Deletes their contacts at Mailchimp for good and erases them here.
  @discardableResult
  func forget(_ subject: ErasureSubject) throws(Problem) -> ErasureCounts {
    // Whole tables are read before anybody has to wait for it, and by a reader of their own: the
    // screen goes on reading.
    let reader = try workspace.makeReader()
    defer { reader.close() }
    let mentions = try reader.readBlocking { (reading) throws(Problem) in
      try reading.erasures.check(subject)
      return try reading.erasures.mentions(of: subject)
    }
    try deleteThere(subject)
    return try erase(subject, mentions)
  }

  /// The same by id; somebody who has gone meanwhile is passed over.
  func forget(_ id: PersonID) throws(Problem) {
    let subject = try workspace.readBlocking { (reading) throws(Problem) -> ErasureSubject? in
      guard try reading.directory.person(id) != nil else { return nil }
      return try reading.erasures.subject(id)
    }
    if let subject { try forget(subject) }
  }

  /// To be called once at the end: see `Workspace.sweepErased`.
  func sweep() throws(Problem) -> Bool { try workspace.sweepErased(as: who) }

  private func deleteThere(_ subject: ErasureSubject) throws(Problem) {
    if subject.contacts.isEmpty { return }
    let access = try AccountAccess(workspace)
    try waitFor { () throws(Problem) in
      for contact in subject.contacts {
        try await access.deletePermanently(contact.key, from: contact.audienceID)
      }
    }
  }

  private func erase(
    _ subject: ErasureSubject, _ mentions: ErasureStore.Mentions
  ) throws(Problem) -> ErasureCounts {
    try waitFor { () throws(Problem) in
      var left = Self.tries
      while true {
        do throws(Problem) {
          return try await workspace.write(as: who) { (tx) throws(Problem) in
            try tx.erasures.erase(subject, mentions: mentions, by: tx.who)
          }
        } catch {
          left -= 1
          guard error.code == "forget.engine-at-work", left > 0 else { throw error }
          do { try await time.sleep(until: time.now() + .milliseconds(500)) } catch {
            throw Problem(describing: error)
          }
        }
      }
    }
  }
}
