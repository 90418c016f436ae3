// A flow reads and calls Mailchimp; it never writes. What it found out it returns as an `Outcome`,
// which the dispatcher records together with the end of the messages, in one transaction: there is
// no moment in which half of it is on disk.

import Basics
import Domain
import Mailchimp
import Queue
import Storage

package protocol Flow: Sendable {
  static var kind: FlowKind { get }
  /// Throws what made all of `batch` impossible; what concerns single people goes into the outcome.
  func handle(_ batch: [Message], in run: FlowRun) async throws(Setback) -> Outcome
}

/// What a flow may use.
package struct FlowRun: Sendable {
  package let execution: ExecutionID
  package let trigger: Trigger
  package let audienceID: String
  package let settings: SettingValues
  package let workspace: Workspace
  package let mailchimp: MailchimpClient
  package let time: any TimeSource
  /// Whom this piece of work has in hand, and nobody else meanwhile.
  package var addresses: Set<AddressKey> = []
  /// The one thing that stands in the file before a call: a status that is about to be sent, or a tag
  /// that moves whom we ended. Read back before its answer is recorded, or where that is lost, it
  /// would else be somebody else's.
  package var intend: @Sendable ([Intention]) async throws(Problem) -> Void = { _ in }
}

extension FlowRun {
  /// A window of work that only reads: what `body` makes of the message, over the file as it is at
  /// one moment.
  func window(
    _ batch: [Message],
    _ body: @escaping @Sendable (Message, WorkspaceReading) throws(Problem) -> Outcome
  ) async throws(Setback) -> Outcome {
    guard let message = batch.first else { return Outcome() }
    do throws(Problem) {
      return try await workspace.read { (reading) throws(Problem) in try body(message, reading) }
    } catch {
      throw Setback(error)
    }
  }
}

/// All that one piece of work leaves behind; the dispatcher writes it, whole.
package struct Outcome: Sendable {
  // What is now known.
  package var links: [Link] = []
  /// Contacts that a reading showed as their links know them, and when.
  package var seen: [AddressKey: Instant] = [:]
  /// Addresses whose contact has another one now.
  package var goneLinks: [AddressKey] = []
  package var conflicts: [FieldConflict] = []
  /// Values taken from Mailchimp into people.
  package var edits: [PersonID: [PersonEdit]] = [:]
  /// Rows of an undo whose values go back into the directory, or whose people leave it.
  package var putBack: [PlanRow] = []
  /// Subscribers who become people, by address.
  package var arrivals: [AddressKey: [PersonEdit]] = [:]
  /// Decisions made at Mailchimp, for the opt-in of who stands at the address, and of its owner.
  package var consentBack: [AddressKey: ConsentBack] = [:]
  package var keyOwner: String?
  package var suppressions: [Suppression] = []
  package var lifted: [AddressKey] = []
  package var consent: [ConsentEntry] = []
  package var standings: [PersonID: Standing] = [:]
  package var mergeFields: [MergeField]?
  package var audience: Audience?
  package var progress: AudienceProgress?
  /// How the audience grew, where it was asked.
  package var growth: [GrowthMonth]?

  // What is told about it.
  package var counts = ExecutionCounts()
  /// People done in this piece of work, for the progress.
  package var done = 0
  package var total: Int?
  package var rows: [RowOutcome] = []
  package var log: [LogLine] = []
  package var exchanges: [ExchangeRow] = []
  package var step: StepReport?

  // What the plan gains.
  package var plan: PlanID?
  package var planRows: [PlanRow] = []
  /// Single changes the guard held: they wait for a look, with those that wait already.
  package var heldRows: [PlanRow] = []
  package var heldBecause = ""
  package var planCounts: PlanCounts?

  // What a verification found.
  package var shown: [AddressKey] = []
  package var drifts: [Drift] = []
  package var verified: VerificationEnd?

  /// What became of tags.
  package var tags: [TagFinding] = []

  /// Whom a setback kept from being sent. A message that is tried again is about them alone; one
  /// that is given up refuses them.
  package var unsent: [UnsentAddress] = []

  // What becomes of the messages; those not named are done.
  package var fates: [Identifier<Message>: MessageFate] = [:]
  package var next: [NewMessage] = []
  package var ending = Ending.finishes
  /// The audience has been read: compare next, in this mode.
  package var surveys: SyncMode?
  /// What work at the source of people found.
  package var source: SourceFindings?
  /// What hits everyone; nil after a success, which clears it.
  package var blockedBy: Problem?
  /// Deliveries of webhooks whose people were looked at.
  package var webhookLooks: [WebhookLook] = []
  /// What is now known of webhooks.
  package var webhooks: [WebhookRecord] = []
  /// Something concerns addresses that are not in hand: the next poll is due now.
  package var wantsPoll = false
  /// It came to nothing, and that is all: nothing is tried again by itself.
  package var failure: Problem?
  /// What was set out to be sent at these addresses was refused for now: it is known not to be done.
  package var notDone: [AddressKey] = []
  /// When our tags changed these contacts stands in their links.
  package var tagsSeen: [AddressKey] = []
  /// It saw changes that another execution will apply, and count.
  package var hasNoticed = false

  package init() {}
}

extension Outcome {
  /// Mailchimp answered as one does whom nothing blocks.
  var hasSucceeded: Bool {
    exchanges.contains { $0.status.map { (200..<300).contains($0) } ?? false }
  }
}

package struct UnsentAddress: Sendable, Equatable {
  package var key: AddressKey
  package var person: PersonID?
}

/// The part of an execution this piece of work belongs to, and what it put out.
package struct StepReport: Sendable, Equatable {
  package var name: String
  /// Nil while it goes on.
  package var status: ExecutionStatus?
  package var output: JSONValue

  package init(_ name: String, _ status: ExecutionStatus?, output: JSONValue = [:]) {
    self.name = name
    self.status = status
    self.output = output
  }
}

package enum MessageFate: Sendable, Equatable {
  case done
  /// A transient problem: tried again, or a dead letter when it was tried often enough.
  case again(Setback)
  /// Never tried again by itself: a dead letter.
  case dead(Problem)
  /// A clean stop cut it off: it is taken up where it was, no try counted, in the same execution.
  case givenBack
  /// Comes back at that time; no try is counted.
  case later(Instant)
}

/// What becomes of the execution.
package enum Ending: Sendable, Equatable {
  /// This was all of it.
  case finishes
  /// Another message carries it on.
  case goesOn
  /// One of its chunks has returned; the last one finishes it.
  case chunkReturned
  /// The plan is complete: what the guard says about it.
  case planned(PlanVerdict)
}

package enum PlanVerdict: Sendable, Equatable {
  case apply
  /// For a look; the reason is a sentence.
  case hold(String)
  /// A dry run: nothing follows by itself.
  case keep
}
