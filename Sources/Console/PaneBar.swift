// The second row of the screen: the panes by digit. What must stay true: every digit is there at
// every width, the pane that is open is named whole, and what is drawn is what a click finds.

import Basics
import Domain
import Screen

struct PaneBar {
  struct Place: Sendable, Equatable {
    var pane: PaneID
    var x: Int
    var width: Int
    var title: String
    var badge: String
    var key: String
  }

  /// How much of a name is shown where it is not the open pane's.
  private enum Length {
    case whole, short, three, none

    func title(_ pane: PaneID) -> String {
      switch self {
      case .whole: "\(pane)"
      case .short: pane.short
      case .three: String(pane.short.prefix(3))
      case .none: ""
      }
    }
  }

  let places: [Place]
  private let current: PaneID?

  init(_ world: World, current: PaneID?) {
    self.init(
      width: world.size.width, current: current, badges: [.review: Self.waiting(world)],
      keys: world.keys)
  }

  /// The roomiest arrangement that fits; where none does, the tightest.
  init(
    width: Int, current: PaneID?, badges: [PaneID: String] = [:], keys: UserKeys = UserKeys()
  ) {
    self.current = current
    let arrangements: [(Length, Int)] = [
      (.whole, 3), (.whole, 2), (.whole, 1), (.short, 1), (.three, 1), (.none, 1),
    ]
    var places: [Place] = []
    for (length, gap) in arrangements {
      places = Self.lay(length, gap: gap, current: current, badges: badges, keys)
      if places.last.map({ $0.x + $0.width }) ?? 0 <= width { break }
    }
    self.places = places
  }

  private static func lay(
    _ length: Length, gap: Int, current: PaneID?, badges: [PaneID: String], _ keys: UserKeys
  ) -> [Place] {
    var x = gap > 1 ? 1 : 0
    return PaneID.inOrder.map { pane in
      let title = pane == current ? "\(pane)" : length.title(pane)
      let badge = badges[pane] ?? ""
      let name = keys[pane]
      // A pane without a key is named all the same.
      let key = name.contains(" ") ? "" : name
      let width =
        CharacterWidth.of(key) + (title.isEmpty ? 0 : title.count + 1)
        + (badge.isEmpty ? 0 : badge.count + 1)
      defer { x += width + gap }
      return Place(pane: pane, x: x, width: width, title: title, badge: badge, key: key)
    }
  }

  func draw(on canvas: inout Canvas) {
    for place in places {
      let isOpen = place.pane == current
      canvas.inside(Rect(place.x, 0, place.width, 1)) { tab in
        if isOpen { tab.fill(nil, .tabActive) }
        var x = tab.text(place.key, 0, 0, isOpen ? .tabActive : .key)
        if !place.title.isEmpty {
          x = tab.text(place.title, x + 1, 0, isOpen ? .tabActive : .tab)
        }
        tab.text(place.badge, x + 1, 0, isOpen ? .tabActive : .warning)
      }
    }
  }

  func pane(at x: Int) -> PaneID? {
    places.first { ($0.x..<($0.x + $0.width)).contains(x) }?.pane
  }

  /// What waits for a decision.
  private static func waiting(_ world: World) -> String {
    guard let overview = world.overview else { return "" }
    return overview.decisions == 0 ? "" : Wording.number(overview.decisions)
  }
}

extension PaneID {
  /// As the digits stand on the keyboard.
  static let inOrder =
    allCases.filter { $0.rawValue > 0 }.sorted { $0.rawValue < $1.rawValue }
    + allCases.filter { $0.rawValue == 0 }

  /// The name where there is little room: the open one's and nine of these fit into 80 columns.
  var short: String {
    switch self {
    case .overview: "Over"
    case .audience: "Aud"
    case .mapping: "Map"
    case .executions: "Exec"
    case .schedules: "Sched"
    case .settings: "Set"
    default: "\(self)"
    }
  }
}
