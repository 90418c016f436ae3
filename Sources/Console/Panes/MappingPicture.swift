// How the mapping looks: our column and theirs joined by arrows, with one real person's values, and
// below or beside them what the selected row comes to. What must stay true: what is wrong with a row
// is said in the row, in words, at every width.

import Basics
import Domain
import Screen

extension MappingPane {
  /// Lines above the people of the detail: what is said of the row.
  private static let saidHeight = 2

  func listHeight(_ world: World) -> Int {
    let rows = (split.frames(world).list?.height ?? 1) - 3 - lacks.count
    return max(1, split.isDetailShown(world) ? rows : rows - Self.saidHeight)
  }

  /// Its first half where a semicolon parts it: the check tells all of it.
  private static func brief(_ problem: Problem) -> String {
    guard let half = problem.sentence.split(separator: ";").first,
      half.count < problem.sentence.count
    else { return problem.sentence }
    return "\(half)."
  }

  /// What the mapping lacks as a whole, in as many lines as leave room for its rows.
  private var lacks: ArraySlice<Problem> { (board?.lacks ?? []).prefix(3) }

  func flawsHeight(_ world: World) -> Int { max(1, split.detailHeight(world) - 1) }
  func peopleHeight(_ world: World) -> Int {
    max(1, split.detailHeight(world) - 1 - Self.saidHeight)
  }

  private static func columns(isWide: Bool) -> [TableColumn] {
    [
      TableColumn("Field here", minimum: 13, ideal: 16, priority: 20),
      TableColumn("Type", minimum: 8, priority: 14),
      TableColumn("Value", minimum: 8, ideal: 14, weight: 1, priority: 16),
      TableColumn("", minimum: 3, priority: 18),
      TableColumn("Field there", minimum: 11, ideal: 12, priority: 19),
      TableColumn("Type", minimum: 8, priority: 13),
      TableColumn("Value", minimum: 8, ideal: 14, weight: 1, priority: 15),
      TableColumn("Check", minimum: isWide ? 20 : 9, weight: 2, priority: 17),
      TableColumn("Transforms", minimum: 10, ideal: 20, weight: 1, priority: 8),
      TableColumn("For", minimum: 11, priority: 6),
    ]
  }

  /// In a list of fields a custom one needs no telling; as lines it is named in full.
  private func cells(
    _ row: MappingRow, _ world: World, isWide: Bool, isFull: Bool = false
  ) -> [Run] {
    let glyphs = world.capabilities.glyphs
    let mapping = row.mapping
    let sample = people.selected.flatMap { example in
      board.map { MappingJudge($0).sample(of: mapping, for: example) }
    }
    var name = "\(mapping.field)"
    if !isFull, case .custom(let custom) = mapping.field { name = custom }
    let isRequired = row.mergeField?.isRequired ?? false
    return [
      Run(name), Run(row.fieldType?.rawValue ?? "unknown", .dim),
      sample.map { MappingWords.value($0.ours) } ?? Run(""),
      Run(MappingWords.arrow(mapping.direction, glyphs), .accent),
      Run(mapping.tag + (isRequired ? " *" : ""), .strong),
      Run(
        row.mergeField?.type.rawValue ?? (board?.mergeFields == nil ? "not read" : "missing"),
        .dim),
      sample.map { $0.theirs.map(MappingWords.value) ?? Run("-", .dim) } ?? Run(""),
      verdict(row, glyphs, isWide: isWide),
      Run(Transform.print(mapping.transforms), .dim),
      Run(mapping.since == nil ? "everybody" : "who changes", .dim),
    ]
  }

