// How the set-up looks: the steps on the left with what became of each, the step's fields and lines on
// the right, what was said and what is kept below. Layout is one function of a size.

import Basics
import Domain
import Screen

/// Where things are in the room of the pane.
struct SetUpLayout: Sendable, Equatable {
  /// Nil where there is no room beside the fields.
  let steps: Rect?
  /// Inside the frame of the step, without the lines above and below.
  let content: Rect
  let frame: Rect
  /// Lines for what was said, and what is kept.
  let foot: Rect
  let isTight: Bool

  private static let stepHeight = 2
  private static let footHeight = 3

  init(_ world: World) {
    var rest = Rect(world.body)
    let isWide = rest.width >= 76 && rest.height >= SetUpStep.allCases.count * Self.stepHeight + 2
    // On a small screen every column goes to the fields.
    isTight = rest.width < 100
    steps = isWide ? rest.cutLeft(isTight ? 27 : 29) : nil
    frame = rest
    var inside = rest.insideFrame.inset(1, 0)
    foot = inside.cutBottom(Self.footHeight)
    _ = inside.cutTop(isWide ? 2 : 3)
    content = inside
  }

  func step(at point: Point) -> SetUpStep? {
    guard let room = steps?.insideFrame, room.contains(point) else { return nil }
    return SetUpStep(rawValue: (point.y - room.y) / Self.stepHeight)
  }

  /// The room of the fields.
  func fields(_ step: SetUpStep, hasList: Bool, isOnList: Bool) -> Rect {
    let height =
      switch step {
      case .start: 7
      // Where there is little room, the one that has the keys has it.
      case .connections: hasList ? min(8, content.height - (isOnList ? 4 : 0)) : content.height
      case .settings: content.height - 2
      case .mapping, .finish: 0
      case .test: 8
      }
    return Rect(content.x, content.y, content.width, max(0, min(height, content.height)))
  }

  func below(_ step: SetUpStep, hasList: Bool, isOnList: Bool) -> Rect {
    let used = fields(step, hasList: hasList, isOnList: isOnList).height
    return Rect(content.x, content.y + used, content.width, max(0, content.height - used))
  }
}

extension SetUpWizard {
  private static let kept =
    "A step is saved when you go on. What is typed stays here when you go back or leave."

  func draw(on canvas: inout Canvas, in world: World) {
    let layout = SetUpLayout(world)
    if let steps = layout.steps {
      canvas.box(steps, title: "Set-up")
      canvas.inside(steps.insideFrame.inset(layout.isTight ? 0 : 1, 0)) { drawSteps(on: &$0) }
    }
    let count = changes == 0 ? "" : "\(Wording.count(changes, "change", "changes")) not saved"
    let last = SetUpStep.allCases.count
    canvas.box(
      layout.frame, title: "Step \(step.number) of \(last): \(step.title)", note: count,
      focused: true)
    let head = layout.frame.insideFrame.inset(1, 0)
    canvas.inside(head) { canvas in
      canvas.text(step.sentence, 0, 0, .dim, width: canvas.width)
      if asksForSomething {
        let y = layout.steps == nil ? 2 : 1
        canvas.line(
          [Run("* ", .required), Run("needed", .dim)], 0, y, width: canvas.width, align: .right)
      }
      if layout.steps == nil { drawStepLine(on: &canvas, 1) }
    }
    let list = step == .connections && hasList
    if let form = shownForm {
      canvas.inside(layout.fields(step, hasList: list, isOnList: isOnList)) { canvas in
        form.draw(on: &canvas, focused: !isOnList)
        if isOnList { canvas.hideCursor() }
      }
    }
    let below =
      shownForm == nil ? layout.content : layout.below(step, hasList: list, isOnList: isOnList)
    canvas.inside(below) { canvas in
      TextView.draw(
        lines(in: world, width: canvas.width - 1), on: &canvas,
        step == .connections ? listScroll(canvas.height) : scroll)
    }
    canvas.inside(layout.foot) { drawFoot(on: &$0) }
  }

  private var asksForSomething: Bool {
    (shownForm?.fields ?? []).contains(where: \.isRequired) || (step == .connections && hasList)
  }

  var shownForm: Form? {
    step == .test ? (trial.takesText ? trial.form : nil) : forms[step]
  }

  /// The chosen audience in view.
  private func listScroll(_ height: Int) -> ScrollState {
    var state = ScrollState()
    state.scroll(by: max(0, chosen + 3 - height), total: 1000, height: 1)
    return state
  }

