// The two memories of an import: what a whole file must keep to (`FileChecker`), and how far its
// application has come (`ImportState`).

import Basics
import Domain
import Storage

/// Collects what is wrong with a file: everything, not only the first.
struct FileChecker: Sendable {
  private let reader: RowReader
  private(set) var rows = 0
  /// The line of each external id.
  private(set) var lines: [String: Int] = [:]
  /// The lines that name each account manager.
  private(set) var managers: [String: [Int]] = [:]
  /// Lines that are refused.
  private(set) var refused: Set<Int> = []
  /// The first problems, and how many there are.
  private(set) var told: [Problem] = []
  private var count = 0
  private let mostTold: Int

  init(_ reader: RowReader, telling most: Int = PeopleImport.mostTold) {
    self.reader = reader
    mostTold = most
  }

  mutating func check(_ row: CSVRow) {
    rows += 1
    let (patch, problems) = reader.read(row)
    for problem in problems { add(problem, row.line) }
    if let id = patch.externalID {
      if let line = lines[id] {
        add(
          Problem(
            "import.duplicate-external-id",
            "Line \(row.line): the external id \(id) stands on line \(line) too.",
            remedy: "Give each person an external id of their own.",
            fields: ["line": "\(row.line)"]), row.line)
      } else {
        lines[id] = row.line
      }
    }
    if let manager = patch.manager.value { managers[manager, default: []].append(row.line) }
  }

  mutating func missManager(_ name: String) {
    for line in managers[name] ?? [0] {
      add(
        Problem(
          "import.unknown-manager",
          "Line \(line): the account manager \(name) is neither in the file nor in the directory.",
          remedy: "Add them to the file, or leave the cell empty.", fields: ["line": "\(line)"]),
        line)
    }
  }

  /// External ids of refused rows that other rows name as account manager.
  var refusedManagers: [String] {
    managers.keys.filter { name in lines[name].map { refused.contains($0) } ?? false }.sorted()
  }

  /// Refuses the rows whose account manager stands on a refused row and nowhere else, and theirs:
  /// a child must not come in without the manager who is written to instead.
  mutating func refuseChildren(of missing: [String]) {
    let byLine = Dictionary(lines.map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    var rest = missing
    var seen = Set(missing)
    while let name = rest.popLast() {
      for line in managers[name] ?? [] where !refused.contains(line) {
        add(
          Problem(
            "import.manager-refused",
            "Line \(line): the row of the account manager \(name) is refused.",
            remedy: "Correct that row first.", fields: ["line": "\(line)"]), line)
        if let id = byLine[line], seen.insert(id).inserted { rest.append(id) }
      }
    }
  }

  private mutating func add(_ problem: Problem, _ line: Int) {
    count += 1
    refused.insert(line)
    if told.count < mostTold { told.append(problem) }
  }

  /// Throws when anything was wrong: the problem itself where it is the only one, else all of them
  /// in one.
  func verdict(_ file: String) throws(Problem) {
    guard var first = told.first else { return }
    if count == 1 {
      first.sentence = "\(file): \(first.sentence)"
      first.remedy += " Nothing was written."
      throw first
    }
    let lines = told.map { "\($0.sentence) \($0.remedy)" }
    let more = count - told.count
    throw Problem(
      "import.refused",
      "\(file) has \(count) problems; nothing was written.\n"
        + lines.joined(separator: "\n") + (more > 0 ? "\nAnd \(more) more." : ""),
      remedy: "Correct the file and import it again.",
      fields: ["count": "\(count)", "line": first.fields["line"] ?? ""])
  }
}

/// How far the application of a file has come.
struct ImportState: Sendable {
  let startedAt: Instant
  let file: String
  var added = 0
  var changed = 0
  var unchanged = 0
  var refusalsKept = 0
  /// External ids of the file: who has one of them is meant by that row and by no other.
  let externalIDs: Set<String>
  /// People whom a row without an external id stood for; no other row stands for them.
  var taken: Set<PersonID> = []
  /// Lines that name somebody new at an address that somebody had here before, whom no line names.
  var beside: Set<Int> = []
  /// Rows whose account manager is not in the directory yet.
  var deferred: [PersonPatch] = []
  /// How decisions it brings begin.
  var howPrefix = PersonPatch.howPrefix
  /// Whom it touched, before (nil for somebody new) and after; kept only where somebody asks.
  var touched: [(id: PersonID, before: Person?, after: Person)]?
  /// By which it can be taken back.
  var mark: EditMark?
  /// Set when managers manage each other: the rows are then written without, and joined after.
  var takesAll = false

  init(startedAt: Instant, file: String, externalIDs: Set<String>) {
    self.startedAt = startedAt
    self.file = file
    self.externalIDs = externalIDs
  }

  var done: Int { added + changed + unchanged }

  mutating func apply(_ patches: [PersonPatch], on tx: WorkspaceTransaction) throws(Problem) {
    let directory = tx.directory
    let ids = try directory.ids(externalIDs: patches.compactMap(\.externalID))
    let people = try directory.people(Array(ids.values))
    var managers = try directory.managers(patches.compactMap(\.manager.value))
    var unjoined: [(PersonID, String, PersonPatch)] = []
    for patch in patches {
      let before = try person(patch, ids, people, directory)
      if let name = patch.manager.value, managers[name] == nil, !takesAll {
        // Somebody of this very chunk may be the manager.
        managers[name] = try directory.managers([name])[name]
        if managers[name] == nil {
          deferred.append(patch)
          continue
        }
      }
      let evidence = patch.place ?? "\(file) line \(patch.line)"
      var after = before ?? Person(id: PersonID(0), account: "", noticedAt: tx.now)
      let isHeard = patch.apply(
        to: &after, decidedAt: startedAt, how: howPrefix + evidence)
      if !isHeard { refusalsKept += 1 }
      switch patch.manager {
      case .absent: break
      case .empty: after.managerID = nil
      case .value(let name):
        if let manager = managers[name] { after.managerID = manager }
      }
      let id = try save(after, over: before, evidence, tx)
      if before == nil { try noteBeside(patch, directory, added: id) }
      if patch.externalID == nil { taken.insert(id) }
      if let name = patch.manager.value, managers[name] == nil {
        unjoined.append((id, name, patch))
      }
    }
    for (id, name, patch) in unjoined {
      if let manager = try directory.managers([name])[name] {
        try directory.update(id) { $0.managerID = manager }
      } else {
        // The circle is longer than a chunk; the next round joins it.
        deferred.append(patch)
      }
    }
  }

