// The login of the console carried out at the practice Mailchimp, with a browser played by hand:
// each step that is told, and what is saved.

import Basics
import Console
import Domain
import Glibc
import HTTP
import Sandbox
import Screen
import Storage
import Support
import Testing

@testable import Commands

@Suite struct LoginServicesTests {
  /// Services on a workspace with a client and no key, and what they tell of a login.
  private final class Office {
    let shell: Shell
    let workspace: Workspace
    let services: ConsoleServices
    let redirect: String
    private var generation = 0

    init(login: String? = nil) async throws {
      shell = try Shell(empty: ())
      _ = try await shell.run("init")
      let probe = HTTPListener { _, _ in .cut }
      try probe.start()
      redirect = "http://127.0.0.1:\(probe.port)/back"
      // The port is free once its listener has stopped.
      probe.stop()
      workspace = try Workspace.open(at: shell.workspace)
      let configuration = shell.mailchimp.configuration
      let (address, back) = (login ?? shell.mailchimp.url, redirect)
      try await workspace.write(as: "test") { (tx) throws(Problem) in
        try tx.settings.set(Settings.loginURL.key, to: address)
        try tx.settings.set(Settings.redirect.key, to: back)
        try tx.settings.set(Settings.clientID.key, to: configuration.clientID)
        try tx.settings.set(Settings.clientSecret.key, to: configuration.clientSecret)
      }
      services = try ConsoleServices(
        workspace, seat: EngineSeat(workspace, log: .silent), user: "tester",
        world: World(size: Size(80, 24), now: workspace.time.now()))
    }

    func close() {
      services.close()
      workspace.close()
    }

    /// Begins a login; the invitation.
    func begin() async throws -> LoginInvitation {
      generation += 1
      #expect(services.carryOut(.beginLogin(ticket)))
      guard case .waiting(let invitation, nil) = try await step() else {
        throw Violation("It does not wait for an answer.")
      }
      return invitation
    }

    private var ticket: Ticket { Ticket(pane: .settings, generation: generation) }

    /// The next step that is told.
    func step() async throws -> LoginStep {
      let (services, ticket) = (services, ticket)
      if !told.isEmpty { return told.removeFirst() }
      told = try await onThread { () throws(Problem) in
        while true {
          let steps = services.takeMail().compactMap { event -> LoginStep? in
            if case .answered(ticket, .login(let step)) = event { step } else { nil }
          }
          if !steps.isEmpty { return steps }
          var wait = [pollfd(fd: services.wakeup.descriptor, events: Int16(POLLIN), revents: 0)]
          guard poll(&wait, 1, 20_000) > 0 else { throw Problem("test", "Nothing was told.") }
        }
      }
      return told.removeFirst()
    }
    private var told: [LoginStep] = []

    /// Allows the access in the browser; where that is led.
    func browse(_ invitation: LoginInvitation) async throws -> String {
      let target = invitation.address.dropFirst(shell.mailchimp.url.count)
      let answer = try await RawHTTP(port: shell.mailchimp.port, authorization: nil)
        .call("GET", "\(target)&allow=yes")
      return try #require(answer.header("Location"))
    }

    func follow(_ address: String) async throws -> RawAnswer {
      let parsed = try #require(HTTPAddress(address))
      return try await RawHTTP(port: parsed.port, authorization: nil).call("GET", parsed.target)
    }

    var isConnected: Bool {
      get throws {
        try workspace.readBlocking { (reading) throws(Problem) in
          try reading.settings.values().isSet(Settings.key)
        }
      }
    }
  }

  @Test func `the answer that the browser brings connects, step by step`() async throws {
    let office = try await Office()
    defer { office.close() }
    let invitation = try await office.begin()
    #expect(invitation.listensAt != nil)
    #expect(try await office.follow(office.redirect + "?state=guessed&code=x").status == 400)
    guard case .waiting(invitation, let stray?) = try await office.step() else {
      return #expect(Bool(false))
    }
    #expect(stray.code == "login.wrong-state")
    #expect(try await office.follow(try await office.browse(invitation)).status == 200)
    #expect(try await office.step() == .finishing)
    guard case .done(let connection) = try await office.step() else {
      return #expect(Bool(false))
    }
    #expect(connection.account.name == "Practice")
    #expect(connection.dataCentre == "us19")
    #expect(connection.audience?.id == office.shell.mailchimp.audience)
    #expect(try office.isConnected)
    #expect(try await office.shell.run("connect").code == 0)
  }