  private func state(of other: SetUpStep, _ glyphs: Glyphs) -> (sign: String, word: String, Role) {
    if other == step { return (glyphs.cursor, "now", .accent) }
    let changed = forms[other]?.changedIDs.count ?? 0
    if changed > 0 {
      return (glyphs.bullet, Wording.count(changed, "change", "changes"), .warning)
    }
    let flaws = mapping.value?.board.problems.count ?? 0
    if other == .mapping, flaws > 0, done.contains(other) {
      return (glyphs.failure, Wording.count(flaws, "problem", "problems"), .danger)
    }
    return done.contains(other)
      ? (glyphs.success, "done", .success) : (glyphs.waiting, "to do", .dim)
  }

  private func drawSteps(on canvas: inout Canvas) {
    for other in SetUpStep.allCases {
      let (sign, word, role) = state(of: other, canvas.glyphs)
      let y = other.rawValue * 2
      let isNow = other == step
      canvas.line(
        [Run("\(sign) ", role), Run("\(other.number) \(other.title)", isNow ? .strong : .text)],
        0, y)
      canvas.text(word, 4, y + 1, role)
    }
  }

  private func drawStepLine(on canvas: inout Canvas, _ y: Int) {
    let glyphs = canvas.glyphs
    let runs = SetUpStep.allCases.flatMap { other -> [Run] in
      let (sign, word, role) = state(of: other, glyphs)
      return [Run("\(sign)\(other.number) \(word)  ", role)]
    }
    canvas.line(runs, 0, y, width: canvas.width)
  }

  private func drawFoot(on canvas: inout Canvas) {
    let said =
      note.text.isEmpty
      ? Fold.text([Self.kept], to: canvas.width, .dim)
      : Fold.text([note.text], to: canvas.width, note.role)
    let lines = Array(said.prefix(canvas.height))
    for (index, line) in lines.enumerated() {
      canvas.line(line, 0, canvas.height - lines.count + index, width: canvas.width)
    }
  }

  // MARK: The lines of a step

  /// What stands below the fields, or instead of them.
  func lines(in world: World, width: Int) -> [[Run]] {
    let glyphs = world.capabilities.glyphs
    switch step {
    case .start: return presetLines(glyphs, width)
    case .connections: return audienceLines(world, width)
    case .settings: return settingLines(world, width)
    case .mapping: return mappingLines(world, width)
    case .test: return trial.lines(in: world, width: width)
    case .finish: return finishLines(world, width)
    }
  }

  private func presetLines(_ glyphs: Glyphs, _ width: Int) -> [[Run]] {
    let picked = forms[.start]?[SetUpForms.preset] ?? ""
    let widest = Preset.allCases.map(\.rawValue.count).max() ?? 0
    return Preset.allCases.flatMap { preset -> [[Run]] in
      let isPicked = preset.rawValue == picked
      let name = CharacterWidth.fit(preset.rawValue, to: widest)
      let head = Run(
        "\(isPicked ? glyphs.radioOn : glyphs.radioOff) \(name)  ", isPicked ? .accent : .label)
      if isPicked { return Fold.lines([[head, Run(preset.summary)]], to: width) }
      // Whole where there is room for it, else whom it sends and when.
      let fits = CharacterWidth.of(head.text + preset.summary) <= width
      let said = fits ? preset.summary[...] : preset.summary.prefix { $0 != ";" }
      return [[head, Run(String(said), .dim)]]
    }
  }

  private func audienceLines(_ world: World, _ width: Int) -> [[Run]] {
    if let problem = audiences.problem {
      return Fold.text([problem.description], to: width, .danger)
    }
    guard let all = audiences.value, !all.isEmpty else { return [] }
    let glyphs = world.capabilities.glyphs
    return [[Run("Audience", .strong), Run(" *", .required)]]
      + all.enumerated().flatMap { index, audience -> [[Run]] in
        let isChosen = index == chosen
        let name = [
          Run(isChosen && isOnList ? "\(glyphs.cursor) " : "  ", .accent),
          Run("\(isChosen ? glyphs.radioOn : glyphs.radioOff) ", isChosen ? .accent : .dim),
          Run(audience.name, isChosen ? .strong : .text),
        ]
        guard isChosen else { return [name] }
        let used = audience.id == world.overview?.audienceID ? ", in use" : ""
        let facts =
          "\(Wording.count(audience.members, "member", "members")), double opt-in"
          + " \(audience.doubleOptIn ? "on" : "off")\(used)"
        return [name] + Fold.lines([[Run("    "), Run(facts, .dim)]], to: width)
      }
  }

  private func settingLines(_ world: World, _ width: Int) -> [[Run]] {
    let id = world.overview?.audienceID ?? ""
    let audience = audiences.value?.first { $0.id == id }
    let optIn =
      switch audience?.doubleOptIn {
      case true?: "on: new people confirm by mail"
      case false?: "off: members at once"
      case nil: "see Audience (\(world.keys[.audience]))"
      }
    let clock = world.overview?.schedules.map(\.title) ?? []
    return [
      [Run("Double opt-in  ", .label), Run(optIn)],
      [
        Run("By the clock   ", .label),
        Run(clock.isEmpty ? "nothing (Schedules)" : clock.joined(separator: "; ")),
      ],
    ]
  }

