// What the stories of constituents and users wait for and look at beside PresetStory.

import Basics
import Domain
import Foundation
import HTTP
import Storage
import Support

extension PresetStory {
  /// Waits until nothing runs and nothing is due, whoever runs the engine; what comes due in a
  /// moment counts as due, so that nothing is looked at between two of its parts.
  func rests() async throws {
    _ = try await when("nothing to be due") { (reading) throws(Problem) in
      let open = try reading.database.integer(
        """
        SELECT (SELECT count(*) FROM message WHERE state = 'leased'
            OR (state = 'ready' AND run_at <= ?))
          + (SELECT count(*) FROM execution WHERE status = 'running')
        """, reading.now + .milliseconds(1500))
      return open == 0 ? true : nil
    }
  }

  /// Lets the time of every next try of a failing address come, instead of waiting minutes for it,
  /// until it is a dead letter.
  func letRetriesComeDue() async throws {
    let workspace = try Workspace.open(at: program.workspace)
    defer { workspace.close() }
    while true {
      let isDead = try await when("the next try") { (reading) throws(Problem) in
        try reading.database.one(
          """
          SELECT state = 'dead' FROM message
          WHERE state = 'dead' OR (kind = 'sync address' AND state = 'ready' AND run_at > ?)
          """, reading.now
        ) { $0.bool(0) }
      }
      if isDead { return }
      try await workspace.write(as: "test") { (tx) throws(Problem) in
        try tx.database.execute(
          "UPDATE message SET run_at = ? WHERE kind = 'sync address' AND state = 'ready'", tx.now)
      }
    }
  }

  /// Brings the next run of a schedule to this moment, instead of waiting hours for it; then the
  /// engine's own clock starts it, if one runs, and else whichever engine runs next.
  func letScheduleComeDue(_ id: Int64, before: Duration = .zero) async throws {
    let workspace = try Workspace.open(at: program.workspace)
    defer { workspace.close() }
    try await workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.database.execute(
        "UPDATE schedule SET next_run_at = ? WHERE id = ?",
        before == .zero ? tx.now + .milliseconds(300) : tx.now - before, id)
    }
  }

  /// Changes somebody here as of so long ago.
  func edit(_ who: String, _ ago: Duration, _ values: [PersonField: String]) async throws {
    let then = SteppedTime(SystemTime().now() - ago)
    let workspace = try Workspace.open(at: program.workspace, time: then)
    defer { workspace.close() }
    try await workspace.write(as: "test") { (tx) throws(Problem) in
      let id = try tx.database.one("SELECT id FROM person WHERE external_id = ?", who) {
        PersonID($0.int64(0))
      }
      _ = try tx.directory.apply(PersonDraft(id: id, values: values))
    }
  }

  /// The settings a login needs; the redirect address is on a port that is free.
  func registerApp() async throws {
    let probe = HTTPListener { _, _ in .cut }
    try probe.start()
    let redirect = "http://127.0.0.1:\(probe.port)/mailchimp"
    probe.stop()
    let file = try directory.write(
      "login.settings",
      """
      mailchimp.login-url = \(mailchimp.url)
      mailchimp.redirect = \(redirect)
      mailchimp.client-id = \(mailchimp.client.id)
      mailchimp.client-secret = \(mailchimp.client.secret)

      """)
    try await says("settings", "import", file)
  }

  /// Logs in from the console, with the browser played by hand: what the terminal shows from edge to
  /// edge is opened, and the access is allowed.
  func logIn(from console: TerminalSession) async throws {
    console.press(":")
    console.type("log in with")
    console.press("Enter")
    try await console.waits(for: "Waiting for the answer at")
    let lines = console.screen.lines
    guard let first = lines.firstIndex(where: { $0.hasPrefix("http") }) else {
      throw Violation("There is no address:\n\(console.screen.framed)")
    }
    let address = lines[first...].map { Text.oneLine($0) }.prefix { !$0.isEmpty }.joined()
    let allowed = try await RawHTTP(port: site.port, authorization: nil)
      .call("GET", "\(address.dropFirst(mailchimp.url.count))&allow=yes")
    guard let back = allowed.header("Location").flatMap({ HTTPAddress($0) }) else {
      throw Violation("The browser is led nowhere: \(allowed) \(address)")
    }
    let page = try await RawHTTP(port: back.port, authorization: nil).call("GET", back.target)
    if page.status != 200 { throw Violation("The answer was not taken: \(page)") }
    try await console.waits(for: "Connected to Practice as owner, in the data centre us19.")
  }

  /// The tags of a contact, as Mailchimp holds them.
  func tags(_ address: String) async throws -> Set<String> {
    let held = try await contact(address)?["tags"]?.array ?? []
    return Set(held.compactMap { $0["name"]?.string })
  }

  /// A merge field of a contact, as Mailchimp holds it.
  func held(_ tag: String, _ address: String) async throws -> String? {
    try await contact(address)?["merge_fields"]?[tag]?.string
  }

  /// The whole directory as it is exported.
  func directoryNow() async throws -> JSONValue { try await program.json("people", "export") }

  /// How a contact is named in a path.
  static func hash(_ address: String) -> String { Digest.md5(address.lowercased().utf8) }
}
