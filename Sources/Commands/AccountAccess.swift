// What console and command line do at Mailchimp by themselves, beside the engine: trying a key,
// listing audiences, choosing one. Nothing in this file writes anything at Mailchimp, and a key
// that Mailchimp refuses is not saved.

import Basics
import Domain
import Engine
import HTTP
import Mailchimp
import Storage

/// A setting and its new text; nil goes back to the default.
package struct SettingChange: Sendable, Equatable {
  package var key: String
  package var text: String?

  package init(key: String, text: String?) {
    self.key = key
    self.text = text
  }
}

package struct AccountAccess: Sendable {
  let workspace: Workspace
  let http: HTTPClient

  package init(_ workspace: Workspace, http: HTTPClient? = nil) throws(Problem) {
    self.workspace = workspace
    if let http { self.http = http } else { self.http = try HTTPClient() }
  }

  /// Writes settings in one transaction, after trying the API key where one is among them; says
  /// whose key it is.
  @discardableResult
  package func save(
    _ changes: [SettingChange], as user: String, untested: Bool = false
  ) async throws(Problem) -> MailchimpAccount? {
    let before = try await settings()
    var after = before
    for change in changes { after.texts[change.key] = change.text }
    if let zone = changes.last(where: { $0.key == Settings.zone.key })?.text, !zone.isEmpty,
      LocalTime.zone(Text.oneLine(zone)) == .utc
    {
      throw Problem(
        "settings.unknown-zone", "There is no time zone '\(Text.oneLine(zone))'.",
        remedy: "Give one such as Europe/Paris.", fields: ["key": Settings.zone.key])
    }
    var account: MailchimpAccount?
    let newKey = changes.last { $0.key == Settings.key.key }?.text
    if let newKey, !newKey.isEmpty, !untested {
      account = try await tryBeforeSaving(Secret(newKey), url: after[Settings.url])
    }
    // The label says whose key it is, unless somebody gives it another text right now.
    let label = account.flatMap { account in
      changes.contains { $0.key == Settings.user.key } ? nil : account.name
    }
    let hasWorked = account != nil
    try await workspace.write(as: user) { (tx) throws(Problem) in
      if let label { try tx.settings.set(Settings.user.key, to: label) }
      // It has just worked: what stood against the key before stands no longer.
      if hasWorked { try tx.engine.setBlocked(by: nil) }
      for change in changes {
        if let text = change.text {
          try tx.settings.set(change.key, to: text)
        } else {
          try tx.settings.unset(change.key)
        }
      }
      try tx.requests.insert(.settingsChanged)
    }
    return account
  }

  /// Whose key this is; it may be a reference.
  package func tryKey(_ key: Secret, url: String) async throws(Problem) -> MailchimpAccount {
    try await account(with: key, url: url)
  }

  /// The same before saving. Where Mailchimp could not be asked, the problem says how to save
  /// without asking.
  private func tryBeforeSaving(
    _ key: Secret, url: String
  ) async throws(Problem) -> MailchimpAccount {
    do throws(Problem) {
      return try await tryKey(key, url: url)
    } catch {
      guard error.code.hasPrefix("http.") || error.code == "mailchimp.server-error" else {
        throw error
      }
      throw Problem(
        "settings.key-untried",
        "The key was not saved, because it could not be tried: \(error.sentence)",
        remedy: "\(error.remedy) Or save it as it is with --untested.", fields: error.fields
      ).caused(by: error)
    }
  }

  /// The account behind the key that is set.
  package func account() async throws(Problem) -> MailchimpAccount {
    let settings = try await configured()
    return try await account(with: settings[Settings.key], url: settings[Settings.url])
  }

  /// The account's audiences, read anew and remembered.
  package func audiences() async throws(Problem) -> [Audience] {
    let client = try await client()
    let list: AudienceList
    do {
      list = try await client.audiences()
    } catch {
      throw error.problem
    }
    try await workspace.write(as: "Mailchimp") { (tx) throws(Problem) in
      try tx.audiences.save(list.audiences)
      try tx.figures.save(list.allowance)
    }
    return list.audiences
  }

  /// How one audience grew, read anew and remembered.
  package func growth(of audience: String) async throws(Problem) -> AudienceGrowth {
    let client = try await client()
    let months: [GrowthMonth]
    do {
      months = try await client.growth(of: audience)
    } catch {
      throw error.problem
    }
    return try await workspace.write(as: "Mailchimp") { (tx) throws(Problem) in
      try tx.figures.save(months, of: audience)
      return try tx.figures.growth(of: audience)
    }
  }

  /// Makes `id` the workspace's audience, once Mailchimp has told what it asks for.
  package func choose(_ id: String, as user: String) async throws(Problem) -> Audience {
    let client = try await client()
    let all = try await audiences()
    guard let audience = all.first(where: { $0.id == id }) else {
      throw Problem.noSuchAudience(id, among: all)
    }
    let fields: [MergeField]
    do {
      fields = try await client.mergeFields(of: id)
    } catch {
      throw error.problem
    }
    try await workspace.write(as: user) { (tx) throws(Problem) in
      try tx.audiences.saveMergeFields(fields, of: id)
      try tx.settings.set(Settings.audience.key, to: id)
      try tx.requests.insert(.settingsChanged)
    }
    return audience
  }

  /// Both records of one address, the one at Mailchimp as it is now.
  package func lookUp(_ key: AddressKey) async throws(Problem) -> SideBySide {
    let settings = try await configured()
    guard settings.isSet(Settings.audience) else { throw .noAudience }
    let audience = settings[Settings.audience]
    let client = try await client()
    let link = try await workspace.read { (reading) throws(Problem) in
      try reading.links.link(audience, at: key)
    }
    var member: Member?
    do throws(MailchimpError) {
      member = try await client.member(
        link?.memberID ?? Digest.md5(key.description.utf8), of: audience)
    } catch {
      guard error.fault == .person(.notThere) else { throw error.problem }
    }
    let found = member
    return try await workspace.read { (reading) throws(Problem) in
      try LookUp.sideBySide(key, member: found, reading)
    }
  }

  func settings() async throws(Problem) -> SettingValues {
    try await workspace.read { (reading) throws(Problem) in try reading.settings.values() }
  }

  func configured() async throws(Problem) -> SettingValues {
    let settings = try await settings()
    guard settings.isSet(Settings.key) else { throw .noKey }
    return settings
  }

  func client() async throws(Problem) -> MailchimpClient {
    let settings = try await configured()
    return try await client(with: settings[Settings.key], url: settings[Settings.url])
  }

  private func client(with key: Secret, url: String) async throws(Problem) -> MailchimpClient {
    // A reference may run a command, which must not hold up the cooperative pool.
    let secret = try await onThread { () throws(Problem) in try SecretReference.resolve(key) }
    let connection = MailchimpConnection(
      key: try MailchimpKey(secret), url: url, callTime: .seconds(30))
    return try MailchimpClient(connection, http: http, budget: RequestBudget())
  }

  private func account(with key: Secret, url: String) async throws(Problem) -> MailchimpAccount {
    let client = try await client(with: key, url: url)
    do {
      try await client.ping()
      return try await client.account()
    } catch {
      throw error.problem
    }
  }
}

extension Problem {
  static let noKey = Problem(
    "configuration.no-key", "No Mailchimp API key is set.",
    remedy: "Set one: listkeeper settings set mailchimp.key -")
  static func noSuchAudience(_ id: String, among all: [Audience]) -> Problem {
    Problem(
      "mailchimp.no-such-audience", "The account has no audience '\(Text.oneLine(id))'.",
      remedy: "See them with `listkeeper audiences list`."
        + Suggestion.sentence(id, among: all.map(\.id)), fields: ["audience": id])
  }
  static let noAudience = Problem(
    "configuration.no-audience", "No audience is chosen.",
    remedy: "Choose one: listkeeper audiences list, then listkeeper audiences use ID")
}