  @Test func `the address that was pasted does the same, once it is one`() async throws {
    let office = try await Office()
    defer { office.close() }
    let invitation = try await office.begin()
    #expect(office.services.carryOut(.pasteLogin(Secret("0123456789abcdef"))))
    guard case .waiting(_, let slip?) = try await office.step() else {
      return #expect(Bool(false))
    }
    #expect(slip.code == "login.no-code")
    let back = try await office.browse(invitation)
    #expect(office.services.carryOut(.pasteLogin(Secret(back))))
    #expect(try await office.step() == .finishing)
    guard case .done = try await office.step() else { return #expect(Bool(false)) }
    #expect(try office.isConnected)
  }

  @Test func `a code that is not good saves nothing, and the next login works`() async throws {
    let office = try await Office()
    defer { office.close() }
    let first = try await office.begin()
    let state = try #require(first.address.split(separator: "&").last)
    #expect(office.services.carryOut(.pasteLogin(Secret("http://h/?code=old&\(state)"))))
    #expect(try await office.step() == .finishing)
    guard case .failed(let problem) = try await office.step() else {
      return #expect(Bool(false))
    }
    #expect(problem.sentence.contains("used up, too old or wrong"))
    #expect(try !office.isConnected)

    let second = try await office.begin()
    #expect(second.listensAt != nil, "the listener of the first one has gone")
    #expect(try await office.follow(try await office.browse(second)).status == 200)
    #expect(try await office.step() == .finishing)
    guard case .done = try await office.step() else { return #expect(Bool(false)) }
  }

  @Test func `an answer of 200 that opens no account is told with what to do`() async throws {
    let relay = HTTPListener { request, _ in
      request.path == "/oauth2/token"
        ? .response(.json(200, ["access_token": "0123456789abcdef0123456789abcdef"]))
        : .response(.json(200, ["error": "invalid_token"]))
    }
    try relay.start()
    defer { relay.stop() }
    let office = try await Office(login: "http://127.0.0.1:\(relay.port)")
    defer { office.close() }
    let invitation = try await office.begin()
    let state = try #require(invitation.address.split(separator: "&").last)
    #expect(try await office.follow("\(office.redirect)?code=good&\(state)").status == 200)
    #expect(try await office.step() == .finishing)
    guard case .failed(let problem) = try await office.step() else {
      return #expect(Bool(false))
    }
    #expect(problem.sentence == "The login gave access to no account.")
    #expect(problem.remedy.contains("then disconnect and connect again"))
    #expect(try !office.isConnected)
  }

  @Test func `a login that was given up listens no more and takes nothing`() async throws {
    let office = try await Office()
    defer { office.close() }
    let invitation = try await office.begin()
    let back = try await office.browse(invitation)
    #expect(office.services.carryOut(.endLogin))
    #expect(office.services.carryOut(.pasteLogin(Secret(back))))
    let parsed = try #require(HTTPAddress(office.redirect))
    let successor = HTTPListener(port: parsed.port) { _, _ in .response(HTTPResponse(204)) }
    try successor.start()
    defer { successor.stop() }
    #expect(try await office.follow(back).status == 204)
    #expect(try !office.isConnected)
  }

  @Test func `without a client the reason and the way are told`() async throws {
    let office = try await Office()
    defer { office.close() }
    try await office.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.settings.unset(Settings.clientSecret.key)
    }
    let ticket = Ticket(pane: .settings, generation: 0)
    #expect(office.services.carryOut(.beginLogin(ticket)))
    guard case .failed(let problem) = try await office.step() else {
      return #expect(Bool(false))
    }
    #expect(problem.remedy.contains("Register an app in Mailchimp"))
  }
}
