// Percent-encoding of paths and queries (RFC 3986) and of application/x-www-form-urlencoded.
// Encoding is narrow (everything but unreserved characters is escaped, a plus sign too), decoding
// is wide (a plus is a blank, broken escapes stay as they are), so that what we print we read back.

package enum FormEncoding {
  /// `text` for one segment of a path, or for a name or value of a query or a form.
  package static func encode(_ text: some StringProtocol) -> String {
    var out: [UInt8] = []
    for byte in text.utf8 {
      if isUnreserved(byte) {
        out.append(byte)
      } else {
        out.append(UInt8(ascii: "%"))
        out.append(upperDigits[Int(byte >> 4)])
        out.append(upperDigits[Int(byte & 15)])
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// `a=1&b=2`, for behind a question mark or as a form's body.
  package static func encode(_ fields: [FormField]) -> String {
    fields.map { "\(encode($0.name))=\(encode($0.value))" }.joined(separator: "&")
  }

  /// The fields of a query or a form's body, in their order. Bytes that are not UTF-8 become the
  /// replacement character; empty pieces between two `&` are left out.
  package static func decode(_ bytes: some Sequence<UInt8>) -> [FormField] {
    Array(bytes).split(separator: UInt8(ascii: "&")).map { piece in
      let halves = piece.split(
        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      return FormField(
        loosely(halves[0]), halves.count > 1 ? loosely(halves[1]) : "")
    }
  }

  package static func decode(_ text: some StringProtocol) -> [FormField] { decode(text.utf8) }

  /// A path with its escapes resolved; nil where an escape is broken, hides a control character,
  /// or the result is not UTF-8. A plus sign stays a plus sign.
  package static func decodePath(_ bytes: some Collection<UInt8>) -> String? {
    var out: [UInt8] = []
    var rest = Array(bytes)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        out.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit)
      else { return nil }
      let value = high << 4 | low
      if value < 0x20 || value == 0x7F { return nil }
      out.append(value)
    }
    return String(validating: out, as: UTF8.self)
  }

  private static func loosely(_ bytes: ArraySlice<UInt8>) -> String {
    var out: [UInt8] = []
    var at = bytes.startIndex
    while at < bytes.endIndex {
      let byte = bytes[at]
      if byte == UInt8(ascii: "%"), at + 2 < bytes.endIndex, let high = digit(bytes[at + 1]),
        let low = digit(bytes[at + 2])
      {
        out.append(high << 4 | low)
        at += 3
      } else {
        out.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
        at += 1
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// The value of a hexadecimal digit.
  static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 48...57: byte - 48
    case 65...70: byte - 55
    case 97...102: byte - 87
    default: nil
    }
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "~"):
      true
    default: false
    }
  }
}

private let upperDigits = Array("0123456789ABCDEF".utf8)
