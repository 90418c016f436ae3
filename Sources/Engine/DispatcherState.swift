// What runs now and what may start: a pure state machine. It keeps the busy-set of addresses, so
// that no two hands are ever on one person, across chunks and single changes.

import Basics
import Domain

extension MessageKind {
  /// Reads links and writes what it made of them. While a look is under way nobody is sent to, and
  /// the other way round: else our own write, seen half-way, would pass for somebody else's.
  var isLook: Bool { self == .readAudience || self == .survey || self == .verify || self == .undo }
  /// Tags move `last_changed`, so they take their turns as well.
  var isPush: Bool {
    self == .syncAddress || self == .sendChunk || self == .pullMember || self == .syncTags
  }
  /// About one address each, taken in batches; waits for the first sync.
  var isSingle: Bool { self == .syncAddress || self == .pullMember || self == .writeBack }
}

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

/// Whose links somebody has in hand. A look has everybody's.
struct InHand: Sendable, Equatable {
  var addresses: Set<AddressKey> = []
  var isEverybody = false

  func contains(_ key: AddressKey) -> Bool { isEverybody || addresses.contains(key) }
}

struct DispatcherState: Sendable, Equatable {
  private(set) var running: [Int: RunningWork] = [:]
  private(set) var busy: Set<AddressKey> = []
  private var nextNumber = 0
  /// Looks and pushes take turns: what was in hand when an engine was killed goes first, and from
  /// then on a look waits no longer than for the pushes that run.
  private var hasPushedSinceLook = false

  /// How many pieces of each kind may run at once.
  static func limit(_ kind: MessageKind, connections: Int) -> Int {
    switch kind {
    case .personChanged: 0  // taken in by `Intake`, in one transaction
    case .lookAtTags: 0  // taken in by `TagIntake`
    case .syncTags: 1
    case .syncAddress: 2
    case .readAudience, .survey, .verify, .undo: 1
    case .sendChunk: connections
    case .backup: 1
    case .refreshPeople, .writeBack: 1
    case .pullMember, .tendWebhook: 1
    }
  }

  /// What may be leased now, most urgent first. `ready` are the kinds with a message that is due.
  func orders(
    _ conditions: DispatchConditions, connections: Int, now: Instant,
    ready: Set<MessageKind> = Set(MessageKind.allCases)
  ) -> [DispatchOrder] {
    guard conditions.isConfigured, conditions.blockedUntil.map({ $0 <= now }) ?? true else {
      return []
    }
    guard !conditions.isPaused else { return webhookOrders(ready) }
    let ready = ready.filter { !$0.isSingle || conditions.isFirstSyncDone }
    return peopleOrders(ready, connections: connections) + webhookOrders(ready)
  }

  /// About nobody, hence beside everything, a pause too.
  private func webhookOrders(_ ready: Set<MessageKind>) -> [DispatchOrder] {
    ready.contains(.tendWebhook) && count(of: .tendWebhook) == 0
      ? [.lease(.tendWebhook, limit: 1)] : []
  }

  private func peopleOrders(_ ready: Set<MessageKind>, connections: Int) -> [DispatchOrder] {
    let looksFirst =
      ready.contains(where: \.isLook) && (hasPushedSinceLook || !ready.contains(where: \.isPush))
    if looksFirst {
      let look = MessageKind.allCases.first { $0.isLook && ready.contains($0) }
      guard let look, count(where: { $0.isPush || $0.isLook }) == 0 else { return [] }
      return [.lease(look, limit: 1)]
    }
    if count(where: \.isLook) > 0 { return [] }
    // What a webhook named is looked at before it is written over.
    let pushes = [.pullMember] + MessageKind.allCases.filter { $0.isPush && $0 != .pullMember }
    return
      pushes.filter(ready.contains).flatMap { kind -> [DispatchOrder] in
        let free = Self.limit(kind, connections: connections) - count(of: kind)
        // Single changes leave as one batch; all else comes one message at a time.
        let limit =
          kind == .syncAddress ? SendChunk.size : kind == .pullMember ? PullMember.batch : 1
        return Array(repeating: .lease(kind, limit: limit), count: max(0, free))
      }
  }

  /// The same for what needs this machine alone: it runs beside everything else, blocked or not.
  func localOrders(
    _ conditions: DispatchConditions, ready: Set<MessageKind>
  ) -> [DispatchOrder] {
    guard !conditions.isPaused, ready.contains(.backup), count(of: .backup) == 0 else { return [] }
    return [.lease(.backup, limit: 1)]
  }

  /// The same for work at the source of people: it needs no Mailchimp, touches no link, and keeps
  /// nobody waiting.
  func sourceOrders(_ conditions: DispatchConditions, ready: Set<MessageKind>) -> [DispatchOrder] {
    guard !conditions.isPaused else { return [] }
    return [MessageKind.refreshPeople, .writeBack]
      .filter { ready.contains($0) && count(of: $0) == 0 }
      .map { .lease($0, limit: $0 == .writeBack ? WriteBackPeople.batch : 1) }
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
    if work.kind.isPush || work.kind.isLook { hasPushedSinceLook = work.kind.isPush }
  }

  var inHand: InHand { InHand(addresses: busy, isEverybody: count(where: \.isLook) > 0) }

  private func count(of kind: MessageKind) -> Int {
    count { $0 == kind }
  }

  private func count(where fits: (MessageKind) -> Bool) -> Int {
    running.values.count { fits($0.kind) }
  }
}
