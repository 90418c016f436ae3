// A small HTTP/1.1 server for machines we partly trust: webhooks, health, the practice Mailchimp.
// One thread owns every socket and waits in poll(2); handlers run as tasks, one at a time for a
// connection. A stranger can hold a connection only for the times in `ListenerLimits`.

import Basics
import Glibc

package final class HTTPListener: Sendable {
  package typealias Handler = @Sendable (HTTPRequest, HTTPConnectionInfo) async -> HTTPReply

  private let address: String
  private let wantedPort: UInt16
  private let limits: ListenerLimits
  private let handler: Handler
  private let running = Locked<Running?>(nil)

  private struct Running {
    let port: UInt16
    let mailbox: ListenerMailbox
    let thread: LoopThread
  }

  /// Nothing is bound before `start`. Port 0 lets the system choose; `port` tells.
  package init(
    address: String = "127.0.0.1", port: UInt16 = 0, limits: ListenerLimits = ListenerLimits(),
    handler: @escaping Handler
  ) {
    self.address = address
    wantedPort = port
    self.limits = limits
    self.handler = handler
  }

  deinit { stop() }

  /// Binds and begins to answer. Starting twice is starting once.
  package func start() throws(Problem) {
    try running.withLock { running throws(Problem) in
      guard running == nil else { return }
      let mailbox = ListenerMailbox(wakeup: try Wakeup())
      let socket = try ListenerSocket(address: address, port: wantedPort)
      let (limits, handler) = (limits, handler)
      do throws(Problem) {
        let thread = try LoopThread {
          var loop = ListenerLoop(
            socket: socket, limits: limits, handler: handler, mailbox: mailbox)
          loop.run()
        }
        running = Running(port: socket.port, mailbox: mailbox, thread: thread)
      } catch {
        close(socket.descriptor)
        throw error
      }
    }
  }

  /// The bound port; 0 while not running.
  package var port: UInt16 { running.withLock { $0?.port ?? 0 } }

  /// Closes every connection at once, cancels the handlers' tasks, and returns when no socket is
  /// left. Answers not yet taken are lost.
  package func stop() {
    let stopped = running.withLock { running in
      defer { running = nil }
      return running
    }
    guard let stopped else { return }
    stopped.mailbox.post(.stop)
    stopped.thread.join()
  }
}

/// What other threads tell the listener's thread.
final class ListenerMailbox: Sendable {
  enum Item: Sendable {
    case reply(connection: Int, HTTPReply)
    case stop
  }

  let wakeup: Wakeup
  private let items = Locked<[Item]>([])

  init(wakeup: Wakeup) { self.wakeup = wakeup }

  func post(_ item: Item) {
    items.withLock { $0.append(item) }
    wakeup.ring()
  }

  func takeAll() -> [Item] {
    wakeup.silence()
    return items.withLock { items in
      defer { items = [] }
      return items
    }
  }
}

/// The thread's own state: nothing here is touched by another thread.
private struct ListenerLoop {
  let socket: ListenerSocket
  let limits: ListenerLimits
  let handler: HTTPListener.Handler
  let mailbox: ListenerMailbox
  var connections: [Int: ListenerConnection] = [:]
  var arrivals = 0
  /// While the process has no descriptor left, when to look again.
  var acceptAgain: Int64 = 0
  var input = [UInt8](repeating: 0, count: 65536)

  init(
    socket: ListenerSocket, limits: ListenerLimits, handler: @escaping HTTPListener.Handler,
    mailbox: ListenerMailbox
  ) {
    self.socket = socket
    self.limits = limits
    self.handler = handler
    self.mailbox = mailbox
  }

  mutating func run() {
    defer { closeAll() }
    while true {
      let (set, ids) = pollSet()
      var polled = set
      let ready = poll(&polled, nfds_t(polled.count), timeout())
      if ready < 0, errno != EINTR { return }
      for item in mailbox.takeAll() {
        switch item {
        case .stop: return
        case .reply(let id, let reply): take(reply, for: id)
        }
      }
      for (index, id) in ids.enumerated() where polled[index + 2].revents != 0 {
        serve(id, polled[index + 2].revents)
      }
      if polled[1].revents != 0 { acceptAll() }
      endOverdue()
    }
  }

  private func pollSet() -> ([pollfd], [Int]) {
    let mayAccept =
      acceptAgain == 0
      && (connections.count < limits.connections || connections.values.contains { $0.isIdle })
    var set = [
      pollfd(fd: mailbox.wakeup.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: mayAccept ? socket.descriptor : -1, events: Int16(POLLIN), revents: 0),
    ]
    let ids = Array(connections.keys)
    for id in ids {
      let connection = connections[id]
      set.append(
        pollfd(fd: connection?.descriptor ?? -1, events: connection?.awaited ?? 0, revents: 0))
    }
    return (set, ids)
  }

  private func timeout() -> Int32 {
    var next = connections.values.map(\.deadline).min() ?? .max
    if acceptAgain > 0 { next = min(next, acceptAgain) }
    if next == .max { return -1 }
    return Int32(clamping: max(0, next - monotonicMilliseconds()))
  }

  private mutating func acceptAll() {
    while true {
      let idle = connections.filter { $0.value.isIdle }
      // Within one millisecond the first to come is the first to go.
      let oldest = idle.min { ($0.value.deadline, $0.key) < ($1.value.deadline, $1.key) }?.key
      if connections.count >= limits.connections, oldest == nil { return }
      switch socket.accept() {
      case .nobody: return
      case .noRoom:
        if let oldest {
          end(oldest)
        } else {
          acceptAgain = monotonicMilliseconds() + 200
          return
        }
      case .connection(let descriptor, let peer):
        // Only now that somebody is there does another have to go.
        if connections.count >= limits.connections, let oldest { end(oldest) }
        arrivals += 1
        connections[arrivals] = ListenerConnection(
          id: arrivals, descriptor: descriptor, peer: peer, limits: limits)
      }
    }
  }

  private mutating func serve(_ id: Int, _ events: Int16) {
    guard var connection = connections[id] else { return }
    connection.ready(events, &input)
    settle(id, connection)
  }

  private mutating func take(_ reply: HTTPReply, for id: Int) {
    guard var connection = connections[id] else { return }
    connection.send(reply)
    settle(id, connection)
  }

  /// Puts the connection back, starts the handler it asks for, or ends it.
  private mutating func settle(_ id: Int, _ changed: ListenerConnection) {
    var connection = changed
    if let parsed = connection.takeRequest() {
      let info = HTTPConnectionInfo(
        connection: id, peer: connection.peer, target: parsed.target,
        openConnections: connections.count)
      let (handler, mailbox) = (handler, mailbox)
      connection.handling = Task.detached {
        let reply = await handler(parsed.request, info)
        mailbox.post(.reply(connection: id, reply))
      }
    }
    connections[id] = connection
    if connection.isOver { end(id) }
  }

  private mutating func endOverdue() {
    let now = monotonicMilliseconds()
    if acceptAgain > 0, acceptAgain <= now { acceptAgain = 0 }
    for (id, connection) in connections where connection.deadline <= now {
      var overdue = connection
      overdue.timeRanOut()
      settle(id, overdue)
    }
  }

  private mutating func end(_ id: Int) {
    guard let connection = connections.removeValue(forKey: id) else { return }
    // Nobody waits for the answer any more.
    connection.handling?.cancel()
    close(connection.descriptor)
  }

  private mutating func closeAll() {
    for connection in connections.values {
      connection.handling?.cancel()
      close(connection.descriptor)
    }
    connections = [:]
    close(socket.descriptor)
  }
}
