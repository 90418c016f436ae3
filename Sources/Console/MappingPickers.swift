// What a new row of the mapping is chosen from: our fields, then the merge fields it can go into.
// What must stay true: what fits comes first, and what does not says why.

import Basics
import Domain
import Screen

enum MappingPickers {
  /// The entry that makes a merge field.
  static let new = "+"

  /// Our fields, with what one real person has in each.
  static func fields(
    _ action: ActionID, _ board: MappingBoard, _ example: MappingExample?
  ) -> Picker {
    let types = board.customTypes
    // Those without a row first.
    let mapped = Set(board.rows.map(\.field))
    let all = MappingForm.fields(board)
    let fields = all.filter { !mapped.contains($0) } + all.filter { mapped.contains($0) }
    let entries = fields.map { field in
      let tags = board.rows.filter { $0.field == field }.map(\.tag)
      let value = example?.person.value(of: field, customTypes: types).text ?? ""
      return Picker.Entry(
        "\(field)", "\(field)",
        [
          field.type(customTypes: types)?.rawValue ?? "", value,
          tags.isEmpty ? "" : "goes with \(tags.joined(separator: ", "))",
        ])
    }
    return Picker(action, title: "Add a row: which field here?", entries: entries)
  }

  /// The merge fields `field` can go with: those that are free and take its type first, the required
  /// ones before the others.
  static func tags(
    _ action: ActionID, _ field: PersonField, _ board: MappingBoard, _ example: MappingExample?,
    canCreate: Bool
  ) -> Picker {
    let type = field.type(customTypes: board.customTypes) ?? .text
    let entries = (board.mergeFields ?? []).map { merge -> (rank: Int, entry: Picker.Entry) in
      let row = board.rows.first { $0.tag == merge.tag }
      let isFit = merge.type.accepts(type) || !steps(from: type, into: merge).isEmpty
      let why =
        row.map { "\(merge.tag) goes with \($0.field) already: change that row instead." }
        ?? (isFit
          ? ""
          : "\(merge.tag) is a field of type \(merge.type.rawValue), and \(field) is"
            + " \(type.article).")
      let note =
        row.map { "goes with \($0.field)" }
        ?? (isFit ? merge.isRequired ? "required" : "" : "does not fit")
      let rank = !why.isEmpty ? 2 : merge.isRequired ? 0 : 1
      return (
        rank,
        Picker.Entry(
          merge.tag, merge.tag + (merge.isRequired ? " *" : ""),
          [
            merge.name, merge.type.rawValue, example?.seen?[merge.tag]?.plainText ?? "", note,
          ], whyNot: why)
      )
    }
    // After what fits, before what does not.
    let creation = Picker.Entry(new, "Create a merge field for \(field)…", always: true)
    let sorted = entries.enumerated().sorted {
      ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset)
    }
    var all = sorted.map(\.element.entry)
    if canCreate {
      let place = all.firstIndex { !$0.whyNot.isEmpty } ?? all.count
      all.insert(creation, at: place)
    }
    return Picker(action, title: "\(field): with which merge field?", entries: all)
  }

  /// The steps without which a value of this type does not fit, where there are some that help.
  static func steps(from type: FieldType, into field: MergeField) -> [Transform] {
    if field.type.accepts(type) { return [] }
    return type == .date && field.type == .birthday ? [.monthDay] : []
  }

  /// The row that is proposed for what was chosen, the way the workspace lets values go.
  static func row(_ field: PersonField, _ merge: MergeField, _ board: MappingBoard) -> FieldMapping
  {
    let type = field.type(customTypes: board.customTypes) ?? .text
    let direction: SyncDirection = board.direction.sends ? .toMailchimp : .fromMailchimp
    return FieldMapping(
      field, merge.tag, direction: direction,
      transforms: direction.sends ? steps(from: type, into: merge) : [])
  }
}
