// Every setting, once: key, type, default, section, label, help. The settings pane, `settings`
// on the command line, export and README iterate this table; nothing else knows a key.
// (One table, hence its length.)

import Basics

/// A setting of type `Value`, stored as text.
package struct Setting<Value: Sendable>: Sendable {
  package let key: String
  package let section: SettingSection
  package let label: String
  /// One or more sentences shown beside the field.
  package let help: String
  package let defaultValue: Value
  /// The default as it is stored and shown.
  package let defaultText: String
  package let kind: SettingKind
  /// Starred: nothing works without it.
  package let isRequired: Bool
  let read: @Sendable (String) throws(Problem) -> Value
}

/// How a form shows and checks a setting.
package enum SettingKind: Sendable, Equatable {
  case text
  case secret
  case number(ClosedRange<Int>)
  case toggle
  case choice([String])
}

package enum SettingSection: String, Sendable, CaseIterable {
  case workspace = "Workspace"
  case mailchimp = "Mailchimp"
  case recipients = "Recipients"
  case sync = "Sync"
  case safety = "Safety"
  case retention = "Retention"
  case console = "Console"
  case webhook = "Webhook"
  case source = "People source"
}

/// A setting without its type, as lists and forms need it.
package struct SettingDescription: Sendable {
  package let key: String
  package let section: SettingSection
  package let label: String
  package let help: String
  package let defaultText: String
  package let kind: SettingKind
  package let isRequired: Bool
  private let check: @Sendable (String) throws(Problem) -> Void

  init<Value>(_ setting: Setting<Value>) {
    key = setting.key
    section = setting.section
    label = setting.label
    help = setting.help
    defaultText = setting.defaultText
    kind = setting.kind
    isRequired = setting.isRequired
    let read = setting.read
    check = { (text: String) throws(Problem) in _ = try read(text) }
  }

  package var isSecret: Bool { kind == .secret }

  /// Refuses what the setting cannot hold, saying what it can.
  package func validate(_ text: String) throws(Problem) {
    try refuseLineBreak(in: text)
    if Settings.addresses.contains(key) { try Settings.refuseName(in: text, of: key) }
    try check(text)
  }

  /// What another program reads keeps no line breaks here, and on one line a comment (`--`, `#`)
  /// would swallow all that follows: a condition with it. Line breaks around the text do no harm.
  package func refuseLineBreak(in text: String) throws(Problem) {
    guard Settings.programs.contains(key) || (isSecret && text.hasPrefix("command:")) else {
      return
    }
    let lines = text.split(omittingEmptySubsequences: true, whereSeparator: \.isNewline)
      .filter { !Text.oneLine($0).isEmpty }
    guard lines.count > 1 else { return }
    throw Problem(
      "settings.line-break", "The text for \(key) has a line break, and is kept on one line.",
      remedy: key == Settings.sourceQuery.key
        ? "Write it on one line without comments, or make a view in the database and select from it."
        : "Write it on one line without comments, or put it into a file and name that.",
      fields: ["key": key])
  }
}

/// The settings of one workspace: what was set, over the defaults.
package struct SettingValues: Sendable, Equatable {
  /// By key; only what was set.
  package var texts: [String: String]

  package init(_ texts: [String: String] = [:]) { self.texts = texts }

  /// The value; what cannot be read any more is shown as the default, and `check` refuses to send.
  package subscript<Value>(_ setting: Setting<Value>) -> Value {
    texts[setting.key].flatMap { try? setting.read($0) } ?? setting.defaultValue
  }

  package func isSet<Value>(_ setting: Setting<Value>) -> Bool {
    texts[setting.key].map { !$0.isEmpty } ?? false
  }

  /// Refuses to go on with a text its setting cannot hold, such as one written by a stranger's hand:
  /// the default in its place could mean mail to more people. Whoever sends asks here first.
  package func check() throws(Problem) {
    for setting in Settings.all {
      guard let text = texts[setting.key] else { continue }
      do throws(Problem) { try setting.validate(text) } catch {
        throw Problem(
          "settings.unreadable", "The setting \(setting.key) cannot be read. \(error.sentence)",
          remedy: "Set it again in Settings or with `listkeeper settings set`.",
          fields: ["key": setting.key])
      }
    }
  }
}