  /// What is to be said of a row, in a few cells or in a sentence.
  private func verdict(_ row: MappingRow, _ glyphs: Glyphs, isWide: Bool) -> Run {
    if !row.problem.isEmpty {
      return Run("\(glyphs.failure) \(isWide ? row.problem : "wrong")", .danger)
    }
    let counted = count.row(row.id)
    if let counted, counted.flawed > 0 {
      let number = Wording.number(counted.flawed)
      let isRefused = counted.count(.refused) > 0
      let word = isRefused ? " refused" : counted.count(.leftOut) > 0 ? " left out" : " cut"
      let sign = isRefused ? glyphs.failure : glyphs.warning
      return Run("\(sign) \(number)\(isWide ? word : "")", isRefused ? .danger : .warning)
    }
    if !row.remark.isEmpty {
      return Run("\(glyphs.bullet) \(isWide ? row.remark : "see below")", .warning)
    }
    if let counted {
      let whole = counted.count(.fits)
      if whole == 0 {
        return Run("\(glyphs.waiting) \(isWide ? "nobody has it" : "empty")", .dim)
      }
      let number = isWide ? ": \(Wording.number(whole))" : ""
      return Run("\(glyphs.success) fits\(number)", .success)
    }
    if count.isWanted { return Run("\(glyphs.running) counting", .dim) }
    return Run("\(glyphs.waiting) \(board?.mergeFields == nil ? "not read" : "no fault")", .dim)
  }

  /// What is to be said of a row, in words.
  private func said(_ row: MappingRow?, _ world: World) -> (String, Role) {
    guard let row else {
      return (
        "The e-mail address is always sent. Merge fields without a row are never touched.", .dim
      )
    }
    if !row.problem.isEmpty { return (row.problem, .danger) }
    if let counted = count.row(row.id),
      let sentence = MappingWords.sentence(counted, of: row.mapping)
    {
      return (
        "\(sentence) \(world.keys[MappingAction.problems]) lists them.",
        counted.count(.refused) > 0 ? .danger : .warning
      )
    }
    if !row.remark.isEmpty { return (row.remark, .warning) }
    let steps = Transform.print(row.mapping.transforms)
    let how = steps.isEmpty ? "as it is" : "through \(steps)"
    let whom =
      row.mapping.since == nil
      ? "for everybody"
      : "for who changes from now on; \(world.keys[MappingAction.backfill]) makes it for everybody"
    return ("Goes \(MappingWords.way(row.mapping.direction)) \(how), \(whom).", .dim)
  }

  var tabs: Tabs {
    let flawed = list.selected.flatMap { count.tally.rows[$0.id]?.flawed } ?? 0
    return Tabs(
      [
        Tabs.Tab("On real people"),
        Tabs.Tab("Problems", badge: flawed == 0 ? "" : Wording.number(flawed)), Tabs.Tab("Row"),
      ], active: tab.rawValue)
  }

  static func empty(_ world: World) -> [String] {
    [
      "Nothing is mapped: only the e-mail address is sent.",
      "Press \(world.keys[MappingAction.add]) to add a row, such as first_name onto FNAME.",
    ]
  }

  func draw(on canvas: inout Canvas, in world: World) {
    let frames = split.frames(world)
    if let frame = frames.list { drawList(on: &canvas, frame, world) }
    if let frame = frames.detail { drawDetail(on: &canvas, frame, world) }
  }

  /// Whose values are shown, and how far the count is.
  private func note(_ world: World) -> String {
    var parts: [String] = []
    let before = world.keys[MappingAction.previous]
    let after = world.keys[MappingAction.next]
    if let person = people.selected {
      parts.append(
        "\(before) \(person.person.displayName), \(Wording.number(people.position + 1)) of"
          + " \(Wording.number(people.count)) \(after)")
    }
    if count.isWanted { parts.append(count.progress(in: world)) }
    return parts.joined(separator: "  ")
  }

