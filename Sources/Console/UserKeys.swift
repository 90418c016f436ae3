// The keys somebody chose for themselves, from a file: one action a line. What must stay true: a key
// of this file always wins over one that the program came with, today and after an update; and a line
// that cannot be read is named with what was expected, and nothing of the file is used then. Every
// sentence that names a key asks here for its name.

import Basics
import Screen

package struct UserKeys: Sendable, Equatable {
  /// By action; an empty list takes its keys away.
  private(set) var keys: [ActionID: [Key]] = [:]
  /// How a sentence names the key of each action, and what is named otherwise in one pane, where a
  /// key of everywhere means something else.
  private var names: [ActionID: String]
  private var namesThere: [PaneID: [ActionID: String]]
  /// The pane whose sentences ask; nil where they are for every pane.
  private var pane: PaneID?

  package init() { (names, namesThere) = Self.usualNames }

  private init(names: [ActionID: String]) { (self.names, namesThere) = (names, [:]) }

  /// For the reading of the tables themselves, whose names are not known before that.
  static let nameless = UserKeys(names: [:])
  private static let usualNames = nameless.allNames()

  /// The key of an action as sentences name it: `a`, or `x d`; where it has none, how the palette
  /// finds it.
  package subscript(action: ActionID) -> String {
    pane.flatMap { namesThere[$0]?[action] } ?? names[action] ?? ""
  }

  /// For sentences that are read in this pane.
  func seen(in pane: PaneID) -> UserKeys {
    var seen = self
    seen.pane = pane
    return seen
  }

  /// The key that shows a pane.
  package subscript(pane: PaneID) -> String { self[GlobalKeys.pane(pane)] }

  func move(_ motion: Motion) -> String {
    GlobalKeys.motions.first { $0.motion == motion }.map { self[$0.action] } ?? ""
  }

  /// What shows help where letters are text.
  var help: String {
    let own = keys[GlobalKeys.help] ?? ["?", "F1"]
    return own.first { $0.typed == nil }?.description ?? self[GlobalKeys.help]
  }

  /// False where no key is another than the program came with.
  var isChanged: Bool { !keys.isEmpty }

  /// How many actions have keys of one's own.
  package var count: Int { keys.count }

  /// The moves with the keys they have here.
  var motions: [(keys: String, help: String)] {
    GlobalKeys.motions.map { motion in
      let taken = Set(keys.values.joined())
      let own = keys[motion.action] ?? motion.keys.filter { !taken.contains($0) }
      return (own.map(\.description).joined(separator: " "), motion.help)
    }
  }

  /// The bindings of one place of the console, with these keys in place of their own. A key that was
  /// chosen for one of them is taken from the others. Where text is typed, moves are not chosen.
  func applied(to bindings: [KeyBinding], isText: Bool = false) -> [KeyBinding] {
    guard !keys.isEmpty else { return bindings }
    let motions = isText ? [] : GlobalKeys.motions.flatMap { keys[$0.action] ?? [] }
    var all = bindings
    for place in [KeyBinding.Place.keys, .actionMenu] {
      let chosen = all.filter { $0.place == place }.compactMap { keys[$0.action] }
      let taken = Set(chosen.flatMap { $0 } + (place == .keys ? motions : []))
      for index in all.indices where all[index].place == place {
        if let own = keys[all[index].action] {
          all[index].keys = own
        } else {
          all[index].keys.removeAll(where: taken.contains)
        }
      }
    }
    return all
  }

  /// The move a key means here: true keys of the file first; those it gave away mean none.
  func motion(_ key: Key) -> Motion? {
    if let chosen = GlobalKeys.motions.first(where: { keys[$0.action]?.contains(key) ?? false }) {
      return chosen.motion
    }
    guard let motion = GlobalKeys.motion(key) else { return nil }
    let isKept = GlobalKeys.motions.contains { $0.motion == motion && keys[$0.action] == nil }
    return isKept ? motion : nil
  }

  /// True for a move that was chosen, which then wins over every other meaning.
  func isChosenMotion(_ key: Key) -> Bool {
    GlobalKeys.motions.contains { keys[$0.action]?.contains(key) ?? false }
  }
}

