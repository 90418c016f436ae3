// `fields` and `exclude_fields`: dotted paths from the top of the answer. A path whose first part
// the answer does not have does nothing, as on the real server. What is not wanted is not even
// built, so a lean listing of a large audience is quick.

import Basics

struct FieldSelection {
  private let wanted: Tree?
  private let excluded: Tree?

  /// Names of properties, each with what is below it; a whole one stands for all it holds.
  private struct Tree {
    var children: [String: Tree] = [:]
    var isWhole = false

    mutating func add(_ path: ArraySlice<String>) {
      guard let first = path.first else {
        isWhole = true
        return
      }
      children[first, default: Tree()].add(path.dropFirst())
    }
  }

  static let everything = FieldSelection(wanted: nil, excluded: nil)

  /// `top` names the properties of the whole answer.
  init(fields: String?, exclude: String?, top: Set<String>) {
    wanted = FieldSelection.tree(fields, top)
    excluded = FieldSelection.tree(exclude, top)
  }

  private init(wanted: Tree?, excluded: Tree?) {
    self.wanted = wanted
    self.excluded = excluded
  }

  private static func tree(_ list: String?, _ top: Set<String>) -> Tree? {
    guard let list else { return nil }
    var root = Tree()
    for path in list.split(separator: ",") {
      let parts = path.split(separator: ".").map { part in String(part.drop { $0 == " " }) }
      if let first = parts.first, top.contains(first) { root.add(parts[...]) }
    }
    return root.children.isEmpty ? nil : root
  }

  func includes(_ name: String) -> Bool {
    if let excluded, excluded.children[name]?.isWhole == true { return false }
    guard let wanted, !wanted.isWhole else { return true }
    return wanted.children[name] != nil
  }

  /// What holds inside the property `name`.
  func inside(_ name: String) -> FieldSelection {
    let below = wanted.flatMap { $0.isWhole ? nil : $0.children[name] }
    return FieldSelection(
      wanted: below?.isWhole == true ? nil : below, excluded: excluded?.children[name])
  }

  /// `value` with only what is selected.
  func applied(to value: JSONValue) -> JSONValue {
    if wanted == nil, excluded == nil { return value }
    switch value {
    case .object(let members):
      var kept: [String: JSONValue] = [:]
      for (name, member) in members where includes(name) {
        kept[name] = inside(name).applied(to: member)
      }
      return .object(kept)
    case .array(let items): return .array(items.map(applied))
    default: return value
    }
  }
}

/// An object of an answer in the making: a property is only built when it is selected.
struct SelectedObject {
  private let selection: FieldSelection
  private var members: [String: JSONValue] = [:]

  init(_ selection: FieldSelection) { self.selection = selection }

  mutating func put(_ name: String, _ value: @autoclosure () -> JSONValue) {
    if selection.includes(name) { members[name] = selection.inside(name).applied(to: value()) }
  }

  /// For a property that applies the selection itself.
  mutating func put(_ name: String, building: (FieldSelection) -> JSONValue) {
    if selection.includes(name) { members[name] = building(selection.inside(name)) }
  }

  var value: JSONValue { .object(members) }
}
