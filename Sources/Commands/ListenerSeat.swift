// The listener of the process that has the engine: health, metrics, the webhook. It follows the
// settings, unless an address was named; where it listens, or why not, stands in the workspace.

import Basics
import Dispatch
import Domain
import Engine
import HTTP
import Storage

final class ListenerSeat: @unchecked Sendable {  // because what changes is touched on `queue` alone
  private let workspace: Workspace
  private let fixed: ListenAddress?
  private let log: DiagnosticLog
  private let queue = DispatchQueue(label: "listkeeper.listener")

  // Touched on `queue` alone.
  private var following: Task<Void, Never>?
  private var listener: HTTPListener?
  private var address: ListenAddress?
  private var triedAt: Instant?
  private var isOver = false

  /// With `fixed` it listens there, whatever the settings say.
  init(_ workspace: Workspace, at fixed: ListenAddress? = nil, log: DiagnosticLog = .silent) {
    self.workspace = workspace
    self.fixed = fixed
    self.log = log
  }

  /// Listens where it is wanted to, from now on. Throws only where a named address cannot be had.
  func open() throws(Problem) {
    let problem = queue.sync { settle() }
    if fixed != nil, let problem { throw problem }
    guard fixed == nil else { return }
    let changes = workspace.changes.stream()
    let task = Task { [weak self] in
      for await _ in changes {
        guard let self else { return }
        queue.async { _ = self.settle() }
      }
    }
    queue.sync { following = task }
  }

  /// The port it listens on; nil where it does not.
  var port: UInt16? { queue.sync { listener?.port } }

  func close() {
    queue.sync {
      following?.cancel()
      isOver = true
      guard listener != nil else { return }
      stop()
      note(nil, nil)
    }
  }

  // MARK: On the queue

  private func settle() -> Problem? {
    guard !isOver else { return nil }
    let now = workspace.time.now()
    let wanted: ListenAddress?
    do throws(Problem) {
      wanted = if let fixed { fixed } else { try ListenAddress.wanted(in: workspace) }
    } catch {
      log.problem(.warning, error)
      return error
    }
    if wanted == address {
      // What could not be had is tried again now and then.
      guard listener == nil, wanted != nil, triedAt.map({ now - $0 >= .minutes(1) }) ?? true
      else { return nil }
    }
    stop()
    address = wanted
    guard let wanted else {
      note(nil, nil)
      return nil
    }
    triedAt = now
    let (page, door) = (HealthPage(workspace), WebhookDoor(workspace))
    let new = HTTPListener(address: wanted.address, port: wanted.port) { request, _ in
      if let answer = await door.answer(request) { return .response(answer) }
      return .response(await page.answer(request))
    }
    do throws(Problem) {
      try new.start()
    } catch {
      log.problem(.warning, error)
      note(nil, error)
      return error
    }
    listener = new
    note(ListenAddress(address: wanted.address, port: new.port).description, nil)
    return nil
  }

  private func stop() {
    listener?.stop()
    listener = nil
  }

  private func note(_ address: String?, _ problem: Problem?) {
    do throws(Problem) {
      try workspace.writeBlocking(as: "listener") { (tx) throws(Problem) in
        try tx.webhooks.setListening(at: address, problem: problem)
      }
    } catch {
      log.problem(.warning, error)
    }
  }
}

extension ListenAddress: CustomStringConvertible {
  init(address: String, port: UInt16) {
    self.address = address
    self.port = port
  }

  /// What the settings ask for: nil where there is neither a public address nor one of our own.
  static func wanted(in workspace: Workspace) throws(Problem) -> ListenAddress? {
    let settings = try workspace.readBlocking { (reading) throws(Problem) in
      try reading.settings.values()
    }
    guard settings.isSet(Settings.webhookURL) || settings.isSet(Settings.webhookListen) else {
      return nil
    }
    return try ListenAddress(settings[Settings.webhookListen])
  }

  var description: String {
    address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
  }
}
