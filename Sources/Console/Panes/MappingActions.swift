// The keys of the mapping's editor.

import Basics
import Domain
import Screen

enum MappingAction {
  /// Opens what has the focus: the row's form, or the person of the detail.
  static let edit: ActionID = "mapping.edit"
  static let change: ActionID = "mapping.change"
  static let add: ActionID = "mapping.add"
  static let remove: ActionID = "mapping.remove"
  static let create: ActionID = "mapping.create-field"
  static let backfill: ActionID = "mapping.backfill"
  static let check: ActionID = "mapping.check"
  static let read: ActionID = "mapping.read-fields"
  static let up: ActionID = "mapping.up"
  static let down: ActionID = "mapping.down"
  static let previous: ActionID = "mapping.previous-person"
  static let next: ActionID = "mapping.next-person"
  static let problems: ActionID = "mapping.problems"
  /// The two pickers before a new row, and the trial of a form.
  static let pick: ActionID = "mapping.pick-field"
  static let pickTag: ActionID = "mapping.pick-merge-field"
  static let test: ActionID = "mapping.test"

  static func bindings(_ pane: MappingPane, in world: World) -> [KeyBinding] {
    let loading = pane.board == nil ? "The mapping is still being read." : nil
    let none = loading ?? (pane.list.selected == nil ? "No row is selected." : nil)
    let offline = pane.whyNotOnline(world)
    let isDone = pane.list.selected?.mapping.since == nil
    let isOnPerson = pane.split.focus == .detail
    let place = pane.list.position
    let nobody =
      pane.people.isEmpty
      ? "\(GlobalKeys.noPeople(world))." : nil
    return [
      KeyBinding(
        ["Enter"], isOnPerson ? "Show person" : "Change", edit, priority: 50,
        whyNot: isOnPerson ? nobody : none,
        help: "Change the selected row, with what it comes to for real people as you type; in the"
          + " detail, show the person in People."),
      KeyBinding(
        ["a"], "Add", add, priority: 46, whyNot: loading,
        help: "Add a row: choose a field here and a merge field there by a few letters."),
      KeyBinding(
        ["<"], "Person before", previous, priority: 0, whyNot: nobody,
        help: "Show the values of the person before."),
      KeyBinding(
        [">"], "Other person", next, priority: 45, whyNot: nobody,
        help: "Show the values of the next person, here and at Mailchimp."),
      KeyBinding(
        ["p"], "Problems", problems, priority: 44, whyNot: none,
        help: "List the people whose values of the selected row are cut, left out or refused."),
      KeyBinding(
        ["d"], "Remove", remove, priority: 43, whyNot: none,
        help: "Remove the selected row; asks first, and the values stay as they are."),
      KeyBinding(
        ["c"], "Create field", create, priority: 39, whyNot: offline,
        help: "Create a merge field at Mailchimp."),
      KeyBinding(
        ["v"], "Check all", check, priority: 38, whyNot: loading,
        help: "Hold every row against the audience's own fields, and everybody's values against"
          + " both."),
      KeyBinding(
        ["K"], "Move up", up, priority: 36,
        whyNot: none ?? (place == 0 ? "It is the first row." : nil),
        help: "Put the row one place up; the order changes nothing that is sent."),
      KeyBinding(
        ["J"], "Move down", down, priority: 35,
        whyNot: none ?? (place == pane.list.count - 1 ? "It is the last row." : nil),
        help: "Put the row one place down."),
      KeyBinding(
        ["b"], "For everybody", backfill, priority: isDone ? 3 : 47,
        whyNot: none ?? (isDone ? "The row is for everybody already." : nil),
        help: "Bring everybody in step with the selected row, not only who changes; asks first."),
      KeyBinding(
        ["e"], "Change", change, whyNot: none,
        help: "Change the selected row; what cannot work is said in the form."),
      KeyBinding(
        ["r"], "Read fields", read, priority: 15, whyNot: offline,
        help: "Read the audience's merge fields from Mailchimp again."),
    ]
  }
}

extension MappingPane {
  /// Why nothing can be asked of Mailchimp now.
  func whyNotOnline(_ world: World) -> String? {
    guard world.hasKey else { return GlobalKeys.noKey(world) }
    return world.overview?.audienceID.isEmpty ?? true
      ? GlobalKeys.noAudience(world) : nil
  }
}

extension MappingBoard {
  /// The same, whomever its rows are for: what values are judged by.
  var withoutTimes: MappingBoard {
    var board = self
    board.hasSynced = false
    for index in board.rows.indices { board.rows[index].since = nil }
    return board
  }
}
