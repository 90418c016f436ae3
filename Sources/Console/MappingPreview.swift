// What a row of the mapping comes to for real people, as lines of a table: below the form while the
// row is typed, and beside the list. What must stay true: nothing is shown as moving that would not.

import Basics
import Domain
import Screen

struct MappingPreview {
  private let judge: MappingJudge
  private let row: FieldMapping?
  private let people: [MappingExample]

  init(_ board: MappingBoard, _ row: FieldMapping?, _ people: [MappingExample]) {
    judge = MappingJudge(board)
    self.row = row
    self.people = people
  }

  static let columns = [
    TableColumn("Person", minimum: 10, ideal: 18, weight: 1, priority: 6),
    TableColumn("Here", minimum: 8, ideal: 16, weight: 1, priority: 9),
    TableColumn("", minimum: 3, priority: 8),
    TableColumn("What moves", minimum: 12, ideal: 22, weight: 3, priority: 10),
    TableColumn("There now", minimum: 8, ideal: 16, weight: 1, priority: 7),
  ]

  /// `example` in the row; nothing of the row where there is none.
  func cells(_ example: MappingExample, _ glyphs: Glyphs) -> [Run] {
    let name = Run(example.person.displayName)
    guard let row else { return [name] }
    let sample = judge.sample(of: row, for: example)
    return [
      name, MappingWords.value(sample.ours),
      Run(MappingWords.arrow(row.direction, glyphs), .accent),
      MappingWords.moved(sample, row, glyphs), MappingWords.there(sample),
    ]
  }

  /// The people below a form, from the `first` one on.
  func draw(on canvas: inout Canvas, from first: Int) {
    guard canvas.height > 2 else { return }
    canvas.horizontalLine(0, 0, canvas.width, .border)
    canvas.text(" On real people ", 2, 0, .heading)
    canvas.inside(Rect(0, 1, canvas.width, canvas.height - 1)) { canvas in
      guard row != nil else {
        canvas.text("They follow as soon as the row can be read.", 1, 0, .dim)
        return
      }
      let shown = Array(people.dropFirst(first))
      let glyphs = canvas.glyphs
      let table = Table(Self.columns, empty: ["There are no people yet."])
      table.draw(on: &canvas, ListState(total: shown.count), focused: false) { index in
        shown.indices.contains(index) ? TableRow(cells(shown[index], glyphs)) : nil
      }
    }
  }
}

/// How the two sides of the mapping, and what lies between them, are written.
enum MappingWords {
  /// Joins the two columns; three cells wide.
  static func arrow(_ direction: SyncDirection, _ glyphs: Glyphs) -> String {
    switch direction {
    case .toMailchimp: glyphs == .ascii ? "-->" : "──→"
    case .fromMailchimp: glyphs == .ascii ? "<--" : "←──"
    case .both: glyphs == .ascii ? "<->" : "←─→"
    }
  }

  static func way(_ direction: SyncDirection) -> String {
    switch direction {
    case .toMailchimp: "to Mailchimp"
    case .fromMailchimp: "from Mailchimp"
    case .both: "both ways"
    }
  }

  static func word(_ fate: MappingFate) -> String {
    switch fate {
    case .fits: "whole"
    case .empty: "empty"
    case .cut, .leftOut, .refused: fate.rawValue
    }
  }

  static func value(_ text: String) -> Run {
    text.isEmpty ? Run("nothing", .dim) : Run(text)
  }

  static func there(_ sample: MappingSample) -> Run {
    sample.theirs.map(value) ?? Run("no contact", .dim)
  }

  /// What moves, or why it does not.
  static func moved(_ sample: MappingSample, _ row: FieldMapping, _ glyphs: Glyphs) -> Run {
    let why = brief(sample.remark, sample.fate, row)
    return switch sample.fate {
    case .fits: Run(sample.moved, .strong)
    case .empty: Run("nothing", .dim)
    case .cut, .leftOut: Run("\(glyphs.warning) \(why)", .warning)
    case .refused: Run("\(glyphs.failure) \(why)", .danger)
    }
  }

  /// A remark in the row it is about, which need not be named again.
  static func brief(_ remark: String, _ fate: MappingFate, _ row: FieldMapping) -> String {
    if fate == .refused { return "required, and there is no value that fits" }
    for start in ["left out: ", "cut to ", "left as it is: "] {
      for name in [row.tag, "\(row.field)"] where remark.hasPrefix(name) {
        guard let found = remark.firstRange(of: start) else { continue }
        return String(remark[found.lowerBound...])
      }
    }
    return remark
  }

  /// What a count says of a row, the gravest first; nil where every value moves whole.
  static func sentence(_ count: MappingTally.Row, of row: FieldMapping) -> String? {
    func people(_ fate: MappingFate) -> Int { count.count(fate) }
    if people(.refused) > 0 {
      return "\(Wording.people(people(.refused))) would be refused: \(row.tag) is required, and"
        + " they have no value that fits."
    }
    if people(.leftOut) > 0 {
      return Wording.count(
        people(.leftOut), "value does not fit and is", "values do not fit and are")
        + " left out."
    }
    if people(.cut) > 0 { return Wording.count(people(.cut), "value is cut.", "values are cut.") }
    return nil
  }
}
