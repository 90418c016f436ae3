// Which schedules will not run once the engine stops with this console: the same words on screen, on
// the terminal afterwards, and in the log where the terminal went away.

import Domain

package struct StoppedSchedules: Sendable, Equatable {
  package var schedules: [Schedule]

  package init(_ schedules: [Schedule]) { self.schedules = schedules }

  private static let most = 4

  /// A sentence and a line for each; empty where nothing is lost.
  package var lines: [String] {
    guard !schedules.isEmpty else { return [] }
    let named = schedules.prefix(Self.most).map { "  \($0.title)" }
    let more = schedules.count - named.count
    return ["Until an engine runs again these schedules do not run:"] + named
      + (more > 0 ? ["  and \(more) more"] : [])
  }

  /// All of them in one sentence, for a log.
  package var sentence: String {
    "Until an engine runs again these schedules do not run: "
      + schedules.map(\.title).joined(separator: "; ") + "."
  }
}
