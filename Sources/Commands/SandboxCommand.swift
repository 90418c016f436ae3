// `sandbox`: a Mailchimp to practise on, with the lines to paste into another terminal.

import Basics
import Sandbox

enum SandboxCommand {
  private static let listen = Command.Option.value(
    "listen", "ADDR:PORT", "Where to listen; 127.0.0.1:8765 unless given. Port 0 takes a free one.")
  private static let people = Command.Option.value(
    "people", "N", "Begin with so many sample people in the audience; 0 unless given.")
  private static let latency = Command.Option.value(
    "latency", "MS", "Let every answer take so many milliseconds.")
  private static let faults = Command.Option.value(
    "faults", "FILE", "Let requests go wrong as this JSON file says.")
  private static let record = Command.Option.value(
    "record", "FILE", "Append each exchange to this file, as a line of JSON.")

  static let group = CommandGroup(
    Command(
      "sandbox", "A Mailchimp to practise on",
      options: [listen, people, latency, faults, record],
      notes: """
        It is as unforgiving as the real one and forgets everything when it ends. Its page, at the \
        address it prints, does what subscribers and administrators do: unsubscribe, edit a \
        profile, archive, delete. Webhooks made over its API are delivered, and a program may \
        log in by OAuth with the client id and secret it prints. \
        Beside it is a platform with 25 people to try the HTTP source on, SCIM 2.0 and plain JSON. A faults file is \
        {"rules": [{"path": "/3.0/**", "nth": 3, "action": "cut-after"}]}; its actions are status, \
        too-many-requests, forbidden-without-json, time-out, cut-before, cut-after, truncate, \
        garbage and delay, and for deliveries to webhooks (their path is their type, such as \
        /profile) webhook-duplicate, webhook-reverse, webhook-delay, webhook-hold, \
        webhook-bad-signature and webhook-lose.
        """,
      shape: """
        {"url": "http://127.0.0.1:8765", "key": "…-us19", "audience": "1a2b3c", \
        "client_id": "…", "client_secret": "…", "platform_key": "…"}
        on one line, once it listens.
        """
    ) { (run) throws(Problem) in
      var configuration = SandboxConfiguration()
      let address = try ListenAddress(run[listen] ?? "127.0.0.1:8765")
      configuration.address = address.address
      configuration.port = address.port
      configuration.people = try run.number(people, 0...1_000_000) ?? 0
      configuration.latency = .milliseconds(try run.number(latency, 0...60000) ?? 0)
      configuration.platformPeople = 25
      configuration.recordPath = run[record]
      if let path = run[faults] {
        configuration.faults = try SandboxFaults(parsing: try FileText.read(path), file: path)
      }
      let server = SandboxServer(configuration: configuration, time: run.context.time)
      try run.context.stop.listen()
      try server.start()
      defer { server.stop() }
      if run.json {
        run.output.jsonLine([
          "url": .string(server.url), "key": .string(server.key),
          "audience": .string(server.audience),
          "client_id": .string(server.configuration.clientID),
          "client_secret": .string(server.configuration.clientSecret),
          "platform_key": .string(server.configuration.platformKey),
        ])
      } else {
        run.output.lines(introduction(server, program: run.program))
      }
      run.output.flush()
      while run.context.stop.wait() {}
      return .done
    })

  private static func introduction(_ server: SandboxServer, program: String) -> [String] {
    [
      "A practice Mailchimp listens at \(server.url) (Ctrl-C ends it).", "",
      "  key       \(server.key)",
      "  audience  \(server.audience) (\(server.configuration.audienceName))",
      "  page      \(server.url)/sandbox",
      "  login     \(server.url)/oauth2/authorize",
      "            client id \(server.configuration.clientID),"
        + " secret \(server.configuration.clientSecret)",
      "  people    \(server.platformURL)/scim/v2/Users",
      "            \(server.platformURL)/people",
      "            key \(server.configuration.platformKey)", "",
      "To use it, in another terminal:", "",
      "  \(program) settings set mailchimp.url \(server.url)",
      "  \(program) settings set mailchimp.key \(server.key)",
      "  \(program) audiences use \(server.audience)",
      "  \(program) sync --wait",
    ]
  }
}
