// One request to Mailchimp to be read, or to be made again by hand: bodies laid out, secrets masked
// since they were written down, the key never among them.

import Basics
import Domain
import Screen

enum RequestText {
  /// Lines of one body that are shown.
  private static let most = 2000

  static func reader(_ row: ExchangeRow, _ zone: ClockZone) -> Reader {
    var lines: [[Run]] = [
      [Run("\(row.method) ", .strong), Run(readable(row.path))],
      [Run("At      ", .label), Run(Wording.time(row.at, zone))],
      [
        Run("Answer  ", .label),
        Run(row.status.map { "\($0)" } ?? "none", isGood(row) ? .success : .danger),
        Run("  in \(Wording.took(row.tookMilliseconds))", .dim),
      ],
      [
        Run("Sizes   ", .label), Run("\(Wording.bytes(row.requestBytes)) sent, "),
        Run("\(Wording.bytes(row.responseBytes)) got"),
      ],
    ]
    if !row.problem.isEmpty { lines.append([Run("Problem ", .label), Run(row.problem, .danger)]) }
    for (name, body, size) in [
      ("Request", row.requestBody, row.requestBytes),
      ("Response", row.responseBody, row.responseBytes),
    ] {
      lines += [[], [Run(name, .heading)]]
      guard let body, size > 0 else {
        lines.append([Run(size == 0 ? "It had no body." : "The body was not kept.", .dim)])
        continue
      }
      // A body that is no JSON is shown as it is.
      let text = (try? JSONValue.parse(body))?.pretty() ?? body
      let all = Text.lines(text).split(separator: "\n", omittingEmptySubsequences: false)
      lines += all.prefix(most).map(paint)
      if all.count > most {
        lines.append([Run("… \(Wording.number(all.count - most)) more lines", .dim)])
      }
    }
    return Reader(title: "Request", lines: lines)
  }

  /// The path with those signs plain that are only written otherwise on the wire.
  static func readable(_ path: String) -> String {
    [("%2C", ","), ("%3A", ":"), ("%40", "@"), ("%2B", "+")].reduce(path) { text, sign in
      text.replacing(sign.0, with: sign.1)
    }
  }

  static func isGood(_ row: ExchangeRow) -> Bool { (row.status ?? 0) / 100 == 2 }

  /// A line of laid out JSON, its name apart from its value.
  private static func paint(_ line: Substring) -> [Run] {
    let text = line.drop { $0 == " " }
    let indent = String(repeating: " ", count: line.count - text.count)
    guard text.hasPrefix("\""), let end = text.range(of: "\": ") else {
      return [Run(indent), Run(String(text))]
    }
    return [
      Run(indent), Run(String(text[..<end.upperBound]), .label),
      Run(String(text[end.upperBound...])),
    ]
  }

  /// The request for a shell. The key is named, not written; so is the data centre, which stands
  /// at its end.
  static func curl(_ row: ExchangeRow) -> String {
    var lines = [
      "curl --request \(row.method) \"https://$DC.api.mailchimp.com\(row.path)\"",
      "--user \"any:$MAILCHIMP_KEY\"",
    ]
    if let body = row.requestBody, !body.isEmpty {
      lines.append("--header 'content-type: application/json'")
      lines.append(
        "--data '\(body.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''"))'"
      )
    }
    return lines.joined(separator: " \\\n  ")
  }
}

extension Substring {
  /// Where `text` stands first.
  fileprivate func range(of text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) {
        return start..<index(start, offsetBy: text.count)
      }
      start = index(after: start)
    }
    return nil
  }
}
