import Basics
import Glibc
import Sandbox
import Support
import Testing

@Suite struct SyncTests {
  @Test func `the first sync is held, approved by hand, and the second sends nothing`() async throws
  {
    let shell = try await Shell()
    try await shell.add("first_name=Ada", "email=ada@mail.example.org", "external_id=a1")
    try await shell.add("first_name=Bob", "email=bob@mail.example.org", "opt_in=no")
    let held = try await shell.run("sync", "--wait")
    #expect(held.code == 3)
    #expect(held.output.contains("1 to create"))
    #expect(held.output.contains("plans approve 1"))
    #expect(shell.mailchimp.member("ada@mail.example.org") == nil)
    let plan = try await shell.json("plans", "show", "latest")
    #expect(plan["plan"]?["status"] == "held")
    #expect(plan["rows"]?.array?.map { $0["email"] } == ["ada@mail.example.org"])
    #expect(try await shell.run("sync", "--approve", "latest", "--wait").code == 0)
    #expect(shell.mailchimp.member("ada@mail.example.org")?.status == .subscribed)
    #expect(shell.mailchimp.member("bob@mail.example.org") == nil)
    shell.mailchimp.forgetExchanges()
    let second = try await shell.run("sync", "--wait")
    #expect(second.code == 0)
    #expect(second.output.contains("no changes"))
    #expect(shell.mailchimp.exchanges.allSatisfy { $0.method == "GET" })
  }

  @Test
  func `approving the latest sync leaves a refresh that waits alone, and the other way round`()
    async throws
  {
    let shell = try await Shell()
    let file = shell.directory.file("people.csv")
    let head = "external_id,first_name,email\n"
    let all = (0..<4).map { "k\($0),P\($0),p\($0)@mail.example.org\n" }.joined()
    _ = try shell.directory.write("people.csv", head + all)
    for (key, value) in [("source.kind", "csv"), ("source.path", file)] {
      #expect(try await shell.run("settings", "set", key, value).code == 0)
    }
    #expect(try await shell.run("refresh", "--wait").code == 0)
    #expect(try await shell.run("refresh", "--approve", "latest").errors.contains("No refresh"))
    #expect(try await shell.run("sync", "--wait").code == 3)
    _ = try shell.directory.write("people.csv", head)
    let held = try await shell.run("refresh", "--wait")
    #expect(held.code == 3)
    #expect(held.output.contains("(refresh)"))
    let list = try await shell.json("plans", "list")
    #expect(list["plans"]?.array?.map { $0["kind"] } == ["refresh", "sync"])

    let refresh = try #require(list["plans"]?[0]?["id"]?.int)
    let other = try await shell.run("sync", "--approve", "\(refresh)")
    #expect(other.errors.contains("Plan #\(refresh) is of kind refresh."))
    #expect(try await shell.run("sync", "--approve", "latest", "--wait").code == 0)
    #expect(shell.mailchimp.member("p3@mail.example.org")?.status == .subscribed)
    #expect(try await shell.json("plans", "list")["plans"]?.array?.count == 1)
    #expect(try await shell.run("refresh", "--approve", "latest", "--wait").code == 0)
    // What the source said last stays beside the person, with what followed from its silence.
    let left = try await shell.json("people", "show", "k3")
    #expect(left["active"] == false)
    #expect(left["source"]?["word"]?["first_name"] == "P3")
    #expect(left["source"]?["name"] == "people.csv")
    #expect(left["source"]?["leftAs"] == "inactive")
    let shown = try await shell.run("people", "show", "k3").output
    #expect(shown.contains("people.csv line 5"))
    #expect(shown.contains("no longer named, hence inactive"))
    try await shell.add("first_name=Ada")
    let people = try await shell.json("people", "list", "first:Ada,P3")["people"]?.array ?? []
    #expect(people.map { $0["source"] } == [.null, "people.csv"])
  }

