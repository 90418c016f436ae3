// `audiences growth`: how an audience grew, month by month.

import Basics
import Domain
import Storage

enum GrowthCommand {
  static let growth = Command(
    "audiences growth", "Read how an audience grew, month by month",
    [.init("ID", .optional, "The audience's id; the chosen one unless given.")],
    shape: """
      {"audience": "1a2b3c", "readAt": "…", "months": [{"month": "2026-11", "subscribed": 0,
        "unsubscribed": 0, "cleaned": 0, "pending": 0}]}
      """
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let chosen = try ConnectionCommands.chosen(workspace)
      let id = run.arguments.isEmpty ? chosen : Text.oneLine(run.argument(0))
      guard !id.isEmpty else { throw Problem.noAudience }
      let access = try AccountAccess(workspace)
      let growth = try waitFor { () throws(Problem) in try await access.growth(of: id) }
      run.report([
        "audience": .string(id), "readAt": JSONShape.time(growth.readAt),
        "months": .array(growth.months.map(json)),
      ]) {
        if growth.months.isEmpty { run.output.line("Mailchimp has told of no month yet.") }
        run.output.table(table(growth))
      }
    }
    return .done
  }

  private static func json(_ month: GrowthMonth) -> JSONValue {
    [
      "month": .string(month.month), "subscribed": JSONShape.number(month.subscribed),
      "unsubscribed": JSONShape.number(month.unsubscribed),
      "cleaned": JSONShape.number(month.cleaned), "pending": JSONShape.number(month.pending),
    ]
  }

  private static func table(_ growth: AudienceGrowth) -> TextTable {
    TextTable(
      [
        .left("month"), .right("members"), .right("unsubscribed"), .right("cleaned"),
        .right("unconfirmed"),
      ],
      growth.months.map { month in
        [month.month]
          + [month.subscribed, month.unsubscribed, month.cleaned, month.pending].map(Phrase.number)
      })
  }
}