/// The table.
package enum Settings {
  // Workspace
  package static let name = text(
    "workspace.name", .workspace, "Name", default: "Listkeeper",
    help: "Shown at the top of the console and in reports.")
  package static let zone = text(
    "workspace.zone", .workspace, "Time zone", default: "UTC",
    help: "Dates and schedules are read in this zone, such as Europe/Paris.")
  package static let defaultAccount = text(
    "directory.default-account", .workspace, "Default account", default: Account.defaultName,
    help: "People who name no account belong to this one.")

  // Mailchimp
  package static let key = secret(
    "mailchimp.key", .mailchimp, "API key", isRequired: true,
    help: """
      In Mailchimp: your profile, then Account & billing, Extras, API keys, Create A Key \
      (as of November 2026). Make a new key for Listkeeper alone and keep it in a safe place: it is \
      shown only once. It ends in a data centre such as -us21. Instead of the key itself you may \
      give env:NAME, file:PATH or command:COMMAND.
      """)
  package static let user = text(
    "mailchimp.user", .mailchimp, "Mailchimp user id", default: "",
    help: "A label only, to remember whose key this is.")
  package static let url = address(
    "mailchimp.url", .mailchimp, "Base address", named: "base address",
    help: """
      Leave empty: the address follows from the key. A practice Mailchimp (listkeeper sandbox) or a \
      proxy has an address of its own, such as http://127.0.0.1:8765.
      """)
  package static let audience = text(
    "mailchimp.audience", .mailchimp, "Audience id", default: "", isRequired: true,
    help: """
      Chosen in pane 3 (Audience) or with `listkeeper audiences use ID`. In Mailchimp: Audience, \
      All contacts, Settings, Audience name and defaults, Audience ID (as of November 2026).
      """)
  package static let connections = number(
    "mailchimp.connections", .mailchimp, "Connections", default: 6, 1...9,
    help: "Calls at the same time. Mailchimp allows 10 for all programs of a user together.")
  package static let timeout = number(
    "mailchimp.timeout", .mailchimp, "Time-out, seconds", default: 120, 1...300,
    help: "How long one call may take. Mailchimp itself gives up after 120 seconds.")

  // Recipients
  package static let scope = Setting<Scope>(
    key: "recipients.scope", section: .recipients, label: "Scope",
    help: "Who may be mailed: everyone, opted-in, or search:NAME for a saved search.",
    defaultValue: .everyone, defaultText: "everyone", kind: .text, isRequired: false
  ) { (text: String) throws(Problem) in
    guard let scope = Scope(Text.oneLine(text)) else {
      throw Problem(
        "settings.unknown-choice", "'\(Text.oneLine(text))' is no scope.",
        remedy: "Give everyone, opted-in, or search:NAME.")
    }
    return scope
  }
  package static let includesOrganisations = toggle(
    "recipients.organisations", .recipients, "Include organisations", default: false,
    help: "Off: people of the kind organisation are excluded.")
  package static let duplicates = choice(
    "recipients.duplicates", .recipients, "Shared addresses", default: DuplicateRule.lastChanged,
    help: "Whose details count where several people share an address.")
  package static let leavers = choice(
    "recipients.leavers", .recipients, "Leavers", default: LeaverRule.keep,
    help: """
      What happens at Mailchimp to people who are deleted, inactive, out of scope or without an \
      address: keep, unsubscribe or archive. An opt-out is always an unsubscribe.
      """)

  // Sync
  package static let existing = choice(
    "sync.existing", .sync, "Existing people", default: ExistingRule.all,
    help: """
      People who stood here at set-up: all of them, or each only when they change. A resync is for \
      everyone.
      """)
  package static let direction = choice(
    "sync.direction", .sync, "Direction", default: SyncDirection.toMailchimp,
    help: """
      to: the directory is sent, nothing is written here. from: Mailchimp is taken, only opt-outs \
      are sent. both: each field mapping says.
      """)
  package static let conflicts = choice(
    "sync.conflicts", .sync, "Conflicts", default: ConflictRule.directory,
    help: """
      Which value counts where a field changed here and at Mailchimp: directory, mailchimp, newest, \
      or ask in Review. Both values are recorded.
      """)
  package static let addressChange = choice(
    "sync.address-change", .sync, "Changed addresses", default: AddressChangeRule.rename,
    help: "rename: the contact keeps its history. new contact: a new one, and the old one stays.")
  package static let arrivals = choice(
    "sync.arrivals", .sync, "Arrivals", default: ArrivalRule.list,
    help: """
      Subscribers at Mailchimp nobody here knows: list them as unknown, or add each as a person of \
      the default account (with a direction that takes).
      """)
  package static let consentBack = toggle(
    "consent.back", .sync, "Consent back", default: false,
    help: """
      An unsubscribe at Mailchimp clears the opt-in here; a subscribe there ticks it. Without it \
      they are remembered, and the opt-in here stays.
      """)
  package static let onChange = toggle(
    "sync.on-change", .sync, "Sync on change", default: true,
    help: """
      On: a change here leaves within a second. Off: it waits for the next schedule, force sync or \
      resync.
      """)
  package static let pollMinutes = number(
    "sync.poll-minutes", .sync, "Poll, minutes", default: 5, 1...1440,
    help: "How often Mailchimp is asked what changed there.")
  package static let attempts = number(
    "sync.attempts", .sync, "Attempts", default: 6, 5...20,
    help: "How often a transient problem is tried before it becomes a dead letter.")
  package static let everySearchIsTag = toggle(
    "tags.every-search", .sync, "Every search is a tag", default: false,
    help: """
      On: every saved search and quick list is kept as a tag on the audience. Off: those that are \
      marked so.
      """)

  // Safety
  package static let guardPeople = number(
    "guard.people", .safety, "Guard, people", default: 100, 1...1_000_000,
    help: "An execution that would change more people than this, and than the share below, waits.")
  package static let guardPercent = number(
    "guard.percent", .safety, "Guard, percent", default: 10, 1...100,
    help: "See Guard, people: whichever of the two is more.")

  // Retention
  package static let retentionDays = number(
    "retention.days", .retention, "Executions, days", default: 90, 1...3650,
    help: "Finished executions and their log lines are removed after this time.")
  package static let retentionFailureDays = number(
    "retention.failure-days", .retention, "Failures, days", default: 365, 1...3650,
    help: "Failed executions stay this long.")

  // Console
  package static let theme = text(
    "console.theme", .console, "Theme", default: "standard",
    help: """
      standard: the terminal's own colours. auto: dark or light, as the terminal is. dark, light, mono, \
      or a theme of your own.
      """)
  package static let lines = choice(
    "console.lines", .console, "Line drawing", default: LineDrawing.auto,
    help: """
      auto: ascii where the locale or the terminal shows no line-drawing characters. unicode or ascii \
      decides.
      """)
  package static let cursor = choice(
    "console.cursor", .console, "Cursor", default: CursorRule.fields,
    help: """
      Where the terminal's cursor shows: in fields, or always on what is selected. Hidden or not it \
      stands there, for screen readers and braille displays.
      """)

  // Webhook
  package static let webhookURL = Setting<String>(
    key: "webhook.url", section: .webhook, label: "Public address",
    help: """
      Where Mailchimp reaches the listener from the internet, such as https://lists.example.org. \
      Listkeeper then makes and repairs the webhook of the audience itself. Empty: no webhook; \
      changes are found by polling.
      """,
    defaultValue: "", defaultText: "", kind: .text, isRequired: false
  ) { (text: String) throws(Problem) in
    var address = Text.oneLine(text)
    while address.hasSuffix("/") { address.removeLast() }
    let isPlain = address.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x3F && $0 != 0x23 }
    guard
      address.isEmpty
        || (isPlain && (address.hasPrefix("https://") || address.hasPrefix("http://")))
    else {
      throw Problem(
        "settings.not-an-address", "The public address \(Text.masked(address: address)) is none.",
        remedy: "Give an address that begins with https://, without ? and #.")
    }
    return address
  }
  package static let webhookListen = Setting<String>(
    key: "webhook.listen", section: .webhook, label: "Listens on",
    help: """
      Where the engine listens, as ADDRESS:PORT. It listens when a public address is set, or when \
      this is. Let a web server in front of it forward \
      /webhook/ of the public address here, and nothing else.
      """,
    defaultValue: "127.0.0.1:8077", defaultText: "127.0.0.1:8077", kind: .text, isRequired: false
  ) { (text: String) throws(Problem) in
    let address = Text.oneLine(text)
    let port = address.lastIndex(of: ":").map { address[address.index(after: $0)...] }
    guard UInt16(port ?? address[...]) != nil,
      address.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") })
    else {
      throw Problem(
        "settings.not-an-address", "'\(address)' is no address to listen on.",
        remedy: "Write it as ADDRESS:PORT, such as 127.0.0.1:8077.")
    }
    return address
  }
  package static let webhookPath = Setting<Secret>(
    key: "webhook.path", section: .webhook, label: "Secret path",
    help: """
      The secret at the end of the webhook's address; made at first use. Whoever knows it can make \
      Listkeeper look at people again, and nothing else. Set another to change it.
      """,
    defaultValue: Secret(""), defaultText: "", kind: .secret, isRequired: false
  ) { (text: String) throws(Problem) in
    let path = Text.oneLine(text)
    let isPlain = path.utf8.allSatisfy {
      (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
    }
    guard path.isEmpty || (path.utf8.count >= 16 && isPlain) else {
      throw Problem(
        "settings.not-a-path", "The secret path does not have the form of one.",
        remedy: "Give 16 or more letters and digits, or unset it: one is made.")
    }
    return Secret(path)
  }

  /// In the order of the settings pane.
  package static let all: [SettingDescription] =
    [
      .init(name), .init(zone), .init(defaultAccount), .init(key), .init(user), .init(url),
      .init(audience), .init(connections), .init(timeout), .init(scope),
      .init(includesOrganisations), .init(duplicates), .init(leavers), .init(existing),
      .init(direction), .init(conflicts), .init(addressChange), .init(arrivals),
      .init(consentBack), .init(onChange),
      .init(pollMinutes), .init(attempts), .init(everySearchIsTag),
      .init(guardPeople), .init(guardPercent),
      .init(retentionDays), .init(retentionFailureDays), .init(theme), .init(lines),
      .init(cursor),
      .init(webhookURL), .init(webhookListen), .init(webhookPath),
    ] + sourceSettings + loginSettings

  package static func description(of key: String) -> SettingDescription? {
    all.first { $0.key == key }
  }

  /// True for an http address of this machine, the only place a key may go without TLS.
  package static func isLoopback(_ address: String) -> Bool {
    guard address.hasPrefix("http://") else { return false }
    let rest = address.dropFirst(7)
    if rest.hasPrefix("[") {
      let end = rest.dropFirst(5).first
      return rest.hasPrefix("[::1]") && (end == nil || end == ":" || end == "/")
    }
    let host = rest.prefix { $0 != ":" && $0 != "/" }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return host == "localhost"
      || (parts.count == 4 && parts[0] == "127"
        && parts.allSatisfy { $0.utf8.allSatisfy { (48...57).contains($0) } && UInt8($0) != nil })
  }

  /// True where a name, and perhaps a password, stands in an address. It would be shown wherever the
  /// address is, so that no setting takes it.
  package static func namesSomebody(_ address: String) -> Bool {
    let start = address.firstRange(of: "://")?.upperBound ?? address.startIndex
    let authority = address[start...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    if authority.contains("@") { return true }
    // A password with a slash in it: what should be a port is none.
    let port = authority.split(separator: ":", omittingEmptySubsequences: false).last ?? ""
    return address.contains("@") && authority.first != "[" && authority.contains(":")
      && !port.utf8.allSatisfy { (48...57).contains($0) }
  }

  /// Settings that hold an address on the web.
  fileprivate static let addresses = Set([
    url.key, sourceURL.key, webhookURL.key, loginURL.key, redirect.key,
  ])

  fileprivate static func refuseName(in address: String, of key: String) throws(Problem) {
    guard namesSomebody(address) else { return }
    throw Problem(
      "settings.not-an-address", "The address for \(key) has a name or password before its @.",
      remedy: "Leave it out; a key has a setting of its own.", fields: ["key": key])
  }
}

// The choices.

package enum Scope: Sendable, Equatable, CustomStringConvertible {
  case everyone, optedIn
  case search(String)

  package init?(_ text: String) {
    switch text {
    case "everyone": self = .everyone
    case "opted-in": self = .optedIn
    case _ where text.hasPrefix("search:") && text.count > 7:
      self = .search(String(text.dropFirst(7)))
    default: return nil
    }
  }

  package var description: String {
    switch self {
    case .everyone: "everyone"
    case .optedIn: "opted-in"
    case .search(let name): "search:\(name)"
    }
  }
}

package enum DuplicateRule: String, Sendable, CaseIterable {
  case lastChanged = "last changed"
  case manager = "account manager"
}

package enum LeaverRule: String, Sendable, CaseIterable { case keep, unsubscribe, archive }

package enum AddressChangeRule: String, Sendable, CaseIterable {
  case rename
  case newContact = "new contact"
}

package enum ArrivalRule: String, Sendable, CaseIterable { case list, add }

package enum ExistingRule: String, Sendable, CaseIterable {
  case all
  case whenChanged = "when they change"
}

package enum LineDrawing: String, Sendable, CaseIterable { case auto, unicode, ascii }

package enum CursorRule: String, Sendable, CaseIterable { case fields, always }

// Makers, one a kind.

func text(
  _ key: String, _ section: SettingSection, _ label: String, default defaultText: String,
  isRequired: Bool = false, help: String
) -> Setting<String> {
  Setting(
    key: key, section: section, label: label, help: help, defaultValue: defaultText,
    defaultText: defaultText, kind: .text,
    isRequired: isRequired
  ) { (text: String) throws(Problem) in Text.oneLine(text) }
}

func secret(
  _ key: String, _ section: SettingSection, _ label: String, isRequired: Bool = false, help: String
) -> Setting<Secret> {
  Setting(
    key: key, section: section, label: label, help: help, defaultValue: Secret(""),
    defaultText: "", kind: .secret, isRequired: isRequired
  ) { (text: String) throws(Problem) in Secret(Text.oneLine(text)) }
}

/// An address that keys and tokens go to: only over https, or to this machine. It may be empty where
/// the default is.
func address(
  _ key: String, _ section: SettingSection, _ label: String, named name: String,
  default defaultText: String = "", help: String
) -> Setting<String> {
  Setting(
    key: key, section: section, label: label, help: help, defaultValue: defaultText,
    defaultText: defaultText, kind: .text, isRequired: false
  ) { (text: String) throws(Problem) in
    var address = Text.oneLine(text)
    while address.hasSuffix("/") { address.removeLast() }
    if address.isEmpty, defaultText.isEmpty { return address }
    let isPlain = address.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }
    guard isPlain, address.hasPrefix("https://") || Settings.isLoopback(address) else {
      throw Problem(
        "settings.not-an-address",
        "The \(name) \(address) is neither https nor on this machine.",
        remedy: "Give an address that begins with https://, or with http://127.0.0.1.")
    }
    return address
  }
}