// MARK: The file

extension UserKeys {
  /// Keys without which somebody could be locked in, or out.
  static let kept: Set<Key> = ["Esc", "^C", "^L", "^Z"]

  /// Reads the file: `action = keys`, with blanks between keys, `none` for none; `#` begins a remark.
  package init(reading text: String, file: String) throws(Problem) {
    self = .nameless
    var lines: [ActionID: Int] = [:]
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let number = index + 1
      func problem(_ sentence: String, _ remedy: String) -> Problem {
        Problem(
          "keys.cannot-read", "\(file), line \(number): \(sentence)", remedy: remedy,
          fields: ["file": file, "line": String(number)])
      }
      let words = Text.oneLine(line).split(separator: " ").map(String.init)
      guard let first = words.first, !first.hasPrefix("#") else { continue }
      guard words.count >= 3, words[1] == "=" else {
        throw problem(
          "'\(words.joined(separator: " "))' is no line of keys.",
          "Write: action = keys, such as people.add = a Insert.")
      }
      let action = ActionID(first)
      guard Self.actions.contains(action) else {
        throw problem(
          "There is no action '\(first)'.",
          "See all of them with `listkeeper keys`."
            + Suggestion.sentence(first, among: Self.actions.map(\.description)))
      }
      if let before = lines[action] {
        throw problem("\(first) has its keys in line \(before) already.", "Write all in one line.")
      }
      lines[action] = number
      keys[action] = []
      for name in words.dropFirst(2) where words.count > 3 || name != "none" {
        guard let key = Key(name: name) else {
          throw problem(
            "'\(name)' is no key.", "Write keys as the help shows them: a, F, ^G, S-Tab, PgDn, F5.")
        }
        guard !Self.kept.contains(key) else {
          throw problem("\(key) always means the same.", "Choose another key.")
        }
        guard !Self.inText.contains(action) || key.typed == nil else {
          throw problem(
            "\(key) is text where \(action) is pressed.",
            "Choose a key that types nothing, such as ^G, F5 or A-s.")
        }
        keys[action]?.append(key)
      }
    }
    try checkClashes(lines, file)
    (names, namesThere) = allNames()
  }

  /// Actions of places where keys are text.
  private static let inText = Set(
    LayerKind.allCases.filter(\.takesText).flatMap(\.bindings).map(\.action))

  /// Two actions that can be had at one place must not want one key.
  private func checkClashes(_ lines: [ActionID: Int], _ file: String) throws(Problem) {
    let motions = GlobalKeys.motions.map(\.action)
    for there in Self.places(.nameless) {
      for place in [KeyBinding.Place.keys, .actionMenu] {
        let here =
          there.bindings.filter { $0.place == place }.map(\.action)
          + (place == .keys && !there.isText ? motions : [])
        var owner: [Key: ActionID] = [:]
        for action in Set(here).sorted(by: { (lines[$0] ?? 0) < (lines[$1] ?? 0) }) {
          for key in keys[action] ?? [] {
            if let other = owner[key], other != action {
              throw Problem(
                "keys.clash",
                "\(file), line \(lines[action] ?? 0): \(key) is \(other) already, in line"
                  + " \(lines[other] ?? 0).",
                remedy: "Choose another key for one of the two.",
                fields: ["file": file, "line": String(lines[action] ?? 0)])
            }
            owner[key] = action
          }
        }
      }
    }
  }

  /// Everything a key can be chosen for.
  static var actions: Set<ActionID> {
    Set(places(.nameless).flatMap { $0.bindings.map(\.action) } + GlobalKeys.motions.map(\.action))
  }

  struct Place {
    var title: String
    var pane: PaneID?
    var bindings: [KeyBinding]
    var isText = false
  }

  /// What can be pressed at each place, as far as it does not depend on what is read; its sentences
  /// name keys as `names` has them.
  static func places(_ names: UserKeys) -> [Place] {
    let world = World(size: Size(120, 36), now: Instant(milliseconds: 0), keys: names)
    let everywhere = GlobalKeys.bindings(in: world, isHeld: false)
    let panes = ConsoleSession.freshPanes().map { pane in
      Place(title: "\(pane.0)", pane: pane.0, bindings: pane.1.bindings(in: world) + everywhere)
    }
    let inPanes = [
      Place(title: "Import", bindings: ImportAssistant.everyBinding(names) + everywhere),
      Place(title: "Set-up", bindings: SetUpWizard.everyBinding(names) + everywhere),
    ]
    return panes + inPanes
      + LayerKind.allCases.map {
        Place(title: $0.title, bindings: $0.bindings, isText: $0.takesText)
      }
  }

  private static func everywhere(_ names: UserKeys) -> [KeyBinding] {
    let world = World(size: Size(120, 36), now: Instant(milliseconds: 0), keys: names)
    return GlobalKeys.bindings(in: world, isHeld: false)
  }

  private func allNames() -> ([ActionID: String], [PaneID: [ActionID: String]]) {
    let global = applied(to: Self.everywhere(.nameless))
    var found = names(of: global, among: global)
    for (motion, own) in zip(GlobalKeys.motions, motions) {
      found[motion.action] =
        own.keys.split(separator: " ").first.map(String.init) ?? "\(motion.motion)"
    }
    let places = Self.places(.nameless).map { place in
      (place.pane, names(of: applied(to: place.bindings, isText: place.isText), among: global))
    }
    for (_, own) in places { found.merge(own) { first, _ in first } }
    var there: [PaneID: [ActionID: String]] = [:]
    for case (let pane?, let own) in places { there[pane] = own.filter { found[$0] != $1 } }
    return (found, there)
  }

  /// How sentences name the keys of one place, where the first that has a key keeps it; `global`
  /// tells how menu and palette open where the place does not.
  private func names(
    of bindings: [KeyBinding], among global: [KeyBinding]
  ) -> [ActionID: String] {
    var taken: Set<Key> = []
    var own: [ActionID: Key] = [:]
    for binding in bindings where binding.place == .keys {
      own[binding.action] = own[binding.action] ?? binding.keys.first { !taken.contains($0) }
      taken.formUnion(binding.keys)
    }
    func opening(_ action: ActionID) -> String? {
      let key = own[action] ?? global.first { $0.action == action }?.keys.first
      return key?.description
    }
    let (menu, palette) = (opening(GlobalKeys.actions), opening(GlobalKeys.palette) ?? "F1")
    var found: [ActionID: String] = [:]
    for binding in bindings where found[binding.action] == nil {
      let behind = binding.keys.first.flatMap { key in menu.map { "\($0) \(key)" } }
      let name = binding.place == .keys ? own[binding.action]?.description : behind
      found[binding.action] = name ?? "\(palette) \(binding.label)"
    }
    return found
  }

  /// Each place with its keys and what they do: those that act everywhere first.
  package func sections() -> [(
    title: String, rows: [(action: ActionID, keys: String, help: String)]
  )] {
    let global = applied(to: Self.everywhere(self))
    let globals = Set(global.map(\.action))
    let menu = global.first { $0.action == GlobalKeys.actions }?.keys.first
    let prefix = menu.map { "\($0) " } ?? ""
    func rows(_ bindings: [KeyBinding]) -> [(action: ActionID, keys: String, help: String)] {
      bindings.map { binding in
        let isBehind = binding.place == .actionMenu && !binding.keys.isEmpty
        return (binding.action, (isBehind ? prefix : "") + binding.keyNames, binding.help)
      }
    }
    let moving = zip(GlobalKeys.motions, motions).map {
      (action: $0.action, keys: $1.keys, help: $1.help)
    }
    return [("Everywhere", rows(global) + moving)]
      + Self.places(self).map { place in
        let own = applied(to: place.bindings, isText: place.isText)
        return (place.title, rows(own.filter { !globals.contains($0.action) }))
      }
  }

  /// The table for `listkeeper keys`: each action once, with the keys it has now.
  package func table() -> [(place: String, action: String, keys: String, help: String)] {
    var seen: Set<ActionID> = []
    return sections().flatMap { title, rows in
      rows.filter { seen.insert($0.action).inserted }
        .map { (title, "\($0.action)", $0.keys, $0.help) }
    }
  }
}
