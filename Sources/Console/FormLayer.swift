// A form in a box. It checks each field as it is typed and all of them before it is submitted; then
// it stays open until the pane says that what it asked for was done, so that a refusal never costs
// anybody their typing.

import Basics
import Domain
import Screen

package struct FormLayer: Sendable, Equatable {
  /// How the fields are checked.
  package enum Check: Sendable, Equatable {
    case none
    /// Ids are names of `PersonField`s; `email…` are addresses, `address.…` parts of the postal one.
    case person([CustomField])
    /// The field `filter` is in the search language, over these custom fields too.
    case search([CustomField])
    /// A row of the mapping (`MappingForm`), in place of that of a tag, shown on these people.
    case mapping(MappingBoard, replacing: String?, people: [MappingExample])
    /// A merge field to be created beside these (`MergeFieldForm`).
    case mergeField([MergeField])
    /// Ids are names of `AudienceDraft.Field`s.
    case audience
    /// A schedule (`ScheduleForm`), counted from `since` where it is there already.
    case schedule(since: Instant?, Instant)

    var fitsPeople: Bool { if case .person = self { true } else { false } }
  }

  package var action: ActionID
  package var title: String
  package var form: Form
  package var check: Check
  /// A word for ^S.
  package var verb: String
  private var isBusy = false
  private var note = ""
  /// The first of the people shown below the fields.
  private var firstPerson = 0

  package init(
    _ action: ActionID, title: String, form: Form, check: Check = .none, verb: String = "Save"
  ) {
    self.action = action
    self.title = title
    self.form = form
    self.check = check
    self.verb = verb
  }

  /// Shows why what it asked for was refused, beside the field where one is named.
  mutating func refuse(_ problem: Problem) {
    isBusy = false
    if let field = problem.fields["field"], form.fields.contains(where: { $0.id == field }) {
      form.setProblem(problem.description, of: field)
      form.focus(on: field)
      note = ""
    } else {
      note = problem.description
    }
  }

  /// Says something about what is in it.
  mutating func tell(_ text: String) { note = text }

  /// What is wrong with a field's text; empty when nothing is.
  private func problem(of id: String) -> String {
    guard let field = form.fields.first(where: { $0.id == id }) else { return "" }
    let text = Text.oneLine(field.value)
    if case .search(let custom) = check { return Self.flaw(id, text, custom) }
    if case .schedule = check { return ScheduleForm.flaw(id, text) }
    if case .audience = check { return AudienceDraft.Field(rawValue: id)?.flaw(text) ?? "" }
    guard case .person(let custom) = check else { return "" }
    if id.hasPrefix("email") {
      return text.isEmpty ? "" : EmailAddress.flaw(text).map { "Not valid: \($0)." } ?? ""
    }
    do throws(Problem) {
      if id.hasPrefix("address.") {
        try PersonDraft.check(addressPart: String(id.dropFirst(8)), text)
        return ""
      }
      guard let personField = PersonField(id) else { return "" }
      if case .custom(let name) = personField, !text.isEmpty {
        _ = try custom.first { $0.name == name }?.stored(text)
      } else {
        try PersonDraft.check(personField, text)
      }
      return ""
    } catch {
      return error.description
    }
  }
}

extension FormLayer {
  /// What is wrong with a filter, with the column.
  private static func flaw(_ id: String, _ text: String, _ custom: [CustomField]) -> String {
    guard id == "filter", !text.isEmpty else { return "" }
    do throws(Problem) {
      _ = try SearchQuery(text, customFields: custom)
      return ""
    } catch {
      return error.description
    }
  }
}

extension FormLayer {
  /// What F1 tells in it.
  var guidance: Guidance? {
    switch check {
    case .audience: .audience
    case .search: .search
    case .mapping: .transforms
    case .none, .person, .mergeField, .schedule: nil
    }
  }
}

extension Layer {
  var guidance: Guidance? {
    if case .form(let form) = self { form.guidance } else { nil }
  }

  /// The form that was opened for `action`, if this layer is that.
  func form(for action: ActionID) -> FormLayer? {
    if case .form(let form) = self, form.action == action { form } else { nil }
  }
}

extension FormLayer: LayerContent {
  var layer: Layer { .form(self) }
  var kind: LayerKind? { .form }

  func hints(_ keys: UserKeys) -> [(keys: String, label: String)] {
    let moving = [(keys[LayerAction.next], "Next field"), ("Space", "Choose")]
    let save = (keys[LayerAction.save], verb)
    let help = guidance == nil ? [] : [(keys.help, "Help")]
    guard hasPreview else { return [save] + moving + [("Esc", "Cancel")] + help }
    return [
      save, ("Esc", "Cancel"), (keys[LayerAction.test], "Try with all"),
      (keys[LayerAction.personAfter], "Other people"),
    ] + moving + help
  }

  private var hasPreview: Bool { if case .mapping = check { true } else { false } }

  mutating func press(_ key: Key, in world: World) -> LayerReply {
    if case .mapping(_, _, let people) = check, key == "PgDn" || key == "PgUp" {
      let wanted = firstPerson + (key == "PgDn" ? 1 : -1)
      firstPerson = max(0, min(wanted, people.count - 1))
      return .stay
    }
    return take(.key(key))
  }

  mutating func paste(_ text: String, in world: World) -> LayerReply {
    take(.pasted(text))
  }

  mutating func wheel(_ rows: Int, in world: World) -> LayerReply {
    take(.key(rows < 0 ? "Up" : "Down"))
  }