  private func drawList(on canvas: inout Canvas, _ frame: Rect, _ world: World) {
    let isFocused = split.focus == .list
    let room = canvas.box(
      frame, title: "Field mapping", note: note(world), focused: isFocused)
    let isWide = frame.width >= 100
    var rows = room
    let foot = split.isDetailShown(world) ? nil : rows.cutBottom(Self.saidHeight)
    let missing = rows.cutBottom(lacks.count)
    canvas.inside(missing.inset(1, 0)) { canvas in
      for (y, problem) in lacks.enumerated() {
        canvas.text(
          "\(canvas.glyphs.failure) \(Self.brief(problem)) \(world.keys[MappingAction.add]) adds a row.",
          0, y, .danger,
          width: canvas.width)
      }
    }
    canvas.inside(rows) { canvas in
      list.draw(
        Self.columns(isWide: isWide), on: &canvas, focused: isFocused, empty: Self.empty(world)
      ) {
        cells($0, world, isWide: isWide)
      }
    }
    if let foot { canvas.inside(foot.inset(1, 0)) { drawSaid(on: &$0, world) } }
  }

  private func drawSaid(on canvas: inout Canvas, _ world: World) {
    let (text, role) = said(list.selected, world)
    for (y, line) in CharacterWidth.wrap(text, to: canvas.width).prefix(Self.saidHeight)
      .enumerated()
    {
      canvas.text(line, 0, y, role, width: canvas.width)
    }
  }

  private func drawDetail(on canvas: inout Canvas, _ frame: Rect, _ world: World) {
    let isFocused = split.focus == .detail
    let title =
      list.selected.map {
        let arrow = MappingWords.arrow($0.mapping.direction, canvas.glyphs)
        return "\($0.mapping.field) \(arrow) \($0.id)"
      } ?? "No row"
    let note =
      switch tab {
      case .people: people.note(height: peopleHeight(world))
      case .problems: flaws.note(height: flawsHeight(world))
      case .facts: ""
      }
    var room = canvas.box(frame, title: title, note: note, focused: isFocused)
    let bar = room.cutTop(1)
    canvas.inside(bar) { tabs.draw(on: &$0) }
    switch tab {
    case .people:
      let said = room.cutTop(Self.saidHeight)
      canvas.inside(said.inset(1, 0)) { drawSaid(on: &$0, world) }
      guard let board else { return }
      let preview = MappingPreview(board, list.selected?.mapping, [])
      canvas.inside(room) { canvas in
        people.draw(
          MappingPreview.columns, on: &canvas, focused: isFocused,
          empty: ["There are no people yet.", "Press \(world.keys[.people]) and add some."]
        ) { preview.cells($0, world.capabilities.glyphs) }
      }
    case .problems: canvas.inside(room) { drawFlaws(on: &$0, isFocused, world) }
    case .facts:
      canvas.inside(room.inset(1, 0)) { canvas in
        TextView.draw(list.selected.map { facts($0, world, canvas.width) } ?? [], on: &canvas)
      }
    }
  }

  private static let flawColumns = [
    TableColumn("Person", minimum: 10, ideal: 20, priority: 9),
    TableColumn("E-mail", minimum: 12, ideal: 26, priority: 6),
    TableColumn("Value", minimum: 8, ideal: 20, weight: 1, priority: 8),
    TableColumn("Why", minimum: 16, ideal: 40, weight: 3, priority: 10),
  ]

  private func drawFlaws(on canvas: inout Canvas, _ isFocused: Bool, _ world: World) {
    let counted = list.selected.flatMap { count.tally.rows[$0.id] }
    let empty =
      count.problem.map(\.description)
      ?? (count.isWanted
        ? "\(count.progress(in: world)): nothing wrong so far."
        : count.finishedAt == nil
          ? "Nobody was counted yet: \(world.keys[MappingAction.check]) looks at everybody."
          : "Every value moves whole.")
    let row = list.selected?.mapping
    flaws.draw(Self.flawColumns, on: &canvas, focused: isFocused, empty: [empty]) { flaw in
      [
        Run(flaw.name), Run(flaw.email, .dim), MappingWords.value(flaw.value),
        Run(
          row.map { MappingWords.brief(flaw.remark, flaw.fate, $0) } ?? flaw.remark,
          flaw.fate == .refused ? .danger : .warning),
      ]
    }
    if let counted, counted.flawed > flaws.count {
      canvas.text(
        "The first \(Wording.number(flaws.count)) of \(Wording.number(counted.flawed)).", 1,
        canvas.height - 1, .dim, width: canvas.width - 2)
    }
  }

