// The keys of the set-up, step by step, and the help beside each.

import Basics
import Domain
import Screen

extension SetUpWizard {
  /// Every key there is, for the README and the manual.
  static func everyBinding(_ keys: UserKeys) -> [KeyBinding] {
    [next, previous, nextField(keys), reveal, fields, editor(keys)] + others + testing(keys)
  }

  private static let next = KeyBinding(
    ["^S", "PgDn", "Enter"], "Save and go on", SetUpAction.next, priority: 70,
    help: "Save this step of the set-up and go on; Enter in the last field does it too.")
  private static let previous = KeyBinding(
    ["PgUp"], "Step back", SetUpAction.previous, priority: 61,
    help: "The step before; what is typed stays.")
  private static func nextField(_ keys: UserKeys) -> KeyBinding {
    KeyBinding(
      ["Tab", "Down"], "Next field", SetUpAction.nextField, priority: 66,
      help: "The next field of the step; \(keys[LayerAction.previous]) is the one before.")
  }
  private static let reveal = KeyBinding(
    ["^R"], "Reveal", SetUpAction.reveal, priority: 62,
    help: "Show what is typed of a secret for ten seconds.")
  private static let fields = KeyBinding(
    ["Tab", "S-Tab"], "Fields", SetUpAction.fields, priority: 65,
    help: "From the list of audiences back to the fields.")
  private static func editor(_ keys: UserKeys) -> KeyBinding {
    KeyBinding(
      ["e"], "Editor", SetUpAction.editor, priority: 65,
      help: "The mapping's editor in Mapping; \(keys[.settings]) comes back to the set-up.")
  }
  private static let others = [
    KeyBinding(
      [">"], "Other person", SetUpAction.nextPerson, priority: 64,
      help: "Show the next person's values in the mapping."),
    KeyBinding(
      ["<"], "Person before", SetUpAction.previousPerson,
      help: "Show the values of the person before."),
  ]
  private static func testing(_ keys: UserKeys) -> [KeyBinding] {
    [
      KeyBinding(
        ["l"], "Execution", SetUpAction.execution, priority: 62,
        help: "Show the execution of the test in Executions; \(keys[.settings]) comes back."),
      KeyBinding(
        ["u"], "Take back there", SetUpAction.takeBack, priority: 68,
        help:
          "Archive at Mailchimp the contact that the test made, or put back what it changed; asks"
          + " first."),
      KeyBinding(
        ["d"], "Delete here", SetUpAction.delete, priority: 66,
        help: "Delete the person of the test here: marks first, and removes the second time."),
      KeyBinding(
        ["t"], "Test again", SetUpAction.again, priority: 64,
        help: "Ask for name and address again."),
    ]
  }

  func bindings(in world: World) -> [KeyBinding] {
    let busy = isBusy ? "One moment: an answer is still on its way." : nil
    var next = Self.next
    next.label = nextLabel
    next.whyNot = busy ?? (step == .test && trial.isBusy ? "The test is still under way." : nil)
    var previous = Self.previous
    previous.whyNot = busy ?? (step == .start ? "This is the first step." : nil)
    var all = [next, previous]
    if takesText {
      all.append(Self.nextField(world.keys))
      if shownForm?.focused?.kind == .secret { all.append(Self.reveal) }
      all.append(
        KeyBinding(
          ["Esc"], "Leave", GlobalKeys.back, priority: 56,
          help: "Leave the set-up; what is typed waits."))
      all.append(
        KeyBinding(
          ["F1"], "Help", GlobalKeys.help, priority: 55, help: "The steps that help here."))
    }
    switch step {
    case .connections where isOnList: all.append(Self.fields)
    case .mapping: all += [Self.editor(world.keys)] + Self.others
    case .test where !trial.takesText: all += testing(world.keys)
    default: break
    }
    return all
  }

  private var nextLabel: String {
    switch step {
    case .connections:
      isOnList ? "Use this audience" : "Try the key"
    case .test where trial.takesText:
      trial.form.changedIDs.isEmpty ? "Leave the test out" : "Send this person"
    case .mapping, .test: "Go on"
    case .finish: "Finish"
    case .start, .settings: "Save and go on"
    }
  }

  private func testing(_ keys: UserKeys) -> [KeyBinding] {
    let busy = trial.isBusy ? "The test is still under way." : nil
    return Self.testing(keys).map { binding in
      var binding = binding
      switch binding.action {
      case SetUpAction.execution:
        binding.whyNot = trial.sent == nil ? "Nobody was sent yet." : nil
      case SetUpAction.takeBack:
        binding.label = trial.hasCreated ? "Archive it there" : "Put it back there"
        binding.whyNot =
          busy ?? (trial.stage == .undone ? "It was taken back already." : nil)
          ?? (trial.stage == .shown && trial.sent != nil ? nil : "Nobody was sent yet.")
      case SetUpAction.delete:
        binding.label = trial.remains == .marked ? "Remove for good" : "Delete here"
        binding.whyNot = busy ?? (trial.remains == .removed ? "The person is removed." : nil)
      default: binding.whyNot = busy
      }
      return binding
    }
  }

  /// What F1 tells here.
  var guidance: Guidance? {
    switch step {
    case .start, .test, .finish: .firstSync
    case .connections:
      isOnList ? .audience : forms[.connections]?.focused?.id == SetUpForms.login ? .login : .apiKey
    case .settings: .consent
    case .mapping: .transforms
    }
  }
}
