// A row of names, one of them open: the panes at the top of the screen, the tabs of a detail. What
// must stay true: the open one can always be seen, however narrow the row.

package struct Tabs: Sendable, Hashable {
  package struct Tab: Sendable, Hashable {
    /// The key that opens it; empty where `[` and `]` do.
    package var key: String
    package var title: String
    /// A count that wants to be seen, such as open reviews; empty for none.
    package var badge: String

    package init(_ title: String, key: String = "", badge: String = "") {
      self.title = title
      self.key = key
      self.badge = badge
    }
  }

  package var tabs: [Tab]
  package var active: Int

  package init(_ tabs: [Tab], active: Int = 0) {
    self.tabs = tabs
    self.active = active
  }

  package init(_ titles: [String], active: Int = 0) {
    self.init(titles.map { Tab($0) }, active: active)
  }

  package mutating func next() { active = tabs.isEmpty ? 0 : (active + 1) % tabs.count }
  package mutating func previous() {
    active = tabs.isEmpty ? 0 : (active + tabs.count - 1) % tabs.count
  }

  package func draw(on canvas: inout Canvas, _ x: Int = 0, _ y: Int = 0, width: Int? = nil) {
    let width = width ?? canvas.width - x
    for place in places(width: width) {
      let tab = tabs[place.index]
      let isActive = place.index == active
      canvas.inside(Rect(x + place.x, y, place.width, 1)) { cell in
        if isActive { cell.fill(nil, .tabActive) }
        var runs: [Run] = [" "]
        if !tab.key.isEmpty { runs.append(Run(tab.key, isActive ? .tabActive : .key)) }
        if !tab.key.isEmpty && !place.label.isEmpty {
          runs.append(Run(" ", isActive ? .tabActive : .tab))
        }
        runs.append(Run(place.label, isActive ? .tabActive : .tab))
        if !tab.badge.isEmpty {
          runs.append(Run(" " + tab.badge, isActive ? .tabActive : .warning))
        }
        if isActive { runs[0].role = .tabActive }
        cell.line(runs, 0, 0)
      }
    }
  }

  /// The tab drawn at column `x` of a row of `width` cells.
  package func tab(at x: Int, width: Int) -> Int? {
    places(width: width).first { ($0.x..<($0.x + $0.width)).contains(x) }?.index
  }

  private struct Place {
    var index: Int
    var x: Int
    var width: Int
    var label: String
  }

  /// All with their names; when that is too much only the open one keeps its name and the others
  /// their keys; when that is too much, a window around the open one.
  private func places(width: Int) -> [Place] {
    func size(_ tab: Tab, _ label: String) -> Int {
      let key = CharacterWidth.of(tab.key)
      let badge = tab.badge.isEmpty ? 0 : 1 + CharacterWidth.of(tab.badge)
      return 2 + key + (key > 0 && !label.isEmpty ? 1 : 0) + CharacterWidth.of(label) + badge
    }
    func lay(_ label: (Int) -> String) -> [Place] {
      var x = 0
      return tabs.indices.map { index in
        let text = label(index)
        let width = size(tabs[index], text)
        defer { x += width }
        return Place(index: index, x: x, width: width, label: text)
      }
    }
    var all = lay { tabs[$0].title }
    if (all.last.map { $0.x + $0.width } ?? 0) <= width { return all }
    let short = lay { $0 == active || tabs[$0].key.isEmpty ? tabs[$0].title : "" }
    if (short.last.map { $0.x + $0.width } ?? 0) <= width { return short }
    all = short
    guard let open = all.first(where: { $0.index == active }) else { return all }
    let shift = max(0, open.x + open.width - width)
    return all.compactMap { place in
      place.x >= shift && place.x - shift < width
        ? Place(index: place.index, x: place.x - shift, width: place.width, label: place.label)
        : nil
    }
  }
}
