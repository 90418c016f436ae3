// What people do at Mailchimp, as opposed to what programs do over its API: subscribers leave,
// edit their profile, sign up and confirm, mail bounces, administrators archive, delete and change
// the rules. Tests perform deeds from Swift, somebody practising from `/sandbox`.

import Basics

package enum SandboxDeed: Sendable, Equatable {
  case personUnsubscribes(String, reason: String = "No longer interested")
  case personEdits(String, [String: JSONValue])
  case personChangesAddress(String, to: String)
  /// By the signup form: pending where the audience asks for a confirmation, else subscribed. The
  /// only way back for somebody permanently deleted.
  case personSignsUp(String, [String: JSONValue] = [:])
  /// Clicks the link of the confirmation mail.
  case personConfirms(String)
  case mailBounces(String)
  case personComplains(String)
  case adminArchives(String)
  case adminDeletesPermanently(String)
  case adminUnsubscribes(String)
  case adminEdits(String, [String: JSONValue])
  case adminAddsRequiredField(tag: String, name: String)
  case adminDeletesField(tag: String)
  case adminDeletesAudience
  case keyIsRevoked
  case keyIsRestored
  /// From now on the address "has signed up to a lot of lists".
  case signupsAreLimited(String)
  /// A tag that is not there yet is made; one that a program made is the same tag.
  case adminTags(String, String)
  case adminUntags(String, String)
  case adminMakesTag(String)
  case adminRenamesTag(String, to: String)
  case adminDeletesTag(String)
  /// A saved segment of those whose text field has that value.
  case adminSavesSegment(String, field: String, value: String)
  /// Unsubscribes by reporting a mail as abuse.
  case personUnsubscribesForAbuse(String)
  case adminChangesAddress(String, to: String)
  case adminSetsDoubleOptIn(Bool)
  /// The one with that address, or all of them.
  case adminDeletesWebhook(url: String?)
  /// Takes back what was allowed to programs: their tokens are refused.
  case programsAreDisconnected
  /// A group of check boxes.
  case adminMakesGroup(String, [String])
  case adminDeletesGroup(String)
  /// These interests, by name, and no others.
  case personChoosesInterests(String, [String])
  /// Every batch that waits or runs is through.
  case batchesFinish
}

extension SandboxMailchimp {
  /// Performs a deed in the audience of that id, or in the first one.
  package mutating func perform(
    _ deed: SandboxDeed, in audienceID: String? = nil, at now: Instant
  ) throws(Problem) {
    switch deed {
    case .keyIsRevoked: isKeyRevoked = true
    case .keyIsRestored: isKeyRevoked = false
    case .programsAreDisconnected: oauth.disconnect()
    case .signupsAreLimited(let address): busyAddresses.insert(address.lowercased())
    case .batchesFinish: advanceBatches(at: now, toTheEnd: true)
    case .adminDeletesAudience: audiences.remove(at: try index(of: audienceID))
    default: try audiences[index(of: audienceID)].perform(deed, at: now)
    }
  }

  private func index(of audienceID: String?) throws(Problem) -> Int {
    let index =
      if let audienceID { audiences.firstIndex { $0.id == audienceID } } else {
        audiences.indices.first
      }
    guard let index else {
      throw Problem(
        "sandbox.no-audience", "The practice Mailchimp has no audience \(audienceID ?? "at all").",
        remedy: "Name one of those that /sandbox lists.")
    }
    return index
  }
}

extension SandboxAudience {
  mutating func perform(_ deed: SandboxDeed, at now: Instant) throws(Problem) {
    cause = EventCause(deed)
    defer { cause = .api }
    switch deed {
    case .personUnsubscribes(let address, let reason):
      try change(address, at: now) { member, now in
        member.status = .unsubscribed
        member.leftByPerson = true
        member.unsubscribeReason = reason
        member.unsubscribedAt = now
      }
    case .adminUnsubscribes(let address):
      try change(address, at: now) { member, now in
        if member.status == .unsubscribed { return }
        member.status = .unsubscribed
        member.unsubscribeReason = "N/A (Unsubscribed by admin)"
        member.unsubscribedAt = now
      }
    case .personUnsubscribesForAbuse(let address):
      try change(address, at: now) { member, now in
        member.status = .unsubscribed
        member.leftByPerson = true
        member.unsubscribeReason = "Abuse complaint"
        member.unsubscribedAt = now
      }
    case .adminSetsDoubleOptIn(let isOn): hasDoubleOptIn = isOn
    case .adminDeletesWebhook(let url):
      let kept = webhooks.filter { url != nil && $0.url != url }
      if let url, kept.count == webhooks.count {
        throw Problem(
          "sandbox.no-webhook", "This audience has no webhook at \(url).",
          remedy: "Name the address of one it has.")
      }
      webhooks = kept
    case .personChangesAddress(let address, let newAddress),
      .adminChangesAddress(let address, let newAddress):
      if let other = member(address: newAddress), other.address != address {
        throw Problem(
          "sandbox.address-taken", "\(newAddress) is already in this audience.",
          remedy: "Name another address.")
      }
      try change(address, at: now) { member, _ in member.move(to: newAddress) }
    case .personConfirms(let address):
      try change(address, at: now) { member, now in
        member.status = .subscribed
        member.leftByPerson = false
        member.timestampOpt = now
      }
    case .mailBounces(let address), .personComplains(let address):
      try change(address, at: now) { member, _ in member.status = .cleaned }
    case .adminArchives(let address):
      try change(address, at: now) { member, _ in member.status = .archived }
    case .adminDeletesPermanently(let address): erase(try known(address), at: now)
    case .personEdits(let address, let values), .adminEdits(let address, let values):
      let read = try read(values, of: try known(address))
      try change(address, at: now) { member, _ in member.values = read }
    case .personSignsUp(let address, let values): try signUp(address, values, at: now)
    case .adminAddsRequiredField(let tag, let name):
      try orProblem { audience throws(Refusal) in
        _ = try audience.addMergeField(tag: tag, name: name, type: .text) { $0.isRequired = true }
      }
    case .adminDeletesField(let tag):
      guard let field = mergeField(tagged: tag) else {
        throw Problem(
          "sandbox.no-field", "This audience has no merge field \(tag).",
          remedy: "Name a field it has.")
      }
      mergeFields.removeAll { $0.id == field.id }
      forgetValues(of: field.id)
    case .adminDeletesAudience, .keyIsRevoked, .keyIsRestored, .signupsAreLimited,
      .programsAreDisconnected, .batchesFinish:
      break
    case .adminTags, .adminUntags, .adminMakesTag, .adminRenamesTag, .adminDeletesTag,
      .adminSavesSegment:
      try performOnTags(deed, at: now)
    case .adminMakesGroup, .adminDeletesGroup, .personChoosesInterests:
      try performOnGroups(deed, at: now)
    }
  }

