// One table of keys. A binding is what the footer shows, what `?` explains, what the palette finds,
// what the README prints and what a key press looks up: nothing can be bound and not documented.
// A binding that cannot be used now stays where it is and says why when it is pressed.

import Screen

package struct KeyBinding: Sendable, Equatable {
  /// Where a binding's keys act.
  package enum Place: Sendable, Equatable {
    case keys
    /// In the menu behind `x`, under its first key.
    case actionMenu
  }

  /// The first one is shown.
  package var keys: [Key]
  /// A word or two for the footer.
  package var label: String
  /// A sentence for the help, the palette and the README.
  package var help: String
  /// Higher ones are shown first; 0 is not shown in the footer.
  package var priority: Int
  package var action: ActionID
  package var place: Place
  /// Why it cannot be used now, as a sentence with what to do; nil where it can.
  package var whyNot: String?

  package init(
    _ keys: [Key], _ label: String, _ action: ActionID, priority: Int = 0, place: Place = .keys,
    whyNot: String? = nil, help: String
  ) {
    self.keys = keys
    self.label = label
    self.help = help
    self.priority = priority
    self.action = action
    self.place = place
    self.whyNot = whyNot
  }

  var keyNames: String { keys.map(\.description).joined(separator: " ") }
}

/// Keys that mean the same everywhere.
enum GlobalKeys {
  /// Always harmless.
  static let motions: [(keys: [Key], motion: Motion, action: ActionID, help: String)] = [
    (["k", "Up"], .up, "move.up", "A row up."),
    (["j", "Down"], .down, "move.down", "A row down."),
    (["PgUp", "^B"], .pageUp, "move.page-up", "A page up."),
    (["PgDn", "^F"], .pageDown, "move.page-down", "A page down."),
    (["^U"], .halfUp, "move.half-page-up", "Half a page up."),
    (["^D"], .halfDown, "move.half-page-down", "Half a page down."),
    (["g", "Home"], .top, "move.first", "To the first row."),
    (["G", "End"], .bottom, "move.last", "To the last row."),
    (["h", "Left"], .left, "move.left", "To the left, where there is more than fits."),
    (["l", "Right"], .right, "move.right", "To the right."),
  ]

  static func motion(_ key: Key) -> Motion? {
    motions.first { $0.keys.contains(key) }?.motion
  }

  static let forceSync: ActionID = "sync.force"
  static let resync: ActionID = "sync.resync"
  static let pause: ActionID = "sync.pause"
  static let startEngine: ActionID = "engine.start"
  static let hold: ActionID = "console.hold"
  static let notices: ActionID = "console.notices"
  static let redraw: ActionID = "console.redraw"
  static let suspend: ActionID = "console.suspend"
  static let mouse: ActionID = "console.mouse"
  static let copy: ActionID = "console.copy"
  static let actions: ActionID = "console.actions"
  static let palette: ActionID = "console.palette"
  static let help: ActionID = "console.help"
  static let quit: ActionID = "console.quit"
  static let back: ActionID = "console.back"
  static let login: ActionID = "console.login"
  static let setUp: ActionID = "console.set-up"
  static let undo: ActionID = "console.undo"
  static let redo: ActionID = "console.redo"
  static let narrow: ActionID = "console.narrow-list"
  static let widen: ActionID = "console.widen-list"
  static let theme: ActionID = "console.change-theme"

  static func pane(_ id: PaneID) -> ActionID { ActionID("pane.\(id)".lowercased()) }

  /// Every action that is the session's own.
  static let all: [ActionID] =
    PaneID.allCases.map(pane) + [
      forceSync, resync, pause, startEngine, hold, notices, redraw, suspend, mouse, copy, actions,
      palette, help, quit, back, login, setUp, undo, redo, narrow, widen, theme,
    ]

  /// Whose key means the same whatever the workspace will say once it is read.
  static let canWait: [ActionID] = [forceSync, resync]

