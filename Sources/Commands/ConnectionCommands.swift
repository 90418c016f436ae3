// `connect` and `audiences`: is the key good, whose is it, and which audience is kept in step.

import Basics
import Console
import Domain
import Storage

enum ConnectionCommands {
  private static let login = Command.Option.flag(
    "login", "Log in at Mailchimp with a browser, instead of pasting a key.")

  static let connect = CommandGroup(
    Command(
      "connect", "Test the connection to Mailchimp, or log in", options: [login],
      notes: """
        Shows the account, the role of the key's owner and the audiences.

        --login needs mailchimp.client-id and mailchimp.client-secret. It prints the address to \
        open, waits for the answer on mailchimp.redirect, and takes the address the browser ended \
        on when it is pasted, which is the way over SSH. Nothing is saved unless all of it worked.
        """,
      shape: """
        {"account": {"id": "…", "name": "…", "login": "…", "role": "owner", "plan": "…",
          "subscribers": 0}, "audience": "1a2b3c", "audiences": [{"id": "1a2b3c", "name": "…"}],
          "reminder": {"audience": "1a2b3c", "page": "https://…", "text": "…", "why": "…"}}
        With --login two lines: {"address": "https://…", "listening": true}, then
        {"done": true, "account": {…}, "dataCentre": "us19", "reminder": {…}}.
        """
    ) { (run) throws(Problem) in
      if run.has(login) { return try LoginCommand.run(run) }
      try run.withWorkspace { (workspace) throws(Problem) in
        let access = try AccountAccess(workspace)
        let (account, audiences) = try waitFor { () throws(Problem) in
          (try await access.account(), try await access.audiences())
        }
        let chosen = try chosen(workspace)
        let zone = try PeopleCommands.zone(workspace)
        let shown = audiences.first { $0.id == chosen } ?? audiences.first
        run.report([
          "account": json(account), "audience": .string(chosen),
          "audiences": .array(audiences.map { json($0, chosen: chosen) }),
          "reminder": shown.map(reminder) ?? .null,
        ]) {
          run.output.line("Mailchimp takes the key.")
          run.output.line("Account   \(account.name) (\(account.id))")
          run.output.line("Login     \(account.login)")
          run.output.line("Role      \(account.role)")
          if !account.plan.isEmpty { run.output.line("Plan      \(account.plan)") }
          run.output.line()
          run.output.table(table(audiences, chosen: chosen, zone))
          run.output.line()
          if chosen.isEmpty { run.output.line("Choose one: listkeeper audiences use ID") }
          if let shown { run.output.line(AudienceFacts.reminder(of: shown)) }
        }
      }
      return .done
    })

  static let audiences = CommandGroup(
    "audiences", "The audiences of the account", alone: "list",
    [
      list, use, show, create, doubleOptIn, UnknownCommands.unknown, UnknownCommands.addPerson,
      GrowthCommand.growth,
    ])

