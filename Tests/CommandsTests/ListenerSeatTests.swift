import Basics
import Domain
import HTTP
import Storage
import Support
import Testing

@testable import Commands

/// The listener that follows the settings: where it is wanted it is, and where it cannot be, that
/// stands in the workspace.
@Suite(.timeLimit(.minutes(10))) struct ListenerSeatTests {
  private let folder: TemporaryDirectory
  private let workspace: Workspace
  private let time = SteppedTime()

  init() throws {
    folder = try TemporaryDirectory()
    workspace = try Workspace.create(at: folder.file("a.listkeeper"), time: time)
  }

  private func set(_ settings: [(SettingKey, String?)]) async throws {
    let changes = settings.map { ($0.0.text, $0.1) }
    try await workspace.write(as: "test") { (tx) throws(Problem) in
      for (key, text) in changes {
        if let text { try tx.settings.set(key, to: text) } else { try tx.settings.unset(key) }
      }
    }
  }

  private enum SettingKey {
    case url, listen

    var text: String {
      switch self {
      case .url: Settings.webhookURL.key
      case .listen: Settings.webhookListen.key
      }
    }
  }

  /// Waits until the workspace says this of the listener.
  private func until(
    _ isSo: @escaping @Sendable (String?, Problem?) -> Bool
  ) async throws {
    let changes = workspace.changes.stream()
    func look() async throws -> Bool {
      let (address, problem) = try await workspace.read { (reading) throws(Problem) in
        try reading.webhooks.listener()
      }
      return isSo(address, problem)
    }
    if try await look() { return }
    for await _ in changes where try await look() { return }
  }

  private func answers(at port: UInt16) async throws -> Int? {
    try await RawHTTP(port: port, authorization: nil).call("GET", "/healthz").status
  }

  @Test func `it listens from the moment a public address is set until it is unset`() async throws {
    let probe = HTTPListener { _, _ in .cut }
    try probe.start()
    let port = probe.port
    probe.stop()
    let seat = ListenerSeat(workspace)
    try seat.open()
    #expect(seat.port == nil)
    try await set([(.listen, "127.0.0.1:\(port)"), (.url, "https://lists.example.org")])
    try await until { address, _ in address == "127.0.0.1:\(port)" }
    #expect(seat.port == port)
    #expect(try await answers(at: port) == 200)
    try await set([(.listen, nil), (.url, nil)])
    try await until { address, problem in address == nil && problem == nil }
    #expect(seat.port == nil)
    #expect(throws: (any Error).self) { try RawConnection(port: port) }
    seat.close()
  }

  @Test func `a port somebody else has is said, and taken within a minute of being free`()
    async throws
  {
    let other = HTTPListener { _, _ in .cut }
    try other.start()
    let port = other.port
    let seat = ListenerSeat(workspace)
    try seat.open()
    try await set([(.listen, "127.0.0.1:\(port)"), (.url, "https://lists.example.org")])
    try await until { address, problem in
      address == nil && problem?.sentence.contains("\(port)") == true
    }
    other.stop()
    // Too early: whatever is written meanwhile, the port is left alone.
    try await set([(.url, "https://other.example.org")])
    #expect(seat.port == nil)
    time.advance(.minutes(1))
    try await set([(.url, "https://lists.example.org")])
    try await until { address, problem in address == "127.0.0.1:\(port)" && problem == nil }
    #expect(try await answers(at: port) == 200)
    seat.close()
    try await until { address, _ in address == nil }
    #expect(throws: (any Error).self) { try RawConnection(port: port) }
  }

  @Test func `a named address that cannot be had is refused at once, settings or not`() throws {
    let other = HTTPListener { _, _ in .cut }
    try other.start()
    defer { other.stop() }
    let taken = ListenerSeat(workspace, at: try ListenAddress("127.0.0.1:\(other.port)"))
    #expect(throws: Problem.self) { try taken.open() }
    taken.close()
    let free = ListenerSeat(workspace, at: try ListenAddress("127.0.0.1:0"))
    try free.open()
    #expect(free.port != nil)
    free.close()
  }
}
