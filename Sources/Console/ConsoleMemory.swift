// What a console remembers of a workspace for the next time: the pane, what each pane says of itself
// (filters, columns, sort), where the dividers stand, and whose the mouse is. What must stay true: it
// holds nothing of people beyond what somebody typed into a filter, and one that cannot be read any
// more is as none.

import Basics

package struct ConsoleMemory: Sendable, Equatable {
  package var pane: PaneID?
  package var capturesMouse = true
  /// The list's share of each pane, in thousandths.
  package var shares: [PaneID: Int] = [:]
  /// Each pane's own, by names it chose.
  package var panes: [PaneID: [String: String]] = [:]

  package init() {}

  package var json: JSONValue {
    func object(_ pairs: [(PaneID, JSONValue)]) -> JSONValue {
      .object(Dictionary(pairs.map { ("\($0)", $1) }) { first, _ in first })
    }
    return [
      "pane": pane.map { .string("\($0)") } ?? .null, "mouse": .bool(capturesMouse),
      "shares": object(shares.map { ($0, .int(Int64($1))) }),
      "panes": object(panes.map { ($0, .object($1.mapValues { .string($0) })) }),
    ]
  }

  /// Reads what `json` wrote; what it does not know it leaves out.
  package init(json: JSONValue) {
    pane = json["pane"]?.string.flatMap { PaneID(name: $0) }
    capturesMouse = json["mouse"]?.bool ?? true
    for (name, share) in json["shares"]?.object ?? [:] {
      guard let pane = PaneID(name: name), let share = share.int.flatMap({ Int(exactly: $0) }),
        Divider.range.contains(share)
      else { continue }
      shares[pane] = share
    }
    for (name, own) in json["panes"]?.object ?? [:] {
      guard let pane = PaneID(name: name) else { continue }
      panes[pane] = (own.object ?? [:]).compactMapValues(\.string)
    }
  }
}

extension ConsoleSession {
  /// To be kept for the next console on this workspace.
  package var memory: ConsoleMemory {
    var memory = ConsoleMemory()
    memory.pane = current
    memory.capturesMouse = world.capabilities.capturesMouse
    memory.shares = shares
    for (id, pane) in panes where !pane.memory.isEmpty { memory.panes[id] = pane.memory }
    return memory
  }

  /// Takes up where the last console was left; before `start`.
  package mutating func recall(_ memory: ConsoleMemory) {
    if let pane = memory.pane { current = pane }
    world.capabilities.capturesMouse = memory.capturesMouse
    shares = memory.shares
    for (id, own) in memory.panes { panes[id]?.recall(own) }
  }
}
