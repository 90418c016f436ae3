// Merge fields: which values each type takes, the words of each refusal, and the limits that bite
// in silence.

import Basics
import Support
import Testing

@testable import Sandbox

struct ValueCase: Sendable, CustomTestStringConvertible {
  let type: MergeType
  let sent: JSONValue
  /// What is stored, or nil where it is refused with `message`.
  let stored: JSONValue?
  let message: String

  init(_ type: MergeType, _ sent: JSONValue, stored: JSONValue) {
    (self.type, self.sent, self.stored, message) = (type, sent, stored, "")
  }

  init(_ type: MergeType, _ sent: JSONValue, refused message: String) {
    (self.type, self.sent, stored, self.message) = (type, sent, nil, message)
  }

  var testDescription: String { "\(type.rawValue) \(sent)" }
}

private let dateRefusal = "Please enter the date"
private let birthdayRefusal = "Please enter a month (01-12) and a day (01-31)"
private let addressRefusal = "Please enter a complete address"

@Suite struct MergeFieldTests {
  // MARK: Values

  @Test(arguments: [
    ValueCase(.text, "Ada", stored: "Ada"), ValueCase(.text, 7, stored: "7"),
    ValueCase(.number, 7, stored: 7), ValueCase(.number, "7.5", stored: 7.5),
    ValueCase(.number, "", stored: ""),
    ValueCase(.number, "-7", stored: -7),
    ValueCase(.number, "1 000", refused: "Please enter a number"),
    ValueCase(.number, "1e5", refused: "Please enter a number"),
    ValueCase(.number, "AAAAA", refused: "Please enter a number"),
    ValueCase(.date, "2020-02-29", stored: "2020-02-29"),
    ValueCase(.date, "2020-02-29T10:00:00Z", stored: "2020-02-29"),
    ValueCase(.date, "", stored: ""), ValueCase(.date, "2021-02-29", refused: dateRefusal),
    ValueCase(.date, "DecDec/MonMon/2019", refused: dateRefusal),
    ValueCase(.birthday, "12/31", stored: "12/31"), ValueCase(.birthday, "31/12", stored: "12/31"),
    ValueCase(.birthday, "1/2", refused: birthdayRefusal),
    ValueCase(.birthday, "1980-12-31", refused: birthdayRefusal),
    ValueCase(.birthday, "13/13", refused: birthdayRefusal),
    ValueCase(.birthday, "00/01", refused: birthdayRefusal),
    ValueCase(.phone, "000", stored: "000"),
    ValueCase(.phone, "+44 20 7946", stored: "+44 20 7946"),
    ValueCase(.url, "https://example.org/a", stored: "https://example.org/a"),
    ValueCase(.url, "example.org", refused: "Please enter a valid URL"),
    ValueCase(.imageurl, "not a url", refused: "Please enter a valid URL"),
    ValueCase(.zip, "12345", stored: "12345"),
    ValueCase(.zip, "1234", refused: "Please enter a zip code of five digits"),
    ValueCase(.radio, "Red", stored: "Red"),
    ValueCase(.dropdown, "Mauve", refused: "Please select one of the choices"),
    ValueCase(.address, "1 Main Street", refused: addressRefusal),
    ValueCase(
      .address, ["addr1": "1 Main Street", "city": "", "state": "", "zip": ""],
      refused: addressRefusal),
    ValueCase(
      .address, ["street": "1 Main Street", "city": "London", "state": "", "zip": "1"],
      refused: addressRefusal),
    ValueCase(
      .address, ["addr1": "1 Main Street", "city": "London", "zip": "1"], refused: addressRefusal),
    ValueCase(
      .address, ["addr1": "1 Main Street", "city": "London", "state": "", "zip": "1"],
      stored: [
        "addr1": "1 Main Street", "addr2": "", "city": "London", "state": "", "zip": "1",
        "country": "US",
      ]),
    ValueCase(
      .address, ["addr1": "", "city": "", "state": "", "zip": ""],
      stored: [
        "addr1": "", "addr2": "", "city": "", "state": "", "zip": "", "country": "US",
      ]),
  ])
  func `a value is taken or refused by its type`(_ value: ValueCase) async throws {
    let isMalformed =
      value.sent.object != nil && value.sent["state"] == nil
      || value.sent["street"] != nil
    let practice = try Practice(malformed: isMalformed)
    try practice.field("IT", value.type, choices: ["Red", "Blue"])
    let answer = try await practice.post(ada, "subscribed", ["merge_fields": ["IT": value.sent]])
    if let stored = value.stored {
      #expect(answer["merge_fields"]["IT"] == stored)
    } else {
      expectErrors(answer, mergeInvalid, [("IT", value.message)])
      #expect(try await practice.get(ada).status == 404)
    }
  }

