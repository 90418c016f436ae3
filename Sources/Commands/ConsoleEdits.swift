// What takes an edit back: the order for the state before it, read in the transaction that makes the
// edit. What must stay true: an order that fails leaves no way back behind, because both are of one
// transaction.

import Basics
import Console
import Domain
import Storage

/// An edit carried out: its answer, and its way back where it changed anything.
struct EditOutcome: Sendable {
  var answer: Answer
  var edit: Edit?

  init(_ answer: Answer, _ edit: Edit? = nil) {
    self.answer = answer
    self.edit = edit
  }
}

extension WorkspaceTransaction {
  /// Carries out an order that edits what is kept here; nil where the order is none of these. A way
  /// back gets its ticket when it is taken.
  func edit(_ order: Effect) throws(Problem) -> EditOutcome? {
    let open = Ticket(pane: .overview, generation: 0)
    switch order {
    case .savePerson(let draft, _): return try save(draft, open)
    case .deletePerson(let id, let step, _):
      let name = try name(of: id)
      switch step {
      case .mark:
        try directory.markDeleted(id)
        return EditOutcome(
          .done, Edit("the deletion of \(name)", back: .deletePerson(id, .restore, open)))
      case .restore:
        try directory.undelete(id)
        return EditOutcome(.done, Edit("\(name)'s return", back: .deletePerson(id, .mark, open)))
      case .remove:
        try directory.remove(id)
        return EditOutcome(
          .done,
          Edit(
            name, whyNot: "\(name) was removed for good, which cannot be undone: a backup has them."
          ))
      }
    case .changeMapping(let change, _):
      let made = try changeMapping(change)
      return EditOutcome(
        .mappingChanged(waiting: made.waiting), Self.wayBack(from: change, made, open))
    case .saveSchedule(let id?, let terms, _):
      try ScheduleCommands.check(terms)
      let before = try schedules.schedule(id).terms
      try schedules.set(id, to: terms)
      return EditOutcome(
        .done,
        before == terms ? nil : Edit("the schedule \(id)", back: .saveSchedule(id, before, open)))
    case .saveSchedule(nil, let terms, _):
      try ScheduleCommands.check(terms)
      let id = try schedules.add(terms)
      return EditOutcome(.done, Edit("the new schedule \(id)", back: .removeSchedule(id, open)))
    case .removeSchedule(let id, _):
      let before = try schedules.schedule(id).terms
      try schedules.remove(id)
      return EditOutcome(
        .done, Edit("the removal of a schedule", back: .saveSchedule(nil, before, open)))
    case .editSearch(let edit, _):
      let way = try wayBack(from: edit, open)
      try searches.apply(edit)
      return EditOutcome(.done, way)
    case .saveFilter(let saved, _):
      let name = Text.oneLine(saved.name)
      let before = try filters.all().first { $0.name.lowercased() == name.lowercased() }
      try filters.save(saved)
      let back = before.map { Effect.saveFilter($0, open) } ?? .removeFilter(name, open)
      return EditOutcome(
        .savedFilters(try filters.all()), Edit("the filter '\(name)'", back: back))
    case .removeFilter(let name, _):
      let before = try filters.filter(named: name)
      try filters.remove(named: name)
      return EditOutcome(
        .savedFilters(try filters.all()),
        Edit("the removal of the filter '\(before.name)'", back: .saveFilter(before, open)))
    case .applyPreset(let preset, _): return try apply(preset, open)
    case .saveSettings(let edits, _):
      let before = try settings.values()
      for edit in edits {
        if let text = edit.value?.reveal() {
          try settings.set(edit.key, to: text)
        } else {
          try settings.unset(edit.key)
        }
      }
      try requests.insert(.settingsChanged)
      return EditOutcome(.done, before.wayBack(from: edits))
    case .together(let orders, let what, _):
      var back: [Effect] = []
      for order in orders {
        if let way = try edit(order)?.edit?.back { back.insert(way, at: 0) }
      }
      return EditOutcome(
        .done, back.isEmpty ? nil : Edit(what, back: .together(back, what: what, open)))
    default: return nil
    }
  }

  /// One step back: its settings as they were, without the schedules it made, and the rows it found.
  private func apply(_ preset: Preset, _ open: Ticket) throws(Problem) -> EditOutcome {
    let values = try settings.values()
    let (rows, known) = (try audiences.mapping(), Set(try schedules.all().map(\.id)))
    try apply(preset)
    try requests.insert(.settingsChanged)
    let edits = preset.settings.sorted { $0.key < $1.key }
      .map { SettingEdit(key: $0.key, value: Secret($0.value)) }
    var back = [values.wayBack(from: edits)?.back].compactMap { $0 }
    back += try schedules.all().filter { !known.contains($0.id) }
      .map { .removeSchedule($0.id, open) }
    let filled = try audiences.mapping()
    if filled != rows { back.append(.changeMapping(.restore(rows, expecting: filled), open)) }
    let what = "the preset \(preset.rawValue)"
    return EditOutcome(
      .done, back.isEmpty ? nil : Edit(what, back: .together(back, what: what, open)))
  }

