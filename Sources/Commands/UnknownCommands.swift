// `audiences unknown` and `audiences add-person`: contacts nobody here stands behind.

import Basics
import Domain
import Storage

enum UnknownCommands {
  private static let wait = Command.Option.flag(
    "wait", "Wait until it is done, and print what came of it.")

  static let unknown = Command(
    "audiences unknown", "List the contacts nobody here stands behind",
    notes: """
      As they were read last; nothing is asked of Mailchimp. They are left alone. Look at one with \
      `lookup ADDRESS`; make one a person with `audiences add-person ADDRESS`.
      """,
    shape: """
      {"total": 1, "unknown": [{"address": "…", "name": "…", "status": "subscribed",
        "since": "2026-01-02T03:04:05Z", "changedAt": "…"}]}
      """
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let zone = try PeopleCommands.zone(workspace)
      var all: [UnknownContact] = []
      var total = 0
      while true {
        let start = all.count
        let window = try workspace.readBlocking { (reading) throws(Problem) in
          try reading.reports.strangers(.at(start), count: 1000)
        }
        total = window.total
        let new = window.rows.dropFirst(max(0, start - window.offset))
        all += new
        if new.isEmpty || all.count >= window.total { break }
      }
      run.report([
        "total": JSONShape.number(total), "unknown": .array(all.map(json)),
      ]) {
        if all.isEmpty {
          return run.output.line("Somebody here stands behind every contact that was read.")
        }
        run.output.table(
          TextTable(
            [.left("address"), .left("name"), .left("status"), .left("known since")],
            all.map { [$0.email, $0.name, $0.status.rawValue, zone.print($0.since)] }))
      }
    }
    return .done
  }

  static let addPerson = Command(
    "audiences add-person", "Make a contact nobody here stands behind a person",
    [.init("ADDRESS", .one, "The contact's e-mail address.")], options: [wait],
    notes: """
      Only subscribers are added, into the default account, with what Mailchimp holds of them, opted \
      in. Who would not be on the list as a person here is refused. Where no engine runs, this \
      command runs one until it is done.
      """,
    shape: "as `sync --json`"
  ) { (run) throws(Problem) in
    let key = AddressKey(run.argument(0))
    return try run.withWorkspace { (workspace) throws(Problem) in
      try SyncCommands.checkReady(workspace, run)
      return try SyncCommands.carryOut(.addContact(key), waits: run.has(wait), run, workspace)
    }
  }

  private static func json(_ contact: UnknownContact) -> JSONValue {
    [
      "address": .string(contact.email), "name": .string(contact.name),
      "status": .string(contact.status.rawValue), "since": JSONShape.time(contact.since),
      "changedAt": JSONShape.time(contact.changedAt),
    ]
  }
}