  private func mappingLines(_ world: World, _ width: Int) -> [[Run]] {
    let glyphs = world.capabilities.glyphs
    guard let read = mapping.value else {
      return [
        [Run(mapping.problem?.description ?? "Loading…", mapping.problem == nil ? .dim : .danger)]
      ]
    }
    let judge = MappingJudge(read.board)
    let example = people.selected
    let widest = read.rows.map { CharacterWidth.of("\($0.mapping.field)") }.max() ?? 0
    let names = min(widest, 18)
    let tags = (read.rows.map { CharacterWidth.of($0.id) }.max() ?? 0) + 2
    // What is left is shared by the two values.
    let samples = read.rows.compactMap { row in
      example.map { judge.sample(of: row.mapping, for: $0) }
    }
    let longest = samples.flatMap { [$0.ours, $0.theirs ?? ""] }.map { CharacterWidth.of($0) }.max()
    let value = max(0, min(30, longest ?? 0, (width - names - tags - 9) / 2))
    func fit(_ text: String, _ width: Int) -> String {
      CharacterWidth.fit(text.isEmpty ? "-" : text, to: width)
    }
    var lines: [[Run]] = []
    if let example {
      let place = "\(Wording.number(people.position + 1)) of \(Wording.number(people.count))"
      lines.append([Run("With the values of \(example.person.displayName), \(place):", .dim)])
    }
    lines += read.rows.flatMap { row -> [[Run]] in
      let sample = example.map { judge.sample(of: row.mapping, for: $0) }
      let isNeeded = row.mergeField?.isRequired ?? false
      let flaw = sample.flatMap { $0.fate.isFlaw ? $0 : nil }
      let sign =
        row.problem.isEmpty ? flaw == nil ? glyphs.success : glyphs.warning : glyphs.failure
      let role: Role = row.problem.isEmpty ? flaw == nil ? .success : .warning : .danger
      var line = [
        Run("\(sign) ", role), Run(CharacterWidth.fit("\(row.mapping.field)", to: names) + " "),
      ]
      if let sample { line.append(Run(fit(sample.ours, value) + " ", .dim)) }
      line += [
        Run(MappingWords.arrow(row.mapping.direction, glyphs) + " ", .accent),
        Run(row.mapping.tag, .strong), Run(isNeeded ? " *" : "", .required),
      ]
      if let sample {
        let used = CharacterWidth.of(row.mapping.tag) + (isNeeded ? 2 : 0)
        line.append(Run(String(repeating: " ", count: max(1, tags - used + 1))))
        line.append(Run(fit(sample.theirs ?? "", value), .dim))
      }
      let said =
        row.problem.isEmpty ? flaw.map { ($0.remark, Role.warning) } : (row.problem, Role.danger)
      return [line] + (said.map { Fold.lines([[Run("    "), Run($0.0, $0.1)]], to: width) } ?? [])
    }
    lines.append([])
    for problem in read.board.lacks {
      lines += Fold.lines(
        [[Run("\(glyphs.failure) ", .danger), Run(problem.description, .danger)]], to: width)
    }
    let others = read.board.freeFields.filter { !$0.isRequired }.map(\.tag)
    if !others.isEmpty {
      lines += Fold.text(["Not mapped: \(others.joined(separator: ", "))."], to: width, .dim)
    }
    if read.board.mergeFields == nil {
      lines += Fold.text(
        ["The audience's fields are read when it is chosen in step 2."], to: width, .warning)
    }
    return lines
      + Fold.text(
        [
          "Press \(world.keys[SetUpAction.editor]) for the editor in Mapping; \(world.keys[.settings]) comes back here."
        ], to: width)
  }

