// An absolute http or https address, taken apart just far enough to say where it leads. Names and
// passwords inside an address are refused: they would end up in every log.

import Basics

package struct HTTPAddress: Sendable, Equatable, CustomStringConvertible {
  package let isSecure: Bool
  /// In lower case; an IPv6 address without its brackets.
  package let host: String
  package let port: UInt16
  /// Path and query as written, beginning with `/`.
  package let target: String
  private let hasPort: Bool

  /// Nil unless it is http(s)://host[:port][/target] in printable ASCII, without a fragment.
  package init?(_ text: String) {
    let bytes = text.utf8
    guard bytes.allSatisfy({ (0x21...0x7E).contains($0) }), !bytes.contains(UInt8(ascii: "#")),
      let mark = text.firstRange(of: "://")
    else { return nil }
    switch text[..<mark.lowerBound].lowercased() {
    case "http": isSecure = false
    case "https": isSecure = true
    default: return nil
    }
    let rest = text[mark.upperBound...]
    let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    var authority = rest[..<end]
    guard !authority.contains("@"), !authority.contains("\\") else { return nil }
    if authority.first == "[" {
      guard let close = authority.firstIndex(of: "]") else { return nil }
      host = authority[authority.index(after: authority.startIndex)..<close].lowercased()
      guard host.utf8.allSatisfy({ FormEncoding.digit($0) != nil || $0 == 58 || $0 == 46 })
      else { return nil }
      authority = authority[authority.index(after: close)...]
    } else {
      let colon = authority.firstIndex(of: ":") ?? authority.endIndex
      host = authority[..<colon].lowercased()
      authority = authority[colon...]
    }
    guard !host.isEmpty else { return nil }
    if authority.isEmpty {
      port = isSecure ? 443 : 80
      hasPort = false
    } else {
      guard authority.first == ":", authority.dropFirst().allSatisfy(\.isNumber),
        let number = UInt16(authority.dropFirst()), number > 0
      else { return nil }
      port = number
      hasPort = true
    }
    let written = rest[end...]
    target = written.first == "/" ? String(written) : "/" + written
  }

  package var description: String { origin + target }

  /// Scheme, host and port, without a slash at the end.
  package var origin: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return (isSecure ? "https://" : "http://") + name + (hasPort ? ":\(port)" : "")
  }

  /// True for this machine itself, which no proxy may stand before.
  package var isLoopback: Bool {
    if host == "localhost" || host == "::1" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
