// How domain values stand in the workspace's JSON columns. What is written here is read by reports
// and by a later version of the program: change it only together with a migration.

import Basics
import Domain
import SQLite

extension MergeValue {
  package var json: JSONValue {
    switch self {
    case .text(let text): .string(text)
    case .number(let number): Int64(exactly: number).map(JSONValue.int) ?? .number(number)
    case .address(let address): address.json
    }
  }

  package init(json: JSONValue) {
    switch json {
    case .string(let text): self = .text(text)
    case .int(let number): self = .number(Double(number))
    case .number(let number): self = .number(number)
    case .object: self = .address(PostalAddress(json: json))
    default: self = .empty
    }
  }
}

extension PostalAddress {
  /// With the names Mailchimp gives the parts.
  package var json: JSONValue {
    [
      "addr1": .string(line1), "addr2": .string(line2), "city": .string(city),
      "state": .string(state), "zip": .string(zip), "country": .string(country),
    ]
  }

  package init(json: JSONValue) {
    self.init()
    line1 = json["addr1"]?.string ?? ""
    line2 = json["addr2"]?.string ?? ""
    city = json["city"]?.string ?? ""
    state = json["state"]?.string ?? ""
    zip = json["zip"]?.string ?? ""
    country = json["country"]?.string ?? ""
  }
}

/// Values by merge tag.
func json(_ values: [String: MergeValue]) -> JSONValue {
  .object(values.mapValues(\.json))
}

func mergeValues(_ json: JSONValue) -> [String: MergeValue] {
  (json.object ?? [:]).mapValues(MergeValue.init(json:))
}

extension FieldChange {
  package var json: JSONValue {
    var members: [String: JSONValue] = [
      "name": .string(name), "old": old.json, "new": new.json,
    ]
    if isHere { members["here"] = true }
    return .object(members)
  }

  package init(json: JSONValue) {
    self.init(
      json["name"]?.string ?? "", old: MergeValue(json: json["old"] ?? ""),
      new: MergeValue(json: json["new"] ?? ""), isHere: json["here"]?.bool ?? false)
  }
}

extension TagForecast {
  package var json: JSONValue {
    if isEmpty { return [:] }
    return [
      "gained": .array(gained.map { .string($0) }), "lost": .array(lost.map { .string($0) }),
    ]
  }

  package init(json: JSONValue) {
    func names(_ part: String) -> [String] { (json[part]?.array ?? []).compactMap(\.string) }
    self.init(gained: names("gained"), lost: names("lost"))
  }
}

extension PlanCounts {
  package var json: JSONValue {
    [
      "create": .int(Int64(create)), "update": .int(Int64(update)),
      "unsubscribe": .int(Int64(unsubscribe)), "archive": .int(Int64(archive)),
      "take": .int(Int64(take)), "arrival": .int(Int64(arrival)),
      "confirmations": .int(Int64(confirmations)), "unchanged": .int(Int64(unchanged)),
      "excluded": .int(Int64(excluded)), "refused": .int(Int64(refused)),
      "tags_added": .int(Int64(tagsAdded)), "tags_removed": .int(Int64(tagsRemoved)),
      "vanished": .int(Int64(vanished)), "restore": .int(Int64(restore)),
      "delete": .int(Int64(delete)), "opt_outs": .int(Int64(optOuts)),
    ]
  }

  package init(json: JSONValue) {
    self.init()
    func count(_ name: String) -> Int { Int(json[name]?.int ?? 0) }
    create = count("create")
    update = count("update")
    unsubscribe = count("unsubscribe")
    archive = count("archive")
    take = count("take")
    arrival = count("arrival")
    confirmations = count("confirmations")
    unchanged = count("unchanged")
    excluded = count("excluded")
    refused = count("refused")
    tagsAdded = count("tags_added")
    tagsRemoved = count("tags_removed")
    vanished = count("vanished")
    restore = count("restore")
    delete = count("delete")
    optOuts = count("opt_outs")
  }
}

extension Problem {
  package var json: JSONValue {
    var members: [String: JSONValue] = [
      "code": .string(code), "sentence": .string(sentence), "remedy": .string(remedy),
    ]
    if !fields.isEmpty { members["fields"] = .object(fields.mapValues(JSONValue.string)) }
    if let cause { members["cause"] = .string(cause) }
    return .object(members)
  }

  package init(json: JSONValue) {
    self.init(
      json["code"]?.string ?? "internal", json["sentence"]?.string ?? "",
      remedy: json["remedy"]?.string ?? "",
      fields: (json["fields"]?.object ?? [:]).compactMapValues(\.string),
      cause: json["cause"]?.string)
  }
}

/// The keys as one bound value for `IN (SELECT value FROM json_each(?))`.
func json(_ keys: some Sequence<AddressKey>) -> String {
  JSONValue.array(keys.map { .string($0.description) }).description
}

extension AddressKey: Bindable {
  package var sqliteValue: SQLiteValue { .text(description) }
}
