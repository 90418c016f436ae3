// What came back against what was sent. Mailchimp ignores unknown merge tags and read-only
// properties without an error (facts: 307 unknown tags in 200 answers), so only a comparison tells
// that data was lost.

import Basics
import Domain

package struct Discrepancy: Sendable, Hashable {
  /// A merge tag, `status`, or `email`.
  package let name: String
  package let sent: MergeValue
  /// What the member shows now; nil where it has no such field.
  package let got: MergeValue?

  package init(_ name: String, sent: MergeValue, got: MergeValue?) {
    self.name = name
    self.sent = sent
    self.got = got
  }

  /// True when Mailchimp does not know the field at all.
  package var isIgnored: Bool { got == nil }
}

extension MemberWrite {
  /// Where `member`, the answer to this write, is not what was asked for; in the order of names.
  package func discrepancies(in member: Member) -> [Discrepancy] {
    var found: [Discrepancy] = []
    if AddressKey(member.email) != AddressKey(email) {
      found.append(Discrepancy("email", sent: .text(email), got: .text(member.email)))
    }
    if let status, status != member.status {
      found.append(
        Discrepancy("status", sent: .text(status.rawValue), got: .text(member.status.rawValue)))
    }
    for (tag, sent) in mergeFields.sorted(by: { $0.key < $1.key }) {
      let got = member.mergeFields[tag]
      if got == nil, sent.isEmpty { continue }
      if let got, sent.isShown(as: got) { continue }
      found.append(Discrepancy(tag, sent: sent, got: got))
    }
    return found
  }
}

extension MergeValue {
  /// True when `answer` is how Mailchimp shows this value: numbers lose their spelling, date-times
  /// are cut to the day, an address without a country gets one.
  package func isShown(as answer: MergeValue) -> Bool {
    if isEmpty || answer.isEmpty { return isEmpty && answer.isEmpty }
    switch (self, answer) {
    case (.text(let sent), .text(let got)):
      return sent == got || Text.oneLine(sent) == Text.oneLine(got)
        || (sent.utf8.count > 10 && got.utf8.count == 10 && CivilDate(got) != nil
          && sent.hasPrefix(got))
    case (.text(let sent), .number(let got)): return Double(Text.oneLine(sent)) == got
    case (.number(let sent), .text(let got)): return Double(got) == sent
    case (.number(let sent), .number(let got)): return sent == got
    case (.address(var sent), .address(let got)):
      if sent.country.isEmpty { sent.country = got.country }
      return sent == got
    default: return false
    }
  }
}
