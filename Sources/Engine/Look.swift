// A look at some contacts before something is written to them: what stands at Mailchimp now, compared
// with what their links know. What must stay true: news is taken in as a reading does, never written over.

import Basics
import Domain
import Mailchimp
import Storage

struct Look: Sendable {
  let found: [AddressKey: Member]
  /// By the address of the link: who is not what it knew, or not there any more.
  let news: [AddressKey: Absorbed]
  let known: KnownMembers

  /// One call a contact, side by side.
  init(at contacts: [Link], in run: FlowRun) async throws(MailchimpError) {
    let found = try await PullMembers().found(contacts, in: run)
    let known = try await Setback.wrap { () async throws(Problem) in
      try await run.workspace.read { [audienceID = run.audienceID] (reading) throws(Problem) in
        try KnownMembers(Array(found.values), audienceID: audienceID, reading)
      }
    }
    let now = run.time.now()
    var news: [AddressKey: Absorbed] = [:]
    for contact in contacts {
      let absorbed =
        found[contact.key].map { known.absorb($0, at: now) } ?? Reading.missing(contact, now: now)
      if let absorbed, absorbed.isNews(of: contact) { news[contact.key] = absorbed }
    }
    self.found = found
    self.news = news
    self.known = known
  }
}

extension Absorbed {
  /// Whether a contact is not, or is not any more, what its link knew.
  func isNews(of link: Link) -> Bool {
    needsPlan || outcome != nil || movedFrom != nil || self.link.status != link.status
  }
}
