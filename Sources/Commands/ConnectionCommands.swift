// `connect` and `audiences`: is the key good, whose is it, and which audience is kept in step.

import Basics
import Domain
import Storage

enum ConnectionCommands {
  static let connect = CommandGroup(
    Command(
      "connect", "Test the connection to Mailchimp",
      notes: "Shows the account, the role of the key's owner and the audiences.",
      shape: """
        {"account": {"id": "…", "name": "…", "login": "…", "role": "owner", "plan": "…",
          "subscribers": 0}, "audience": "1a2b3c", "audiences": [{"id": "1a2b3c", "name": "…"}]}
        """
    ) { (run) throws(Problem) in
      try run.withWorkspace { (workspace) throws(Problem) in
        let access = try AccountAccess(workspace)
        let (account, audiences) = try waitFor { () throws(Problem) in
          (try await access.account(), try await access.audiences())
        }
        let chosen = try chosen(workspace)
        run.report([
          "account": json(account), "audience": .string(chosen),
          "audiences": .array(audiences.map { json($0, chosen: chosen) }),
        ]) {
          run.output.line("Mailchimp takes the key.")
          run.output.line("Account   \(account.name) (\(account.id))")
          run.output.line("Login     \(account.login)")
          run.output.line("Role      \(account.role)")
          if !account.plan.isEmpty { run.output.line("Plan      \(account.plan)") }
          run.output.line()
          run.output.table(table(audiences, chosen: chosen))
          if chosen.isEmpty {
            run.output.line()
            run.output.line("Choose one: listkeeper audiences use ID")
          }
        }
      }
      return .done
    })

  static let audiences = CommandGroup(
    "audiences", "The audiences of the account", alone: "list", [list, use])

  private static let list = Command(
    "audiences list", "Read the account's audiences from Mailchimp",
    shape: """
      {"audiences": [{"id": "1a2b3c", "name": "…", "isChosen": true, "members": 0,
        "unsubscribes": 0, "cleaned": 0, "doubleOptIn": false, "rating": 0,
        "lastCampaignAt": null, "permissionReminder": "…", "fromName": "…", "fromEmail": "…"}]}
      """
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let access = try AccountAccess(workspace)
      let audiences = try waitFor { () throws(Problem) in try await access.audiences() }
      let chosen = try chosen(workspace)
      run.report(["audiences": .array(audiences.map { json($0, chosen: chosen) })]) {
        run.output.table(table(audiences, chosen: chosen))
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

  private static func chosen(_ workspace: Workspace) throws(Problem) -> String {
    try workspace.readBlocking { (reading) throws(Problem) in
      try reading.settings.values()[Settings.audience]
    }
  }

  private static func table(_ audiences: [Audience], chosen: String) -> TextTable {
    TextTable(
      [
        .left(""), .left("id"), .left("name"), .right("members"), .right("unsubscribed"),
        .right("cleaned"), .left("double opt-in"),
      ],
      audiences.map { audience in
        [
          audience.id == chosen ? "*" : "", audience.id, audience.name,
          Phrase.number(audience.members), Phrase.number(audience.unsubscribes),
          Phrase.number(audience.cleaned), audience.doubleOptIn ? "yes" : "no",
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
    ]
  }
}
