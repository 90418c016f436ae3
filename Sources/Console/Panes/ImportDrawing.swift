// How an import looks: what is asked on top, the columns or the rows below, what stands in the way at
// the foot. Layout is one function of a size.

import Basics
import Domain
import Screen

struct ImportLayout: Sendable, Equatable {
  let frame: Rect
  /// What this step is for, in words.
  let head: Rect
  let tabs: Rect
  /// Headings and rows.
  let list: Rect
  let foot: Rect

  private static let headHeight = 3

  init(_ world: World, _ assistant: ImportAssistant) {
    frame = Rect(world.body)
    var inside = frame.insideFrame
    head = inside.cutTop(Self.headHeight).inset(1, 0)
    foot = inside.cutBottom(Self.footHeight(assistant, world.keys, inside.width)).inset(1, 0)
    tabs = assistant.step == .preview ? inside.cutTop(1) : Rect(inside.x, inside.y, 0, 0)
    list = inside
  }

  private static func footHeight(
    _ assistant: ImportAssistant, _ keys: UserKeys, _ width: Int
  ) -> Int {
    min(7, ImportAssistant.foot(assistant, keys, width: width - 2).count)
  }
}

extension ImportAssistant {
  func draw(on canvas: inout Canvas, _ world: World) {
    let layout = ImportLayout(world, self)
    let count = Wording.count(file.columns.count, "column", "columns")
    canvas.box(layout.frame, title: "Import \(file.name)", note: count, focused: true)
    canvas.inside(layout.head) { canvas in
      for (y, line) in head(canvas.width).prefix(2).enumerated() { canvas.line(line, 0, y) }
    }
    if step == .preview { canvas.inside(layout.tabs) { tabs.draw(on: &$0) } }
    canvas.inside(layout.list) { canvas in
      if step == .preview {
        drawRows(on: &canvas)
      } else {
        drawColumns(on: &canvas, world.keys)
      }
    }
    canvas.inside(layout.foot) { canvas in
      let lines = Self.foot(self, world.keys, width: canvas.width)
      for (y, line) in lines.prefix(canvas.height).enumerated() { canvas.line(line, 0, y) }
    }
  }

  private func head(_ width: Int) -> [[Run]] {
    let text =
      switch step {
      case .columns:
        "What each column of the file is taken for. Nothing is written before you have seen what"
          + " would become of every row."
      case .looking(let done):
        "Looking at every row: \(Wording.number(done)) so far. Nothing is written."
      case .preview:
        "What would become of the \(Wording.number(preview?.rows ?? 0)) rows. Nothing is written yet."
      case .writing(let done, let total):
        "Importing: \(Wording.number(done)) of \(Wording.number(total)) rows."
      }
    return Fold.text([text], to: width, .dim)
  }

  /// What stands in the way, and what is worth knowing.
  static func foot(
    _ assistant: ImportAssistant, _ keys: UserKeys, width: Int
  ) -> [[Run]] {
    var lines: [(String, Role)] = []
    if assistant.step == .preview, let preview = assistant.preview {
      // What is cut in the list is read here.
      if let row = assistant.selected, CharacterWidth.of(row.text) > width - 14 {
        lines.append(("Line \(row.id): \(row.text)", row.fate == .refused ? .danger : .text))
      }
      if let whyNot = assistant.whyNotRun(keys) { lines.append((whyNot, .warning)) }
      if !preview.newFields.isEmpty {
        lines.append(("New custom fields: \(preview.newFields.joined(separator: ", ")).", .text))
      }
      if !preview.ignoredColumns.isEmpty {
        lines.append(("Left out: \(preview.ignoredColumns.joined(separator: ", ")).", .dim))
      }
      lines += preview.notices.map { ($0.description, .text) }
    } else if let whyNot = assistant.whyNotPreview(keys) {
      lines.append((whyNot, .warning))
    }
    return lines.flatMap { Fold.text([$0.0], to: max(1, width), $0.1) }
  }