  @Test func `a text of more than 255 characters is refused`() async throws {
    let practice = try Practice()
    let longest = String(repeating: "é", count: 255)
    let taken = try await practice.add(
      ada, "subscribed", ["merge_fields": ["FNAME": .string(longest)]])
    #expect(taken["merge_fields"]["FNAME"] == .string(longest))
    let answer = try await practice.patch(ada, ["merge_fields": ["FNAME": .string(longest + "e")]])
    #expect(answer["errors"][0]?["field"] == "FNAME")
  }

  @Test func `an American phone number has ten digits`() async throws {
    let practice = try Practice()
    let field = try await practice.api.call(
      "POST", "\(practice.lists)/merge-fields",
      ["name": "Mobile", "type": "phone", "tag": "MOBILE", "options": ["phone_format": "US"]])
    #expect(field["options"]["phone_format"] == "US")
    #expect(
      try await practice.post(ada, "subscribed", ["merge_fields": ["MOBILE": "123"]]).status == 400)
    let taken = try await practice.post(
      ada, "subscribed", ["merge_fields": ["MOBILE": "(555) 123-4567"]])
    #expect(taken["merge_fields"]["MOBILE"] == "(555) 123-4567")
  }

  @Test func `all fields that are wrong are told at once`() async throws {
    let practice = try Practice()
    try practice.field("CDATE", .date)
    try practice.field("TDATE", .date)
    expectErrors(
      try await practice.post(
        ada, "subscribed", ["merge_fields": ["TDATE": "soon", "CDATE": "later"]]),
      mergeInvalid, [("CDATE", dateRefusal), ("TDATE", dateRefusal)])
  }

  // MARK: Required fields and addresses that poison

  @Test func `a required field that an administrator adds breaks writes of everybody`()
    async throws
  {
    let practice = try Practice()
    try await practice.add(ada)
    try practice.perform(.adminAddsRequiredField(tag: "CITY", name: "City"))
    let missing = [("CITY", "Please enter a value")]
    expectErrors(
      try await practice.put(ada, ["status_if_new": "subscribed", "merge_fields": ["FNAME": "A"]]),
      mergeInvalid, missing)
    expectErrors(try await practice.post(grace), mergeInvalid, missing)
    expectErrors(
      try await practice.post(grace, "subscribed", ["merge_fields": ["CITY": ""]]), mergeInvalid,
      missing)
    let given = try await practice.put(ada, ["merge_fields": ["CITY": "London"]])
    #expect(given.status == 200)
    let later = try await practice.put(ada, ["merge_fields": ["FNAME": "Augusta"]])
    #expect(later.status == 200)
  }

  @Test(arguments: ["POST", "PUT", "PATCH"])
  func `skip_merge_validation lets required fields be missing`(_ method: String) async throws {
    let practice = try Practice()
    if method == "PATCH" { try await practice.add(ada) }
    try practice.perform(.adminAddsRequiredField(tag: "CITY", name: "City"))
    let path = method == "POST" ? "\(practice.lists)/members" : practice.member(ada)
    let answer = try await practice.api.call(
      method, "\(path)?skip_merge_validation=true",
      ["email_address": .string(ada), "status": "subscribed"])
    #expect(answer.status == 200)
  }

  @Test func `skip_merge_validation does not let a word pass for a number`() async throws {
    let practice = try Practice()
    try practice.field("LTV", .number)
    let answer = try await practice.put(
      ada, ["status_if_new": "subscribed", "merge_fields": ["LTV": "much"]],
      "?skip_merge_validation=true")
    expectErrors(answer, mergeInvalid, [("LTV", "Please enter a number")])
  }

  @Test func `an incomplete address that is stored makes every later write fail`() async throws {
    let practice = try Practice()
    let half: JSONValue = ["addr1": "1 Main Street", "city": "", "state": "", "zip": ""]
    let planted = try await practice.put(
      ada, ["status_if_new": "subscribed", "merge_fields": ["ADDRESS": half]],
      "?skip_merge_validation=true")
    #expect(planted.status == 200)
    let refusal = [("ADDRESS", addressRefusal)]
    expectErrors(
      try await practice.put(ada, ["merge_fields": ["FNAME": "Ada"]]), mergeInvalid, refusal)
    expectErrors(try await practice.patch(ada, ["vip": true]), mergeInvalid, refusal)
    let skipped = try await practice.patch(ada, ["vip": true], "?skip_merge_validation=true")
    #expect(skipped.status == 200)
    let whole: JSONValue = ["addr1": "1 Main Street", "city": "London", "state": "", "zip": "1"]
    let cured = try await practice.put(ada, ["merge_fields": ["ADDRESS": whole]])
    #expect(cured.status == 200)
    #expect(try await practice.put(ada, ["merge_fields": ["FNAME": "Ada"]]).status == 200)
  }

  // MARK: The fields themselves

  @Test func `a tag of more than ten characters is cut and the long name is then ignored`()
    async throws
  {
    let practice = try Practice()
    let field = try await practice.api.call(
      "POST", "\(practice.lists)/merge-fields",
      ["name": "Membership number", "type": "text", "tag": "membership_no"])
    #expect(field.status == 200)
    #expect(field["tag"] == "MEMBERSHIP")
    let answer = try await practice.add(
      ada, "subscribed", ["merge_fields": ["MEMBERSHIP_NO": "42"]])
    #expect(answer["merge_fields"]["MEMBERSHIP"] == "")
  }

  @Test func `a field without a tag is given one`() async throws {
    let practice = try Practice()
    let field = try await practice.api.call(
      "POST", "\(practice.lists)/merge-fields", ["name": "City", "type": "text"])
    #expect(field["tag"] == "MMERGE6")
    #expect(field["merge_id"] == 6)
  }

  @Test func `the thirty-first field is not created`() async throws {
    let practice = try Practice()
    for number in 6...30 { try practice.field("F\(number)", .text) }
    let answer = try await practice.api.call(
      "POST", "\(practice.lists)/merge-fields", ["name": "One more", "type": "text"])
    expectProblem(answer, 400, "Invalid Resource")
    let listed = try await practice.api.call("GET", "\(practice.lists)/merge-fields?count=100")
    #expect(listed["total_items"] == 30)
    #expect(listed["merge_field_limit"] == 30)
  }

  @Test func `ten merge fields are listed unless more are asked for`() async throws {
    let practice = try Practice()
    for number in 6...14 { try practice.field("F\(number)", .text) }
    let listed = try await practice.api.call("GET", "\(practice.lists)/merge-fields")
    #expect(listed["merge_fields"].array?.count == 10)
    #expect(listed["total_items"] == 14)
    let rest = try await practice.api.call(
      "GET", "\(practice.lists)/merge-fields?count=10&offset=10")
    #expect(rest["merge_fields"].array?.count == 4)
  }

  @Test func `a taken tag and a type that does not exist are refused`() async throws {
    let practice = try Practice(malformed: true)
    let taken = try await practice.api.call(
      "POST", "\(practice.lists)/merge-fields", ["name": "x", "type": "text", "tag": "FNAME"])
    expectProblem(
      taken, 400, "Invalid Resource",
      "A Merge Field with the tag \"FNAME\" already exists for this list.")
    let type = try await practice.api.call(
      "POST", "\(practice.lists)/merge-fields", ["name": "x", "type": "colour"])
    #expect(type["errors"][0]?["field"] == "type")
    let nothing = try await practice.api.call("POST", "\(practice.lists)/merge-fields", [:])
    expectErrors(
      nothing, notValidated, [("", "Required fields were not provided: name, type")])
  }

  @Test func `a renamed tag keeps the values and the type stays`() async throws {
    let practice = try Practice(malformed: true)
    try await practice.add(ada, "subscribed", ["merge_fields": ["FNAME": "Ada"]])
    let changed = try await practice.api.call(
      "PATCH", "\(practice.lists)/merge-fields/1",
      ["tag": "GIVEN", "name": "Given name", "type": "number", "required": true])
    #expect(changed["tag"] == "GIVEN")
    #expect(changed["type"] == "text")
    #expect(changed["required"] == true)
    let member = try await practice.get(ada)
    #expect(member["merge_fields"]["GIVEN"] == "Ada")
    #expect(member["merge_fields"]["FNAME"] == nil)
  }

  @Test func `deleting a field and making it again loses the values`() async throws {
    let practice = try Practice()
    try await practice.add(ada, "subscribed", ["merge_fields": ["FNAME": "Ada"]])
    let path = "\(practice.lists)/merge-fields"
    #expect(try await practice.api.call("DELETE", "\(path)/1").status == 204)
    #expect(try await practice.api.call("GET", "\(path)/1").status == 404)
    let made = try await practice.api.call(
      "POST", path, ["name": "First Name", "type": "text", "tag": "FNAME"])
    #expect(made["merge_id"] == 6)
    #expect(try await practice.get(ada)["merge_fields"]["FNAME"] == "")
  }

  @Test func `choices are shown for a dropdown`() async throws {
    let practice = try Practice()
    let field = try await practice.api.call(
      "POST", "\(practice.lists)/merge-fields",
      [
        "name": "Colour", "type": "dropdown", "tag": "COLOUR",
        "options": ["choices": ["Red", "Blue"]],
      ])
    #expect(field["options"]["choices"] == ["Red", "Blue"])
    let shown = try await practice.api.call(
      "GET", "\(practice.lists)/merge-fields/6?fields=tag,options.choices")
    #expect(shown.json == ["tag": "COLOUR", "options": ["choices": ["Red", "Blue"]]])
  }
}
