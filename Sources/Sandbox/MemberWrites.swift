// Single writes of a person: who may come in, who may come back, what an address change does.
// Rules are checked before anything changes, so a refused write leaves no trace.

import Basics
import HTTP

/// What holds for one write, apart from the person.
struct WriteContext {
  let now: Instant
  /// `skip_merge_validation`: required fields may be missing, addresses incomplete.
  var skipsMergeValidation = false
  /// Addresses that "signed up to a lot of lists".
  var busyAddresses: Set<String> = []
}

extension SandboxAudience {
  // MARK: The calls

  mutating func createMember(
    _ json: JSONValue, _ context: WriteContext
  ) throws(Refusal) -> SandboxMember {
    let body = try MemberBody(json, .post)
    guard let address = body.address, let status = body.status else { throw .notFound }
    return try add(address, status, body, context)
  }

  /// PUT: changes who is there, creates who is not.
  mutating func upsertMember(
    named text: String, _ json: JSONValue, _ context: WriteContext
  ) throws(Refusal) -> SandboxMember {
    let body = try MemberBody(json, .put)
    if let member = member(named: text) { return try change(member, body, context) }
    guard let address = body.address else {
      throw .unvalidated("", "Required fields were not provided: email_address")
    }
    try checkAddress(address, context)
    // Found under another id than the one asked for, whatever its state.
    if member(address: address) != nil { throw .memberExists(address) }
    guard let status = body.status ?? body.statusIfNew else {
      throw .unvalidated("", "Required fields were not provided: status_if_new")
    }
    return try add(address, status, body, context)
  }

  mutating func changeMember(
    named text: String, _ json: JSONValue, _ context: WriteContext
  ) throws(Refusal) -> SandboxMember {
    let body = try MemberBody(json, .patch)
    guard let member = member(named: text) else { throw .notFound }
    return try change(member, body, context)
  }

  mutating func archiveMember(named text: String, at now: Instant) throws(Refusal) {
    guard var member = member(named: text) else { throw .notFound }
    switch member.status {
    case .cleaned, .pending, .archived: throw .notArchivable
    case .subscribed, .unsubscribed, .transactional: break
    }
    member.status = .archived
    stamp(&member, now)
    store(member)
  }

  /// Only the hash is documented for this call, so only the hash is taken.
  mutating func eraseMember(hash: String, at now: Instant) throws(Refusal) {
    guard let member = member(id: hash) else { throw .notFound }
    erase(member, at: now)
  }

  // MARK: Coming in

  /// A new person, or an archived one coming back by POST.
  mutating func add(
    _ address: String, _ status: MemberStatus, _ body: MemberBody, _ context: WriteContext
  ) throws(Refusal) -> SandboxMember {
    try checkAddress(address, context)
    if forgotten.contains(address.lowercased()) { throw .forgotten(address) }
    var member: SandboxMember
    if let known = self.member(address: address) {
      guard known.status == .archived else { throw .memberExists(address) }
      member = known
      try setStatus(status, of: &member, context)
      member.timestampOpt = status == .subscribed ? context.now.wholeSecond : member.timestampOpt
    } else {
      member = newMember(address, status, at: context.now)
      enter(status, &member, context.now)
      member.lastChanged = (context.now - changeLag).wholeSecond
    }
    try fill(&member, body, context)
    wear(body.tags ?? [], &member, context.now)
    stamp(&member, context.now)
    note(status, context.now)
    store(member)
    return member
  }

  // MARK: Changing

  mutating func change(
    _ old: SandboxMember, _ body: MemberBody, _ context: WriteContext
  ) throws(Refusal) -> SandboxMember {
    var member = old
    if let address = body.address, address != old.address {
      try checkAddress(address, context)
      if address.lowercased() != old.address.lowercased() { try checkMove(old, to: address) }
      member.move(to: address)
    }
    if let status = body.status { try setStatus(status, of: &member, context) }
    try fill(&member, body, context)
    // Repeating what is already so leaves the time of the last change alone.
    if member == old { return old }
    stamp(&member, context.now)
    if member.status != old.status { note(member.status, context.now) }
    store(member)
    return member
  }

  private func checkMove(_ old: SandboxMember, to address: String) throws(Refusal) {
    guard old.status == .subscribed else {
      throw .invalid(
        "This member's status is \"\(old.status.rawValue).\" You can only update email addresses "
          + "for members with a status of \"subscribed.\"")
    }
    let word: String
    if let other = member(address: address) {
      switch other.status {
      case .subscribed, .archived, .pending, .transactional: word = other.status.rawValue
      case .unsubscribed: word = "Unsubscribed"
      case .cleaned: word = "Cleaned"
      }
    } else if forgotten.contains(address.lowercased()) {
      word = "Deleted"
    } else {
      return
    }
    throw .unvalidated(
      "email address", "\"\(address)\" is already in this list with a status of \"\(word)\".")
  }

  func setStatus(
    _ status: MemberStatus, of member: inout SandboxMember, _ context: WriteContext
  ) throws(Refusal) {
    if status == member.status { return }
    if member.status == .cleaned { throw .compliance(member.address) }
    if member.leftByPerson, status == .subscribed || status == .transactional {
      throw .compliance(member.address)
    }
    // Whether the API may confirm in the person's place is not established.
    if member.status == .pending, status == .subscribed { throw .compliance(member.address) }
    member.status = status
    enter(status, &member, context.now)
  }

