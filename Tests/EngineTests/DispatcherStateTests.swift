import Basics
import Domain
import Mailchimp
import Queue
import Support
import Testing

@testable import Engine

@Suite struct DispatcherStateTests {
  private let now = Instant(milliseconds: 1_000_000)
  private let ada = AddressKey("ada@lovelace.dev")
  private let alan = AddressKey("alan@turing.dev")

  private func kinds(_ orders: [DispatchOrder]) -> [MessageKind] {
    orders.map { order in
      switch order {
      case .lease(let kind, _): kind
      }
    }
  }

  private func orders(
    _ state: DispatcherState = DispatcherState(),
    ready: Set<MessageKind> = Set(MessageKind.allCases).subtracting([.syncTags, .tendWebhook]),
    _ change: (inout DispatchConditions) -> Void = { _ in }
  ) -> [DispatchOrder] {
    var conditions = DispatchConditions(isFirstSyncDone: true)
    change(&conditions)
    return state.orders(conditions, connections: 6, now: now, ready: ready)
  }

  @Test func `nobody is ever in two hands`() {
    var state = DispatcherState()
    let first = state.start(RunningWork(kind: .sendChunk, addresses: [ada, alan]))
    #expect(first != nil)
    #expect(state.start(RunningWork(kind: .syncAddress, addresses: [ada])) == nil)
    #expect(state.busy == [ada, alan])
    state.finish(first ?? 0)
    #expect(state.busy.isEmpty)
    #expect(state.start(RunningWork(kind: .syncAddress, addresses: [ada])) != nil)
  }

  @Test func `finishing twice frees nobody else's people`() {
    var state = DispatcherState()
    let first = state.start(RunningWork(kind: .sendChunk, addresses: [ada])) ?? 0
    state.finish(first)
    _ = state.start(RunningWork(kind: .sendChunk, addresses: [ada]))
    state.finish(first)
    #expect(state.busy == [ada])
  }

  @Test func `nothing starts while paused, blocked or not set up`() {
    #expect(orders { $0.isPaused = true }.isEmpty)
    #expect(orders { $0.isConfigured = false }.isEmpty)
    #expect(orders { $0.blockedUntil = now + .seconds(1) }.isEmpty)
    #expect(!orders { $0.blockedUntil = now }.isEmpty)
  }

  @Test func `a backup needs no Mailchimp, and one runs at a time, beside everything else`() {
    let unable = DispatchConditions(blockedUntil: now + .seconds(1), isConfigured: false)
    let paused = DispatchConditions(isPaused: true)
    var state = DispatcherState()
    _ = state.start(RunningWork(kind: .readAudience))
    #expect(state.localOrders(unable, ready: [.backup, .survey]) == [.lease(.backup, limit: 1)])
    #expect(state.localOrders(paused, ready: [.backup]).isEmpty)
    _ = state.start(RunningWork(kind: .backup))
    #expect(state.localOrders(unable, ready: [.backup]).isEmpty)
  }

  @Test func `the webhook is looked after beside everything, a pause too, once at a time`() {
    let tend: Set<MessageKind> = [.tendWebhook, .readAudience, .pullMember]
    #expect(orders(ready: tend) { $0.isPaused = true } == [.lease(.tendWebhook, limit: 1)])
    #expect(orders(ready: tend) { $0.isConfigured = false }.isEmpty)
    var state = DispatcherState()
    _ = state.start(RunningWork(kind: .readAudience))
    #expect(orders(state, ready: tend) == [.lease(.tendWebhook, limit: 1)])
    _ = state.start(RunningWork(kind: .tendWebhook))
    #expect(orders(state, ready: tend).isEmpty)
  }

  @Test func `looks that webhooks ask for wait for the first sync and exclude pushes`() {
    let single: Set<MessageKind> = [.pullMember]
    #expect(orders(ready: single) { $0.isFirstSyncDone = false }.isEmpty)
    #expect(orders(ready: single) == [.lease(.pullMember, limit: PullMember.batch)])
    var state = DispatcherState()
    _ = state.start(RunningWork(kind: .pullMember, addresses: [ada]))
    #expect(state.start(RunningWork(kind: .syncAddress, addresses: [ada])) == nil)
    #expect(orders(state, ready: [.readAudience]).isEmpty)
    #expect(orders(state, ready: single).isEmpty)
  }