func number(
  _ key: String, _ section: SettingSection, _ label: String, default defaultValue: Int,
  _ range: ClosedRange<Int>, help: String
) -> Setting<Int> {
  Setting(
    key: key, section: section, label: label, help: help, defaultValue: defaultValue,
    defaultText: String(defaultValue),
    kind: .number(range), isRequired: false
  ) { (text: String) throws(Problem) in
    guard let value = Int(Text.oneLine(text)), range.contains(value) else {
      throw Problem(
        "settings.not-a-number", "'\(Text.oneLine(text))' does not fit \(label).",
        remedy: "Give a whole number from \(range.lowerBound) to \(range.upperBound).")
    }
    return value
  }
}

func toggle(
  _ key: String, _ section: SettingSection, _ label: String, default defaultValue: Bool,
  help: String
) -> Setting<Bool> {
  Setting(
    key: key, section: section, label: label, help: help,
    defaultValue: defaultValue, defaultText: defaultValue ? "yes" : "no", kind: .toggle,
    isRequired: false
  ) { (text: String) throws(Problem) in
    switch Text.oneLine(text).lowercased() {
    case "yes", "true", "1", "on": return true
    case "no", "false", "0", "off": return false
    default:
      throw Problem(
        "settings.not-yes-or-no", "'\(Text.oneLine(text))' does not fit \(label).",
        remedy: "Give yes or no.")
    }
  }
}

func choice<Value: RawRepresentable<String> & CaseIterable & Sendable>(
  _ key: String, _ section: SettingSection, _ label: String, default defaultValue: Value,
  help: String
) -> Setting<Value> {
  let choices = Value.allCases.map(\.rawValue)
  return Setting(
    key: key, section: section, label: label, help: help, defaultValue: defaultValue,
    defaultText: defaultValue.rawValue,
    kind: .choice(choices), isRequired: false
  ) { (text: String) throws(Problem) in
    guard let value = Value(rawValue: Text.oneLine(text).lowercased()) else {
      throw Problem(
        "settings.unknown-choice", "'\(Text.oneLine(text))' does not fit \(label).",
        remedy: "Give one of: \(choices.joined(separator: ", ")).")
    }
    return value
  }
}
