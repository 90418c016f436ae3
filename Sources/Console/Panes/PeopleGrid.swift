// How a list of people looks: the columns somebody chose, the order they are in, and what stands in
// each. The first column stays where it is when the others are moved sideways.

import Basics
import Domain
import Screen

struct PeopleGrid: Sendable, Equatable {
  private(set) var columns = PersonColumn.usual
  var sort = PeopleSort()
  /// Columns after the first that are moved out to the left.
  private(set) var skipped = 0

  mutating func choose(_ words: [String]) {
    let chosen = words.compactMap { PersonColumn($0) }
    columns = chosen.isEmpty ? PersonColumn.usual : chosen
    skipped = 0
  }

  var memory: [String: String] {
    var memory: [String: String] = [:]
    if columns != PersonColumn.usual {
      memory["columns"] = columns.map(\.word).joined(separator: "\n")
    }
    if sort != PeopleSort() { memory["sort"] = sort.description }
    return memory
  }

  mutating func recall(_ memory: [String: String]) {
    if let words = memory["columns"] { choose(words.split(separator: "\n").map(String.init)) }
    if let known = memory["sort"].flatMap({ PeopleSort($0) }) { sort = known }
  }

  mutating func scroll(_ step: Int, width: Int) {
    let hidden = table.widths(in: max(0, width - 3)).contains(nil)
    if step > 0, !hidden { return }
    skipped = max(0, min(skipped + step, columns.count - 2))
  }

  /// Those that are drawn where there is room.
  var shown: [PersonColumn] {
    Array(columns.prefix(1) + columns.dropFirst(1 + skipped))
  }

  private var table: Table { Table(tableColumns, sort: tableSort) }

  var tableColumns: [TableColumn] {
    shown.enumerated().map { index, column in Self.column(column, priority: 100 - index) }
  }

  var tableSort: Table.Sort? {
    shown.firstIndex(of: sort.column).map { Table.Sort(column: $0, descending: sort.isDescending) }
  }

  /// The column whose heading is at a place in a list of this size.
  func heading(at point: Point, in size: Size) -> PersonColumn? {
    table.heading(at: point, in: size).map { shown[$0] }
  }

  /// What the frame says beside the name of the list: an order that no heading shows, and what is
  /// hidden on either side.
  func remarks(_ keys: UserKeys, width: Int) -> String {
    var parts: [String] = []
    let room = table.widths(in: max(0, width - 3))
    let hidden = room.filter { $0 == nil }.count
    let isSortShown = tableSort.map { room[$0.column] != nil } ?? false
    if !isSortShown { parts.append("by \(sort.column.title.lowercased())") }
    if skipped > 0 || hidden > 0 {
      let count = skipped + hidden
      parts.append(
        "\(count) more \(count == 1 ? "column" : "columns"), \(keys.move(.left)) \(keys.move(.right))"
      )
    }
    return parts.joined(separator: ", ")
  }

  private static func column(_ column: PersonColumn, priority: Int) -> TableColumn {
    func made(
      _ minimum: Int, _ ideal: Int? = nil, weight: Int = 0, align: Alignment = .left
    ) -> TableColumn {
      TableColumn(
        column.title, minimum: minimum, ideal: ideal, weight: weight, priority: priority,
        align: align)
    }
    switch column {
    case .state: return made(10)
    case .name: return made(12, 20, weight: 1)
    case .email: return made(16, 30, weight: 2)
    case .reason: return made(12, 20)
    case .optIn: return made(8)
    case .account, .company, .manager: return made(10, 16)
    case .phone, .externalID: return made(12, 15)
    case .kind: return made(12)
    case .active, .country: return made(8)
    case .birthday: return made(9)
    case .dateOfBirth: return made(10)
    case .changed, .added: return made(14)
    case .city, .source, .custom: return made(10, 14)
    case .tags: return made(10, 20, weight: 1)
    case .id: return made(8, align: .right)
    }
  }

  func cells(_ row: PersonRow, _ world: World) -> [Run] {
    shown.map { Self.cell($0, of: row, world) }
  }

  private static func cell(_ column: PersonColumn, of row: PersonRow, _ world: World) -> Run {
    switch column {
    case .state:
      let sign = Wording.sign(row.state, world.capabilities.glyphs)
      return Run("\(sign) \(row.state.rawValue)", Wording.role(row.state))
    case .name:
      let isGone = row.isDeleted || !row.isActive
      return Run(row.isDeleted ? "\(row.name) (deleted)" : row.name, isGone ? .dim : .text)
    case .email: return Run(row.email)
    case .reason: return Run(row.fullReason, row.state == .refused ? .danger : .dim)
    case .optIn: return Run(row.optIn.rawValue)
    case .account: return Run(row.account, .dim)
    case .changed: return Run(Wording.short(row.changedAt, in: world), .dim)
    case .added: return Run(row.addedAt.map { Wording.short($0, in: world) } ?? "", .dim)
    case .active: return Run(row.isDeleted ? "deleted" : row.isActive ? "yes" : "no")
    case .id: return Run("\(row.id)", .dim)
    case .source: return Run(row.source, .dim)
    default: return Run(row.details[column] ?? "")
    }
  }

  // MARK: Choosing

  func chooser(_ custom: [CustomField]) -> ColumnChooser {
    let all = PersonColumn.builtIn + custom.map { PersonColumn.custom($0.name) }
    return ColumnChooser(
      PeopleAction.columns,
      all: all.map {
        ColumnChooser.Item(id: $0.word, title: $0.title, help: $0.help, isChosen: false)
      },
      chosen: columns.map(\.word), usual: PersonColumn.usual.map(\.word))
  }

  /// The columns that are shown first, then all others a list can be in the order of.
  func sortMenu(_ custom: [CustomField]) -> Menu {
    let others = (PersonColumn.builtIn + custom.map { .custom($0.name) })
      .filter { !columns.contains($0) }
    let all = (columns + others).filter(\.isSortable)
    // Without those that move or leave.
    let letters = Array("abcdefghilmnoprstuvwxyz".unicodeScalars)
    let items = all.enumerated().map { index, column in
      let wanted = column == sort.column ? sort.reversed : PeopleSort(column)
      let letter = index < letters.count ? Key(letters[index]) : Key("-")
      let now = column == sort.column ? "  (now; turns it round)" : ""
      return Menu.Item(
        letter, column.title + now,
        .tell(.submitted(PeopleAction.sort, ["sort": wanted.description])))
    }
    return Menu(
      title: "Sort by", items: items, selected: all.firstIndex(of: sort.column) ?? 0)
  }
}