  /// The rows as they were, expecting those that the edit left: nobody else's edit is overwritten.
  private static func wayBack(
    from change: MappingChange, _ made: MappingEdit, _ open: Ticket
  ) -> Edit? {
    let (before, after) = (made.before.rows, made.after.rows)
    let what =
      switch change {
      case .set(let row, _): "the mapping of \(row.tag)"
      case .remove(let tag): "the removal of \(tag) from the mapping"
      case .move(let tag, _): "the place of \(tag) in the mapping"
      case .backfill: "bringing everybody in step"
      case .restore:
        Self.only(before, after).map { "the mapping of \($0)" } ?? "the edit of the mapping"
      }
    if case .backfill = change {
      return Edit(what, whyNot: "What was sent is undone in Executions.")
    }
    let isSame =
      before.count == after.count && zip(before, after).allSatisfy { $0.saysTheSame(as: $1) }
    return isSame ? nil : Edit(what, back: .changeMapping(.restore(before, expecting: after), open))
  }

  /// The one tag whose row is another one; nil where it is not one.
  private static func only(_ before: [FieldMapping], _ after: [FieldMapping]) -> String? {
    func others(_ rows: [FieldMapping], _ than: [FieldMapping]) -> [String] {
      rows.filter { row in !than.contains { $0.saysTheSame(as: row) } }.map(\.tag)
    }
    let tags = Set(others(before, after) + others(after, before))
    return tags.count == 1 ? tags.first : nil
  }

  // MARK: People

  private func name(of id: PersonID) throws(Problem) -> String {
    try directory.person(id).map { "\($0.displayName) (\(id))" } ?? "person \(id)"
  }

  private func save(_ draft: PersonDraft, _ open: Ticket) throws(Problem) -> EditOutcome {
    let before: Person?
    if let id = draft.id { before = try directory.person(id) } else { before = nil }
    let id = try directory.apply(draft)
    guard let before else {
      return EditOutcome(
        .savedPerson(id),
        Edit("the new person \(try name(of: id))", back: .deletePerson(id, .mark, open)))
    }
    var back = PersonDraft(id: id)
    for field in draft.values.keys where field != .email && field != .address {
      let text = before.value(of: field).text
      // A manager is named by number; an empty text is nobody.
      back.values[field] = field == .manager && !text.isEmpty ? "#\(text)" : text
    }
    if draft.emails != nil || draft.values[.email] != nil { back.emails = before.emails }
    for part in PostalAddress.parts
    where draft.address[part.name] != nil || draft.values[.address] != nil {
      back.address[part.name] = before.postalAddress?[keyPath: part.path] ?? ""
    }
    return EditOutcome(
      .savedPerson(id), Edit("the edit of \(try name(of: id))", back: .savePerson(back, open)))
  }

  // MARK: Searches and tags

  private func wayBack(from edit: SavedSearchEdit, _ open: Ticket) throws(Problem) -> Edit? {
    func saved(_ name: String, as old: String?) throws(Problem) -> Effect? {
      try searches.find(name).map { before in
        .editSearch(
          .save(
            old: old, name: before.name, filter: before.query.description, isTag: before.isTag),
          open)
      }
    }
    switch edit {
    case .save(nil, let name, _, _):
      return Edit(
        "the new search '\(name)'", back: .editSearch(.remove(name, leavingTag: false), open))
    case .save(let old?, let name, _, _):
      return try saved(old, as: name).map { Edit("the search '\(name)'", back: $0) }
    case .mark(let name, _):
      return try searches.find(name).map { before in
        Edit("the tag '\(name)'", back: .editSearch(.mark(name, isTag: before.isTag), open))
      }
    case .remove(let name, _):
      return try saved(name, as: nil).map { Edit("the removal of the search '\(name)'", back: $0) }
    case .adopt(let name), .renameTag(let name, _), .nameTagBack(let name), .takeTagOff(let name):
      return Edit(
        "the tag '\(name)'",
        whyNot: "What was decided of the tag '\(name)' at Mailchimp cannot be undone from here.")
    }
  }
}

extension SettingValues {
  /// What puts these settings back to what they are now, after `edits`.
  func wayBack(from edits: [SettingEdit]) -> Edit? {
    let changed = edits.filter { $0.value?.reveal() != texts[$0.key] }
    guard let first = changed.first else { return nil }
    let label = Settings.description(of: first.key)?.label ?? first.key
    let back = changed.map { SettingEdit(key: $0.key, value: texts[$0.key].map { Secret($0) }) }
    return Edit(
      changed.count == 1
        ? "the setting \(label)" : "the \(changed.count) settings changed together",
      back: .saveSettings(back, Ticket(pane: .overview, generation: 0)))
  }
}