  private func facts(_ row: MappingRow, _ world: World, _ width: Int) -> [[Run]] {
    var pairs: [(label: String, value: [Run])] = [
      ("Person field", [Run("\(row.mapping.field)")]),
      ("Its type", [Run(row.fieldType?.rawValue ?? "")]),
      ("Way", [Run(MappingWords.way(row.mapping.direction))]),
      ("Merge field", [Run(row.mapping.tag, .strong)]),
    ]
    if let field = row.mergeField {
      pairs += [
        ("Its name", [Run(field.name)]), ("Its type", [Run(field.type.rawValue)]),
        ("Required", [Run(field.isRequired ? "yes: people without a value are refused" : "no")]),
      ]
      if field.type == .text {
        pairs.append(("Longest text", [Run("\(MergeField.longestText) characters")]))
      }
      if !field.choices.isEmpty {
        pairs.append(("Choices", [Run(field.choices.joined(separator: ", "))]))
      }
    }
    let since = row.mapping.since.map {
      "people who changed from \(Wording.time($0, world.zone)) on; \(world.keys[MappingAction.backfill]) brings everybody in step"
    }
    pairs += [
      ("Transforms", [Run(Transform.print(row.mapping.transforms))]),
      ("For", [Run(since ?? "everybody")]),
    ]
    if !row.problem.isEmpty { pairs.append(("Problem", [Run(row.problem, .danger)])) }
    if !row.remark.isEmpty { pairs.append(("Remark", [Run(row.remark, .warning)])) }
    if let at = count.finishedAt, let counted = count.row(row.id) {
      let parts = MappingFate.allCases.compactMap { fate in
        counted.count(fate) == 0
          ? nil : "\(Wording.number(counted.count(fate))) \(MappingWords.word(fate))"
      }
      pairs.append(
        (
          "Values",
          [Run("\(parts.joined(separator: ", ")); counted \(Wording.clock(at, in: world))")]
        ))
    }
    return TextView.pairs(pairs, width: width)
  }

  /// Everything that is wrong, then what works for most only, then what the count says.
  func verdict(_ world: World) -> [[Run]] {
    let glyphs = world.capabilities.glyphs
    let problems = board?.problems ?? []
    let remarks = board?.remarks ?? []
    var lines: [[Run]] = problems.map {
      [Run("\(glyphs.failure) ", .danger), Run($0.description)]
    }
    lines += remarks.map { [Run("\(glyphs.bullet) ", .warning), Run($0.description)] }
    if board?.mergeFields == nil {
      lines.append([
        Run(
          "The audience's fields were not read yet: \(world.keys[MappingAction.read]) reads them.",
          .warning)
      ])
    }
    if problems.isEmpty {
      lines.insert([Run("\(glyphs.success) ", .success), Run("The mapping can work.")], at: 0)
    }
    let flawed = (board?.rows ?? []).compactMap { row in
      count.row(row.tag).flatMap { MappingWords.sentence($0, of: row) }.map {
        [Run("\(glyphs.warning) ", .warning), Run("\(row.tag): \($0)")]
      }
    }
    lines += flawed
    if count.finishedAt != nil, flawed.isEmpty, !count.rows.isEmpty {
      lines.append([
        Run("\(glyphs.success) ", .success),
        Run("Every value of \(Wording.people(count.tally.people)) moves whole."),
      ])
    }
    lines.append([Run("Everybody is counted again now; the rows show it.", .dim)])
    return lines
  }

  func plainLines(in world: World) -> [String] {
    (people.selected == nil && !count.isWanted ? [] : [note(world)])
      + (board?.lacks.map(\.description) ?? [])
      + list.plain(Self.columns(isWide: true), empty: Self.empty(world).joined(separator: " ")) {
        cells($0, world, isWide: true, isFull: true)
      }
  }
}
