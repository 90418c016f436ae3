// Logging in as a browser would, ending the connection, and audiences made at the practice
// Mailchimp: what is saved, what is not, and what was asked.

import Basics
import Domain
import Foundation
import HTTP
import Sandbox
import Support
import Testing

@Suite struct ConnectionTests {
  // MARK: Login

  /// A shell with a client and no key; the redirect address is on a free port of this machine.
  private func stranger() async throws -> (shell: Shell, redirect: String) {
    let shell = try Shell(empty: ())
    // The port is free once its listener has stopped.
    let probe = HTTPListener { _, _ in .cut }
    try probe.start()
    let redirect = "http://127.0.0.1:\(probe.port)/back"
    probe.stop()
    for words in [
      ["init"], ["settings", "set", "mailchimp.login-url", shell.mailchimp.url],
      ["settings", "set", "mailchimp.redirect", redirect],
      ["settings", "set", "mailchimp.client-id", shell.mailchimp.configuration.clientID],
      ["settings", "set", "mailchimp.client-secret", shell.mailchimp.configuration.clientSecret],
    ] {
      let ended = try await shell.run(words)
      guard ended.code == 0 else { throw Violation("\(words): \(ended.errors)") }
    }
    return (shell, redirect)
  }

  /// Opens the printed address and allows or denies; returns where the browser is led.
  private func browse(
    _ login: ChildProcess, _ shell: Shell, allow: String = "yes"
  ) async throws -> String {
    let text = try await login.prints("Without a Mailchimp account")
    let address = try #require(text.split(separator: "\n").first { $0.hasPrefix("http") })
    let target = address.dropFirst(shell.mailchimp.url.count)
    let answer = try await RawHTTP(port: shell.mailchimp.port, authorization: nil)
      .call("GET", "\(target)&allow=\(allow)")
    return try #require(answer.header("Location"))
  }

  private func follow(_ address: String) async throws -> RawAnswer {
    let parsed = try #require(HTTPAddress(address))
    return try await RawHTTP(port: parsed.port, authorization: nil).call("GET", parsed.target)
  }

  private func isConnected(_ shell: Shell) async throws -> Bool {
    try await shell.json("settings", "get", "mailchimp.key")["isSet"]?.bool ?? true
  }

  @Test func `a login by browser saves a token that everything afterwards is sent with`()
    async throws
  {
    let (shell, _) = try await stranger()
    let login = try shell.start("connect", "--login")
    let page = try await follow(try await browse(login, shell))
    #expect(page.status == 200)
    let ended = try await login.ended()
    #expect(ended.code == 0, "\(ended.errors)")
    #expect(ended.output.contains("Connected to Practice as owner, in the data centre us19."))
    #expect(ended.output.contains("Check the permission reminder at https://us19.admin."))
    #expect(try await shell.run("audiences", "use", shell.mailchimp.audience).code == 0)
    try await shell.add("first_name=Ada", "email=ada@directory.example.org")
    #expect(try await shell.run("sync", "--approve", "latest", "--wait").code == 0)
    #expect(shell.mailchimp.member("ada@directory.example.org") != nil)
    let stored = try await shell.run("settings", "get", "mailchimp.key").output
    #expect(stored.contains("us19"))
    #expect(!(ended.output + ended.errors).contains("oauth:"))
  }

