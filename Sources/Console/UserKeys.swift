// The keys somebody chose for themselves, from a file: one action a line. What must stay true: a key
// of this file always wins over one that the program came with, today and after an update; and a line
// that cannot be read is named with what was expected, and nothing of the file is used then.

import Basics
import Screen

package struct UserKeys: Sendable, Equatable {
  /// By action; an empty list takes its keys away.
  private(set) var keys: [ActionID: [Key]] = [:]

  package init() {}

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
  /// chosen for one of them is taken from the others.
  func applied(to bindings: [KeyBinding]) -> [KeyBinding] {
    guard !keys.isEmpty else { return bindings }
    let motions = GlobalKeys.motions.flatMap { keys[$0.action] ?? [] }
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
        keys[action]?.append(key)
      }
    }
    try checkClashes(lines, file)
  }

  /// Two actions that can be had at one place must not want one key.
  private func checkClashes(_ lines: [ActionID: Int], _ file: String) throws(Problem) {
    let motions = GlobalKeys.motions.map(\.action)
    for (_, bindings) in Self.places {
      for place in [KeyBinding.Place.keys, .actionMenu] {
        let here =
          bindings.filter { $0.place == place }.map(\.action) + (place == .keys ? motions : [])
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
    Set(places.flatMap { $0.bindings.map(\.action) } + GlobalKeys.motions.map(\.action))
  }

  /// What can be pressed at each place, as far as it does not depend on what is read.
  private static var places: [(title: String, bindings: [KeyBinding])] {
    let world = World(size: Size(120, 36), now: Instant(milliseconds: 0))
    let everywhere = GlobalKeys.bindings(in: world, isHeld: false)
    return ConsoleSession.freshPanes().map { ("\($0)", $1.bindings(in: world) + everywhere) }
      + [("Set-up", SetUpWizard.everyBinding + everywhere)]
  }

  /// The table for `listkeeper keys`: each action once, with the keys it has now.
  package func table() -> [(place: String, action: String, keys: String, help: String)] {
    var rows: [(place: String, action: String, keys: String, help: String)] = []
    var seen: Set<ActionID> = []
    let world = World(size: Size(120, 36), now: Instant(milliseconds: 0))
    let global = GlobalKeys.bindings(in: world, isHeld: false)
    let globals = Set(global.map(\.action))
    func add(_ place: String, _ bindings: [KeyBinding]) {
      for binding in bindings where seen.insert(binding.action).inserted {
        let prefix = binding.place == .actionMenu && !binding.keys.isEmpty ? "x " : ""
        rows.append((place, "\(binding.action)", prefix + binding.keyNames, binding.help))
      }
    }
    add("Everywhere", applied(to: global))
    for (motion, own) in zip(GlobalKeys.motions, motions) {
      rows.append(("Everywhere", "\(motion.action)", own.keys, motion.help))
    }
    for (title, bindings) in Self.places {
      add(title, applied(to: bindings).filter { !globals.contains($0.action) })
    }
    return rows
  }
}
