// An organisation in one process: a workspace file, a practice Mailchimp on a real socket, an
// engine. Nothing sleeps: whoever waits for something waits for the workspace to say it.

import Basics
import Domain
import Engine
import Foundation
import Glibc
import Sandbox
import Storage

package final class Scenario: Sendable {
  package let directory: TemporaryDirectory
  package let workspace: Workspace
  package let mailchimp: SandboxServer
  private let engine = Locked<SyncEngine?>(nil)

  /// A workspace that is set up on the sandbox's first audience; the engine is not started.
  package init(
    settings: [String: String] = [:], time: any TimeSource = SystemTime(),
    in directory: TemporaryDirectory? = nil,
    _ configure: (inout SandboxConfiguration) -> Void = { _ in }
  ) async throws {
    self.directory = try directory ?? TemporaryDirectory()
    var configuration = SandboxConfiguration()
    configuration.changeLag = .seconds(2)
    configuration.recordPath = recordFile()
    configure(&configuration)
    mailchimp = SandboxServer(configuration: configuration, time: time)
    try mailchimp.start()
    workspace = try Workspace.create(at: self.directory.file("test.listkeeper"), time: time)
    var all = settings
    all["mailchimp.key"] = settings["mailchimp.key"] ?? mailchimp.key
    all["mailchimp.url"] = settings["mailchimp.url"] ?? mailchimp.url
    all["mailchimp.audience"] = settings["mailchimp.audience"] ?? mailchimp.audience
    let values = all
    try await workspace.write(as: "test") { (tx) throws(Problem) in
      for (key, value) in values { try tx.settings.set(key, to: value) }
    }
  }

  private init(continuing old: Scenario, at path: String) throws {
    directory = old.directory
    mailchimp = old.mailchimp
    workspace = try Workspace.open(at: path, time: old.workspace.time)
  }

  /// The organisation after its program was killed: a workspace of what the file held in some moment
  /// of the engine's work. From that moment on nothing the old engine asks for reaches Mailchimp; all
  /// faults end with it.
  package func killed() async throws -> Scenario {
    mailchimp.setFaults(SandboxFaults([SandboxFaultRule(.cut(applied: false))]))
    let path = directory.file("after-\(UUID()).listkeeper")
    let old = workspace.path
    // While somebody reads, the write-ahead log is not begun anew: file and log belong together.
    try await workspace.read { (reading) throws(Problem) in
      _ = try reading.database.integer("SELECT count(*) FROM engine")
      do {
        for suffix in ["", "-wal"] {
          try FileManager.default.copyItem(atPath: old + suffix, toPath: path + suffix)
        }
      } catch {
        throw Problem(describing: error)
      }
    }
    await stopEngine()
    workspace.close()
    mailchimp.clearFaults()
    return try Scenario(continuing: self, at: path)
  }

  package func startEngine() async throws {
    let new = try SyncEngine(workspace: workspace)
    try await new.start()
    engine.withLock { $0 = new }
  }

  package func stopEngine() async {
    let old = engine.withLock { engine in
      defer { engine = nil }
      return engine
    }
    await old?.stop()
  }

  package func end() async {
    await stopEngine()
    workspace.close()
    mailchimp.stop()
  }

  // MARK: People

  @discardableResult
  package func add(
    _ email: String?, first: String = "", last: String = "",
    _ change: (inout Person) -> Void = { _ in }
  ) async throws -> PersonID {
    var person = Person(id: PersonID(0), noticedAt: workspace.time.now())
    person.emails = email.map { [$0] } ?? []
    person.firstName = first
    person.lastName = last
    change(&person)
    let made = person
    return try await workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.directory.add(made)
    }
  }

  package func edit(_ id: PersonID, _ change: @Sendable @escaping (inout Person) -> Void)
    async throws
  {
    try await workspace.write(as: "test") { (tx) throws(Problem) in
      _ = try tx.directory.update(id) { change(&$0) }
    }
  }

  package func standing(_ id: PersonID) async throws -> Standing? {
    try await workspace.read { (reading) throws(Problem) in
      try reading.standings.standing(of: id)?.standing
    }
  }

  // MARK: Asking and waiting

  /// Writes the request and waits for its answer; throws what it was refused with.
  @discardableResult
  package func ask(_ request: Request) async throws -> ExecutionID? {
    let id = try await workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.requests.insert(request)
    }
    switch try await workspace.waitForAnswer(to: id) {
    case .done(let execution): return execution
    case .refused(let problem): throw problem
    case .waiting: throw Violation("An answer is still waiting.")
    }
  }

  /// The execution once it is finished or held.
  package func settled(_ id: ExecutionID?) async throws -> Execution {
    guard let id else { throw Violation("No execution was started.") }
    return try await when { (reading) throws(Problem) in
      guard let execution = try reading.executions.execution(id) else { return nil }
      return execution.status.isFinished || execution.status == .held ? execution : nil
    }
  }

  /// Asks and waits for the end.
  package func run(_ request: Request) async throws -> Execution {
    try await settled(try await ask(request))
  }

  /// What `find` finds, as soon as it finds something; looks again after each change of the file.
  package func when<Value: Sendable>(
    _ find: @escaping @Sendable (WorkspaceReading) throws(Problem) -> Value?
  ) async throws -> Value {
    let changes = workspace.changes.stream()
    if let found = try await workspace.read(find) { return found }
    for await _ in changes {
      if let found = try await workspace.read(find) { return found }
    }
    throw Violation("The workspace fell silent.")
  }

  /// The latest execution that fits, once there is one that has ended.
  package func execution(
    after id: ExecutionID, where fits: @escaping @Sendable (Execution) -> Bool = { _ in true }
  ) async throws -> Execution {
    try await when { (reading) throws(Problem) in
      let last = try reading.database.integer("SELECT coalesce(max(id), 0) FROM execution")
      for number in stride(from: Int64(last), to: id.rawValue, by: -1) {
        if let execution = try reading.executions.execution(ExecutionID(number)),
          execution.status.isFinished, fits(execution)
        {
          return execution
        }
      }
      return nil
    }
  }
}

/// Where this scenario's exchanges are recorded for the wire check, when somebody asked for it.
private func recordFile() -> String? {
  recordFolder().map { "\($0)/scenario-\(UInt64.random(in: 1...UInt64.max)).jsonl" }
}

private func recordFolder() -> String? {
  getenv("LISTKEEPER_RECORD_DIR").map { String(cString: $0) }
}

// MARK: What Mailchimp holds, read over raw HTTP

extension Scenario {
  /// Every contact of the audience by lower-cased address: status and merge fields.
  package func audience() async throws -> [String: JSONValue] {
    let raw = RawHTTP(port: mailchimp.port, key: mailchimp.key)
    var contacts: [String: JSONValue] = [:]
    for filter in ["", "&status=archived"] {
      var offset = 0
      while true {
        let page = try await raw.call(
          "GET", "/3.0/lists/\(mailchimp.audience)/members?count=1000&offset=\(offset)\(filter)")
        let members = page["members"].array ?? []
        for member in members {
          contacts[member["email_address"]?.string?.lowercased() ?? ""] = member
        }
        offset += members.count
        if members.isEmpty { break }
      }
    }
    return contacts
  }

  package func status(_ address: String) async throws -> String? {
    try await audience()[address.lowercased()]?["status"]?.string
  }
}