  @Test func `single changes wait for the first sync, plans and readings do not`() {
    let single: Set<MessageKind> = [.syncAddress]
    #expect(orders(ready: single) { $0.isFirstSyncDone = false }.isEmpty)
    #expect(kinds(orders(ready: single)) == [.syncAddress, .syncAddress])
    let before = orders(ready: [.syncAddress, .readAudience]) { $0.isFirstSyncDone = false }
    #expect(before == [.lease(.readAudience, limit: 1)])
    #expect(
      kinds(orders(ready: [.sendChunk]) { $0.isFirstSyncDone = false }).contains(.sendChunk))
  }

  @Test func `no more runs at once than the connections allow, and one reading`() {
    var state = DispatcherState()
    #expect(kinds(orders(state)).count { $0 == .sendChunk } == 6)
    for number in 0..<6 {
      _ = state.start(
        RunningWork(kind: .sendChunk, addresses: [AddressKey("p\(number)@town.dev")]))
    }
    #expect(!kinds(orders(state)).contains(.sendChunk))
    var reading = DispatcherState()
    _ = reading.start(RunningWork(kind: .readAudience))
    #expect(orders(reading).isEmpty)
  }

  @Test func `what a webhook named is looked at before it is sent to`() {
    #expect(kinds(orders(ready: [.syncAddress, .sendChunk, .pullMember])).first == .pullMember)
  }

  @Test func `nobody is sent to during a reading, nothing is read during a push, both take turns`()
  {
    var state = DispatcherState()
    // What a killed engine had in hand goes first.
    #expect(Set(kinds(orders(state))) == [.syncAddress, .sendChunk, .pullMember])
    let push = state.start(RunningWork(kind: .sendChunk, addresses: [ada])) ?? 0
    let next = state.start(RunningWork(kind: .sendChunk, addresses: [alan])) ?? 0
    #expect(orders(state, ready: [.readAudience]).isEmpty)
    state.finish(push)
    // A reading that waits lets no further push begin.
    #expect(orders(state).isEmpty)
    state.finish(next)
    #expect(orders(state) == [.lease(.readAudience, limit: 1)])
    let look = state.start(RunningWork(kind: .readAudience)) ?? 0
    #expect(orders(state, ready: [.syncAddress, .survey]).isEmpty)
    state.finish(look)
    #expect(Set(kinds(orders(state))) == [.syncAddress, .sendChunk, .pullMember])
    #expect(orders(state, ready: [.survey]) == [.lease(.survey, limit: 1)])
  }

  @Test func `tags are told beside pushes, one turn at a time, and take turns with looks`() {
    var state = DispatcherState()
    let look = state.start(RunningWork(kind: .readAudience)) ?? 0
    #expect(orders(state, ready: [.syncTags, .sendChunk]).isEmpty)
    state.finish(look)
    _ = state.start(RunningWork(kind: .sendChunk, addresses: [alan]))
    #expect(orders(state, ready: [.syncTags]) == [.lease(.syncTags, limit: 1)])
    _ = state.start(RunningWork(kind: .syncTags, addresses: [ada]))
    #expect(orders(state, ready: [.syncTags]).isEmpty)
    #expect(orders(state, ready: [.readAudience]).isEmpty)
    #expect(state.start(RunningWork(kind: .sendChunk, addresses: [ada])) == nil)
    #expect(orders(ready: [.syncTags]) { $0.isPaused = true }.isEmpty)
  }

  @Test(arguments: [0, 1, 4])
  func `a transient problem is tried again within five retries at least`(attempt: Int) {
    let setback = Setback(
      MailchimpError(Problem("mailchimp.busy", "Busy."), .transient(.server, lookFirst: false)))
    let disposition = Disposition.of(
      setback, attempt: attempt, policy: RetryPolicy(retries: 0), now: now, fraction: 1)
    guard case .retry(let at) = disposition else {
      Issue.record("\(disposition) after \(attempt) tries")
      return
    }
    #expect(at > now)
  }

  @Test func `what hits everyone blocks however often it was tried, what hits a person ends it`() {
    let revoked = Setback(MailchimpError(Problem("mailchimp.key", "No."), .everyone(.keyRefused)))
    let refused = Setback(MailchimpError(Problem("mailchimp.no", "No."), .person(.forgotten)))
    let policy = RetryPolicy()
    for attempt in [0, 50] {
      #expect(
        Disposition.of(revoked, attempt: attempt, policy: policy, now: now, fraction: 0) == .block)
      #expect(
        Disposition.of(refused, attempt: attempt, policy: policy, now: now, fraction: 0) == .bury)
    }
    let ours = Setback(Problem("sqlite.busy", "Busy."))
    #expect(Disposition.of(ours, attempt: 5, policy: policy, now: now, fraction: 0) != .bury)
    #expect(
      Disposition.of(ours, attempt: policy.retries, policy: policy, now: now, fraction: 0) == .bury)
  }
}
