// `people import`: a CSV file into the directory, or only what that would do.

import Basics
import Domain
import PeopleSources
import Storage

enum PeopleImportCommand {
  private static let customFields = Command.Option.flag(
    "custom-fields", "Take columns that are not known as custom fields.")
  private static let dryRun = Command.Option.flag(
    "dry-run", "Say what would become of every row; write nothing.")
  private static let match = Command.Option.value(
    "match", "COLUMN=FIELD", "Take a column for a field; COLUMN= leaves it out. May be repeated.")
  private static let skipRefused = Command.Option.flag(
    "skip-refused", "Leave out the rows that are refused, instead of refusing the file.")

  static let command = Command(
    "people import", "Import people from a CSV file, all of it or nothing",
    [.init("FILE", .one, "A CSV file with a header line; commas, semicolons or tabs.")],
    options: [dryRun, match, skipRefused, customFields],
    notes: """
      Columns: external_id, account, kind, first_name, last_name, email, email2, email3, phone, \
      company, birthday, date_of_birth, opt_in, active, manager_external_id, updated_at, in any \
      order; all but one name or address may be missing. The same file again changes nothing. \
      Without external_id a row is the person of that name at that address. \
      With --dry-run the exit code is 1 where the import would be refused.
      """,
    shape: """
      {"rows": 5000, "added": 5000, "changed": 0, "unchanged": 0, "refused": 0,
        "ignoredColumns": [], "notices": [{"code": "…", "sentence": "…", "remedy": "…",
        "fields": {}}]}; with --dry-run also
        "told": [{"line": 2, "fate": "refused, new or changed", "name": "…", "email": "…",
        "text": "…"}], the first 500 of each
      """
  ) { (run) throws(Problem) in
    let wanted = ImportOrder(
      path: run.argument(0), matching: try matching(run), takesFurther: run.has(customFields),
      leavesOutRefused: run.has(skipRefused))
    return try run.withWorkspace { (workspace) throws(Problem) in
      run.has(dryRun) ? try preview(wanted, run, workspace) : try write(wanted, run, workspace)
    }
  }

  private static func matching(_ run: CommandRun) throws(Problem) -> [String: String] {
    var matching: [String: String] = [:]
    for text in run.all(match) {
      guard let equals = text.lastIndex(of: "=") else {
        throw Problem(
          "usage.not-a-match", "'\(Text.oneLine(text))' has no '='.",
          remedy: "Write it as COLUMN=FIELD, such as --match 'Given name=first_name'.")
      }
      matching[Text.oneLine(String(text[..<equals]))] = Text.oneLine(
        String(text[text.index(after: equals)...]))
    }
    return matching
  }

  private static func preview(
    _ order: ImportOrder, _ run: CommandRun, _ workspace: Workspace
  ) throws(Problem) -> ExitCode {
    let errors = run.context.errors
    let preview = try waitFor { () throws(Problem) in
      defer { errors.endProgress() }
      return try await PeopleImport(workspace).preview(order) { done in
        errors.progress("\(Phrase.number(done)) rows")
      }
    }
    let told = [ImportRow.Fate.refused, .added, .changed].flatMap { preview.told[$0] ?? [] }
    run.report([
      "rows": JSONShape.number(preview.rows), "added": JSONShape.number(preview[.added]),
      "changed": JSONShape.number(preview[.changed]),
      "unchanged": JSONShape.number(preview[.unchanged]),
      "refused": JSONShape.number(preview[.refused]),
      "ignoredColumns": .array(preview.ignoredColumns.map { .string($0) }),
      "notices": .array(preview.notices.map { CommandTool.json(of: $0) }),
      "told": .array(told.map(json)),
    ]) {
      run.output.line(
        "\(Phrase.count(preview.rows, "row", "rows")): \(Phrase.number(preview[.added])) would be added,"
          + " \(Phrase.number(preview[.changed])) changed, \(Phrase.number(preview[.unchanged]))"
          + " unchanged, \(Phrase.number(preview[.refused])) refused. Nothing was written.")
      tell(preview.ignoredColumns, preview.notices, run)
      for row in preview.told[.refused] ?? [] { run.output.line("Line \(row.id): \(row.text)") }
      for row in preview.told[.changed] ?? [] {
        run.output.line("Line \(row.id): \(row.name): \(row.text)")
      }
    }
    return preview[.refused] > 0 && !order.leavesOutRefused ? .failed : .done
  }

  private static func json(_ row: ImportRow) -> JSONValue {
    [
      "line": .int(row.id), "fate": .string(row.fate.rawValue), "name": .string(row.name),
      "email": .string(row.email), "text": .string(row.text),
    ]
  }

  private static func write(
    _ order: ImportOrder, _ run: CommandRun, _ workspace: Workspace
  ) throws(Problem) -> ExitCode {
    let (user, errors) = (run.context.user, run.context.errors)
    let report = try waitFor { () throws(Problem) in
      defer { errors.endProgress() }
      return try await PeopleImport(workspace).run(order, by: user) { done, total in
        errors.progress("\(Phrase.number(done)) of \(Phrase.number(total)) rows")
      }
    }
    run.report([
      "rows": JSONShape.number(report.read), "added": JSONShape.number(report.added),
      "changed": JSONShape.number(report.changed),
      "unchanged": JSONShape.number(report.unchanged),
      "refused": JSONShape.number(report.refused),
      "ignoredColumns": .array(report.ignoredColumns.map { .string($0) }),
      "notices": .array(report.notices.map { CommandTool.json(of: $0) }),
    ]) {
      let refused = report.refused == 0 ? "" : " \(Phrase.number(report.refused)) left out."
      run.output.line(
        "\(Phrase.count(report.read, "row", "rows")): \(Phrase.number(report.added)) added,"
          + " \(Phrase.number(report.changed)) changed,"
          + " \(Phrase.number(report.unchanged)) unchanged.\(refused)")
      tell(report.ignoredColumns, report.notices, run)
    }
    return .done
  }

  private static func tell(_ ignored: [String], _ notices: [Problem], _ run: CommandRun) {
    if !ignored.isEmpty {
      run.output.line(
        "Left out: \(ignored.joined(separator: ", "));"
          + " --custom-fields takes them as custom fields.")
    }
    for notice in notices { run.output.line(notice.description) }
  }
}