  @Test func `over SSH the pasted address does the same`() async throws {
    let (shell, _) = try await stranger()
    let login = try shell.start("connect", "--login", "--json")
    let invited = try JSONValue.parse(try await login.prints("}\n"))
    let target = try #require(invited["address"]?.string).dropFirst(shell.mailchimp.url.count)
    let answer = try await RawHTTP(port: shell.mailchimp.port, authorization: nil)
      .call("GET", "\(target)&allow=yes")
    login.write(try #require(answer.header("Location")) + "\n")
    let ended = try await login.ended()
    let told = try JSONValue.parse(String(try #require(ended.output.split(separator: "\n").last)))
    #expect(told["dataCentre"] == "us19")
    #expect(told["reminder"]?["page"]?.string?.hasPrefix("https://us19.admin.") == true)
    #expect(try await shell.run("connect").code == 0)
  }

  @Test func `a denied access, another login's answer and half an address save nothing`()
    async throws
  {
    let (shell, redirect) = try await stranger()
    var login = try shell.start("connect", "--login")
    login.write(try await browse(login, shell, allow: "no") + "\n")
    var ended = try await login.ended()
    #expect(ended.code == 4)
    #expect(ended.errors.hasPrefix("The access was denied in the browser.\n"))

    login = try shell.start("connect", "--login")
    _ = try await browse(login, shell)
    let forged = try await follow("\(redirect)?code=0123456789abcdef&state=guessed")
    #expect(forged.status == 400)
    ended = try await login.ended()
    #expect(ended.code == 4)
    #expect(ended.errors.contains("the answer to another login"))

    ended = try await shell.run(["connect", "--login"], input: "0123456789abcdef\n")
    #expect(ended.code == 4)
    #expect(ended.errors.contains("Paste the whole address"))
    #expect(try await isConnected(shell) == false)
  }

  @Test func `a code that is not good and a client that is unknown save nothing`() async throws {
    let (shell, _) = try await stranger()
    var login = try shell.start("connect", "--login")
    let back = try await browse(login, shell)
    let state = try #require(back.split(separator: "&").first { $0.contains("state=") })
    login.write("http://127.0.0.1:1/back?code=invented&\(state)\n")
    var ended = try await login.ended()
    #expect(ended.code == 4)
    #expect(ended.errors.contains("does not take the code"))

    _ = try await shell.run("settings", "set", "mailchimp.client-secret", "another-secret")
    login = try shell.start("connect", "--login")
    login.write(try await browse(login, shell) + "\n")
    ended = try await login.ended()
    #expect(ended.code == 4)
    #expect(ended.errors.contains("does not know the client id"))
    #expect(!ended.errors.contains("another-secret"))
    #expect(try await isConnected(shell) == false)
  }

  @Test func `a token that opens no account is told as that, although the answer is 200`()
    async throws
  {
    let (shell, _) = try await stranger()
    // The token's own answer is as it is; what follows it says that the token is worth nothing.
    let relay = HTTPListener { request, _ in
      request.path == "/oauth2/token"
        ? .response(.json(200, ["access_token": "0123456789abcdef0123456789abcdef"]))
        : .response(.json(200, ["error": "invalid_token"]))
    }
    try relay.start()
    defer { relay.stop() }
    let login = try shell.start("connect", "--login")
    _ = try await browse(login, shell)
    login.send(signal: SIGTERM)
    #expect(try await login.ended().code != 0)
    let url = "http://127.0.0.1:\(relay.port)"
    _ = try await shell.run("settings", "set", "mailchimp.login-url", url)
    let again = try shell.start("connect", "--login")
    let text = try await again.prints("Without a Mailchimp account")
    let address = try #require(text.split(separator: "\n").first { $0.hasPrefix("http") })
    let state = try #require(address.split(separator: "&").first { $0.hasPrefix("state=") })
    again.write("http://127.0.0.1:1/back?code=good&\(state)\n")
    let ended = try await again.ended()
    #expect(ended.code == 4)
    #expect(ended.errors.contains("gave access to no account"))
    #expect(ended.errors.contains("create one at mailchimp.com; then disconnect and connect again"))
    #expect(try await isConnected(shell) == false)
  }

  // MARK: Disconnect

  @Test func `disconnecting forgets the key, keeps people and links, and nothing is called again`()
    async throws
  {
    let shell = try await Shell()
    try await shell.add("first_name=Ada", "email=ada@directory.example.org")
    #expect(try await shell.run("sync", "--approve", "latest", "--wait").code == 0)
    let ended = try await shell.run("disconnect")
    #expect(ended.code == 0)
    #expect(ended.output.contains("links and the consent ledger are kept"))
    #expect(try await isConnected(shell) == false)
    let calls = shell.mailchimp.exchanges.count
    try await shell.add("first_name=Bob", "email=bob@directory.example.org")
    #expect(try await shell.run("sync", "--wait").code == 4)
    #expect(try await shell.run("disconnect").code == 4)
    #expect(shell.mailchimp.exchanges.count == calls)
    #expect(try await shell.run("settings", "set", "mailchimp.key", shell.mailchimp.key).code == 0)
    #expect(try await shell.run("sync", "--wait").code == 0)
    #expect(shell.mailchimp.member("bob@directory.example.org") != nil)
  }

  /// An engine that Mailchimp can reach, and its webhook.
  private func reachable(_ shell: Shell) async throws -> ChildProcess {
    let engine = try shell.start("serve", "--listen", "127.0.0.1:0")
    let told = try await engine.prints("runs and listens on port ")
    let port = try #require(told.split(separator: " ").last?.prefix { $0.isNumber })
    _ = try await shell.run("settings", "set", "webhook.url", "http://127.0.0.1:\(port)")
    let made = try await shell.run("webhook", "create")
    #expect(made.code == 0, "\(made.errors)")
    #expect(shell.mailchimp.webhooks().count == 1)
    return engine
  }

  private func stop(_ engine: ChildProcess) async throws {
    engine.send(signal: SIGTERM)
    #expect(try await engine.ended().code == 0)
  }

  @Test func `disconnecting where no engine runs deletes the webhook`() async throws {
    let shell = try await Shell()
    try await stop(try await reachable(shell))
    let ended = try await shell.run("disconnect")
    #expect(ended.code == 0)
    #expect(ended.output.contains("The webhook was deleted at Mailchimp."))
    #expect(shell.mailchimp.webhooks().isEmpty)
    #expect(try await isConnected(shell) == false)
  }

  @Test func `disconnecting under an engine deletes the webhook, and nobody makes it anew`()
    async throws
  {
    let shell = try await Shell()
    let engine = try await reachable(shell)

    // Deleted there and not yet told here, when somebody has the engine look after it.
    let hold = shell.mailchimp.hold(.answer, method: "DELETE", path: "/3.0/lists/*/webhooks/*")
    let leaving = try shell.start("disconnect", "--json")
    await hold.reached()
    let meanwhile = try await shell.run("webhook", "create")
    #expect(meanwhile.errors.contains("No public address is set for the webhook."))
    hold.release()
    let ended = try await leaving.ended()
    #expect(ended.code == 0, "\(ended.errors)")
    let told = try JSONValue.parse(ended.output)
    #expect(told["webhooks"] == 1)
    #expect(told["trouble"] == [])
    #expect(shell.mailchimp.webhooks().isEmpty)
    #expect(shell.mailchimp.count("POST", "/3.0/lists/*/webhooks") == 1)

    // Connected again it is made again, at the address that was kept.
    #expect(try await isConnected(shell) == false)
    #expect(try await shell.run("settings", "set", "mailchimp.key", shell.mailchimp.key).code == 0)
    let again = try await shell.run("webhook", "create")
    #expect(again.code == 0, "\(again.errors)")
    #expect(shell.mailchimp.webhooks().count == 1)
    try await stop(engine)
  }

  @Test func `disconnecting goes through where Mailchimp refuses the key, and says what is left`()
    async throws
  {
    let shell = try await Shell()
    let engine = try await reachable(shell)
    try shell.mailchimp.perform(.keyIsRevoked)
    let ended = try await shell.run("disconnect")
    #expect(ended.code == 0, "\(ended.errors)")
    #expect(ended.output.contains("The webhook could not be deleted:"))
    #expect(try await isConnected(shell) == false)
    // What was left undone does not undo the next connection's webhook.
    try shell.mailchimp.perform(.keyIsRestored)
    #expect(try await shell.run("settings", "set", "mailchimp.key", shell.mailchimp.key).code == 0)
    let again = try await shell.run("webhook", "create")
    #expect(again.code == 0, "\(again.errors)")
    #expect(shell.mailchimp.webhooks().count == 1)
    try await stop(engine)
  }

  // MARK: Audiences

  private static let asked = [
    "--name", "Friends", "--company", "Choir", "--address1", "1 Main St", "--city", "Zürich",
    "--country", "ch", "--permission-reminder", "You joined the choir.", "--from-name", "The choir",
    "--from-email", "choir@directory.example.org", "--subject", "News", "--language", "de",
    "--format-choice", "no", "--zip", "8001",
  ]

  @Test func `a new audience is made as it was asked for, chosen and shown`() async throws {
    let shell = try await Shell()
    let made = try await shell.run(["audiences", "create"] + Self.asked + ["--double-opt-in"])
    #expect(made.code == 0, "\(made.errors)")
    let shown = try await shell.json("audiences", "show")["audience"]
    #expect(shown?["name"] == "Friends")
    #expect(shown?["isChosen"] == true)
    #expect(shown?["doubleOptIn"] == true)
    #expect(shown?["postalAddress"] == "Choir, 1 Main St, Zürich, 8001, CH")
    #expect(shown?["settingsPage"]?.string?.contains("us19.admin.mailchimp.com") == true)
    let lines = try await shell.run("audiences", "show").output
    #expect(lines.contains("You joined the choir."))
    #expect(lines.contains("Sign-up form"))
  }

  @Test func `what Mailchimp would refuse is refused before anything is sent`() async throws {
    let shell = try await Shell()
    let calls = shell.mailchimp.exchanges.count
    let half = try await shell.run("audiences", "create", "--name", "Friends")
    #expect(half.code == 2)
    #expect(half.errors.contains("--permission-reminder"))
    #expect(!half.errors.contains("--zip"))
    var wrong = Self.asked
    wrong[9] = "Switzerland"
    let country = try await shell.run(["audiences", "create"] + wrong)
    #expect(country.code == 1)
    #expect(country.errors.contains("two letters"))
    #expect(shell.mailchimp.exchanges.count == calls)
  }

  @Test func `at the limit of the plan nothing is written and the ways out are said`() async throws
  {
    let shell = try await Shell()
    for _ in 0..<4 {
      #expect(try await shell.run(["audiences", "create"] + Self.asked).code == 0)
    }
    let full = try await shell.run(["audiences", "create"] + Self.asked)
    #expect(full.code == 4)
    #expect(full.errors.contains("allows 5, and there are 5"))
    #expect(full.errors.contains(shell.mailchimp.audience))
    #expect(full.errors.contains("as of November 2026"))
    #expect(shell.mailchimp.count("POST", "/3.0/lists") == 4)
  }

  @Test
  func
    `where Mailchimp refuses another although it offered one, that is said and nothing is written`()
    async throws
  {
    let shell = try await Shell()
    shell.mailchimp.addFault(
      SandboxFaultRule(
        .status(
          403, title: "User action not permitted",
          detail: "User does not have access to the requested operation"),
        method: "POST", path: "/3.0/lists"))
    let before = try await shell.json("settings", "export")
    let refused = try await shell.run(["audiences", "create"] + Self.asked)
    #expect(refused.code == 4)
    #expect(
      refused.errors.hasPrefix("No audience was made. The plan or the role of the key's owner"))
    #expect(refused.errors.contains(shell.mailchimp.audience))
    #expect(refused.errors.contains("Or take a larger plan."))
    #expect(try await shell.json("settings", "export") == before)
    #expect(try await shell.json("audiences", "list")["audiences"]?.array?.count == 1)
    let table = try await shell.run("audiences", "list").output
    #expect(table.contains("LAST CAMPAIGN") && table.contains("none"))
    #expect(table.contains("0 of 5"))
  }

  @Test func `double opt-in is switched at Mailchimp and new people are then asked`() async throws {
    let shell = try await Shell()
    #expect(try await shell.run("audiences", "double-opt-in", "maybe").code == 2)
    #expect(try await shell.run("audiences", "double-opt-in", "on").code == 0)
    #expect(try await shell.json("audiences", "show")["audience"]?["doubleOptIn"] == true)
    try await shell.add("first_name=Ada", "email=ada@directory.example.org")
    #expect(try await shell.run("sync", "--approve", "latest", "--wait").code == 0)
    #expect(
      shell.mailchimp.member("ada@directory.example.org")?.status.rawValue == "pending")
    #expect(try await shell.run("audiences", "double-opt-in", "off").code == 0)
    #expect(try await shell.json("audiences", "show")["audience"]?["doubleOptIn"] == false)
  }
}
