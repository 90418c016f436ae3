// A file of people on its way in, in the room of the People pane: its columns with samples, matched to
// our fields; then what would become of every row; then the import. What must stay true: nothing is
// written before somebody saw how many people it concerns and said yes to that number, and what they
// saw is the file that is read.

import Basics
import Domain
import Screen

struct ImportAssistant: Sendable, Equatable {
  enum Step: Sendable, Equatable {
    case columns
    case looking(done: Int)
    case preview
    case writing(done: Int, total: Int)
  }

  let file: ImportFile
  /// What each column is taken for, in the order of the file.
  private(set) var targets: [String]
  private(set) var step = Step.columns
  private(set) var columns: ListState
  private(set) var preview: ImportPreview?
  /// Whose rows are shown.
  private(set) var fate = ImportRow.Fate.added
  private(set) var rows = ListState()
  private(set) var leavesOutRefused = false
  private var ticket: Ticket?
  /// It was said that leaving loses what was matched.
  private var isWarned = false

  init(_ file: ImportFile) {
    self.file = file
    targets = file.columns.map(\.target)
    columns = ListState(total: file.columns.count)
  }

  /// What would be lost by leaving.
  var unsaved: String? {
    switch step {
    case .writing: "\(file.name) is being imported: what is read stays, the rest is left out."
    default:
      targets == file.columns.map(\.target)
        ? nil : "The columns of \(file.name) are matched, and nothing is imported yet."
    }
  }

  private var order: ImportOrder {
    var order = ImportOrder(path: file.path, signature: file.signature)
    order.matching = Dictionary(
      zip(file.columns.map(\.name), targets), uniquingKeysWith: { first, _ in first })
    order.leavesOutRefused = leavesOutRefused
    return order
  }

  /// The row of the preview that is selected.
  var selected: ImportRow? {
    guard let told = preview?.told[fate], told.indices.contains(rows.selected) else { return nil }
    return told[rows.selected]
  }

  // MARK: Matching

  /// Of these a file needs one, or there is nobody to tell apart.
  private static let naming = ["first_name", "last_name", "email", "email2", "email3", "company"]

  /// Why there is nothing to look at yet; nil where there is.
  func whyNotPreview(_ keys: UserKeys) -> String? {
    for (index, target) in targets.enumerated() where !target.isEmpty {
      if let other = targets[..<index].firstIndex(of: target) {
        return "\(file.columns[other].name) and \(file.columns[index].name) are both taken for"
          + " \(Self.title(target)): leave one out."
      }
    }
    if !targets.contains(where: Self.naming.contains) {
      return "No column is taken for a name or an e-mail address: choose one with"
        + " \(keys[ImportAction.match])."
    }
    return nil
  }

  static func title(_ target: String) -> String {
    target.hasPrefix("custom.") ? String(target.dropFirst(7)) : target
  }

  mutating func match(_ target: String) {
    guard targets.indices.contains(columns.selected) else { return }
    targets[columns.selected] = target
    isWarned = false
    preview = nil
  }

  /// What the selected column can be taken for.
  func picker() -> Picker {
    let column = file.columns[columns.selected]
    let own = "custom.\(column.name)"
    var entries = [Picker.Entry("", "Leave it out")]
    if !column.name.isEmpty, !file.targets.contains(own) {
      entries.append(Picker.Entry(own, column.name, ["a new custom field"]))
    }
    entries += file.targets.map { target in
      let taken = zip(file.columns, targets).filter { $1 == target }.map(\.0.name)
      let now = taken.isEmpty ? "" : "now \(taken.joined(separator: ", "))"
      return Picker.Entry(
        target, Self.title(target), [target.hasPrefix("custom.") ? "custom field" : "", now])
    }
    return Picker(
      ImportAction.match, title: "Take '\(column.name)' for", entries: entries,
      selected: targets[columns.selected])
  }

  // MARK: Events

  mutating func act(
    _ action: ActionID, _ keys: UserKeys, _ book: inout TicketBook
  ) -> [Effect] {
    switch action {
    case ImportAction.match: return [.open(.picker(picker()))]
    case ImportAction.leaveOut: match("")
    case ImportAction.further:
      let name = file.columns[columns.selected].name
      if !name.isEmpty { match("custom.\(name)") }
    case ImportAction.look:
      let ticket = book.next()
      (self.ticket, step) = (ticket, .looking(done: 0))
      return [.previewImport(order, ticket)]
    case ImportAction.refused: leavesOutRefused.toggle()
    case ImportAction.run: return confirm(keys, &book)
    case SplitAction.nextTab: turn(1)
    case SplitAction.previousTab: turn(-1)
    default: break
    }
    return []
  }

