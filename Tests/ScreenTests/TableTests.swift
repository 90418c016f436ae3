import Screen
import Support
import Testing

@Suite struct TableTests {
  private let people = Table(
    [
      TableColumn("NAME", minimum: 8, ideal: 14, weight: 1, priority: 9),
      TableColumn("ADDRESS", minimum: 10, ideal: 20, weight: 2, priority: 7),
      TableColumn("SENT", minimum: 6, priority: 3, align: .right),
    ], sort: Table.Sort(column: 0))

  private func row(_ index: Int) -> TableRow? {
    let names = ["Ada Lovelace", "王小明", "Zoë", "Émile Durand de la Tour", "Ann"]
    return TableRow(
      [Run(names[index % 5]), Run("p\(index)@example.org", .dim), Run("\(index * 100)")],
      marked: index == 2)
  }

  @Test func `rows stand under their headings, cut to their columns`() {
    let state = ListState(total: 4, selected: 1)
    let drawn = buffer(50, 6) { canvas in
      people.draw(on: &canvas, state, focused: true, row: row)
    }
    #expect(
      drawn.picture == """
          NAME▲           ADDRESS                    SENT
          Ada Lovelace    p0@example.org                0
        › 王小明          p1@example.org              100
         ◆Zoë             p2@example.org              200
          Émile Durand d… p3@example.org              300
        """)
    #expect(drawn.grounds(2) == String(repeating: "S", count: 49) + ".")
  }

  @Test func `columns of low priority go first and the last one stays`() {
    #expect(people.widths(in: 100) == [33, 59, 6])
    #expect(people.widths(in: 26) == [8, 10, 6])
    #expect(people.widths(in: 25) == [14, 10, nil])
    #expect(people.widths(in: 18) == [18, nil, nil])
    #expect(people.widths(in: 3) == [3, nil, nil])
    #expect(people.widths(in: 0) == [0, nil, nil])
  }

  @Test func `columns fit in their room whatever it is`() async throws {
    try await forAll(500) { random in
      let columns = (0..<Int.random(in: 1...7, using: &random)).map { _ in
        TableColumn(
          "X", minimum: Int.random(in: 1...12, using: &random),
          ideal: Int.random(in: 1...30, using: &random),
          weight: Int.random(in: 0...3, using: &random),
          priority: Int.random(in: 0...3, using: &random))
      }
      let room = Int.random(in: 0...120, using: &random)
      let widths = Table(columns).widths(in: room).compactMap(\.self)
      guard !widths.isEmpty, widths.reduce(0, +) + widths.count - 1 <= max(room, 0) || room == 0
      else { throw Violation("\(widths) in \(room)") }
    }
  }

  @Test func `only the rows in view are asked for, and a late one says so`() {
    var asked: [Int] = []
    var state = ListState(total: 1_000_000)
    state.select(500_000)
    let drawn = picture(30, 5) { canvas in
      people.draw(on: &canvas, state, focused: true) { index in
        asked.append(index)
        return index == 500_000 ? nil : row(index)
      }
    }
    #expect(asked == [499_997, 499_998, 499_999, 500_000])
    #expect(drawn.split(separator: "\n").last == "› …")
  }

  @Test func `an empty table says what it is about`() {
    let table = Table(
      [TableColumn("NAME", minimum: 8)], empty: ["No one yet.", "Press a to add a person."])
    let drawn = picture(30, 5) { canvas in
      table.draw(on: &canvas, ListState(), focused: true) { _ in nil }
    }
    #expect(
      drawn == """
          NAME

                 No one yet.
           Press a to add a person.
        """)
  }

  @Test func `the mouse finds what was drawn`() {
    let state = ListState(total: 40)
    let size = Size(50, 6)
    #expect(people.row(at: Point(5, 3), in: size, state) == 2)
    #expect(people.row(at: Point(5, 0), in: size, state) == nil)
    #expect(people.row(at: Point(5, 6), in: size, state) == nil)
    #expect(people.heading(at: Point(3, 0), in: size) == 0)
    #expect(people.heading(at: Point(46, 0), in: size) == 2)
    #expect(people.heading(at: Point(3, 1), in: size) == nil)
  }

  @Test func `moving keeps the selection in the list and in view`() async throws {
    let keys: [Key] = ["j", "k", "g", "G", "PgUp", "PgDn", "^D", "^U", "Home", "End", "Up", "Down"]
    try await forAll(300) { random in
      var state = ListState(total: Int.random(in: 0...60, using: &random))
      for _ in 0..<30 {
        let height = Int.random(in: 1...20, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: state.resize(to: Int.random(in: 0...60, using: &random))
        case 1: state.scroll(by: Int.random(in: -9...9, using: &random), height: height)
        case 2: state.select(Int.random(in: -5...80, using: &random))
        default:
          _ = state.handle(keys[Int.random(in: 0..<keys.count, using: &random)], height: height)
        }
        let window = state.window(height: height)
        guard state.isEmpty ? window.isEmpty : window.contains(state.selected) else {
          throw Violation("\(state) shows \(window) in \(height)")
        }
        guard window.count == min(height, state.total) else {
          throw Violation("\(state) wastes lines: \(window) in \(height)")
        }
      }
    }
  }

  @Test func `a page down and up comes back`() {
    var state = ListState(total: 100, selected: 10)
    _ = state.handle("PgDn", height: 20)
    #expect(state.selected == 29)
    _ = state.handle("PgUp", height: 20)
    #expect(state.selected == 10)
    #expect(state.handle("x", height: 20) == false)
  }
}
