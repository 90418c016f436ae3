// What went wrong, for people: a stable code, a sentence that says what and which one, and the way
// out as an instruction. Values that identify a person go into `fields`, never into the sentence
// of a diagnostic log; a `Secret` cannot be put into either.

package struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
  /// Stable and dotted, such as `mailchimp.key-refused`; scripts may test it.
  package let code: String
  /// One sentence with a full stop: what happened, to which one.
  package var sentence: String
  /// What to do now, as an instruction with a full stop; empty where nothing helps.
  package var remedy: String
  /// Facts beside the sentence, such as `file`, `line`, `column`, `status`.
  package var fields: [String: String]
  /// The text of what lay underneath, for the diagnostic log and `--json`.
  package var cause: String?

  package init(
    _ code: String, _ sentence: String, remedy: String = "", fields: [String: String] = [:],
    cause: String? = nil
  ) {
    self.code = code
    self.sentence = sentence
    self.remedy = remedy
    self.fields = fields
    self.cause = cause
  }

  /// The sentence and the remedy, as a person reads them.
  package var description: String {
    remedy.isEmpty ? sentence : "\(sentence) \(remedy)"
  }

  /// A copy that also says what lay underneath.
  package func caused(by error: any Error) -> Problem {
    var copy = self
    copy.cause = (error as? Problem).map { "\($0.code): \($0.sentence)" } ?? "\(error)"
    return copy
  }

  /// Whatever was thrown, as a problem: problems stay as they are, cancellation is named, and
  /// anything else is a defect of ours that says so.
  package init(describing error: any Error) {
    if let problem = error as? Problem {
      self = problem
    } else if let carrier = error as? any ProblemCarrying {
      self = carrier.problem
    } else if error is CancellationError {
      self = Problem("cancelled", "The work was cancelled.")
    } else {
      self = Problem(
        "internal", "Something unexpected happened inside Listkeeper.",
        remedy: "Run it again; if it stays, send the diagnostic log to the developers.",
        cause: "\(error)")
    }
  }
}

/// An error with more to say to the code than to people; for people it has a problem.
package protocol ProblemCarrying: Error {
  var problem: Problem { get }
}
