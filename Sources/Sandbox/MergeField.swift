// Merge fields of an audience: what they are, and the calls that list, create, change and delete
// them. A tag is at most ten characters and is cut without a word, as on the real server; values
// hang on the field's number, so that a renamed tag keeps them.

import Basics
import HTTP

package enum MergeType: String, Sendable, CaseIterable {
  case text, number, address, phone, date, url, imageurl, radio, dropdown, birthday, zip
}

package struct MergeField: Sendable, Equatable {
  package let id: Int
  package var tag: String
  package var name: String
  package let type: MergeType
  package var isRequired = false
  package var choices: [String] = []
  /// `none` takes any text, `US` ten digits; nil where the field is no phone.
  package var phoneFormat: String?
  package var dateFormat: String?
  package var size: Int?
  package var defaultValue = ""
  package var isPublic = false
  package var displayOrder: Int
  package var helpText = ""

  package init(id: Int, tag: String, name: String, type: MergeType, displayOrder: Int) {
    self.id = id
    self.tag = tag
    self.name = name
    self.type = type
    self.displayOrder = displayOrder
    switch type {
    case .phone: phoneFormat = "none"
    case .date: dateFormat = "MM/DD/YYYY"
    case .birthday: dateFormat = "MM/DD"
    case .text: size = 25
    default: break
    }
  }

  /// Upper case, A-Z 0-9 _, cut to ten; nil where nothing usable is left.
  static func tag(from text: String) -> String? {
    let usable = text.uppercased().utf8.filter {
      (65...90).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "_")
    }
    let cut = String(decoding: usable.prefix(10), as: UTF8.self)
    return cut.isEmpty ? nil : cut
  }

  private var options: JSONValue {
    var options: [String: JSONValue] = [:]
    if let size { options["size"] = .int(Int64(size)) }
    if let phoneFormat { options["phone_format"] = .string(phoneFormat) }
    if let dateFormat { options["date_format"] = .string(dateFormat) }
    if type == .address { options["default_country"] = 164 }
    if type == .radio || type == .dropdown {
      options["choices"] = .array(choices.map { .string($0) })
    }
    return .object(options)
  }

  func json(list: String, dataCentre: String, _ selection: FieldSelection) -> JSONValue {
    var out = SelectedObject(selection)
    let path = "/lists/\(list)/merge-fields"
    out.put("merge_id", .int(Int64(id)))
    out.put("tag", .string(tag))
    out.put("name", .string(name))
    out.put("type", .string(type.rawValue))
    out.put("required", .bool(isRequired))
    out.put("default_value", .string(defaultValue))
    out.put("public", .bool(isPublic))
    out.put("display_order", .int(Int64(displayOrder)))
    out.put("options", options)
    out.put("help_text", .string(helpText))
    out.put("list_id", .string(list))
    out.put(
      "_links",
      [
        Schema.entry(
          dataCentre, "self", "\(path)/\(id)", target: "Lists/MergeFields/Response.json"),
        Schema.entry(
          dataCentre, "parent", path, target: "Lists/MergeFields/CollectionResponse.json"),
        Schema.entry(
          dataCentre, "update", "\(path)/\(id)", "PATCH",
          target: "Lists/MergeFields/Response.json"),
        Schema.entry(dataCentre, "delete", "\(path)/\(id)", "DELETE"),
      ])
    return out.value
  }
}

extension SandboxAudience {
  static let mergeFieldLimit = 30

  func mergeField(tagged tag: String) -> MergeField? {
    mergeFields.first { $0.tag == tag }
  }

  // MARK: The calls

  func listMergeFields(_ request: HTTPRequest, _ dataCentre: String) throws(Refusal) -> Answer {
    let page = try Page(request)
    var shown = mergeFields.sorted {
      ($0.displayOrder, $0.id) < ($1.displayOrder, $1.id)
    }
    if let type = request.query("type") { shown.removeAll { $0.type.rawValue != type } }
    if let required = request.query("required") {
      shown.removeAll { $0.isRequired != (required == "true") }
    }
    let selection = FieldSelection(
      request, top: ["merge_fields", "list_id", "total_items", "merge_field_limit", "_links"])
    var out = SelectedObject(selection)
    out.put("merge_fields") { inside in
      .array(page.of(shown).map { $0.json(list: id, dataCentre: dataCentre, inside) })
    }
    out.put("list_id", .string(id))
    out.put("total_items", .int(Int64(shown.count)))
    out.put("merge_field_limit", .int(Int64(Self.mergeFieldLimit)))
    let path = "/lists/\(id)/merge-fields"
    out.put(
      "_links",
      [
        Schema.entry(dataCentre, "self", path, target: "Lists/MergeFields/CollectionResponse.json"),
        Schema.entry(
          dataCentre, "create", path, "POST", target: "Lists/MergeFields/Response.json"),
        Schema.entry(dataCentre, "parent", "/lists/\(id)", target: "Lists/Response.json"),
      ])
    return Answer(200, out.value, schema: "Lists/MergeFields/Collection.json")
  }

