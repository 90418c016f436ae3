// How a form looks: labels in a column, fields beside them, help beside the focused field or under
// it where the screen is narrow. Layout is one function, so that the mouse finds what was drawn.

extension Form {
  /// A line of the laid-out form.
  private enum Line: Hashable {
    case field(Int)
    case problem(String)
    case help(String)
    case blank
  }

  private struct Layout {
    var labels: Int
    var inputs: Int
    /// Where help stands beside the fields; nil when it stands under them.
    var help: Int?
    var lines: [Line]
    var top: Int
  }

  /// Draws in the whole canvas; `focused` says whether keys go to this form.
  package func draw(on canvas: inout Canvas, focused isFocused: Bool = true) {
    let layout = layout(in: canvas.size)
    for (y, line) in layout.lines.dropFirst(layout.top).prefix(canvas.height).enumerated() {
      switch line {
      case .field(let index):
        draw(fields[index], on: &canvas, y, layout, hasFocus: isFocused && index == focus)
      case .problem(let text):
        canvas.text(text, layout.labels + 5, y, .danger, width: canvas.width - layout.labels - 6)
        if y > 0, case .field = layout.lines[layout.top + y - 1] {
          canvas.text(canvas.glyphs.failure, layout.labels + 3, y, .danger)
        }
      case .help(let text):
        canvas.text(text, layout.labels + 3, y, .dim, width: canvas.width - layout.labels - 3)
      case .blank: break
      }
    }
    if isFocused, let column = layout.help, let field = focused {
      drawHelp(field, column, on: &canvas)
    }
    canvas.scrollBar(canvas.width - 1, 0, canvas.height, top: layout.top, total: layout.lines.count)
  }

  /// The field drawn at a place of a canvas of `size`, if it takes the focus.
  package func field(at point: Point, in size: Size) -> String? {
    let layout = layout(in: size)
    let row = layout.top + point.y
    guard layout.lines.indices.contains(row), case .field(let index) = layout.lines[row],
      fields[index].takesFocus
    else { return nil }
    return fields[index].id
  }

  private func layout(in size: Size) -> Layout {
    let widest =
      fields.filter { $0.kind != .heading && $0.kind != .button }
      .map { CharacterWidth.of($0.label) + 2 }.max() ?? 0
    let labels = min(widest, max(8, size.width * 2 / 5))
    let room = max(4, size.width - labels - 5)
    let isWide = room >= 60
    let inputs = isWide ? min(44, room - 26) : min(room, 48)
    var lines: [Line] = []
    for (index, field) in fields.enumerated() where !field.isHidden {
      if field.kind == .heading && !lines.isEmpty { lines.append(.blank) }
      lines.append(.field(index))
      if !field.problem.isEmpty {
        // As wide as the field where help stands beside it.
        let room = max(4, isWide ? inputs - 2 : size.width - labels - 6)
        // All of it where somebody stands and mends it.
        let most = index == focus ? 6 : 3
        lines += CharacterWidth.wrap(field.problem, to: room).prefix(most).map(Line.problem)
      }
      if index == focus && !isWide {
        let text = field.disabledReason.isEmpty ? field.help : field.disabledReason
        // As much as leaves the other fields in view.
        let others = fields.count - index - 1
        let most = max(3, size.height - lines.count - others)
        lines += CharacterWidth.wrap(text, to: room).filter { !text.isEmpty || !$0.isEmpty }
          .prefix(text.isEmpty ? 0 : most).map(Line.help)
      }
    }
    let at = lines.firstIndex(of: .field(focus)) ?? 0
    let end =
      lines[at...].dropFirst().firstIndex {
        if case .field = $0 { true } else { $0 == .blank }
      } ?? lines.count
    let top = min(max(0, end - size.height), at)
    return Layout(
      labels: labels, inputs: inputs, help: isWide ? labels + 3 + inputs + 2 : nil, lines: lines,
      top: top)
  }

  private func draw(
    _ field: Field, on canvas: inout Canvas, _ y: Int, _ layout: Layout, hasFocus: Bool
  ) {
    let x = layout.labels + 3
    let width = layout.inputs
    if hasFocus { canvas.standOn(x, y) }
    switch field.kind {
    case .heading:
      canvas.text(field.label, 1, y, .heading, width: canvas.width - 2)
      return
    case .button:
      let role: Role =
        hasFocus ? .buttonFocused : field.disabledReason.isEmpty ? .button : .keyDisabled
      canvas.text("[ \(field.label) ]", x, y, role, width: canvas.width - x)
      return
    default: break
    }
    let end = canvas.text(field.label, 1, y, hasFocus ? .strong : .label, width: layout.labels - 2)
    if field.isRequired { canvas.text("*", end + 1, y, .required) }
    if marksChanges, isChanged(field) { canvas.text(canvas.glyphs.mark, 0, y, .mark) }
    guard field.disabledReason.isEmpty else {
      let shown = field.kind == .secret ? canvas.glyphs.mask : title(of: field)
      canvas.text(shown, x, y, .dim, width: width)
      return
    }
    switch field.kind {
    case .text, .secret:
      field.editor.draw(
        on: &canvas, x, y, width: width, focused: hasFocus, placeholder: field.placeholder)
    case .number:
      field.editor.draw(
        on: &canvas, x, y, width: min(12, width), focused: hasFocus, placeholder: field.placeholder)
    case .choice:
      canvas.inside(Rect(x, y, width, 1), on: hasFocus ? .inputFocused : .input) { box in
        box.fill()
        box.text(title(of: field), 0, 0, .input, width: width - 2)
        box.text(box.glyphs.descending, width - 1, 0, .dim)
      }
    case .toggle:
      let glyphs = canvas.glyphs
      let isOn = field.value == "true"
      canvas.inside(Rect(x, y, 8, 1), on: hasFocus ? .inputFocused : .input) { box in
        box.text(
          "[\(isOn ? glyphs.checkOn : glyphs.checkOff)] \(isOn ? "yes" : "no")", 0, 0, .input)
      }
    case .label: canvas.text(field.value, x, y, .text, width: canvas.width - x)
    case .heading, .button: break
    }
  }

  private func title(of field: Field) -> String {
    guard case .choice(let choices) = field.kind else { return field.value }
    return choices.first { $0.id == field.value }?.title ?? field.placeholder
  }

  private func drawHelp(_ field: Field, _ column: Int, on canvas: inout Canvas) {
    let layout = layout(in: canvas.size)
    let width = canvas.width - column - 1
    let text = field.disabledReason.isEmpty ? field.help : field.disabledReason
    guard width > 8, !text.isEmpty,
      let at = layout.lines.firstIndex(of: .field(focus))
    else { return }
    // As low as the field, or higher where its last line would be lost.
    let lines = CharacterWidth.wrap(text, to: width)
    let y = max(0, min(at - layout.top, canvas.height - lines.count))
    for (index, line) in lines.enumerated() where y + index < canvas.height {
      canvas.text(line, column, y + index, .dim, width: width)
    }
  }
}
