// A tar archive in gzip, written by hand: POSIX ustar headers, and deflate blocks that store what
// they hold, so that nothing is needed to write it and everything can read it.

import Basics

enum Archive {
  /// The directory `./` first, as the real archives have it, then the files.
  static func tar(_ files: [(name: String, content: [UInt8])], at time: Instant) -> [UInt8] {
    var out = header("./", 0, mode: "0000755", type: "5", time)
    for file in files {
      out += header(file.name, file.content.count, mode: "0000644", type: "0", time)
      out += file.content
      out += [UInt8](repeating: 0, count: (512 - file.content.count % 512) % 512)
    }
    return out + [UInt8](repeating: 0, count: 1024)
  }

  private static func header(
    _ name: String, _ size: Int, mode: String, type: Character, _ time: Instant
  ) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at place: Int) {
      for (offset, byte) in text.utf8.enumerated() { block[place + offset] = byte }
    }
    func octal(_ number: Int64, _ digits: Int) -> String {
      let text = String(number, radix: 8)
      return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
    put(String(name.prefix(100)), at: 0)
    put(mode, at: 100)
    put(octal(0, 7), at: 108)
    put(octal(0, 7), at: 116)
    put(octal(Int64(size), 11), at: 124)
    put(octal(max(0, time.milliseconds / 1000), 11), at: 136)
    put("        ", at: 148)
    put(String(type), at: 156)
    put("ustar", at: 257)
    put("00", at: 263)
    // The sum counts its own place as blanks, which stand there until now.
    put(octal(block.reduce(0) { $0 + Int64($1) }, 6) + "\0 ", at: 148)
    return block
  }

  /// RFC 1952 around stored blocks of RFC 1951.
  static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    func little(_ number: UInt32, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: number >> UInt32(8 * $0)) }
    }
    var out: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]
    var start = 0
    repeat {
      let end = min(start + 0xFFFF, bytes.count)
      let length = UInt32(end - start)
      out.append(end == bytes.count ? 1 : 0)
      out += little(length, 2) + little(~length, 2)
      out += bytes[start..<end]
      start = end
    } while start < bytes.count
    return out + little(crc32(bytes), 4) + little(UInt32(truncatingIfNeeded: bytes.count), 4)
  }

  static func crc32(_ bytes: [UInt8]) -> UInt32 {
    var sum: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      sum = crcTable[Int((sum ^ UInt32(byte)) & 0xFF)] ^ (sum >> 8)
    }
    return ~sum
  }

  private static let crcTable: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { sum, _ in
      sum & 1 == 1 ? 0xEDB8_8320 ^ (sum >> 1) : sum >> 1
    }
  }
}