  func known(_ address: String) throws(Problem) -> SandboxMember {
    guard let member = member(address: address) else {
      throw Problem(
        "sandbox.no-member", "\(address) is not in this audience.",
        remedy: "Name an address that is, or let it sign up first.")
    }
    return member
  }

  mutating func change(
    _ address: String, at now: Instant, _ body: (inout SandboxMember, Instant) -> Void
  ) throws(Problem) {
    var member = try known(address)
    let old = member
    body(&member, now.wholeSecond)
    guard member != old else { return }
    member.lastChanged = now.wholeSecond
    if member.status != old.status { note(member.status, now) }
    store(member)
  }

  private mutating func signUp(
    _ address: String, _ values: [String: JSONValue], at now: Instant
  ) throws(Problem) {
    guard Self.isAddress(address) else {
      throw Problem(
        "sandbox.not-an-address", "\(address) is no e-mail address.",
        remedy: "Name one like ada@mail.example.org.")
    }
    forgotten.remove(address.lowercased())
    var member = member(address: address) ?? newMember(address, .subscribed, at: now)
    member.values = try read(values, of: member)
    member.timestampSignup = now.wholeSecond
    member.ipSignup = "192.0.2.2"
    member.source = "Hosted Signup Form"
    member.status = hasDoubleOptIn ? .pending : .subscribed
    if !hasDoubleOptIn {
      member.leftByPerson = false
      member.timestampOpt = now.wholeSecond
    }
    member.lastChanged = now.wholeSecond
    note(member.status, now)
    store(member)
  }

  private func read(
    _ sent: [String: JSONValue], of member: SandboxMember
  ) throws(Problem) -> [Int: JSONValue] {
    do {
      return try values(of: member, with: sent, skipping: true)
    } catch {
      throw Problem(
        "sandbox.bad-value",
        error.errors.map { "\($0.field): \($0.message)." }.joined(separator: " "),
        remedy: "Give the fields values of their type.")
    }
  }

  mutating func orProblem(
    _ body: (inout SandboxAudience) throws(Refusal) -> Void
  ) throws(Problem) {
    do throws(Refusal) {
      try body(&self)
    } catch {
      throw Problem("sandbox.refused", error.detail, remedy: "Look at what the audience has.")
    }
  }
}

extension SandboxMailchimp {
  /// Puts a person in whose id is the hash of the address as it is written, as very old audiences
  /// have them: such a person answers only to the id that a listing shows.
  package mutating func plantWithOldID(
    _ address: String, in audienceID: String? = nil, at now: Instant
  ) throws(Problem) {
    let index = try index(of: audienceID)
    var member = audiences[index].newMember(address, .subscribed, at: now)
    member.id = Digest.md5(address.utf8)
    member.timestampOpt = now.wholeSecond
    audiences[index].store(member)
  }

  /// Adds a merge field of any type, as an administrator would.
  package mutating func addMergeField(
    _ tag: String, _ name: String, _ type: MergeType, required: Bool = false,
    choices: [String] = [], in audienceID: String? = nil
  ) throws(Problem) {
    let index = try index(of: audienceID)
    do throws(Refusal) {
      _ = try audiences[index].addMergeField(tag: tag, name: name, type: type) {
        $0.isRequired = required
        $0.choices = choices
      }
    } catch {
      throw Problem("sandbox.refused", error.detail, remedy: "Look at the audience's fields.")
    }
  }

  /// Whether the audience asks for a confirmation by mail.
  package mutating func setDoubleOptIn(
    _ isOn: Bool, in audienceID: String? = nil
  ) throws(Problem) {
    audiences[try index(of: audienceID)].hasDoubleOptIn = isOn
  }
}