  mutating func click(_ point: Point, in world: World) -> LayerReply {
    let frame = Canvas.popupFrame(size(world), on: world.size)
    let room = frame.inset(2, 1)
    guard frame.contains(point) else { return .stay }
    let place = Point(point.x - room.x, point.y - room.y)
    if let field = form.field(at: place, in: fields(Rect(room.size)).size) {
      form.focus(on: field)
    }
    return .stay
  }

  private mutating func take(_ event: InputEvent) -> LayerReply {
    guard !isBusy || event == .key("Esc") else { return .stay }
    switch form.handle(event) {
    case .changed(let id):
      note = ""
      if !judge(isFinal: false) { form.setProblem(problem(of: id), of: id) }
      return .stay
    case .submitted: return submit()
    case .tested where hasPreview: return tryOut()
    case .cancelled:
      let changes = form.changedIDs.count
      if changes > 0 && note.isEmpty {
        note = "Press Esc again to drop \(Wording.count(changes, "change", "changes"))."
        return .stay
      }
      return LayerReply(closes: true, outcome: .tell(.cancelled(action)))
    case .refused(let why):
      note = why
      return .stay
    case .ignored, .handled, .activated, .tested, .revealed: return .stay
    }
  }

  /// Checks the form as a whole, where that is how it is checked; false where each field is
  /// checked by itself.
  private mutating func judge(isFinal: Bool) -> Bool {
    switch check {
    case .mapping(let board, let replacing, _):
      MappingForm.judge(&form, board, replacing: replacing, isFinal: isFinal)
    case .mergeField(let existing): MergeFieldForm.judge(&form, existing, isFinal: isFinal)
    case .none, .person, .search, .audience, .schedule: return false
    }
    return true
  }

  private mutating func submit() -> LayerReply {
    let isJudged = judge(isFinal: true)
    for field in form.fields where field.takesFocus && !isJudged {
      var text = problem(of: field.id)
      if text.isEmpty && field.isRequired && Text.oneLine(field.value).isEmpty {
        text = "\(field.label) is needed."
      }
      form.setProblem(text, of: field.id)
    }
    let names = ["\(PersonField.firstName)", "\(PersonField.lastName)", "email0", "company"]
    if check.fitsPeople && names.allSatisfy({ Text.oneLine(form[$0]).isEmpty }) {
      form.setProblem("A name or an e-mail address is needed.", of: names[0])
    }
    if let wrong = form.fields.first(where: { !$0.problem.isEmpty }) {
      form.focus(on: wrong.id)
      return .stay
    }
    isBusy = true
    note = "One moment…"
    let values = Dictionary(
      form.fields.filter(\.takesFocus).map { ($0.id, $0.value) }, uniquingKeysWith: { $1 })
    return LayerReply(outcome: .tell(.submitted(action, values)))
  }

  /// What stands in it is tried with everybody; it stays open.
  private mutating func tryOut() -> LayerReply {
    _ = judge(isFinal: true)
    if let wrong = form.fields.first(where: { !$0.problem.isEmpty }) {
      form.focus(on: wrong.id)
      return .stay
    }
    note = "Everybody is looked at…"
    return LayerReply(outcome: .tell(.submitted(MappingAction.test, form.texts)))
  }

  private func size(_ world: World) -> Size {
    let headings = form.fields.filter { $0.kind == .heading }.count
    let height = form.fields.count + headings + 9
    return Size(min(100, world.size.width - 4), height + (hasPreview ? 8 : 0))
  }

  /// What is said below the fields, in as many lines as leave some of the fields in view.
  private func notes(_ room: Size) -> [String] {
    let lines = CharacterWidth.wrap(note, to: max(1, room.width - 2))
    return Array(lines.prefix(max(1, room.height - 8)))
  }

  /// The room of the fields inside the box.
  private func fields(_ room: Rect) -> Rect {
    let rest = room.height - 2 - max(1, notes(room.size).count)
    return Rect(0, 1, room.width, max(0, rest - preview(room).height))
  }

  /// The room of the people below the fields.
  private func preview(_ room: Rect) -> Rect {
    guard hasPreview else { return Rect(0, 0, 0, 0) }
    let notes = max(1, notes(room.size).count)
    // The fields, with the help of one of them, go first.
    let height = max(0, min(9, room.height - 2 - notes - form.fields.count - 3))
    return Rect(0, room.height - notes - 1 - height, room.width, height)
  }

  func draw(on canvas: inout Canvas, in world: World) {
    let changes = form.changedIDs.count
    let count = changes == 0 ? "" : Wording.count(changes, "change", "changes")
    canvas.popup(size(world), title: title, note: count) { canvas in
      canvas.inside(fields(canvas.bounds)) { form.draw(on: &$0, focused: true) }
      if case .mapping(let board, _, let people) = check {
        let row = MappingForm.read(form.texts, board)
        canvas.inside(preview(canvas.bounds)) { canvas in
          MappingPreview(board, row, people).draw(on: &canvas, from: firstPerson)
        }
      }
      if note.isEmpty, case .schedule(let since, let now) = check {
        let preview = ScheduleForm.preview(form, since: since, now, in: world)
        canvas.text(preview, 1, canvas.height - 1, .dim, width: canvas.width - 2)
      }
      let notes = notes(canvas.size)
      for (index, line) in notes.enumerated() {
        canvas.text(
          line, 1, canvas.height - notes.count + index, .warning, width: canvas.width - 2)
      }
    }
  }
}
