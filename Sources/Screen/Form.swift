// Fields to fill in, one below the other, with what each wants beside it and what is wrong with it
// below it. A form holds texts and choices, not settings: who uses it reads the values and says what
// is wrong. What must stay true: letters are text in every field that takes text, a secret is dots
// until somebody asks, and the field that has the focus is in view.

import Basics

package struct Form: Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    case text
    case secret
    /// Digits only; the bounds are the owner's to check.
    case number
    /// One of these: the value is the chosen id, the title is what is shown.
    case choice([Choice])
    /// The value is `true` or `false`.
    case toggle
    /// Text to read; never has the focus.
    case label
    /// A line over the fields that follow.
    case heading
    /// Does something: its id comes back as `activated`.
    case button
  }

  package struct Choice: Sendable, Hashable {
    package var id: String
    package var title: String

    package init(_ id: String, _ title: String? = nil) {
      self.id = id
      self.title = title ?? id
    }
  }

  package struct Field: Sendable, Hashable {
    package let id: String
    package var label: String
    package var kind: Kind
    package var isRequired: Bool
    /// What to put in, with an example: shown beside the field that has the focus.
    package var help: String
    /// Shown in an empty field.
    package var placeholder: String
    /// What is wrong with the value; empty when nothing is.
    package var problem = ""
    /// Why it cannot be changed now; empty when it can.
    package var disabledReason = ""
    /// Left out of the picture and of the way of the focus, with what it holds.
    package var isHidden = false
    var editor: TextField

    package init(
      _ id: String, _ label: String, _ kind: Kind = .text, value: String = "",
      required: Bool = false, help: String = "", placeholder: String = ""
    ) {
      self.id = id
      self.label = label
      self.kind = kind
      isRequired = required
      self.help = help
      self.placeholder = placeholder
      editor = TextField(value, masked: kind == .secret)
    }

    package var value: String {
      get { editor.text }
      set { editor.set(newValue) }
    }

    package var takesFocus: Bool { holdsValue && !isHidden }

    package var holdsValue: Bool { kind != .label && kind != .heading }

    var isEditable: Bool {
      disabledReason.isEmpty && (kind == .text || kind == .secret || kind == .number)
    }
  }

  package enum Outcome: Sendable, Hashable {
    /// Not a key of forms.
    case ignored
    /// The form took it; nothing for the owner to do.
    case handled
    case changed(String)
    /// A button, by Enter or Space.
    case activated(String)
    /// ^S, or Enter in the last field.
    case submitted
    case cancelled
    /// ^T.
    case tested
    /// ^R: shown until `hideSecrets`, which the owner calls after ten seconds.
    case revealed(String)
    /// The focus stood on a field that cannot be changed: why.
    case refused(String)
  }

  package var fields: [Field]
  package private(set) var focus: Int
  /// Whether a field that differs from what the form began with has a mark before it.
  package var marksChanges = false
  private var initial: [String: String]

  package init(_ fields: [Field]) {
    self.fields = fields
    focus = fields.firstIndex(where: \.takesFocus) ?? 0
    initial = Dictionary(fields.map { ($0.id, $0.value) }) { first, _ in first }
  }

  package var focused: Field? { fields.indices.contains(focus) ? fields[focus] : nil }

  package subscript(id: String) -> String {
    get { fields.first { $0.id == id }?.value ?? "" }
    set {
      guard let index = fields.firstIndex(where: { $0.id == id }) else { return }
      fields[index].value = newValue
    }
  }

  /// The ids whose values differ from what the form began with.
  package var changedIDs: [String] {
    fields.filter { $0.holdsValue && isChanged($0) }.map(\.id)
  }

  func isChanged(_ field: Field) -> Bool { initial[field.id] != field.value }

  /// What the form began with, or was saved with.
  package func initialValue(of id: String) -> String { initial[id] ?? "" }

  /// Shows only the fields that fit, and headings over them; where the focus would be hidden it goes
  /// to the first that is shown.
  package mutating func show(only fits: (Field) -> Bool) {
    for index in fields.indices where fields[index].kind != .heading {
      fields[index].isHidden = !fits(fields[index])
    }
    var isShown = false
    for index in fields.indices.reversed() {
      if fields[index].kind == .heading {
        fields[index].isHidden = !isShown
        isShown = false
      } else {
        isShown = isShown || !fields[index].isHidden
      }
    }
    if let field = focused, !field.takesFocus, let first = fields.firstIndex(where: \.takesFocus) {
      focus = first
    }
  }

  /// What is there now counts as saved.
  package mutating func markSaved() {
    initial = Dictionary(fields.map { ($0.id, $0.value) }) { first, _ in first }
  }

  /// Says what is wrong with a field; an empty text says nothing is.
  package mutating func setProblem(_ text: String, of id: String) {
    guard let index = fields.firstIndex(where: { $0.id == id }) else { return }
    fields[index].problem = text
  }

  package mutating func clearProblems() {
    for index in fields.indices { fields[index].problem = "" }
  }

  package mutating func hideSecrets() {
    for index in fields.indices { fields[index].editor.isRevealed = false }
  }

  package mutating func focus(on id: String) {
    guard let index = fields.firstIndex(where: { $0.id == id && $0.takesFocus }) else { return }
    focus = index
  }

  // MARK: Events

  package mutating func handle(_ event: InputEvent) -> Outcome {
    switch event {
    case .key(let key): return handle(key)
    case .pasted:
      guard let field = focused, field.isEditable else { return .ignored }
      return edit(event)
    default: return .ignored
    }
  }

  private mutating func handle(_ key: Key) -> Outcome {
    switch key {
    case "Tab", "Down": return move(1)
    case "S-Tab", "Up": return move(-1)
    case "^S": return .submitted
    case "^T": return .tested
    case "Esc": return .cancelled
    default: break
    }
    guard let field = focused, field.takesFocus else { return .ignored }
    if key == "Enter" && field.kind != .button {
      let isLast = !fields.dropFirst(focus + 1).contains { $0.takesFocus && $0.kind != .button }
      return isLast ? .submitted : move(1)
    }
    guard field.disabledReason.isEmpty else {
      return key.typed == nil ? .ignored : .refused(field.disabledReason)
    }
    switch field.kind {
    case .secret where key == "^R":
      fields[focus].editor.isRevealed.toggle()
      return fields[focus].editor.isRevealed ? .revealed(field.id) : .handled
    case .text, .secret: return edit(.key(key))
    case .number:
      if let typed = key.typed, !("0"..."9").contains(typed) { return .handled }
      return edit(.key(key))
    case .choice(let choices): return choose(key, choices)
    case .toggle:
      guard key == "Space" || key == "Left" || key == "Right" else { return .ignored }
      fields[focus].value = field.value == "true" ? "false" : "true"
      return changed()
    case .button: return key == "Space" || key == "Enter" ? .activated(field.id) : .ignored
    case .label, .heading: return .ignored
    }
  }

  private mutating func edit(_ event: InputEvent) -> Outcome {
    var event = event
    if fields[focus].kind == .number, case .pasted(let text) = event {
      event = .pasted(text.filter { ("0"..."9").contains($0) })
    }
    switch fields[focus].editor.handle(event) {
    case .ignored: return .ignored
    case .moved: return .handled
    case .changed: return changed()
    }
  }

  private mutating func choose(_ key: Key, _ choices: [Choice]) -> Outcome {
    guard !choices.isEmpty else { return .ignored }
    let at = choices.firstIndex { $0.id == fields[focus].value }
    let next: Int
    switch key {
    case "Space", "Right": next = at.map { ($0 + 1) % choices.count } ?? 0
    case "Left", "Backspace": next = at.map { ($0 + choices.count - 1) % choices.count } ?? 0
    case "Home": next = 0
    case "End": next = choices.count - 1
    default:
      guard let typed = key.typed else { return .ignored }
      let start = String(typed).lowercased()
      let order = (1...choices.count).map { ((at ?? -1) + $0) % choices.count }
      guard let match = order.first(where: { choices[$0].title.lowercased().hasPrefix(start) })
      else { return .handled }
      next = match
    }
    fields[focus].value = choices[next].id
    return changed()
  }

  private mutating func changed() -> Outcome {
    fields[focus].problem = ""
    return .changed(fields[focus].id)
  }

  private mutating func move(_ step: Int) -> Outcome {
    guard fields.contains(where: \.takesFocus) else { return .ignored }
    repeat { focus = (focus + step + fields.count) % fields.count } while !fields[focus].takesFocus
    hideSecrets()
    return .handled
  }
}
