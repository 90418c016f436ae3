// The explanation of one person as a trace: what was looked at, in order, numbered, and where it
// ended. What must stay true: every line of the explanation is shown, in its order.

import Basics
import Domain
import Screen

enum TraceText {
  /// Cells for the code of a rule.
  private static let codeWidth = 14

  static func lines(_ lines: [ExplanationLine], _ glyphs: Glyphs, width: Int) -> [[Run]] {
    var text: [[Run]] = []
    for topic in ExplanationLine.Topic.allCases {
      let own = lines.filter { $0.topic == topic }
      guard !own.isEmpty else { continue }
      text.append([Run(heading(topic), .heading)])
      text +=
        topic == .rules
        ? rules(own, glyphs)
        : own.map { line in
          sign(line, glyphs) + [Run(sentence(of: line), role(line))]
        }
      text.append([])
    }
    return Fold.lines(text.dropLast(), to: width)
  }

  /// Without the word that stands over it already.
  private static func sentence(of line: ExplanationLine) -> String {
    let heads = ["Engine: ", "Mailchimp: ", "Last sync: "]
    guard let head = heads.first(where: line.text.hasPrefix) else { return line.text }
    return Wording.capitalised(String(line.text.dropFirst(head.count)))
  }

  private static func heading(_ topic: ExplanationLine.Topic) -> String {
    topic == .rules
      ? "Who is on the list: the rules in their order" : Wording.capitalised(topic.rawValue)
  }

  /// Numbered as the rules are; those behind the one that ended it were not looked at.
  private static func rules(_ lines: [ExplanationLine], _ glyphs: Glyphs) -> [[Run]] {
    var text = lines.map { line -> [Run] in
      guard let (code, rest, number) = parts(line) else {
        return [Run("   ")] + sign(line, glyphs) + [Run(line.text, role(line))]
      }
      return [Run(CharacterWidth.fit("\(number)", to: 2, .right) + " ", .dim)] + sign(line, glyphs)
        + [
          Run(CharacterWidth.fit(code, to: codeWidth), line.mark == .stopped ? .strong : .label),
          Run(rest, role(line)),
        ]
    }
    if let last = lines.last(where: { $0.mark == .stopped }), let (_, _, number) = parts(last),
      number < Explanation.rules.count
    {
      let rest = Explanation.rules.dropFirst(number).joined(separator: ", ")
      text.append([
        Run("   \(glyphs.bullet) ", .dim), Run("Not looked at any more: \(rest).", .dim),
      ])
    }
    return text
  }

  /// A rule's code, what it says, and which in the order it is.
  private static func parts(
    _ line: ExplanationLine
  ) -> (code: String, text: String, number: Int)? {
    guard let colon = line.text.firstIndex(of: ":") else { return nil }
    let code = String(line.text[..<colon])
    let rest = line.text[line.text.index(after: colon)...].drop { $0 == " " }
    return Explanation.rules.firstIndex(of: code).map { (code, String(rest), $0 + 1) }
  }

  private static func sign(_ line: ExplanationLine, _ glyphs: Glyphs) -> [Run] {
    switch line.mark {
    case .passed: [Run("\(glyphs.success) ", .success)]
    case .stopped: [Run("\(glyphs.failure) ", .danger)]
    case .note: [Run("\(glyphs.bullet) ", .dim)]
    }
  }

  private static func role(_ line: ExplanationLine) -> Role {
    line.mark == .stopped ? .strong : .text
  }
}
