// The face of a pane. A pane is a value: its stored properties are its state, `update` is the only
// thing that changes them, and the session knows panes by this protocol alone, so that a new pane is
// a new file and one more `PaneID`.

import Basics
import Domain
import Screen

package enum PaneID: Int, Sendable, Hashable, CaseIterable, CustomStringConvertible {
  case overview = 1
  case people = 2
  case audience = 3
  case mapping = 4
  case tags = 5
  case executions = 6
  case logs = 7
  case review = 8
  case schedules = 9
  case settings = 0

  package var description: String {
    switch self {
    case .overview: "Overview"
    case .people: "People"
    case .audience: "Audience"
    case .mapping: "Mapping"
    case .tags: "Tags"
    case .executions: "Executions"
    case .logs: "Logs"
    case .review: "Review"
    case .schedules: "Schedules"
    case .settings: "Settings"
    }
  }

  /// The key that shows it.
  package var digit: Character { Character(String(rawValue)) }

  /// Reads a name as people write it on the command line.
  package init?(name: String) {
    let wanted = name.lowercased()
    guard let found = Self.allCases.first(where: { $0.description.lowercased() == wanted }) else {
      return nil
    }
    self = found
  }
}

package protocol Pane: Sendable, Equatable {
  mutating func update(_ event: PaneEvent, in world: World) -> [Effect]
  func draw(on canvas: inout Canvas, in world: World)
  /// What can be done here now; the bar, the help, the palette, the action menu and the README's
  /// table of keys all come from this list.
  func bindings(in world: World) -> [KeyBinding]
  /// The pane as lines for `--plain`: for screen readers and pipes.
  func plainLines(in world: World) -> [String]
  /// True while a field is open: keys are text and come as `pressed`, pastes as `pasted`.
  var takesText: Bool { get }
  /// What would be lost by leaving, as a sentence; nil where nothing would.
  var unsaved: String? { get }
  /// True where Esc and `q` have something to close before the console itself.
  var canGoBack: Bool { get }
  /// What `y` offers.
  func copies(in world: World) -> [CopyItem]
  /// The steps that help where the cursor stands, such as where an API key is made; nil where the
  /// keys alone say enough.
  func guidance(in world: World) -> Guidance?
  /// When it wants to be ticked, for what changes with time alone; nil where nothing does.
  func wakeAt(in world: World) -> Instant?
  /// The list and the detail it is made of; nil where it is one part.
  var divided: Split? { get }
  /// What it wants to find again in the next console on this workspace, by names of its own.
  var memory: [String: String] { get }
  /// Takes up what `memory` said in the console before.
  mutating func recall(_ memory: [String: String])
}

extension Pane {
  package var takesText: Bool { false }
  package var unsaved: String? { nil }
  package var canGoBack: Bool { false }
  package func copies(in world: World) -> [CopyItem] { [] }
  package func guidance(in world: World) -> Guidance? { nil }
  package func wakeAt(in world: World) -> Instant? { nil }
  package var divided: Split? { nil }
  package var memory: [String: String] { [:] }
  package mutating func recall(_ memory: [String: String]) {}

  func isEqual(_ other: any Pane) -> Bool { (other as? Self) == self }
}

/// What happened to a pane, in the past tense.
package enum PaneEvent: Sendable, Equatable {
  /// It is shown now; `row` is to be selected, where one is named.
  case appeared(row: Int64?)
  /// It is shown now, with what was looked for elsewhere.
  case arrived(Jump)
  case disappeared
  /// The workspace's file says something new.
  case dataChanged
  case ticked
  case resized
  case moved(Motion)
  /// A binding's key was pressed, or it was chosen in a menu or the palette.
  case acted(ActionID)
  /// A key while `takesText`.
  case pressed(Key)
  case pasted(String)
  case clicked(Point, isDouble: Bool)
  /// Rows up (less than 0) or down.
  case wheeled(Point, Int)
  /// A prompt's text changed.
  case typed(ActionID, String)
  /// A prompt or a form was finished with Enter or ^S.
  case submitted(ActionID, FormValues)
  /// A prompt or form was left with Esc.
  case cancelled(ActionID)
  case answered(Ticket, Answer)
}

/// What stood in a form's fields, by their ids.
package typealias FormValues = [String: String]

/// The name of something that can be done, such as `people.add`.
package struct ActionID: Sendable, Hashable, CustomStringConvertible, ExpressibleByStringLiteral {
  package let description: String
  package init(_ name: String) { description = name }
  package init(stringLiteral name: String) { description = name }
}

package enum Motion: Sendable, Hashable, CaseIterable {
  case up, down, pageUp, pageDown, halfUp, halfDown, top, bottom, left, right
}