  @Test func `one edited person is one execution with one row`() async throws {
    let shell = try await Shell()
    try await shell.add("first_name=Ada", "email=ada@mail.example.org", "external_id=a1")
    try await shell.add("first_name=Bob", "email=bob@mail.example.org")
    #expect(try await shell.run("sync", "--approve", "latest").code == 0)
    let engine = try shell.start("serve")
    _ = try await engine.prints("runs")
    #expect(try await shell.run("people", "set", "a1", "first_name=Adele").code == 0)
    let logs = try shell.start("logs", "--follow", "--json")
    _ = try await logs.prints("1 updated")
    logs.send(signal: SIGINT)
    #expect(try await logs.ended().code == 0)
    let execution = try await shell.json("executions", "show", "latest")
    #expect(execution["execution"]?["trigger"] == "change")
    let rows = execution["people"]?.array ?? []
    #expect(rows.count == 1)
    #expect(
      rows.first?["changes"] == [["name": "FNAME", "old": "Ada", "new": "Adele"]])
    engine.send(signal: SIGTERM)
    let ended = try await engine.ended()
    #expect(ended.code == 0)
    #expect(ended.output.hasSuffix("Stopped.\n"))
  }

  @Test func `where an engine runs, sync asks it and another serve ends with 5`() async throws {
    let shell = try await Shell()
    try await shell.add("first_name=Ada", "email=ada@mail.example.org")
    let engine = try shell.start("serve")
    _ = try await engine.prints("runs")
    let second = try await shell.run("serve", "--json")
    #expect(second.code == 2)
    #expect(try await shell.run("serve").code == 5)
    let asked = try await shell.json("sync")
    #expect(asked == ["requested": true])
    #expect(try await shell.run("sync", "--approve", "latest", "--wait").code == 0)
    #expect(shell.mailchimp.member("ada@mail.example.org")?.status == .subscribed)
    engine.send(signal: SIGTERM)
    #expect(try await engine.ended().code == 0)
    #expect(try await shell.json("status")["engine"] == "no engine")
  }

  @Test func `what cannot be synced is said before anything is tried`() async throws {
    let shell = try Shell(empty: ())
    _ = try await shell.run("init")
    let noKey = try await shell.run("sync")
    #expect(noKey.code == 4)
    #expect(noKey.errors.contains("settings set mailchimp.key"))
    _ = try await shell.run("settings", "set", "mailchimp.url", shell.mailchimp.url)
    _ = try await shell.run("settings", "set", "mailchimp.key", shell.mailchimp.key)
    let noAudience = try await shell.run("sync")
    #expect(noAudience.code == 4)
    #expect(noAudience.errors.contains("audiences use"))
    _ = try await shell.run("audiences", "use", shell.mailchimp.audience)
    #expect(try await shell.run("pause").code == 0)
    #expect(try await shell.json("status")["engine"] == "no engine")
    let paused = try await shell.run("sync")
    #expect(paused.code == 1)
    #expect(paused.errors.contains("enable"))
    #expect(try await shell.run("enable").code == 0)
    #expect(try await shell.run("sync", "--dry-run", "--wait").code == 0)
  }

  @Test func `what is decided while no engine runs is decided at once, and nothing is sent`()
    async throws
  {
    let shell = try await Shell()
    try await shell.add("first_name=Ada", "email=ada@mail.example.org")
    #expect(try await shell.run("sync", "--wait").code == 3)
    #expect(try await shell.run("plans", "discard", "latest").code == 0)
    #expect(try await shell.json("plans", "list")["plans"] == [])
    let again = try await shell.run("plans", "discard", "1")
    #expect(again.code == 1)
    #expect(again.errors.contains("Plan #1 is discarded already."))
    #expect(try await shell.json("status")["engine"] == "no engine")
    #expect(shell.mailchimp.count("PUT") + shell.mailchimp.count("POST") == 0)
  }

  @Test func `more contacts gone than the guard lets pass are held for a look, and end with 3`()
    async throws
  {
    let shell = try await Shell()
    for name in ["ada", "bob", "cyd"] {
      try await shell.add("first_name=\(name)", "email=\(name)@mail.example.org")
    }
    #expect(try await shell.run("sync", "--approve", "latest", "--wait").code == 0)
    for words in [["guard.people", "1"], ["guard.percent", "1"]] {
      #expect(try await shell.run(["settings", "set"] + words).code == 0)
    }
    for name in ["ada", "bob"] {
      try shell.mailchimp.perform(.adminDeletesPermanently("\(name)@mail.example.org"))
    }
    let held = try await shell.run("sync", "--resync", "--wait")
    #expect(held.code == 3)
    #expect(held.errors.contains("2 of 3 contacts are not in the audience any more"))
    let approved = try await shell.json("sync", "--resync", "--approve", "latest", "--wait")
    #expect(approved["execution"]?["status"] == "succeeded")
  }

  @Test func `whom others archived is let in again by a search, and who left is not`() async throws
  {
    let shell = try await Shell()
    for name in ["ada", "bob", "cyd", "dan"] {
      try await shell.add("first_name=\(name)", "email=\(name)@mail.example.org")
    }
    #expect(try await shell.run("sync", "--approve", "latest", "--wait").code == 0)
    for name in ["ada", "bob"] {
      try shell.mailchimp.perform(.adminArchives("\(name)@mail.example.org"))
    }
    try shell.mailchimp.perform(.personUnsubscribes("cyd@mail.example.org"))
    #expect(try await shell.run("sync", "--resync", "--wait").code == 0)
    let counted = try await shell.json("consent", "lift", "--search", "reason:suppressed")
    #expect(counted == ["requested": false, "count": 2])
    let both = try await shell.run("consent", "lift", "#1", "#3")
    #expect(both.code == 1)
    #expect(both.errors.contains("1 of 2 was refused: cyd@mail.example.org unsubscribed"))
    let lifted = try await shell.json(
      "consent", "lift", "--search", "reason:suppressed", "--yes")
    #expect(lifted == ["requested": true, "count": 1])
    #expect(try await shell.run("consent", "lift").code == 2)
    #expect(try await shell.run("sync", "--approve", "latest", "--wait").code == 0)
    for (name, status) in [("ada", "subscribed"), ("bob", "subscribed"), ("cyd", "unsubscribed")] {
      #expect(shell.mailchimp.member("\(name)@mail.example.org")?.status.rawValue == status)
    }
  }

  @Test func `a revoked key ends sync with 4, and a new one carries the same work on`() async throws
  {
    let shell = try await Shell()
    try await shell.add("first_name=Ada", "email=ada@mail.example.org")
    try shell.mailchimp.perform(.keyIsRevoked)
    let blocked = try await shell.run("sync", "--wait", "--json")
    #expect(blocked.code == 4)
    #expect(
      try JSONValue.parse(blocked.errors)["error"]?["code"] == "mailchimp.key-refused")
    try shell.mailchimp.perform(.keyIsRestored)
    #expect(try await shell.run("sync", "--approve", "latest", "--wait").code == 0)
    #expect(shell.mailchimp.member("ada@mail.example.org")?.status == .subscribed)
  }

  @Test func `serve answers health and metrics while it runs`() async throws {
    let shell = try await Shell()
    try await shell.add("first_name=Ada", "email=ada@mail.example.org")
    let engine = try shell.start("serve", "--listen", "127.0.0.1:0")
    let line = try await engine.prints("port ")
    let digits = line.components(after: "port ").prefix { $0.isNumber }
    let port = try #require(UInt16(digits))
    let health = try await get("/healthz", port)
    #expect(health.hasPrefix("HTTP/1.1 200"))
    #expect(health.contains(#""engine":"running""#))
    let metrics = try await get("/metrics", port)
    #expect(metrics.contains("listkeeper_people{state=\"in step\"} 0\n"))
    #expect(metrics.contains("listkeeper_dead_letters 0\n"))
    #expect(try await get("/else", port).hasPrefix("HTTP/1.1 404"))
    engine.send(signal: SIGTERM)
    #expect(try await engine.ended().code == 0)
  }

  private func get(_ path: String, _ port: UInt16) async throws -> String {
    let connection = try RawConnection(port: port)
    defer { connection.close() }
    connection.send("GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    return await connection.read()
  }

  @Test func `sandbox prints lines that work when they are pasted`() async throws {
    let shell = try Shell(empty: ())
    let sandbox = try shell.start("sandbox", "--listen", ":0", "--people", "3")
    let text = try await sandbox.prints("sync --wait")
    _ = try await shell.run("init")
    for line in text.split(separator: "\n") where line.hasPrefix("  listkeeper ") {
      let words = line.split(separator: " ").dropFirst(3).map(String.init)
      let ended = try await shell.run(words)
      #expect(ended.code == (words.first == "sync" ? 0 : 0), "\(line): \(ended.errors)")
    }
    sandbox.send(signal: SIGTERM)
    #expect(try await sandbox.ended().code == 0)
  }
}

extension String {
  /// What stands behind the first `mark`; nothing where it is missing.
  fileprivate func components(after mark: String) -> Substring {
    var rest = self[...]
    while !rest.isEmpty, !rest.hasPrefix(mark) { rest = rest.dropFirst() }
    return rest.dropFirst(mark.count)
  }
}