  /// Nil where there is nothing to go back to in it. What is read or written meanwhile is stopped.
  mutating func goBack() -> [Effect]? {
    switch step {
    case .columns:
      guard unsaved != nil, !isWarned else { return nil }
      isWarned = true
      return [.notice(Notice(.warning, "Esc again leaves; what was matched is lost."))]
    case .preview: step = .columns
    case .looking:
      (step, ticket) = (.columns, nil)
      return [.stopImport]
    case .writing: return [.stopImport]
    }
    return []
  }

  /// Why there is nothing to import; nil where there is.
  func whyNotRun(_ keys: UserKeys) -> String? {
    guard let preview else { return "Look at what it would do first: \(keys[ImportAction.look])." }
    if preview[.refused] > 0, !leavesOutRefused {
      return "\(Wording.count(preview[.refused], "row is", "rows are")) refused: correct the file,"
        + " or \(keys[ImportAction.refused]) leaves them out."
    }
    return preview[.added] + preview[.changed] == 0 ? "It would change nothing." : nil
  }

  private mutating func confirm(_ keys: UserKeys, _ book: inout TicketBook) -> [Effect] {
    guard let preview else { return [] }
    let ticket = book.next()
    self.ticket = ticket
    let count = preview[.added] + preview[.changed]
    var lines = [
      "\(Wording.people(preview[.added])) are added, \(Wording.number(preview[.changed])) changed;"
        + " \(Wording.number(preview[.unchanged])) stay as they are."
    ]
    if preview[.refused] > 0 {
      lines.append(
        "\(Wording.count(preview[.refused], "row is", "rows are")) refused and left out.")
    }
    if !preview.newFields.isEmpty {
      lines.append("New custom fields: \(preview.newFields.joined(separator: ", ")).")
    }
    lines.append("Whoever is on the list by your rules is sent; the guard holds too many at once.")
    lines.append("\(keys[GlobalKeys.undo]) takes it back: who was added is marked as deleted then.")
    let dialog = Dialog(
      title: "Import \(Wording.people(count))", lines: lines, verb: "Import",
      word: count > 100 ? "\(count)" : nil, orders: [.importPeople(order, ticket)])
    return [.open(.dialog(dialog))]
  }

  private mutating func turn(_ by: Int) {
    let all = ImportRow.Fate.allCases
    let now = all.firstIndex(of: fate) ?? 0
    show(all[(now + by + all.count) % all.count])
  }

  private mutating func show(_ fate: ImportRow.Fate) {
    self.fate = fate
    rows = ListState(total: preview?.told[fate]?.count ?? 0)
  }

  /// Nil where it is no answer to it; `isOver` where the import is done.
  mutating func take(_ news: ImportNews, _ ticket: Ticket) -> Bool? {
    guard ticket == self.ticket else { return nil }
    switch news {
    case .looking(let done): if case .looking = step { step = .looking(done: done) }
    case .previewed(let found):
      (preview, step) = (found, .preview)
      leavesOutRefused = leavesOutRefused && found[.refused] > 0
      show(ImportRow.Fate.allCases.first { found[$0] > 0 } ?? .added)
    case .writing(let done, let total): step = .writing(done: done, total: total)
    case .imported: return true
    case .brokenOff:
      // The rows that were written stand otherwise now.
      (step, preview, self.ticket) = (.columns, nil, nil)
    }
    return false
  }

  /// True where the refusal was for it.
  mutating func refuse(_ ticket: Ticket) -> Bool {
    guard ticket == self.ticket else { return false }
    step = preview == nil ? .columns : .preview
    self.ticket = nil
    return true
  }

  mutating func move(_ motion: Motion, _ world: World) {
    let layout = ImportLayout(world, self)
    switch motion {
    case .left, .right:
      if step == .preview { turn(motion == .left ? -1 : 1) }
    default:
      guard let key = GlobalKeys.motions.first(where: { $0.motion == motion })?.keys.first else {
        return
      }
      if step == .preview {
        _ = rows.handle(key, height: layout.list.height - 1)
      } else {
        _ = columns.handle(key, height: layout.list.height - 1)
      }
    }
  }

  mutating func wheel(_ by: Int, _ world: World) {
    let height = ImportLayout(world, self).list.height - 1
    if step == .preview {
      rows.scroll(by: by, height: height)
    } else {
      columns.scroll(by: by, height: height)
    }
  }