  func showMergeField(
    _ number: String, _ request: HTTPRequest, _ dataCentre: String
  ) throws(Refusal) -> Answer {
    let field = mergeFields[try mergeFieldIndex(number)]
    let whole = field.json(list: id, dataCentre: dataCentre, .everything)
    let selection = FieldSelection(request, top: Set((whole.object ?? [:]).keys))
    return Answer(200, selection.applied(to: whole), schema: "Lists/MergeFields/Instance.json")
  }

  mutating func createMergeField(
    _ body: JSONValue, _ dataCentre: String
  ) throws(Refusal) -> Answer {
    var missing: [String] = []
    for name in ["name", "type"] where body[name] == nil { missing.append(name) }
    if !missing.isEmpty {
      throw .unvalidated(
        "", "Required fields were not provided: \(missing.joined(separator: ", "))")
    }
    guard let name = body["name"]?.string, let typeName = body["type"]?.string else {
      throw .unvalidated("name", SchemaCheck.found(body["name"] ?? .null, insteadOf: "string"))
    }
    guard let type = MergeType(rawValue: typeName) else {
      throw .unvalidated("type", SchemaCheck.notOneOf(MergeType.allCases.map(\.rawValue)))
    }
    let field = try addMergeField(tag: body["tag"]?.string, name: name, type: type) {
      field throws(Refusal) in
      try Self.take(body, into: &field)
    }
    guard case .object(var answer) = field.json(list: id, dataCentre: dataCentre, .everything)
    else { throw .notFound }
    answer["merge_field_limit"] = .int(Int64(Self.mergeFieldLimit))
    answer["total_items"] = .int(Int64(mergeFields.count))
    return Answer(200, .object(answer), schema: "Lists/MergeFields/Instance.json")
  }

  mutating func changeMergeField(
    _ number: String, _ body: JSONValue, _ dataCentre: String
  ) throws(Refusal) -> Answer {
    let index = try mergeFieldIndex(number)
    var field = mergeFields[index]
    if let name = body["name"]?.string { field.name = name }
    if let text = body["tag"]?.string, let tag = MergeField.tag(from: text), tag != field.tag {
      try refuseTaken(tag)
      field.tag = tag
    }
    try Self.take(body, into: &field)
    mergeFields[index] = field
    return Answer(
      200, field.json(list: id, dataCentre: dataCentre, .everything),
      schema: "Lists/MergeFields/Instance.json")
  }

  mutating func deleteMergeField(_ number: String) throws(Refusal) -> Answer {
    let field = mergeFields.remove(at: try mergeFieldIndex(number))
    forgetValues(of: field.id)
    return Answer(204, nil)
  }

  // MARK: Steps

  /// Adds a field; `adjust` sets what the caller wants beyond the defaults of its type.
  mutating func addMergeField(
    tag wanted: String?, name: String, type: MergeType,
    adjust: (inout MergeField) throws(Refusal) -> Void
  ) throws(Refusal) -> MergeField {
    if mergeFields.count >= Self.mergeFieldLimit {
      throw .invalid("This audience has reached its limit of \(Self.mergeFieldLimit) merge fields.")
    }
    let number = nextMergeID
    let tag = wanted.flatMap(MergeField.tag) ?? "MMERGE\(number)"
    try refuseTaken(tag)
    var field = MergeField(
      id: number, tag: tag, name: name, type: type,
      displayOrder: (mergeFields.map(\.displayOrder).max() ?? 1) + 1)
    try adjust(&field)
    nextMergeID += 1
    mergeFields.append(field)
    return field
  }

  private func refuseTaken(_ tag: String) throws(Refusal) {
    if tag == "EMAIL" || mergeField(tagged: tag) != nil {
      throw .invalid("A Merge Field with the tag \"\(tag)\" already exists for this list.")
    }
  }

  private func mergeFieldIndex(_ number: String) throws(Refusal) -> Int {
    guard let index = mergeFields.firstIndex(where: { String($0.id) == number }) else {
      throw .notFound
    }
    return index
  }

  private static func take(_ body: JSONValue, into field: inout MergeField) throws(Refusal) {
    if let value = body["required"] {
      guard let required = value.bool else {
        throw .unvalidated("required", SchemaCheck.found(value, insteadOf: "boolean"))
      }
      field.isRequired = required
    }
    if let value = body["default_value"]?.string { field.defaultValue = value }
    if let value = body["public"]?.bool { field.isPublic = value }
    if let value = body["display_order"]?.int {
      field.displayOrder = Int(max(0, min(value, 10_000)))
    }
    if let value = body["help_text"]?.string { field.helpText = value }
    guard let options = body["options"] else { return }
    if let format = options["phone_format"]?.string, field.type == .phone {
      field.phoneFormat = format
    }
    if let format = options["date_format"]?.string, field.dateFormat != nil {
      field.dateFormat = format
    }
    if let size = options["size"]?.int, field.type == .text { field.size = Int(clamping: size) }
    if let choices = options["choices"]?.array { field.choices = choices.compactMap(\.string) }
  }
}
