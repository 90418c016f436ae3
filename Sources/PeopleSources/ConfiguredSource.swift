// The source that the settings name, made from them.

import Basics
import Domain
import HTTP
import Storage

package enum ConfiguredSource {
  /// Nil for the built-in directory. Refuses settings that lack what their kind needs.
  package static func make(
    _ settings: SettingValues, known: [CustomField], http: HTTPClient, time: any TimeSource
  ) throws(Problem) -> (any PeopleSource)? {
    try settings.check()
    let columns = SourceColumns(
      key: settings[Settings.sourceKeyColumn], known: known,
      takesFurther: settings[Settings.sourceCustomFields])
    let limit = Duration.seconds(settings[Settings.sourceTimeLimit])
    let writeBack = settings[Settings.sourceWriteBack]
    switch settings[Settings.sourceKind] {
    case .builtIn: return nil
    case .csv:
      return CSVFile(try needed(Settings.sourcePath, settings), columns: columns)
    case .sqlite:
      return SQLiteDatabase(
        try needed(Settings.sourcePath, settings),
        query: try needed(Settings.sourceQuery, settings),
        writeBack: writeBack, columns: columns, limit: limit)
    case .command:
      return CommandOutput(
        try needed(Settings.sourceCommand, settings), writeBack: writeBack, limit: limit,
        columns: columns, secrets: [settings[Settings.sourceKey], settings[Settings.key]])
    case .scim, .http:
      var layout = HTTPPlatform.Layout()
      layout.isSCIM = settings[Settings.sourceKind] == .scim
      layout.list = settings[Settings.sourceList]
      layout.pages = settings[Settings.sourcePages]
      layout.fields = settings[Settings.sourceFields]
      layout.since = settings[Settings.sourceSince]
      layout.keyHeader = settings[Settings.sourceKeyHeader]
      switch writeBack.lowercased() {
      case "", "no": layout.writesBack = false
      case "yes": layout.writesBack = true
      default:
        throw Problem(
          "settings.write-back", "source.write-back holds no yes or no, and a platform needs one.",
          remedy: "Set it to yes, or unset it.", fields: ["key": Settings.sourceWriteBack.key])
      }
      let reference = settings[Settings.sourceKey]
      return HTTPPlatform(
        try needed(Settings.sourceURL, settings), layout: layout, columns: columns, http: http,
        callTime: limit, time: time
      ) { () async throws(Problem) in
        guard SecretReference.isReference(reference) else { return reference }
        return try await Blocking.run { () throws(Problem) in
          try SecretReference.resolve(reference)
        }
      }
    }
  }

  private static func needed(
    _ setting: Setting<String>, _ settings: SettingValues
  ) throws(Problem) -> String {
    let text = settings[setting]
    guard !text.isEmpty else {
      throw Problem(
        "settings.source", "\(setting.key) is not set, and this kind of source needs it.",
        remedy: "Set it in Settings or with `listkeeper settings set`.",
        fields: ["key": setting.key])
    }
    return text
  }
}
