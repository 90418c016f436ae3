// What the workspace knows of some members that were just read: their links, by address and by
// contact, and where their owners stand. One reading for a page.

import Basics
import Domain
import Storage

struct KnownMembers: Sendable {
  let audienceID: String
  /// Nothing has been sent to this audience yet: the survey will look at everybody.
  private(set) var isFirst: Bool
  private var links: [AddressKey: Link] = [:]
  private var contacts: [String: Link] = [:]
  /// The links they have left, where a changed address is another contact: the one there is gone.
  private var departed: [Link] = []
  /// Of contacts whose contact id no answer has told yet.
  private var webIDs: [Int64: Link] = [:]
  private var mapping: [FieldMapping] = []
  /// The primary addresses of the owners whose contact moved.
  private(set) var addresses: [PersonID: [AddressKey]] = [:]

  init(audienceID: String, isFirst: Bool) {
    self.audienceID = audienceID
    self.isFirst = isFirst
  }

  init(_ members: [Member], audienceID: String, _ access: some WorkspaceAccess) throws(Problem) {
    self.audienceID = audienceID
    isFirst = try access.audiences.progress(of: audienceID).firstSyncAt == nil
    mapping = try access.audiences.mapping()
    links = try access.links.links(audienceID, at: members.map { AddressKey($0.email) })
    // A contact we know at no such address may have changed it. Where changed addresses are new
    // contacts, here as there, it is a stranger, and the one of the old address is gone.
    guard try access.settings.values()[Settings.addressChange] == .rename else {
      departed = try access.links.left(
        audienceID, contacts: members.compactMap(\.contactID),
        webIDs: members.compactMap(\.webID), by: Set(members.map { AddressKey($0.email) }))
      return
    }
    let newcomers = members.filter { links[AddressKey($0.email)]?.status == nil }
    contacts = try access.links.links(audienceID, contacts: newcomers.compactMap(\.contactID))
    webIDs = try access.links.links(audienceID, webIDs: newcomers.compactMap(\.webID))
    let moving = Array(contacts.values) + Array(webIDs.values)
    for (id, person) in try access.directory.people(moving.compactMap(\.owner)) {
      addresses[id] = person.primaryEmail.map { [AddressKey($0)] } ?? []
    }
  }

  /// The survey of the first sync may be over, and its plan wait for a look: what is news now it has
  /// not seen.
  mutating func tellNews() { isFirst = false }

  /// Of what we set out to send, what stands in these links counts alone.
  mutating func setAttempts(as before: [Link]) {
    for link in before {
      links[link.key]?.attempt = link.attempt
      if let id = link.contactID { contacts[id]?.attempt = link.attempt }
      if let id = link.webID { webIDs[id]?.attempt = link.attempt }
    }
  }

  func absorb(_ member: Member, at now: Instant) -> Absorbed {
    let link = links[AddressKey(member.email)]
    return Reading.absorb(
      member, audienceID: audienceID, link: link, owner: link?.owner, mapping: mapping, now: now,
      moved: former(member))
  }

  /// Nothing of the link differs but when it was seen.
  func isAsKnown(_ absorbed: Absorbed) -> Bool {
    guard var link = links[absorbed.link.key] else { return false }
    link.seenAt = absorbed.link.seenAt
    return absorbed == Absorbed(link: link)
  }

  /// The address whose link this contact has: another than its own where that was changed there, and
  /// no reading has taken it in yet. Of contacts somebody here stands behind.
  func place(of member: Member) -> AddressKey {
    let key = AddressKey(member.email)
    guard links[key]?.status == nil, let from = former(member), from.owner != nil else {
      return key
    }
    return from.key
  }

  /// The link that this contact has left, where nobody is renamed: nobody is at that address now.
  func left(by member: Member) -> Link? {
    departed.first { link in
      link.contactID.map { $0 == member.contactID } ?? (link.webID == member.webID)
    }
  }

  private func former(_ member: Member) -> Link? {
    member.contactID.flatMap { contacts[$0] } ?? member.webID.flatMap { webIDs[$0] }
  }
}