  /// True for a double click on a column, which asks what it is.
  mutating func click(_ point: Point, isDouble: Bool, _ world: World) -> Bool {
    let layout = ImportLayout(world, self)
    if step == .preview, layout.tabs.contains(point) {
      let place = point.x - layout.tabs.x
      if let tab = tabs.tab(at: place, width: layout.tabs.width) {
        show(ImportRow.Fate.allCases[tab])
      }
      return false
    }
    guard layout.list.contains(point) else { return false }
    let place = Point(point.x - layout.list.x, point.y - layout.list.y)
    let state = step == .preview ? rows : columns
    guard let row = Table([TableColumn("", minimum: 1)]).row(at: place, in: layout.list.size, state)
    else { return false }
    if step == .preview { rows.select(row) } else { columns.select(row) }
    return isDouble && step == .columns
  }

  var tabs: Tabs {
    Tabs(
      ImportRow.Fate.allCases.map { fate in
        "\(Wording.capitalised(fate.rawValue)) \(Wording.number(preview?[fate] ?? 0))"
      }, active: ImportRow.Fate.allCases.firstIndex(of: fate) ?? 0)
  }

  // MARK: Keys

  func bindings(_ keys: UserKeys) -> [KeyBinding] {
    let isBusy: String? =
      switch step {
      case .columns, .preview: nil
      case .looking: "The file is being read: Esc goes back."
      case .writing: "People are being imported: Esc stops it."
      }
    let refused = preview?[.refused] ?? 0
    var back = KeyBinding(
      ["Esc"], isBusy == nil ? "Leave" : "Stop", GlobalKeys.back, priority: isBusy == nil ? 65 : 95,
      help: "Leave the import; what is being read or written is stopped first.")
    let all: [KeyBinding]
    if step == .preview {
      back.label = "Back to the columns"
      back.help = "Back to what the columns are taken for."
      all = Self.ofPreview(
        keys, whyNotRun: whyNotRun(keys), leavesOutRefused: leavesOutRefused,
        whyNotLeaveOut: refused == 0 ? "No row is refused." : nil)
    } else {
      all = Self.ofColumns(keys, whyNot: isBusy, whyNotPreview: isBusy ?? whyNotPreview(keys))
    }
    return all + [back]
  }

  /// Every key there is, for the README and the manual.
  static func everyBinding(_ keys: UserKeys) -> [KeyBinding] {
    ofColumns(keys, whyNot: nil, whyNotPreview: nil)
      + ofPreview(keys, whyNotRun: nil, leavesOutRefused: false, whyNotLeaveOut: nil)
  }

  private static func ofColumns(
    _ keys: UserKeys, whyNot: String?, whyNotPreview: String?
  ) -> [KeyBinding] {
    [
      KeyBinding(
        ["Enter", "Space"], "Take it for…", ImportAction.match, priority: 80, whyNot: whyNot,
        help: "Choose the field that the selected column is taken for."),
      KeyBinding(
        ["-", "Delete"], "Leave out", ImportAction.leaveOut, priority: 75, whyNot: whyNot,
        help: "Leave the selected column out."),
      KeyBinding(
        ["n"], "New custom field", ImportAction.further, priority: 70, whyNot: whyNot,
        help: "Take the selected column for a new custom field of its name."),
      KeyBinding(
        ["p"], "Preview", ImportAction.look, priority: 90, whyNot: whyNotPreview,
        help: "Look at what would become of every row; nothing is written."),
    ]
  }

  private static func ofPreview(
    _ keys: UserKeys, whyNotRun: String?, leavesOutRefused: Bool, whyNotLeaveOut: String?
  ) -> [KeyBinding] {
    [
      KeyBinding(
        ["i", "Enter"], "Import", ImportAction.run, priority: 90, whyNot: whyNotRun,
        help: "Import what is shown; asks first, with the number of people."),
      KeyBinding(
        ["]"], "Next", SplitAction.nextTab, priority: 80, help: "The rows of the next fate."),
      KeyBinding(["["], "Previous", SplitAction.previousTab, help: "The rows of the one before."),
      KeyBinding(
        ["l"], leavesOutRefused ? "Refuse the file" : "Leave out refused", ImportAction.refused,
        priority: 75, whyNot: whyNotLeaveOut,
        help: "Leave out the rows that are refused, or refuse the file as long as there is one."),
    ]
  }
}

enum ImportAction {
  static let open: ActionID = "people.import"
  static let match: ActionID = "import.match"
  static let leaveOut: ActionID = "import.leave-out"
  static let further: ActionID = "import.new-field"
  static let look: ActionID = "import.preview"
  static let refused: ActionID = "import.leave-out-refused"
  static let run: ActionID = "import.run"
}