  private static let list = Command(
    "audiences list", "Read the account's audiences from Mailchimp",
    shape: """
      {"audiences": [{"id": "1a2b3c", "name": "…", "isChosen": true, "members": 0,
        "unsubscribes": 0, "cleaned": 0, "doubleOptIn": false, "rating": 0,
        "lastCampaignAt": null, "permissionReminder": "…", "fromName": "…", "fromEmail": "…",
        "postalAddress": "…", "subscribeURL": "https://…", "settingsPage": "https://…"}]}
      """
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let access = try AccountAccess(workspace)
      let audiences = try waitFor { () throws(Problem) in try await access.audiences() }
      let chosen = try chosen(workspace)
      let zone = try PeopleCommands.zone(workspace)
      run.report(["audiences": .array(audiences.map { json($0, chosen: chosen) })]) {
        run.output.table(table(audiences, chosen: chosen, zone))
      }
    }
    return .done
  }

  private static let use = Command(
    "audiences use", "Choose the audience that is kept in step",
    [.init("ID", .one, "The audience's id, such as 1a2b3c4d5e.")],
    notes:
      "Links to another audience are kept; the first sync of each audience is held for a look.",
    shape: #"{"done": true, "audience": {"id": "1a2b3c", "name": "…", …}}"#
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let access = try AccountAccess(workspace)
      let (id, user) = (Text.oneLine(run.argument(0)), run.context.user)
      let audience = try waitFor { () throws(Problem) in
        try await access.choose(id, as: user)
      }
      run.done(
        "The audience \(audience.name) (\(audience.id)) is kept in step from now on.",
        ["done": true, "audience": json(audience, chosen: audience.id)])
    }
    return .done
  }

  private static let show = Command(
    "audiences show", "Show one audience in full, and where each part is changed",
    [.init("ID", .optional, "The audience's id; the chosen one unless given.")],
    shape: #"{"audience": {"id": "1a2b3c", "name": "…", "postalAddress": "…", …}}"#
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let access = try AccountAccess(workspace)
      let chosen = try chosen(workspace)
      let id = run.arguments.isEmpty ? chosen : Text.oneLine(run.argument(0))
      guard !id.isEmpty else { throw Problem.noAudience }
      let audiences = try waitFor { () throws(Problem) in try await access.audiences() }
      guard let audience = audiences.first(where: { $0.id == id }) else {
        throw Problem.noSuchAudience(id, among: audiences)
      }
      run.report(["audience": json(audience, chosen: chosen)]) {
        run.output.lines(AudienceFacts.of(audience))
      }
    }
    return .done
  }

  private static let create = Command(
    "audiences create", "Make an audience in the account, and choose it",
    options: AudienceDraft.Field.allCases.map(option),
    notes: """
      What is marked * must be given. Where the plan of the account allows no other audience, this \
      says so and nothing is written.
      """,
    shape: #"{"done": true, "audience": {"id": "1a2b3c", "name": "…", …}}"#
  ) { (run) throws(Problem) in
    var values: [AudienceDraft.Field: String] = [:]
    for field in AudienceDraft.Field.allCases {
      if field == .doubleOptIn {
        values[field] = run.has(option(field)) ? "yes" : "no"
      } else if let text = run[option(field)] {
        values[field] = text
      }
    }
    let draft = AudienceDraft(values)
    let missing = AudienceDraft.Field.allCases.filter { $0.isRequired && draft[$0].isEmpty }
    guard missing.isEmpty else {
      let names = missing.map { "--\($0.rawValue)" }.joined(separator: ", ")
      throw Problem(
        "usage.missing-option", "An audience needs \(names).",
        remedy: "See `listkeeper audiences create --help`.", fields: ["options": names])
    }
    try run.withWorkspace { (workspace) throws(Problem) in
      let access = try AccountAccess(workspace)
      let user = run.context.user
      let audience = try waitFor { () throws(Problem) in
        try await access.create(draft, as: user)
      }
      run.done(
        "The audience \(audience.name) (\(audience.id)) was made and is kept in step from now on.",
        ["done": true, "audience": json(audience, chosen: audience.id)])
    }
    return .done
  }

  private static func option(_ field: AudienceDraft.Field) -> Command.Option {
    let star = field.isRequired ? "* " : ""
    switch field {
    case .doubleOptIn:
      return .flag(field.rawValue, "Ask everybody who joins to confirm by mail.")
    case .formatChoice: return .value(field.rawValue, "yes|no", star + field.help)
    default: return .value(field.rawValue, "TEXT", star + field.help)
    }
  }

  private static let doubleOptIn = Command(
    "audiences double-opt-in", "Switch double opt-in of the chosen audience",
    [.init("on|off", .one, "on: everybody who joins is asked to confirm by mail.")],
    notes: """
      It holds for Mailchimp's own forms and for people Listkeeper adds: they are pending until they \
      confirm. Who is a member already stays as they are.
      """,
    shape: #"{"done": true, "audience": {"id": "1a2b3c", "doubleOptIn": true, …}}"#
  ) { (run) throws(Problem) in
    let word = Text.oneLine(run.argument(0)).lowercased()
    guard ["on", "off"].contains(word) else {
      throw Problem(
        "usage.not-on-or-off", "'\(word)' is neither on nor off.", remedy: "Give on or off.")
    }
    try run.withWorkspace { (workspace) throws(Problem) in
      let access = try AccountAccess(workspace)
      let user = run.context.user
      let audience = try waitFor { () throws(Problem) in
        try await access.setDoubleOptIn(word == "on", as: user)
      }
      run.done(
        "Double opt-in of \(audience.name) is \(word).",
        ["done": true, "audience": json(audience, chosen: audience.id)])
    }
    return .done
  }

  static func chosen(_ workspace: Workspace) throws(Problem) -> String {
    try workspace.readBlocking { (reading) throws(Problem) in
      try reading.settings.values()[Settings.audience]
    }
  }

  private static func table(
    _ audiences: [Audience], chosen: String, _ zone: ClockZone
  ) -> TextTable {
    TextTable(
      [
        .left(""), .left("id"), .left("name"), .right("members"), .right("unsubscribed"),
        .right("cleaned"), .left("double opt-in"), .left("last campaign"), .right("rating"),
      ],
      audiences.map { audience in
        [
          audience.id == chosen ? "*" : "", audience.id, audience.name,
          Phrase.number(audience.members), Phrase.number(audience.unsubscribes),
          Phrase.number(audience.cleaned), audience.doubleOptIn ? "yes" : "no",
          audience.campaignLastSent.map { zone.print($0) } ?? "none", "\(audience.rating) of 5",
        ]
      })
  }

  static func json(_ account: MailchimpAccount) -> JSONValue {
    [
      "id": .string(account.id), "name": .string(account.name), "login": .string(account.login),
      "role": .string(account.role), "plan": .string(account.plan),
      "subscribers": .int(Int64(account.totalSubscribers)),
    ]
  }

  static func json(_ connection: NewConnection) -> [String: JSONValue] {
    [
      "account": json(connection.account), "dataCentre": .string(connection.dataCentre),
      "reminder": connection.audience.map(reminder) ?? .null,
    ]
  }

  /// Why the permission reminder of an audience is worth a look, and where.
  private static func reminder(_ audience: Audience) -> JSONValue {
    [
      "audience": .string(audience.id), "page": audience.defaultsPage.map { .string($0) } ?? .null,
      "text": .string(audience.permissionReminder),
      "why": .string(AudienceFacts.reminder(of: audience)),
    ]
  }

  private static func json(_ audience: Audience, chosen: String) -> JSONValue {
    [
      "id": .string(audience.id), "name": .string(audience.name),
      "isChosen": .bool(audience.id == chosen), "members": .int(Int64(audience.members)),
      "unsubscribes": .int(Int64(audience.unsubscribes)),
      "cleaned": .int(Int64(audience.cleaned)), "doubleOptIn": .bool(audience.doubleOptIn),
      "rating": .int(Int64(audience.rating)),
      "lastCampaignAt": audience.campaignLastSent.map { .string("\($0)") } ?? .null,
      "permissionReminder": .string(audience.permissionReminder),
      "fromName": .string(audience.fromName), "fromEmail": .string(audience.fromEmail),
      "postalAddress": .string(audience.postalAddress),
      "subscribeURL": .string(audience.subscribeURL),
      "settingsPage": audience.defaultsPage.map { .string($0) } ?? .null,
    ]
  }
}
