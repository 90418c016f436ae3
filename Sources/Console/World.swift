// What every pane may look at while it updates and draws: one value, replaced whole by the services
// when the workspace's file says something new. Panes read it and never write it.

import Basics
import Domain
import Screen

package struct World: Sendable, Equatable {
  /// Nil until the first reading.
  package var overview: Overview?
  package var size: Size
  package var now: Instant
  package var zone: ClockZone
  package var engine: EngineHosting
  package var capabilities: Capabilities
  /// True once an API key, or a reference to one, is set.
  package var hasKey: Bool
  package var version: String
  /// The workspace's file, as it was named.
  package var path: String
  /// True for `demo`: the audience is a practice one, thrown away at the end.
  package var isPractice: Bool
  /// True for --read-only: what would change anything is refused.
  package var isReadOnly = false
  /// The theme as the settings name it.
  package var theme = ""
  /// Those there are to choose from.
  package var themes: [ThemeChoice] = []
  /// The list's share beside its detail, in thousandths: of the pane that looks.
  package var listShare = Divider.middle
  /// Every action's key, by which sentences name it.
  package var keys: UserKeys

  package init(size: Size, now: Instant, keys: UserKeys = UserKeys()) {
    self.keys = keys
    self.size = size
    self.now = now
    zone = .utc
    engine = .nobody
    capabilities = Capabilities()
    hasKey = false
    version = ""
    path = ""
    isPractice = false
  }
}

/// Who runs the engine of this workspace.
package enum EngineHosting: Sendable, Equatable {
  case here
  /// Another process, by its description, such as `serve (4711)`; this console is a viewer.
  case elsewhere(String)
  case nobody
  /// This console is about to have it.
  case starting
}

/// What the terminal can show.
package struct Capabilities: Sendable, Equatable {
  package var glyphs: Glyphs
  package var hasColour: Bool
  /// True while the mouse is ours and not the terminal's own.
  package var capturesMouse: Bool
  /// Lines and signs beyond ASCII cannot be counted on, unless the settings say otherwise.
  package var plainTerminal = false
  /// The cursor shows on what the keys act on, and not only where text is typed.
  package var showsCursor = false

  package init(glyphs: Glyphs = .unicode, hasColour: Bool = true, capturesMouse: Bool = true) {
    self.glyphs = glyphs
    self.hasColour = hasColour
    self.capturesMouse = capturesMouse
  }
}

/// The workspace's time zone as a list of steps, so that screens print civil time without asking
/// the system. The services fill in the steps of the years that executions are kept.
package struct ClockZone: Sendable, Equatable {
  package struct Step: Sendable, Equatable {
    /// From when on.
    package var since: Instant
    /// Seconds east of Greenwich.
    package var offset: Int

    package init(since: Instant, offset: Int) {
      self.since = since
      self.offset = offset
    }
  }
  package var name: String
  /// In order of time; before the first one, its offset holds too.
  package var steps: [Step]

  package init(name: String, steps: [Step]) {
    self.name = name
    self.steps = steps
  }

  package static let utc = ClockZone(name: "UTC", steps: [])

  /// `instant` on this zone's clock: a moment whose UTC reading is the civil time here.
  func civil(_ instant: Instant) -> Instant {
    let step = steps.last { $0.since <= instant } ?? steps.first
    return Instant(milliseconds: instant.milliseconds + Int64(step?.offset ?? 0) * 1000)
  }
}
