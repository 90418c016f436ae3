// `webhook`: how the webhook stands, making and mending it now, taking it away.

import Basics
import Domain
import Storage

enum WebhookCommands {
  private static let reveal = Command.Option.flag(
    "reveal", "Show the secret path too, for making the webhook by hand.")
  private static let last = Command.Option.value(
    "last", "N", "How many deliveries to list; 10 unless given.")

  static let group = CommandGroup(
    "webhook", "Hearing of changes at once", alone: "status",
    [status, create, remove])

  private static let status = Command(
    "webhook status", "Show how the webhook stands and what it brought last",
    options: [reveal, last],
    notes: """
      The webhook is made, checked every day and repaired by the engine when webhook.url is set. To \
      make it by hand: in Mailchimp, Audience, Manage contacts, Settings, Webhooks (as of November \
      2026), with the address, events and sources shown here. Beside it everything is polled.
      """,
    shape: """
      {"state": "working", "sentence": "…", "address": "https://…/webhook/•••",
        "listensAt": "127.0.0.1:8077", "problem": null, "createdAt": "…", "checkedAt": "…",
        "verifiedAt": null, "lastDeliveryAt": null, "events": ["subscribe"], "sources": ["user"],
        "counts": {"waiting": 0}, "deliveries": [{"id": 12, "receivedAt": "…",
        "type": "unsubscribe", "summary": "unsubscribe, manual", "addresses": ["…"],
        "firedAt": "…", "signature": "verified", "fate": "looked at", "sentence": "",
        "execution": 31}]}
      where state is off, waiting, working or trouble.
      """
  ) { (run) throws(Problem) in
    let count = try run.number(last, 0...1000) ?? 10
    try run.withWorkspace { (workspace) throws(Problem) in
      if run.has(reveal) {
        try workspace.writeBlocking(as: run.context.user) { (tx) throws(Problem) in
          _ = try tx.webhooks.path()
        }
      }
      let (health, deliveries, zone) = try workspace.readBlocking { (reading) throws(Problem) in
        (
          try reading.reports.webhook(),
          try reading.reports.deliveries(.at(0), count: count).rows,
          LocalTime.zone(try reading.settings.values()[Settings.zone])
        )
      }
      let address = run.has(reveal) ? health.address.reveal() : masked(health.address)
      run.report(json(health, address, deliveries)) {
        var lines = ["Webhook   \(health.state.rawValue): \(health.sentence)"]
        if let problem = health.problem, !problem.remedy.isEmpty {
          lines.append("          \(problem.remedy)")
        }
        let isWanted = health.state != .off
        lines.append(
          "Address   "
            + (!address.isEmpty
              ? address : isWanted ? "--reveal makes and shows it" : "set webhook.url first"))
        lines.append(
          "Events    \(WebhookWish.allEvents.filter(WebhookWish.events.contains).joined(separator: ", "))"
        )
        lines.append("Sources   user, admin; not API")
        lines.append("Listens   \(health.listensAt ?? "no engine listens now")")
        lines.append("Checked   \(zone.print(health.record?.checkedAt))")
        run.output.lines(lines)
        run.output.line()
        if deliveries.isEmpty { return run.output.line("Nothing was delivered yet.") }
        run.output.table(
          TextTable(
            [
              .right("id"), .left("received"), .left("event"), .left("about"), .left("signature"),
              .left("fate"),
            ],
            deliveries.map { delivery in
              [
                "\(delivery.id)", zone.print(delivery.receivedAt), delivery.summary,
                delivery.addresses.map(\.description).joined(separator: ", "),
                delivery.signature.rawValue,
                delivery.fate.rawValue
                  + (delivery.sentence.isEmpty ? "" : ": \(delivery.sentence)"),
              ]
            }))
      }
    }
    return .done
  }

  private static let create = Command(
    "webhook create", "Make the webhook, or check and repair it, now",
    notes: """
      Needs webhook.url. Mailchimp asks the address by GET before it takes it: where no engine runs, \
      this command listens until it is done.
      """,
    shape: #"{"execution": EXECUTION, "plan": null}"#
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let settings = try ready(workspace)
      guard settings.isSet(Settings.webhookURL) else { throw Problem.noWebhookURL }
      let isElsewhere = try EngineLock.holder(of: workspace.path) != nil
      let listener = ListenerSeat(workspace, log: try run.log())
      defer { listener.close() }
      if !isElsewhere { try listener.open() }
      return try SyncCommands.carryOut(.checkWebhook, waits: true, run, workspace)
    }
  }

  private static let remove = Command(
    "webhook remove", "Delete the webhook and go on by polling alone",
    notes: "Unsets webhook.url, so that it is not made again. Webhooks of others are left alone.",
    shape: #"{"execution": EXECUTION, "plan": null}"#
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      _ = try ready(workspace)
      return try SyncCommands.carryOut(.removeWebhook, waits: true, run, workspace)
    }
  }

  private static func ready(_ workspace: Workspace) throws(Problem) -> SettingValues {
    let settings = try workspace.readBlocking { (reading) throws(Problem) in
      try reading.settings.values()
    }
    guard settings.isSet(Settings.key) else { throw Problem.noKey }
    guard settings.isSet(Settings.audience) else { throw Problem.noAudience }
    return settings
  }

  /// The address without what only Mailchimp may know.
  static func masked(_ address: Secret) -> String {
    let parts = address.reveal().split(separator: WebhookWish.pathPrefix)
    return parts.count == 2 ? "\(parts[0])\(WebhookWish.pathPrefix)•••" : ""
  }

  private static func json(
    _ health: WebhookHealth, _ address: String, _ deliveries: [WebhookDelivery]
  ) -> JSONValue {
    let counts = DeliveryFate.allCases.map { fate in
      (fate.rawValue, JSONShape.number(health.counts[fate] ?? 0))
    }
    return [
      "state": .string(health.state.rawValue), "sentence": .string(health.sentence),
      "address": .string(address), "listensAt": health.listensAt.map(JSONValue.string) ?? .null,
      "problem": JSONShape.problem(health.problem),
      "createdAt": JSONShape.time(health.record?.createdAt),
      "checkedAt": JSONShape.time(health.record?.checkedAt),
      "verifiedAt": JSONShape.time(health.record?.verifiedAt),
      "lastDeliveryAt": JSONShape.time(health.lastDeliveryAt),
      "events": .array(WebhookWish.events.sorted().map(JSONValue.string)),
      "sources": .array(WebhookWish.sources.sorted().map(JSONValue.string)),
      "counts": .object(Dictionary(uniqueKeysWithValues: counts)),
      "deliveries": .array(
        deliveries.map { delivery in
          [
            "id": .int(delivery.id.rawValue), "receivedAt": JSONShape.time(delivery.receivedAt),
            "type": .string(delivery.type), "summary": .string(delivery.summary),
            "addresses": .array(delivery.addresses.map { .string($0.description) }),
            "firedAt": JSONShape.time(delivery.firedAt),
            "signature": .string(delivery.signature.rawValue),
            "fate": .string(delivery.fate.rawValue), "sentence": .string(delivery.sentence),
            "execution": delivery.execution.map { .int($0.rawValue) } ?? .null,
          ]
        }),
    ]
  }
}
