// What another program said when it did not succeed, fit to be shown: the first line, without
// control characters, without what looks like a secret.

import Basics

enum ErrorLine {
  private static let longest = 200
  private static let names = ["password", "passwd", "pwd", "secret", "token", "apikey", "api_key"]

  /// `secrets` are those we know of.
  static func clean(_ bytes: some Sequence<UInt8>, hiding secrets: [Secret] = []) -> String {
    let text = String(decoding: Array(bytes), as: UTF8.self)
    let lines = text.split { $0.isNewline }.map { Text.oneLine($0) }
    var line = lines.first { !$0.isEmpty } ?? ""
    for secret in secrets where secret.reveal().utf8.count >= 4 {
      line = line.split(separator: secret.reveal(), omittingEmptySubsequences: false)
        .joined(separator: "•••")
    }
    line = line.split(separator: " ", omittingEmptySubsequences: false).map { word($0) }
      .joined(separator: " ")
    return line.count > longest ? line.prefix(longest) + "…" : line
  }

  /// `scheme://name:password@host` and `password=…` lose what is secret.
  private static func word(_ word: Substring) -> String {
    if let start = word.firstRange(of: "://")?.upperBound,
      let at = word[start...].lastIndex(of: "@")
    {
      return "\(word[..<start])•••\(word[at...])"
    }
    guard let sign = word.firstIndex(where: { $0 == "=" || $0 == ":" }),
      word.index(after: sign) < word.endIndex
    else { return String(word) }
    let name = word[..<sign].lowercased()
    return names.contains { name.hasSuffix($0) } ? "\(word[...sign])•••" : String(word)
  }
}
