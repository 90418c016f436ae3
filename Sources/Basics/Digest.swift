// Digests over bytes. MD5 because Mailchimp names members by it (facts: `id` is the MD5 of the
// lower-cased address), SHA-256 and HMAC for webhook signatures and for suppressions that survive
// erasure, a 64-bit digest for "is this what we sent last".

package enum Digest {
  /// 32 hexadecimal digits (RFC 1321).
  package static func md5(_ bytes: some Sequence<UInt8>) -> String {
    hex(md5Bytes(Array(bytes)))
  }

  /// 32 bytes (FIPS 180-4).
  package static func sha256(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    sha256Bytes(Array(bytes))
  }

  /// HMAC-SHA256 (RFC 2104), 32 bytes.
  package static func hmacSHA256(key: [UInt8], _ message: some Sequence<UInt8>) -> [UInt8] {
    let block = (key.count > 64 ? sha256(key) : key)
    let padded = block + [UInt8](repeating: 0, count: 64 - block.count)
    return sha256(padded.map { $0 ^ 0x5C } + sha256(padded.map { $0 ^ 0x36 } + Array(message)))
  }

  /// True when both are the same; takes as long whether they differ early or late.
  package static func areEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard a.count == b.count else { return false }
    return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }

  package static func hex(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var out: [UInt8] = []
    for byte in bytes {
      out.append(digits[Int(byte >> 4)])
      out.append(digits[Int(byte & 15)])
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// Bytes of `text` with RFC 1321 and FIPS 180-4 padding; `bigEndian` says how the length is put.
  private static func padded(_ message: [UInt8], bigEndian: Bool) -> [UInt8] {
    var out = message
    out.append(0x80)
    while out.count % 64 != 56 { out.append(0) }
    let bits = UInt64(message.count) &* 8
    for place in 0..<8 {
      let shift = UInt64(bigEndian ? 56 - place * 8 : place * 8)
      out.append(UInt8(truncatingIfNeeded: bits >> shift))
    }
    return out
  }

  private static func md5Bytes(_ message: [UInt8]) -> [UInt8] {
    var a0: UInt32 = 0x6745_2301
    var b0: UInt32 = 0xEFCD_AB89
    var c0: UInt32 = 0x98BA_DCFE
    var d0: UInt32 = 0x1032_5476
    let data = padded(message, bigEndian: false)
    for start in stride(from: 0, to: data.count, by: 64) {
      var (a, b, c, d) = (a0, b0, c0, d0)
      for i in 0..<64 {
        var f: UInt32
        let g: Int
        switch i >> 4 {
        case 0: (f, g) = ((b & c) | (~b & d), i)
        case 1: (f, g) = ((d & b) | (~d & c), (5 * i + 1) & 15)
        case 2: (f, g) = (b ^ c ^ d, (3 * i + 5) & 15)
        default: (f, g) = (c ^ (b | ~d), (7 * i) & 15)
        }
        let at = start + g * 4
        let word =
          UInt32(data[at]) | UInt32(data[at + 1]) << 8 | UInt32(data[at + 2]) << 16
          | UInt32(data[at + 3]) << 24
        f = f &+ a &+ md5Sines[i] &+ word
        (a, d, c) = (d, c, b)
        let turn = md5Turns[(i >> 4) * 4 + (i & 3)]
        b = b &+ (f << turn | f >> (32 - turn))
      }
      (a0, b0, c0, d0) = (a0 &+ a, b0 &+ b, c0 &+ c, d0 &+ d)
    }
    return [a0, b0, c0, d0].flatMap { word in
      (0..<4).map { UInt8(truncatingIfNeeded: word >> (UInt32($0) * 8)) }
    }
  }

  private static func sha256Bytes(_ message: [UInt8]) -> [UInt8] {
    var state: [UInt32] = [
      0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab,
      0x5be0_cd19,
    ]
    let data = padded(message, bigEndian: true)
    var w = [UInt32](repeating: 0, count: 64)
    func turned(_ x: UInt32, _ n: UInt32) -> UInt32 { x >> n | x << (32 - n) }
    for start in stride(from: 0, to: data.count, by: 64) {
      for i in 0..<16 {
        let at = start + i * 4
        w[i] =
          UInt32(data[at]) << 24 | UInt32(data[at + 1]) << 16 | UInt32(data[at + 2]) << 8
          | UInt32(data[at + 3])
      }
      for i in 16..<64 {
        let s0 = turned(w[i - 15], 7) ^ turned(w[i - 15], 18) ^ w[i - 15] >> 3
        let s1 = turned(w[i - 2], 17) ^ turned(w[i - 2], 19) ^ w[i - 2] >> 10
        w[i] = w[i - 16] &+ s0 &+ w[i - 7] &+ s1
      }
      // Eight words of their own: an array would be made anew in each turn.
      var (a, b, c, d) = (state[0], state[1], state[2], state[3])
      var (e, f, g, h) = (state[4], state[5], state[6], state[7])
      for i in 0..<64 {
        let sum1 = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)
        let choice = (e & f) ^ (~e & g)
        let t1 = h &+ sum1 &+ choice &+ sha256Roots[i] &+ w[i]
        let sum0 = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)
        let majority = (a & b) ^ (a & c) ^ (b & c)
        (h, g, f, e) = (g, f, e, d &+ t1)
        (d, c, b, a) = (c, b, a, t1 &+ sum0 &+ majority)
      }
      for (place, word) in [a, b, c, d, e, f, g, h].enumerated() {
        state[place] = state[place] &+ word
      }
    }
    return state.flatMap { word in
      (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - UInt32($0) * 8)) }
    }
  }
}

/// A stable 64-bit digest (FNV-1a with a final mix); never `Hasher`, which is seeded per process.
package struct Digest64: Sendable {
  private var state: UInt64 = 0xcbf2_9ce4_8422_2325

  package init() {}

  /// Takes in a text and its end, so that ("ab", "c") differs from ("a", "bc").
  package mutating func combine(_ text: String) {
    for byte in text.utf8 { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    state = (state ^ 0xFF) &* 0x0000_0100_0000_01b3
  }

  /// The digest as SQLite stores it.
  package var value: Int64 {
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int64(bitPattern: z ^ (z >> 31))
  }
}

private let md5Turns: [UInt32] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]

private let md5Sines: [UInt32] = [
  0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a, 0xa830_4613,
  0xfd46_9501, 0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be, 0x6b90_1122, 0xfd98_7193,
  0xa679_438e, 0x49b4_0821, 0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d,
  0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8, 0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed,
  0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a, 0xfffa_3942, 0x8771_f681, 0x6d9d_6122,
  0xfde5_380c, 0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70, 0x289b_7ec6, 0xeaa1_27fa,
  0xd4ef_3085, 0x0488_1d05, 0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665, 0xf429_2244,
  0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d, 0x8584_5dd1,
  0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1, 0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb,
  0xeb86_d391,
]

private let sha256Roots: [UInt32] = [
  0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
  0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe,
  0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f,
  0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
  0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
  0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
  0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116,
  0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
  0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
  0xc671_78f2,
]