  /// What goes with arriving in a status by the API or an administrator.
  private func enter(_ status: MemberStatus, _ member: inout SandboxMember, _ now: Instant) {
    switch status {
    case .unsubscribed:
      // Who left personally stays known for it.
      if !member.leftByPerson { member.unsubscribeReason = "N/A (Unsubscribed by admin)" }
      member.unsubscribedAt = now.wholeSecond
    case .subscribed:
      if member.timestampOpt == nil {
        member.timestampOpt = now.wholeSecond
        member.ipOpt = "192.0.2.1"
      }
    case .pending, .cleaned, .transactional, .archived: break
    }
  }

  /// For the audience's statistics.
  mutating func note(_ status: MemberStatus, _ now: Instant) {
    if status == .subscribed { lastSubscribed = now.wholeSecond }
    if status == .unsubscribed { lastUnsubscribed = now.wholeSecond }
  }

  /// Notes a change by the API, which is told as of a little before the answer's `Date`; never
  /// before an earlier one.
  func stamp(_ member: inout SandboxMember, _ now: Instant) {
    member.lastChanged = max(member.lastChanged, (now - changeLag).wholeSecond)
  }

  // MARK: Checks and values

  private func checkAddress(_ address: String, _ context: WriteContext) throws(Refusal) {
    guard Self.isAddress(address) else { throw .invalid("Please provide a valid email address.") }
    let domain = address.lowercased().split(separator: "@").last.map(String.init) ?? ""
    if ["example.com", "example.net", "example.org"].contains(domain) {
      throw .invalid(
        "\(address) looks fake or invalid, please enter a real email address.")
    }
    if context.busyAddresses.contains(address.lowercased()) {
      throw .invalid(
        "\(address) has signed up to a lot of lists very recently; we're not allowing more "
          + "signups for now")
    }
  }

  static func isAddress(_ text: String) -> Bool {
    let halves = text.split(separator: "@", omittingEmptySubsequences: false)
    guard halves.count == 2, !halves[0].isEmpty, halves[0].utf8.count <= 64,
      text.utf8.count <= 254,
      text.unicodeScalars.allSatisfy({
        !Text.isControl($0) && !$0.properties.isWhitespace
          && !"<>()[],;:\\\"".unicodeScalars
            .contains($0)
      }),
      !halves[0].hasPrefix("."), !halves[0].hasSuffix("."), !halves[0].contains("..")
    else { return false }
    let labels = halves[1].split(separator: ".", omittingEmptySubsequences: false)
    return labels.count >= 2 && (labels.last?.utf8.count ?? 0) >= 2
      && labels.allSatisfy { label in
        !label.isEmpty && !label.hasPrefix("-") && !label.hasSuffix("-")
          && label.unicodeScalars.allSatisfy {
            $0 == "-" || $0.properties.isAlphabetic || ("0"..."9").contains($0)
          }
      }
  }

  private func fill(
    _ member: inout SandboxMember, _ body: MemberBody, _ context: WriteContext
  ) throws(Refusal) {
    member.interests = try interests(of: member, with: body.interests)
    member.values = try values(
      of: member, with: body.mergeFields, skipping: context.skipsMergeValidation)
    member.emailType = body.emailType ?? member.emailType
    member.language = body.language ?? member.language
    member.isVIP = body.isVIP ?? member.isVIP
    member.latitude = body.latitude ?? member.latitude
    member.longitude = body.longitude ?? member.longitude
    member.ipSignup = body.ipSignup ?? member.ipSignup
    member.ipOpt = body.ipOpt ?? member.ipOpt
    member.timestampSignup = body.timestampSignup?.wholeSecond ?? member.timestampSignup
    member.timestampOpt = body.timestampOpt?.wholeSecond ?? member.timestampOpt
  }

  /// The member's values with those sent laid over them. Tags that no field has are ignored. A
  /// stored address that is incomplete makes this throw although nothing was sent for it.
  func values(
    of member: SandboxMember, with sent: [String: JSONValue], skipping: Bool
  ) throws(Refusal) -> [Int: JSONValue] {
    var values = member.values
    var errors: [Refusal.FieldError] = []
    for field in mergeFields {
      if let value = sent[field.tag] {
        switch MergeValue.read(value, for: field) {
        case .accepted(let accepted):
          if accepted == MergeValue.empty {
            values.removeValue(forKey: field.id)
          } else {
            values[field.id] = accepted
          }
        case .refused(let message):
          errors.append(.init(field: field.tag, message: message))
          continue
        }
      }
      if skipping { continue }
      let value = values[field.id] ?? MergeValue.empty
      if field.isRequired, MergeValue.isEmpty(value) {
        errors.append(.init(field: field.tag, message: MergeValue.required))
      } else if field.type == .address,
        MergeValue.isIncompleteAddress(value) || sent[field.tag].map(MergeValue.lacksPart) ?? false
      {
        errors.append(.init(field: field.tag, message: MergeValue.incompleteAddress))
      }
    }
    if !errors.isEmpty { throw .mergeFields(errors) }
    return values
  }
}
