// The settings that say where people come from, as entries of the one table in `Settings`.
// What must stay true: a key never goes over the wire unprotected, except to this machine.

import Basics

/// The kinds of source, by the words they are set by.
package enum SourceKind: String, Sendable, CaseIterable {
  case builtIn = "built-in"
  case csv, sqlite, command, scim, http
}

/// What happens here to people whom their source no longer names.
package enum VanishedRule: String, Sendable, CaseIterable { case inactive, deleted }

/// How an HTTP platform tells where its next page is.
package enum SourcePaging: Sendable, Equatable {
  case none
  /// The `Link` header with `rel="next"`.
  case header
  /// Where in the answer the next page's address stands.
  case link(String)
  /// Parameters: pages counted from 1, or how many people to pass over.
  case page(String)
  case offset(String)

  package init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    switch (parts.first, parts.count > 1 ? Text.oneLine(parts[1]) : "") {
    case ("none", ""): self = .none
    case ("header", ""): self = .header
    case ("link", let path) where !path.isEmpty: self = .link(path)
    case ("page", let name) where !name.isEmpty: self = .page(name)
    case ("offset", let name) where !name.isEmpty: self = .offset(name)
    default: return nil
    }
  }
}

extension Settings {
  package static let sourceKind = choice(
    "source.kind", .source, "Source", default: SourceKind.builtIn,
    help: """
      Where people come from: built-in (edited here, or imported), csv (a file another system \
      exports; read again when it changes), sqlite, command, scim (a platform that speaks SCIM 2.0) \
      or http (any platform with JSON). Read it with `listkeeper refresh`.
      """)
  package static let sourcePath = text(
    "source.path", .source, "File", default: "",
    help: "csv and sqlite: the file's whole path.")
  package static let sourceQuery = text(
    "source.query", .source, "Query", default: "",
    help: """
      sqlite: a SELECT whose columns carry the names of a people file, such as: \
      SELECT id AS external_id, first_name, email FROM members.
      """)
  package static let sourceCommand = text(
    "source.command", .source, "Command", default: "",
    help: """
      command: a shell command that prints CSV with a header, or JSON lines, such as: \
      psql --csv -c 'SELECT …'. Its output ends with a line end, and its exit code is 0.
      """)
  package static let sourceTimeLimit = number(
    "source.time-limit", .source, "Time limit, seconds", default: 300, 1...86_400,
    help: "sqlite, command and platforms: how long a query, a command, or one call, may take.")
  package static let sourceURL = address(
    "source.url", .source, "Address", named: "address",
    help: """
      scim: the base address, to which /Users is added. http: the address of the list of people.
      """)
  package static let sourceKey = secret(
    "source.key", .source, "Key",
    help: "scim and http: the key itself, or env:NAME, file:PATH or command:COMMAND.")
  package static let sourceKeyHeader = text(
    "source.key-header", .source, "Key's header", default: "Authorization",
    help: "http: in Authorization the key goes as a Bearer token; any other header holds it as is.")
  package static let sourceKeyColumn = text(
    "source.key-column", .source, "Key column", default: "external_id",
    help: "The column that tells people apart for good; it becomes their external id.")
  package static let sourceList = text(
    "source.list", .source, "List", default: "",
    help:
      "http: where in the answer the people stand, such as data.items; empty: the answer itself.")
  package static let sourceFields = Setting<[String: String]>(
    key: "source.fields", section: .source, label: "Fields",
    help: """
      http and scim: where in a person each column stands, such as: external_id=id, \
      first_name=name.first, email=emails.0.value. What is not named is looked for under its own \
      name.
      """,
    defaultValue: [:], defaultText: "", kind: .text, isRequired: false
  ) { (text: String) throws(Problem) in
    var fields: [String: String] = [:]
    for pair in Text.oneLine(text).split(separator: ",") {
      let parts = pair.split(separator: "=", maxSplits: 1).map { Text.oneLine($0) }
      guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
        throw Problem(
          "settings.unknown-choice", "'\(Text.oneLine(pair))' names no column and place.",
          remedy: "Write column=place, separated by commas.")
      }
      fields[parts[0].lowercased()] = parts[1]
    }
    return fields
  }
  package static let sourcePages = Setting<SourcePaging>(
    key: "source.pages", section: .source, label: "Pages",
    help: """
      http: how the next page is found. none; header (Link, rel=next); link:PLACE in the answer; \
      page:NAME or offset:NAME of a parameter.
      """,
    defaultValue: .none, defaultText: "none", kind: .text, isRequired: false
  ) { (text: String) throws(Problem) in
    guard let paging = SourcePaging(Text.oneLine(text)) else {
      throw Problem(
        "settings.unknown-choice", "'\(Text.oneLine(text))' is no way to find pages.",
        remedy: "Give none, header, link:PLACE, page:NAME or offset:NAME.")
    }
    return paging
  }
  package static let sourceSince = text(
    "source.since", .source, "Changed since", default: "",
    help:
      "http: the parameter by which the platform tells only who changed since a time (ISO 8601).")
  package static let sourceWriteBack = text(
    "source.write-back", .source, "Write back", default: "",
    help: """
      What Mailchimp changed goes back to the source. sqlite: a statement with :external_id and \
      fields by name, NULL where unchanged, such as: UPDATE members SET first_name = \
      coalesce(:first_name, first_name) WHERE id = :external_id. command: a command that takes a \
      line of JSON a person. scim and http: yes (PATCH). Empty: nothing goes back.
      """)
  package static let sourceVanished = choice(
    "source.vanished", .source, "Vanished people", default: VanishedRule.inactive,
    help: "People whom the source no longer names become inactive, or are marked deleted.")
  package static let sourceCustomFields = toggle(
    "source.custom-fields", .source, "Further columns", default: false,
    help: "On: further columns become custom fields. Off: only those that exist already.")
  package static let sourceMinutes = number(
    "source.refresh-minutes", .source, "Refresh, minutes", default: 0, 0...10_080,
    help: """
      How often the source is read by itself; 0 leaves that to schedules, `listkeeper refresh` and, \
      for a CSV file, its changes.
      """)

  /// Read by another program, as it stands.
  static let programs = Set([sourceQuery.key, sourceCommand.key, sourceWriteBack.key])

  /// In the order of the settings pane.
  static let sourceSettings: [SettingDescription] = [
    .init(sourceKind), .init(sourcePath), .init(sourceQuery), .init(sourceCommand),
    .init(sourceURL), .init(sourceKey), .init(sourceKeyHeader), .init(sourceList),
    .init(sourceFields), .init(sourcePages), .init(sourceSince), .init(sourceTimeLimit),
    .init(sourceKeyColumn), .init(sourceCustomFields), .init(sourceVanished),
    .init(sourceWriteBack), .init(sourceMinutes),
  ]
}
