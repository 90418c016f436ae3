import Basics
import Testing

@Suite struct DigestTests {
  @Test(arguments: [
    ("", "d41d8cd98f00b204e9800998ecf8427e"),
    ("abc", "900150983cd24fb0d6963f7d28e17f72"),
    (
      "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
      "57edf4a22be3c955ac49da2e2107b67a"
    ),
  ])
  func `MD5 gives the vectors of RFC 1321`(text: String, expected: String) {
    #expect(Digest.md5(text.utf8) == expected)
  }

  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func `SHA-256 gives the vectors of FIPS 180-4`(text: String, expected: String) {
    #expect(Digest.hex(Digest.sha256(text.utf8)) == expected)
  }

  @Test func `HMAC-SHA256 gives test case 2 of RFC 4231`() {
    let code = Digest.hmacSHA256(
      key: Array("Jefe".utf8), "what do ya want for nothing?".utf8)
    #expect(
      Digest.hex(code) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
  }

  @Test func `the 64-bit digest tells where one field ends`() {
    var a = Digest64()
    a.combine("ab")
    a.combine("c")
    var b = Digest64()
    b.combine("a")
    b.combine("bc")
    #expect(a.value != b.value)
  }
}
