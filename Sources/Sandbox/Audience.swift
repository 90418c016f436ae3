// One audience: its people, found by id, address or contact id, its merge fields and its settings.
// Every change of a person goes through `store`, which keeps the indexes and counts true.

import Basics
import HTTP

package struct SandboxAudience: Sendable {
  package let id: String
  let number: Int
  let dataCentre: String
  let created: Instant
  /// By how much `last_changed` lies before the answer to the write.
  let changeLag: Duration
  package var name: String
  var permissionReminder = "You are receiving this because you gave us your address."
  var contact: [String: JSONValue] = [
    "company": "Practice", "address1": "1 Main Street", "address2": "", "city": "Springfield",
    "state": "", "zip": "00000", "country": "US", "phone": "",
  ]
  var campaignDefaults: [String: JSONValue] = [
    "from_name": "Practice", "from_email": "practice@directory.example.org", "subject": "",
    "language": "en",
  ]
  var notifyOnSubscribe = ""
  var notifyOnUnsubscribe = ""
  var usesArchiveBar = true
  var hasEmailTypeOption = false
  package var hasDoubleOptIn = false
  var hasMarketingPermissions = false

  package internal(set) var mergeFields: [MergeField] = []
  var nextMergeID = 1
  /// People by serial; nil once permanently deleted.
  private(set) var people: [SandboxMember?] = []
  private var byID: [String: Int] = [:]
  private var byAddress: [String: Int] = [:]
  private var byContact: [String: Int] = [:]
  private(set) var counts: [MemberStatus: Int] = [:]
  /// Lower-case addresses of permanently deleted people.
  package internal(set) var forgotten: Set<String> = []
  var segments: SegmentBook
  var lastSubscribed: Instant?
  var lastUnsubscribed: Instant?
  /// Counts every change of a person, so that a listing in pages is sorted once.
  private(set) var version = 0
  var listing: Listing?
  package internal(set) var webhooks: [SandboxWebhook] = []
  var webhooksMade = 0
  /// Who changes people now; the API unless a deed is being done.
  var cause = EventCause.api
  /// What the webhooks were not told yet, act by act.
  var events: [[WebhookEvent]] = []
  /// How often somebody changed the address.
  var moves = 0
  package internal(set) var groups: [InterestGroup] = []
  var groupsMade = 0
  private(set) var growth = GrowthBook()

  init(
    number: Int, name: String, dataCentre: String, created: Instant, changeLag: Duration = .zero
  ) {
    self.changeLag = changeLag
    self.number = number
    self.name = name
    self.dataCentre = dataCentre
    self.created = created.wholeSecond
    id = String(Digest.md5("audience \(number)".utf8).prefix(10))
    segments = SegmentBook(first: number * 100_000)
    for (tag, name, type, isPublic): (String, String, MergeType, Bool) in [
      ("FNAME", "First Name", .text, true), ("LNAME", "Last Name", .text, true),
      ("ADDRESS", "Address", .address, false), ("PHONE", "Phone Number", .phone, false),
      ("BIRTHDAY", "Birthday", .birthday, false),
    ] {
      var field = MergeField(
        id: nextMergeID, tag: tag, name: name, type: type, displayOrder: nextMergeID + 1)
      field.isPublic = isPublic
      mergeFields.append(field)
      nextMergeID += 1
    }
  }

  // MARK: People

  /// Everybody who was not permanently deleted, archived people too.
  package var members: [SandboxMember] { people.compactMap { $0 } }

  package func count(_ status: MemberStatus) -> Int { counts[status] ?? 0 }

  package func member(address: String) -> SandboxMember? {
    byAddress[address.lowercased()].flatMap { people[$0] }
  }

  func member(serial: Int) -> SandboxMember? { people[serial] }

  func member(id: String) -> SandboxMember? {
    byID[id.lowercased()].flatMap { people[$0] }
  }

  /// A member by what may stand in a path: id in either case, contact id, or the address.
  func member(named text: String) -> SandboxMember? {
    if text.contains("@") { return member(address: text) }
    return member(id: text) ?? byContact[text.lowercased()].flatMap { people[$0] }
  }

  /// A new person, not yet stored.
  func newMember(_ address: String, _ status: MemberStatus, at now: Instant) -> SandboxMember {
    let serial = people.count
    return SandboxMember(
      serial: serial, address: address, contactID: Digest.md5("contact \(id) \(serial)".utf8),
      status: status, at: now)
  }

  /// Puts a person in, or in place of the one with the same serial.
  mutating func store(_ member: SandboxMember) {
    tellWebhooks(
      from: member.serial < people.count ? people[member.serial] : nil, to: member)
    if member.serial < people.count {
      let old = people[member.serial]
      if let old { leave(old) }
      segments.note(old, member)
      growth.note(old?.status, member.status, at: member.lastChanged)
      people[member.serial] = member
    } else {
      segments.note(nil, member)
      growth.note(nil, member.status, at: member.lastChanged)
      people.append(member)
    }
    byID[member.id] = member.serial
    byAddress[member.address.lowercased()] = member.serial
    byContact[member.contactID] = member.serial
    counts[member.status, default: 0] += 1
    version += 1
  }

  mutating func erase(_ member: SandboxMember, at now: Instant) {
    tellWebhooks(erased: member)
    leave(member)
    segments.note(member, nil)
    growth.note(member.status, nil, at: now)
    people[member.serial] = nil
    forgotten.insert(member.address.lowercased())
    version += 1
  }

  private mutating func leave(_ old: SandboxMember) {
    byID[old.id] = nil
    byAddress[old.address.lowercased()] = nil
    byContact[old.contactID] = nil
    counts[old.status, default: 0] -= 1
  }

  mutating func forgetValues(of field: Int) {
    for index in people.indices where people[index]?.values[field] != nil {
      people[index]?.values.removeValue(forKey: field)
    }
    version += 1
  }

  // MARK: Tags

  /// Puts a tag on somebody or takes it off; true when that changed anything. Quicker than `store`,
  /// because whole audiences are tagged.
  @discardableResult
  mutating func setTag(_ segment: Int, on serial: Int, _ isWorn: Bool, at now: Instant) -> Bool {
    guard let status = people[serial]?.status,
      segments.setWorn(segment, by: serial, status, isWorn, at: now)
    else { return false }
    if isWorn {
      people[serial]?.tags.append(MemberTag(segment: segment, added: now.wholeSecond))
    } else {
      people[serial]?.tags.removeAll { $0.segment == segment }
    }
    let told = (cause == .api ? now - changeLag : now).wholeSecond
    if people[serial].map({ $0.lastChanged < told }) ?? false { people[serial]?.lastChanged = told }
    version += 1
    return true
  }

  /// Takes a segment away, from everybody who wears it too.
  mutating func removeSegment(_ id: Int, at now: Instant) {
    for serial in segments[id]?.members ?? [] { setTag(id, on: serial, false, at: now) }
    segments.remove(id)
  }
}