  private func finishLines(_ world: World, _ width: Int) -> [[Run]] {
    let glyphs = world.capabilities.glyphs
    let overview = world.overview
    let account = overview?.account ?? ""
    let audience = overview.map { $0.audienceName.isEmpty ? $0.audienceID : $0.audienceName } ?? ""
    let flaws = mapping.value?.board.problems.count ?? 0
    let people = overview?.totalPeople ?? 0
    func line(_ isWell: Bool, _ what: String, _ missing: String) -> [[Run]] {
      let head = Run(
        "\(isWell ? glyphs.success : glyphs.warning) ", isWell ? .success : .warning)
      return Fold.lines([[head, Run(isWell ? what : missing)]], to: width)
    }
    var lines = line(
      world.hasKey, "Connected\(account.isEmpty ? "" : " as \(account)").",
      "There is no API key yet: step 2.")
    lines += line(!audience.isEmpty, "Audience: \(audience).", "No audience is chosen yet: step 2.")
    lines += line(
      flaws == 0, "The mapping fits.",
      "The mapping has \(Wording.count(flaws, "problem", "problems")): step 4.")
    lines += line(
      people > 0, "People here: \(Wording.number(people)).",
      "\(GlobalKeys.noPeople(world)), or run listkeeper people import FILE.")
    lines += line(
      trial.stage >= .shown, "The test with one person was made.", "The test was left out: step 5.")
    lines.append([])
    let first =
      overview?.isFirstSyncDone ?? false
      ? ["The first sync is done: \(world.keys[GlobalKeys.forceSync]) sends what changed since."]
      : [
        "Press \(world.keys[GlobalKeys.forceSync]) for the first sync. The audience is read in full; then the plan is held for a look"
          + " in Review (\(world.keys[.review])). Nothing is written at Mailchimp before you approve it there with"
          + " \(world.keys[ReviewAction.approve])."
      ]
    return lines + Fold.text(first, to: width, .strong)
      + Fold.text(
        [
          "\(world.keys[SetUpAction.next]) closes the set-up; \(world.keys[SetUpAction.open]) in Settings (\(world.keys[.settings]))"
            + " reopens it."
        ], to: width, .dim)
  }
}

extension SetUpTrial {
  private static let asked =
    "To leave the test out, go on with the fields empty. The audience is read in full first,"
    + " then this one person is sent, looked up there, and shown side by side. Nobody else is sent."

  /// How far the test is, and what came of it.
  func lines(in world: World, width: Int) -> [[Run]] {
    let glyphs = world.capabilities.glyphs
    let said = problem.map { Fold.text([$0.description], to: width, .danger) + [[]] } ?? []
    if stage == .asked { return said + Fold.text([Self.asked], to: width, .dim) }
    func line(_ from: Stage, _ to: Stage, _ what: String) -> [[Run]] {
      let run = runs[from]
      let (sign, role): (String, Role) =
        stage > to
        ? (glyphs.success, .success)
        : stage >= from ? (glyphs.running, .info) : (glyphs.waiting, .dim)
      let word = stage > to ? "done" : stage >= from ? "now" : "to do"
      let came = run.map { run in
        "#\(run.id.rawValue) \(run.status.rawValue)"
          + (from == .reading ? "" : ", \(Wording.counts(run.counts))")
      }
      return Fold.lines(
        [
          [
            Run("\(sign) ", role), Run(CharacterWidth.fit(word, to: 6), role),
            Run(what + (came.map { ": \($0)" } ?? "")),
          ]
        ], to: width)
    }
    var lines =
      said + line(.looking, .saving, "Add \(address) here")
      + line(.reading, .reading, "Read the whole audience; write nothing")
      + line(.sending, .sending, "Send this one person")
      + line(.comparing, .comparing, "Look there")
    if stage >= .undoing {
      lines += line(.undoing, .undoing, hasCreated ? "Archive it there" : "Put it back there")
    }
    switch remains {
    case .there: break
    case .marked:
      lines.append([
        Run(
          "Marked as deleted here; \(world.keys[SetUpAction.delete]) again removes it for good.",
          .warning)
      ])
    case .removed: lines.append([Run("Removed here.", .success)])
    }
    guard let both, stage >= .shown else { return lines }
    return lines + [[]] + executionLines(world, width) + [[]]
      + SideBySideText.lines(both, world, width: width)
  }

  /// The execution that sent the person, as pane 6 shows it.
  private func executionLines(_ world: World, _ width: Int) -> [[Run]] {
    guard let sent else { return [] }
    let glyphs = world.capabilities.glyphs
    let took = sent.tookMilliseconds.map { " in \(Wording.took($0))" } ?? ""
    var lines: [[Run]] = [
      [Run("Execution \(sent.id)", .heading), Run("  ")] + Wording.runs(sent.status, glyphs)
        + [Run(took, .dim)]
    ]
    lines += (steps.value ?? []).map { step in
      [
        Run("  \(Wording.sign(step.status, glyphs)) ", Wording.role(step.status)), Run(step.name),
        Run(step.tookMilliseconds.map { "  \(Wording.took($0))" } ?? "", .dim),
      ]
    }
    for row in outcomes.value ?? [] {
      let changes = row.outcome.changes.map {
        "\($0.name) \($0.new.plainText.isEmpty ? "emptied" : $0.new.plainText)"
      }
      let said = ([row.outcome.sentence] + changes).filter { !$0.isEmpty }
      lines += Fold.lines(
        [
          [
            Run("  \(row.outcome.key): \(row.outcome.result.rawValue)"),
            Run(said.isEmpty ? "" : "  \(said.joined(separator: ", "))", .dim),
          ]
        ], to: width)
    }
    return lines
  }
}
