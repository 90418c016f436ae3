// The tags that follow what is planned, told beforehand: in the plan of a sync for everybody it
// compares, in one of single changes for those alone whom it holds. What must stay true: it is only
// told here; who gains and loses a tag is found out when the plan is carried out.

import Basics
import Domain
import Storage

extension AddressGroups {
  /// The rows with the tags that follow them; of a sync (`isWhole`) also rows for those who gain or
  /// lose nothing but tags.
  func foretellingTags(
    _ rows: [PlanRow], besides taken: Set<TagID> = [], isWhole: Bool, _ reading: WorkspaceReading
  ) throws(Problem) -> [PlanRow] {
    let planned = Dictionary(rows.map { ($0.key, $0) }) { first, _ in first }
    var subjects: [AddressKey: PersonID] = [:]
    for key in isWhole ? keys : rows.map(\.key) {
      let (row, link) = (planned[key], links[key])
      let joins = row?.action == .create && (link?.status ?? .archived) == .archived
      guard joins || (row?.action != .archive && link?.status?.isTagged ?? false) else { continue }
      subjects[key] = row?.person ?? link?.owner
    }
    var known = try reading.tags.knowledge(audienceID, subjects)
    known.tags.removeAll { taken.contains($0.id) }
    guard !known.tags.isEmpty else { return rows }
    let forecasts = subjects.map { ($0.key, known.forecast($0.key, $0.value)) }
    let told = Dictionary(forecasts) { first, _ in first }.filter { !$0.value.isEmpty }
    let alone = told.keys.filter { planned[$0] == nil }.map { key in
      PlanRow(
        key: key, email: links[key]?.email ?? key.description, person: subjects[key],
        action: .tags, status: nil, changes: [], digest: 0)
    }
    return (alone.isEmpty ? rows : (rows + alone).sorted { $0.key < $1.key }).map { row in
      var row = row
      row.tags = told[row.key] ?? TagForecast()
      return row
    }
  }
}