  /// The bindings of the session itself as they stand in `world`.
  static func bindings(
    in world: World, isHeld: Bool, undo book: UndoBook = UndoBook(), split: Split? = nil
  ) -> [KeyBinding] {
    let isPaused = world.overview?.engine == .paused
    var all = PaneID.allCases.map { id in
      KeyBinding(
        [Key(id.digit.unicodeScalars.first ?? "0")], "\(id)", pane(id), help: "Show \(id).")
    }
    all += [
      KeyBinding(
        ["F"], "Force sync", forceSync, priority: 60, whyNot: whyNotSync(world),
        help: "Force sync: send now what changed."),
      KeyBinding(
        ["R"], "Resync", resync, priority: 20, whyNot: whyNotSync(world),
        help: "Resync: compare every person with the audience and send what differs; asks first."),
      KeyBinding(
        ["P"], isPaused ? "Enable" : "Pause", pause, priority: 30, whyNot: whyNotKnown(world),
        help: "Pause or enable: while paused nothing is sent or taken, and everything waits."),
      KeyBinding(
        [], "Start the engine here", startEngine, whyNot: whyNotStart(world),
        help: "Run the engine in this console, where nothing else runs it."),
      KeyBinding(
        ["x"], "Actions", actions, priority: 40,
        help: "Everything that can be done with what is selected, by letter."),
      KeyBinding(
        ["y"], "Copy", copy, priority: 10,
        help: "Copy what is selected, to the clipboard or to a file."),
      KeyBinding(
        ["."], isHeld ? "Go on" : "Hold", hold, priority: 5,
        help: "Hold updates: the lists stand still until it is pressed again."),
      KeyBinding(["!"], "Notices", notices, help: "Read the notices of the past again."),
      KeyBinding(
        ["%"], "Mouse", mouse,
        help: "Give the mouse to the terminal, to select text with it, or take it back."),
      KeyBinding(["^L"], "Redraw", redraw, help: "Paint the screen anew."),
      KeyBinding(["^Z"], "Suspend", suspend, help: "Leave for the shell; fg comes back."),
      KeyBinding(
        ["Esc"], "Back", back, help: "Close, clear or cancel what is open; never quits."),
      KeyBinding(
        [":", "^P"], "Command", palette, priority: 1000,
        help: "Find any action, pane or setting by a few letters of its name."),
      KeyBinding(["?", "F1"], "Help", help, priority: 999, help: "The keys of where you are."),
      KeyBinding(
        ["q", "^C"], "Quit", quit, priority: 998,
        help:
          "Back, then quit; asks only while an edit is open or the engine stops with work to do."),
      KeyBinding(
        [], "Log in with Mailchimp", login,
        help: "Give access in a browser instead of pasting a key."),
      KeyBinding(
        [], "Reconfigure", setUp, help: "Open the set-up again, step by step."),
      KeyBinding(
        ["z"], "Undo", undo, priority: book.whyNot(.back, world.keys) == nil ? 6 : 0,
        whyNot: book.whyNot(.back, world.keys),
        help: "Take back the last edit made here; what cannot be taken back says so."),
      KeyBinding(
        ["Z"], "Redo", redo, whyNot: book.whyNot(.forth, world.keys),
        help: "Make the edit again that was taken back."),
      KeyBinding(
        ["<"], "Less list", narrow, whyNot: Divider.whyNot(split, in: world),
        help: "Less room for the list, more for its detail; the mouse drags the line too."),
      KeyBinding(
        [">"], "More list", widen, whyNot: Divider.whyNot(split, in: world),
        help: "More room for the list, less for its detail."),
      KeyBinding(
        [], "Themes", theme,
        whyNot: world.themes.isEmpty ? "The themes are still being read." : nil,
        help: "See each theme on the whole screen as you move through them; Esc keeps the old one."),
    ]
    return all
  }

  /// Why nothing can be synced now.
  static func whyNotSync(_ world: World) -> String? {
    guard let overview = world.overview else { return "The workspace is still being read." }
    if world.isReadOnly { return onlyLooks }
    if !world.hasKey { return noKey(world) }
    if overview.audienceID.isEmpty { return noAudience(world) }
    if overview.totalPeople == 0 {
      return "\(noPeople(world)), or run listkeeper people import FILE."
    }
    if overview.engine == .paused {
      return "Sending is paused: press \(world.keys[pause]) to enable it."
    }
    return nil
  }

  static func noKey(_ world: World) -> String {
    "There is no API key yet: press \(world.keys[.settings]) and set it in Settings."
  }

  static func noAudience(_ world: World) -> String {
    "No audience is chosen yet: press \(world.keys[.audience]) and choose one."
  }

  /// Without its full stop.
  static func noPeople(_ world: World) -> String {
    "There are no people yet: press \(world.keys[.people]) and add some"
  }

  private static func whyNotKnown(_ world: World) -> String? {
    world.overview == nil
      ? "The workspace is still being read." : world.isReadOnly ? onlyLooks : nil
  }

  static let onlyLooks = "This console only looks: it was opened with --read-only."

  static func whyNotStart(_ world: World) -> String? {
    switch world.engine {
    case .here: "The engine runs in this console already."
    case .starting: "The engine is starting in this console."
    case .elsewhere(let who): "The engine runs in \(who)."
    case .nobody: world.isReadOnly ? onlyLooks : nil
    }
  }
}
