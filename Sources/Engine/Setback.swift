// What made a piece of work impossible, with the one thing that decides what happens next: whom it
// concerns.

import Basics
import Mailchimp

package struct Setback: Error, Sendable, Equatable {
  package let problem: Problem
  /// Nil for a problem of our own (the workspace, a message): tried again, then a dead letter.
  package let fault: Fault?

  package init(_ problem: Problem) {
    self.problem = problem
    fault = nil
  }

  package init(_ error: MailchimpError) {
    problem = error.problem
    fault = error.fault
  }

  var isForEveryone: Bool {
    if case .everyone = fault { true } else { false }
  }

  var isCancellation: Bool {
    fault == .cancelled || problem.code == "cancelled"
  }
}