  // MARK: Columns

  private static let columnTable = [
    TableColumn("Column", minimum: 14, ideal: 24, priority: 9),
    TableColumn("What stands in it", minimum: 16, ideal: 34, weight: 1, priority: 7),
    TableColumn("", minimum: 2, priority: 8),
    TableColumn("Taken for", minimum: 16, ideal: 19, priority: 10),
    TableColumn("Because", minimum: 18, priority: 6),
  ]

  func columnCells(_ index: Int, _ glyphs: Glyphs, _ keys: UserKeys) -> [Run] {
    let column = file.columns[index]
    let target = targets[index]
    let samples = column.samples.joined(separator: " \(glyphs.bullet) ")
    let isTaken = !target.isEmpty
    let isNew = target.hasPrefix("custom.") && !file.targets.contains(target)
    let name = isTaken ? Self.title(target) : "left out"
    return [
      Run(column.name.isEmpty ? "(no name)" : column.name, isTaken ? .text : .dim),
      Run(samples.isEmpty ? "(nothing)" : samples, .dim),
      Run(isTaken ? glyphs.arrow : "", .accent),
      Run(isNew ? "\(name) (new)" : name, isTaken ? .strong : .dim), because(column, target, keys),
    ]
  }

  private func because(
    _ column: ImportFile.Column, _ target: String, _ keys: UserKeys
  ) -> Run {
    if target != column.target { return Run("you say so", .accent) }
    switch column.origin {
    case .named: return Run("its name", .dim)
    case .suggested: return Run("spelling: check it", .warning)
    case .unknown:
      return column.hint.isEmpty
        ? Run("\(keys[ImportAction.match]), or \(keys[ImportAction.further])", .dim)
        : Run("perhaps \(column.hint)?", .warning)
    }
  }

  private func drawColumns(on canvas: inout Canvas, _ keys: UserKeys) {
    let glyphs = canvas.glyphs
    Table(Self.columnTable, empty: ["The file has no columns."]).draw(
      on: &canvas, columns, focused: step == .columns
    ) { TableRow(columnCells($0, glyphs, keys)) }
  }

  // MARK: Rows

  private static let rowTable = [
    TableColumn("Line", minimum: 7, priority: 8, align: .right),
    TableColumn("Name", minimum: 12, ideal: 22, priority: 9),
    TableColumn("E-mail", minimum: 14, ideal: 26, priority: 6),
    TableColumn("What changes, or why not", minimum: 20, ideal: 40, weight: 1, priority: 10),
  ]

  private static let refusedTable = [
    TableColumn("Line", minimum: 7, priority: 8, align: .right),
    TableColumn(
      "Why it is refused, and what to do", minimum: 20, ideal: 60, weight: 1, priority: 10),
  ]

  private func drawRows(on canvas: inout Canvas) {
    let told = preview?.told[fate] ?? []
    let isRefused = fate == .refused
    let more = (preview?[fate] ?? 0) - told.count
    let table = Table(
      isRefused ? Self.refusedTable : Self.rowTable,
      empty: ["No row of the file is \(fate.rawValue)."])
    table.draw(on: &canvas, rows, focused: true) { index in
      guard told.indices.contains(index) else { return nil }
      let row = told[index]
      let line = Run(Wording.number(Int(row.id)), .dim)
      return isRefused
        ? TableRow([line, Run(row.text, .danger)])
        : TableRow([line, Run(row.name), Run(row.email), Run(row.text)])
    }
    if more > 0, canvas.height > told.count + 1 {
      canvas.text("and \(Wording.number(more)) more", 3, told.count + 1, .dim)
    }
  }

  func plainLines() -> [String] {
    file.columns.indices.map { index in
      let column = file.columns[index]
      let target = targets[index].isEmpty ? "left out" : Self.title(targets[index])
      return "\(column.name) → \(target)  (\(column.samples.joined(separator: ", ")))"
    }
  }
}
