import Basics
import Domain
import Testing

@Suite struct ErasureTests {
  private static let subject = ErasureSubject(
    person: PersonID(7), name: "Ann Lee", externalID: "K-7",
    keys: [AddressKey("ann@x.org"), AddressKey("a+b@y.org")])

  @Test(arguments: [
    "ann@x.org", "To Ann@X.ORG.", #"{"email":"ANN@x.org"}"#, "email=ann%40x.org&x=1", "<a+b@y.org>",
    "members/" + Digest.md5("ann@x.org".utf8) + "/tags", "Ann Lee has no address.", "for ANN LEE",
  ])
  func `a text with an address, its hash or the whole name names them`(text: String) {
    #expect(Self.subject.isNamed(in: text))
  }

  @Test(arguments: [
    "", "joann@x.org", "ann@x.org.uk", "ann@x.orgs", "b@y.org", "Ann", "Joann Lee", "Ann Leeds",
    "ann at x.org",
  ])
  func `a longer address or name is somebody else's`(text: String) {
    #expect(!Self.subject.isNamed(in: text))
  }

  @Test func `who is called by their address alone is looked for by nothing shorter`() {
    let alone = ErasureSubject(person: nil, name: "ann@x.org", keys: [AddressKey("ann@x.org")])
    #expect(alone.marks == ["ann@x.org", Digest.md5("ann@x.org".utf8)])
  }
}
