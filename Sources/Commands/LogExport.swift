// The log as a file, whatever its length: read and written a page at a time, each in a reading of its
// own, so that neither the memory nor the write-ahead log grows with it.

import Basics
import Console
import Domain
import Storage

struct LogExport: Sendable {
  private let workspace: Workspace
  private let filter: LogFilter
  private let zone: ClockZone

  private static let page = 2000

  init(_ workspace: Workspace, _ filter: LogFilter, _ zone: ClockZone) {
    self.workspace = workspace
    self.filter = filter
    self.zone = zone
  }

  /// Writes every line of the filter that is there now into a new file; returns how many.
  func write(to path: String) throws(Problem) -> Int {
    let reader = try workspace.makeReader()
    defer { reader.close() }
    let file = try PrivateFile.Writer(path)
    var last: Int64 = 0
    var count = 0
    while true {
      let (after, filter) = (last, filter)
      let rows = try reader.readBlocking { (reading) throws(Problem) in
        try reading.reports.logs(filter, after: after, limit: Self.page)
      }
      guard let newest = rows.last else { return count }
      try file.put(Array(rows.map { text($0) + "\n" }.joined().utf8))
      last = newest.id
      count += rows.count
    }
  }

  private func text(_ row: LogRow) -> String {
    let fields = row.line.fields.sorted { $0.key < $1.key }.map { "  \($0.key)=\($0.value)" }
    return LogCommand.line(row, zone) + (fields.isEmpty ? "" : "  ")
      + Text.oneLine(fields.joined())
  }
}
