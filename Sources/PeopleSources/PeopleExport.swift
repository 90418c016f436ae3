// The directory as a CSV file with the native header, custom fields behind it. Importing what was
// exported changes nothing.

import Basics
import Domain
import Storage

package struct PeopleExport: Sendable {
  private let workspace: Workspace

  package init(_ workspace: Workspace) { self.workspace = workspace }

  /// Hands the lines to `put`, a window of people at a time; returns how many people. Without a
  /// search those marked deleted are left out.
  package func run(
    search: String = "-deleted:yes", _ put: @Sendable ([UInt8]) throws(Problem) -> Void
  ) async throws(Problem) -> Int {
    let fields = try await workspace.read { (reading) throws(Problem) in
      try reading.directory.customFields().map(\.name)
    }
    try put(CSVWriter.line(CSVColumn.allCases.map(\.rawValue) + fields))
    var count = 0
    var last: PersonID?
    while true {
      let after = last
      let people = try await workspace.read { (reading) throws(Problem) in
        let ids = try reading.reports.ids(search, after: after, limit: 500)
        let people = try reading.directory.people(ids)
        let managers = try reading.directory.people(Set(people.values.compactMap(\.managerID)))
        return ids.compactMap { id in
          people[id].map { (person: $0, manager: $0.managerID.flatMap { managers[$0] }) }
        }
      }
      guard let end = people.last?.person.id else { return count }
      var lines: [UInt8] = []
      for (person, manager) in people {
        lines += CSVWriter.line(PeopleExport.cells(person, manager: manager, fields))
      }
      try put(lines)
      count += people.count
      last = end
    }
  }

  private static func cells(_ person: Person, manager: Person?, _ fields: [String]) -> [String] {
    let native = CSVColumn.allCases.map { cell($0, person, manager: manager) }
    return native + fields.map { person.customFields[$0] ?? "" }
  }

  static func cell(_ column: CSVColumn, _ person: Person, manager: Person?) -> String {
    switch column {
    case .externalID: person.externalID ?? ""
    case .account: person.account
    case .kind: person.kind.rawValue
    case .firstName: person.firstName
    case .lastName: person.lastName
    case .email: person.emails.first ?? ""
    case .email2: person.emails.dropFirst().first ?? ""
    case .email3: person.emails.dropFirst(2).first ?? ""
    case .phone: person.phone
    case .company: person.company
    case .birthday: person.birthday?.description ?? ""
    case .dateOfBirth: person.dateOfBirth?.description ?? ""
    case .optIn: person.optIn == .unknown ? "" : person.optIn.rawValue
    case .active: person.isActive ? "yes" : "no"
    case .manager: manager.map { $0.externalID ?? "\($0.id)" } ?? ""
    case .updatedAt: person.sourceUpdatedAt?.description ?? ""
    }
  }
}
