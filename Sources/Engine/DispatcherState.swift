// What runs now and what may start: a pure state machine. It keeps the busy-set of addresses, so
// that no two hands are ever on one person, across chunks and single changes.

import Basics
import Domain

/// One piece of work that runs.
struct RunningWork: Sendable, Equatable {
  var kind: MessageKind
  var addresses: Set<AddressKey> = []
}

/// An order to the dispatcher.
enum DispatchOrder: Sendable, Equatable {
  /// Lease up to `limit` messages of this kind, none about these addresses.
  case lease(MessageKind, limit: Int)
}

/// What the workspace says about running at all.
struct DispatchConditions: Sendable, Equatable {
  var isPaused = false
  /// A flow that is blocked waits until then.
  var blockedUntil: Instant?
  /// Key and audience are set.
  var isConfigured = true
  /// The first plan was applied or approved: only then do single changes leave.
  var isFirstSyncDone = false
}

struct DispatcherState: Sendable, Equatable {
  private(set) var running: [Int: RunningWork] = [:]
  private(set) var busy: Set<AddressKey> = []
  private var nextNumber = 0

  /// How many pieces of each kind may run at once.
  static func limit(_ kind: MessageKind, connections: Int) -> Int {
    switch kind {
    case .personChanged: 0  // taken in by `Intake`, in one transaction
    case .syncAddress: 2
    case .readAudience, .survey: 1
    case .sendChunk: connections
    }
  }

  /// What may be leased now, most urgent first.
  func orders(
    _ conditions: DispatchConditions, connections: Int, now: Instant
  ) -> [DispatchOrder] {
    guard !conditions.isPaused, conditions.isConfigured,
      conditions.blockedUntil.map({ $0 <= now }) ?? true
    else { return [] }
    return MessageKind.allCases.flatMap { kind -> [DispatchOrder] in
      if kind == .syncAddress, !conditions.isFirstSyncDone { return [] }
      let free = Self.limit(kind, connections: connections) - count(of: kind)
      // Single changes leave as one batch; all else comes one message at a time.
      let limit = kind == .syncAddress ? SendChunk.size : 1
      return Array(repeating: .lease(kind, limit: limit), count: max(0, free))
    }
  }

  /// Takes it up, unless one of its addresses is in other hands.
  mutating func start(_ work: RunningWork) -> Int? {
    guard busy.isDisjoint(with: work.addresses) else { return nil }
    nextNumber += 1
    running[nextNumber] = work
    busy.formUnion(work.addresses)
    return nextNumber
  }

  mutating func finish(_ number: Int) {
    guard let work = running.removeValue(forKey: number) else { return }
    busy.subtract(work.addresses)
  }

  private func count(of kind: MessageKind) -> Int {
    running.values.count { $0.kind == kind }
  }
}