  /// What would become of these rows, without writing; the directory is read as it is.
  mutating func judge(
    _ patches: [PersonPatch], _ directory: DirectoryStore, at now: Instant
  ) throws(Problem) -> [ImportRow] {
    let ids = try directory.ids(externalIDs: patches.compactMap(\.externalID))
    let people = try directory.people(Array(ids.values))
    let managers = try directory.managers(patches.compactMap(\.manager.value))
    return try patches.map { (patch) throws(Problem) in
      let before = try person(patch, ids, people, directory)
      var after = before ?? Person(id: PersonID(0), account: "", noticedAt: now)
      if !patch.apply(to: &after, decidedAt: startedAt, how: howPrefix + file) { refusalsKept += 1 }
      switch patch.manager {
      case .absent: break
      case .empty: after.managerID = nil
      // One who comes with this file has no id yet.
      case .value(let name): after.managerID = managers[name] ?? PersonID(0)
      }
      if before == nil { try noteBeside(patch, directory) }
      if patch.externalID == nil, let before { taken.insert(before.id) }
      let clean = after.cleaned()
      let row = ImportRow(
        id: Int64(patch.line), before == nil ? .added : clean == before ? .unchanged : .changed,
        name: clean.displayName, email: clean.primaryEmail ?? "")
      return before.map { old in
        var row = row
        row.text = ImportState.changes(from: old, to: clean)
        return row
      } ?? row
    }
  }

  /// `last_name: Byron → King, phone: (empty) → 12`
  private static func changes(from old: Person, to new: Person) -> String {
    let custom = Set(old.customFields.keys).union(new.customFields.keys).sorted()
    let fields = PersonField.builtIn + custom.map { .custom($0) }
    func shown(_ text: String) -> String { text.isEmpty ? "(empty)" : text }
    var changes = fields.compactMap { field -> String? in
      let (a, b) = (old.value(of: field).text, new.value(of: field).text)
      if field == .manager, a != b { return "account manager" }
      return a == b ? nil : "\(field): \(shown(a)) → \(shown(b))"
    }
    if old.emails.dropFirst() != new.emails.dropFirst() { changes.append("further addresses") }
    if changes.isEmpty, old.sourceUpdatedAt != new.sourceUpdatedAt { changes.append("updated_at") }
    return changes.joined(separator: ", ")
  }

  private mutating func save(
    _ after: Person, over before: Person?, _ evidence: String, _ tx: WorkspaceTransaction
  ) throws(Problem) -> PersonID {
    guard let before else {
      try tx.give(evidence: evidence)
      added += 1
      let id = try tx.directory.add(after)
      touched?.append((id, nil, after))
      return id
    }
    if after == before {
      unchanged += 1
      return before.id
    }
    try tx.give(evidence: evidence)
    if try tx.directory.save(after, over: before) {
      changed += 1
      touched?.append((before.id, before, after))
    } else {
      unchanged += 1
    }
    return before.id
  }

  /// A name that was corrected in a file looks like a second person at the address. Nobody is guessed
  /// to be another, because families share addresses; it is said.
  private mutating func noteBeside(
    _ patch: PersonPatch, _ directory: DirectoryStore, added id: PersonID? = nil
  ) throws(Problem) {
    guard patch.externalID == nil, let key = patch.key else { return }
    let others = try directory.people(at: key).filter {
      $0.id != id && !taken.contains($0.id)
        && !($0.externalID.map { externalIDs.contains($0) } ?? false)
    }
    if !others.isEmpty { beside.insert(patch.line) }
  }

  /// Whom a row stands for; nil for somebody new.
  private func person(
    _ patch: PersonPatch, _ ids: [String: PersonID], _ people: [PersonID: Person],
    _ directory: DirectoryStore
  ) throws(Problem) -> Person? {
    guard let externalID = patch.externalID else { return try match(patch, directory) }
    return ids[externalID].flatMap { people[$0] }
  }

  /// Whom a row without an external id stands for: the same names at the same address, or the same
  /// names without any; those without an external id first, then the smaller id.
  private func match(_ patch: PersonPatch, _ directory: DirectoryStore) throws(Problem) -> Person? {
    let names = (patch.texts[.firstName], patch.texts[.lastName], patch.texts[.company])
    let candidates =
      if let key = patch.key {
        try directory.people(at: key)
      } else {
        try directory.peopleWithoutAddress(
          firstName: names.0 ?? "", lastName: names.1 ?? "")
      }
    func same(_ a: String?, _ b: String) -> Bool { a.map { $0 == b } ?? true }
    return
      candidates
      .filter { person in
        !taken.contains(person.id)
          && !(person.externalID.map { externalIDs.contains($0) } ?? false)
          && same(names.0, person.firstName)
          && same(names.1, person.lastName)
          && (patch.key != nil || same(names.2, person.company))
      }
      .min { a, b in
        (a.externalID == nil ? 0 : 1, a.id) < (b.externalID == nil ? 0 : 1, b.id)
      }
  }
}
