// `--listen ADDR:PORT`, in the forms people write it.

import Basics

struct ListenAddress: Equatable {
  var address: String
  var port: UInt16

  /// Reads `127.0.0.1:8765`, `[::1]:8765`, `:8765` and `8765`; without an address it is this
  /// machine only.
  init(_ text: String) throws(Problem) {
    let text = Text.oneLine(text)
    let colon = text.lastIndex(of: ":")
    let portText = colon.map { text[text.index(after: $0)...] } ?? text[...]
    var host = colon.map { String(text[..<$0]) } ?? ""
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    guard let port = UInt16(portText), portText.allSatisfy(\.isNumber),
      host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") })
    else {
      throw Problem(
        "usage.not-an-address", "'\(text)' is no address to listen on.",
        remedy: "Write it as ADDRESS:PORT, such as 127.0.0.1:8765.")
    }
    address = host.isEmpty ? "127.0.0.1" : host
    self.port = port
  }
}

extension CommandRun {
  /// The whole number of an option; nil where it is not given.
  func number(_ option: Command.Option, _ range: ClosedRange<Int>) throws(Problem) -> Int? {
    guard let text = self[option] else { return nil }
    guard let value = Int(text), range.contains(value) else {
      throw Problem(
        "usage.not-a-number", "'\(Text.oneLine(text))' does not fit --\(option.name).",
        remedy: "Give a whole number from \(range.lowerBound) to \(range.upperBound).")
    }
    return value
  }
}
