// People as organisations have them: families, donors, vendors, shared and mistyped addresses, names
// of many scripts, cells with quotes, commas and line breaks; and what Mailchimp already knows of
// their addresses. The same seed gives the same people. Nothing here says who is to be on the list.

import Basics
import Support

struct RealisticPeople: Sendable {
  static let columns = [
    "external_id", "account", "kind", "first_name", "last_name", "email", "email2", "email3",
    "phone", "company", "birthday", "date_of_birth", "opt_in", "active", "manager_external_id",
    "updated_at",
  ]

  /// A row of the file, by column; what is missing is an empty cell.
  typealias Row = [String: String]

  /// What somebody did at Mailchimp before we came.
  struct Past: Sendable {
    enum Event: String, Sendable, CaseIterable {
      case subscribed, unsubscribed, cleaned, archived, forgotten
    }
    var address: String
    var event: Event
    var fields: [String: String]
  }

  private(set) var rows: [Row] = []
  private(set) var pasts: [Past] = []
  private var random: SeededGenerator
  private var pool: [Row] = []

  init(_ count: Int, seed: UInt64) {
    random = SeededGenerator(seed: seed)
    while pool.count < count { addSome() }
    // Families are whole, so the last one may have been too many.
    rows = pool.shuffled(using: &random)
    addPasts()
  }

  // MARK: Households

  private mutating func addSome() {
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<42: _ = add()
    case 42..<47: _ = add(["active": pick(["no", "false", "0", "No", "FALSE"])])
    case 47..<52: addOrganisation()
    case 52..<56: _ = add(["email": pick(["", "  ", "\t", "\n"])])
    case 56..<61: _ = add(["email": invalidAddress()])
    case 61..<68: _ = add(["opt_in": pick(["no", "false", "0", "NO", "False"])])
    case 68..<71: addWithSeveralAddresses()
    case 71..<72: _ = add(["first_name": long(300)])
    case 72..<84: addSharers()
    default: addFamily()
    }
  }

  private mutating func addOrganisation() {
    let company = pick(["Bäckerei Müller GmbH", "O'Brien \"& Sons\", Ltd.", "株式会社 山田", "ACME"])
    let kind = pick(["organisation", "Organisation", "ORGANISATION"])
    switch Int.random(in: 0..<4, using: &random) {
    case 0: _ = add(["kind": kind, "company": company, "active": "no"])
    case 1: _ = add(["kind": kind, "company": company, "email": "", "opt_in": "no"])
    default: _ = add(["kind": kind, "company": company])
    }
  }

  private mutating func addWithSeveralAddresses() {
    switch Int.random(in: 0..<3, using: &random) {
    case 0: _ = add(["email2": address(), "email3": address()])
    case 1: _ = add(["email": "", "email2": address()])
    default: _ = add(["email": invalidAddress(), "email2": address()])
    }
  }

  /// Two to four people with one address, some of whom other rules exclude.
  private mutating func addSharers() {
    let shared = address()
    var moment = time()
    for place in 0..<Int.random(in: 2...4, using: &random) {
      if Int.random(in: 0..<3, using: &random) > 0 { moment = time() }
      var row = ["email": cased(shared), "updated_at": printed(moment)]
      switch Int.random(in: 0..<12, using: &random) {
      case 0: row["active"] = "no"
      case 1: row["kind"] = "organisation"
      case 2...3: row["opt_in"] = "no"
      case 4...5: row["opt_in"] = "yes"
      case 6: row["opt_in"] = ""
      case 7 where place == 0: row["updated_at"] = ""
      default: break
      }
      _ = add(row)
    }
  }

  /// Children of one manager; one in two managers is not written to, for any of the reasons.
  private mutating func addFamily() {
    let manager: Row =
      switch Int.random(in: 0..<18, using: &random) {
      case 0: add(["active": "no"])
      case 1: add(["kind": "organisation", "company": "Foster Homes, Inc."])
      case 2: add(["email": ""])
      case 3: add(["email": invalidAddress()])
      case 4: add(["opt_in": "no"])
      case 5: duplicate()
      case 6: add(["manager_external_id": add()["external_id"] ?? ""])
      case 7: add(["manager_external_id": add(["opt_in": "no"])["external_id"] ?? ""])
      default: add()
      }
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      var child: Row = ["manager_external_id": manager["external_id"] ?? "", "account": "Families"]
      switch Int.random(in: 0..<10, using: &random) {
      case 0: child["active"] = "no"
      case 1: child["kind"] = "organisation"
      case 2: child["email"] = invalidAddress()
      case 3...5: child["email"] = ""
      case 6: child["opt_in"] = "no"
      // The parent's address in the child's record, as schools have it.
      case 7...8:
        child["email"] = cased(manager["email"] ?? "")
        child["opt_in"] = pick(["", "", "yes", "no"])
      default: break
      }
      _ = add(child)
    }
  }

  /// Somebody whose address belongs to a person who changed later.
  private mutating func duplicate() -> Row {
    let shared = address()
    _ = add(["email": shared, "updated_at": "2026-10-01T00:00:00Z", "opt_in": "yes"])
    return add(["email": cased(shared), "updated_at": "2020-01-01T00:00:00Z", "opt_in": ""])
  }

  private mutating func add(_ given: Row = [:]) -> Row {
    var row: Row = [
      "external_id": "P-\(pool.count + 10001)",
      "account": pick(["", "Guest account", "Donors", "Friends, \"Old\" & New"]),
      "kind": pick(["", "individual", "individual", "Individual"]),
      "first_name": blanked(pick(firstNames)), "last_name": blanked(pick(lastNames)),
      "email": address(), "opt_in": pick(["yes", "yes", "TRUE", "1", "", ""]),
      "active": pick(["", "yes", "yes", "true", "1", "Yes"]),
      "updated_at": printed(time()),
    ]
    if Int.random(in: 0..<3, using: &random) == 0 { row["phone"] = phone() }
    switch Int.random(in: 0..<6, using: &random) {
    case 0...1: row["birthday"] = birthday()
    case 2: row["date_of_birth"] = "19\(two(40...99))-\(two(1...12))-\(two(1...28))"
    default: break
    }
    row.merge(given) { _, new in new }
    // A row with neither a name nor an address tells of nobody, and stops the whole file.
    if row["first_name"] == "", row["last_name"] == "" { row["last_name"] = "Nameless" }
    pool.append(row)
    return row
  }

  // MARK: Cells

  private mutating func pick(_ list: [String]) -> String {
    list[Int.random(in: 0..<list.count, using: &random)]
  }

  private mutating func address() -> String {
    let domain = pick(["town.dev", "mail.example.org", "post.city.museum", "a-b.school"])
    let name = pick(["ann", "jo.doe", "o'brien", "x_y", "tag+list", "first-last"])
    let plain = "\(name).\(pool.count)x\(Int.random(in: 100...999, using: &random))@\(domain)"
    return Int.random(in: 0..<12, using: &random) == 0 ? blanked(cased(plain), always: true) : plain
  }

  private mutating func invalidAddress() -> String {
    let n = "\(pool.count)"
    return pick([
      "ann\(n)", "ann\(n)@", "@town.dev", "ann\(n)@@town.dev", "ann@\(n)@town.dev",
      "ann \(n)@town.dev", "ann\(n)@town", "ann\(n)@town.", "ann\(n)@.town.dev",
      "ann\(n)@town..dev", "ann..\(n)@town.dev", ".ann\(n)@town.dev", "ann\(n).@town.dev",
      "Ann <ann\(n)@town.dev>", "ann\(n)@town.dev,bob\(n)@town.dev",
      "ann\(n)@town.dev; bob\(n)@town.dev", "\"ann\(n)@town.dev", "ann\(n)@-town.dev",
      "ann\(n)@town-.dev", "ann\(n)@town.d", "n/a", "none", "ann\(n) at town.dev",
      "ann\(n)@to wn.dev", "(ann\(n))@town.dev", "ann\(n)@town.dev (work)", "www.town.dev/\(n)",
      "ann\(n)@\(String(repeating: "long-label.", count: 25))dev",
      "\(String(repeating: "a", count: 65))\(n)@town.dev",
    ])
  }

  private mutating func cased(_ text: String) -> String {
    switch Int.random(in: 0..<3, using: &random) {
    case 0: text
    case 1: text.uppercased()
    default: String(text.enumerated().map { $0 % 2 == 0 ? Character($1.uppercased()) : $1 })
    }
  }

  private mutating func blanked(_ text: String, always: Bool = false) -> String {
    guard always || Int.random(in: 0..<10, using: &random) == 0 else { return text }
    return pick([" \(text)", "\(text) ", "  \(text)\t", "\(text)\r\n"])
  }

  private mutating func phone() -> String {
    pick([
      "+33 1 23 45 \(two(10...99)) 00", "(020) 7946-0\(two(10...99))", "0\(two(10...99)) 555 1234",
      " +81 3-1234-\(two(10...99))00",
    ])
  }

  private mutating func birthday() -> String {
    pick(["02/29", "12/31", "01/01", "\(two(1...12))/\(two(1...28))"])
  }

  private mutating func two(_ range: ClosedRange<Int>) -> String {
    let number = Int.random(in: range, using: &random)
    return number < 10 ? "0\(number)" : "\(number)"
  }

  /// A moment as year, month, day, hour, minute, second; few enough that some are equal.
  private mutating func time() -> [Int] {
    [
      Int.random(in: 2023...2025, using: &random), Int.random(in: 1...12, using: &random),
      Int.random(in: 2...27, using: &random), Int.random(in: 0...23, using: &random),
      pickMinute(), 0,
    ]
  }

  private mutating func pickMinute() -> Int { 15 * Int.random(in: 0..<4, using: &random) }

  /// ISO 8601 in one of its spellings: the later moment is not always the larger text.
  private mutating func printed(_ t: [Int]) -> String {
    func pad(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    func text(_ day: Int, _ hour: Int, _ zone: String) -> String {
      "\(t[0])-\(pad(t[1]))-\(pad(day))T\(pad(hour)):\(pad(t[4])):\(pad(t[5]))\(zone)"
    }
    switch Int.random(in: 0..<4, using: &random) {
    case 0: return text(t[2], t[3], ".000Z")
    case 1: return t[3] < 14 ? text(t[2], t[3] + 10, "+10:00") : text(t[2] + 1, t[3] - 14, "+10:00")
    case 2: return t[3] < 8 ? text(t[2] - 1, t[3] + 16, "-08:00") : text(t[2], t[3] - 8, "-08:00")
    default: return text(t[2], t[3], "Z")
    }
  }

  private mutating func long(_ count: Int) -> String {
    let piece = pick(["Maximiliane ", "é", "e\u{301}", "👩‍👩‍👧‍👦", "中文"])
    var name = "Long "
    while name.unicodeScalars.count < count { name += piece }
    return name
  }

  // MARK: Before we came

  private mutating func addPasts() {
    var seen: Set<String> = []
    for row in rows {
      let address = row["email"].map { $0.filter { !$0.isWhitespace } } ?? ""
      guard [".dev", ".org", ".museum", ".school"].contains(where: address.lowercased().hasSuffix),
        address.utf8.count < 60,
        address.allSatisfy({ $0.isASCII && !"<>(),;\" ".contains($0) }), !address.contains(".."),
        address.split(separator: "@", omittingEmptySubsequences: false).count == 2,
        !address.contains("@-"), !address.contains("-."), !address.contains("@."),
        !address.contains(".@"), !address.hasPrefix("."), !address.hasPrefix("@"),
        seen.insert(address.lowercased()).inserted
      else { continue }
      let event: Past.Event
      switch Int.random(in: 0..<100, using: &random) {
      case 0..<8: event = .subscribed
      case 8..<12: event = .unsubscribed
      case 12..<14: event = .cleaned
      case 14..<16: event = .archived
      case 16..<18: event = .forgotten
      default: continue
      }
      var fields: [String: String] = [:]
      if Bool.random(using: &random) { fields["FNAME"] = pick(["Old", "Élise", "旧"]) }
      if Bool.random(using: &random) { fields["LNAME"] = pick(["Name", "Vieux"]) }
      if Int.random(in: 0..<3, using: &random) == 0 { fields["PHONE"] = "000" }
      if Int.random(in: 0..<3, using: &random) == 0 { fields["BIRTHDAY"] = "04/01" }
      pasts.append(Past(address: address, event: event, fields: fields))
    }
  }

  // MARK: The file

  /// The file as a spreadsheet writes it: a byte-order mark, CRLF, columns in an order of its own.
  var csv: String {
    let order =
      ["email", "external_id"] + Self.columns.filter { $0 != "email" && $0 != "external_id" }
    var out = "\u{FEFF}"
    for (place, name) in order.enumerated() {
      out += (place > 0 ? "," : "") + (place % 3 == 0 ? name.uppercased() : name)
    }
    for row in rows {
      out += "\r\n"
      for (place, name) in order.enumerated() {
        if place > 0 { out += "," }
        out += Self.cell(row[name] ?? "")
      }
    }
    return out + "\r\n"
  }

  private static func cell(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { ",\"\n\r".unicodeScalars.contains($0) }) else {
      return text
    }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" { quoted += "\"" }
      quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
  }
}

private let firstNames = [
  "Ada", "Zoë", "José", "Jose\u{301}", "李雷", "さくら", "Дмитрий", "محمد", "נועה", "Αθηνά", "👩‍🚀 Sally",
  "Anna\nMaria", "Jean, dit \"Jeannot\"", "D'Arcy", "Siobhán", "अनन्या", "Łukasz", "Nguyễn", "",
  "Ko\u{308}nig", "Mary  Jane", "Bell\u{07}a", "Ole 🇳🇴",
]

private let lastNames = [
  "Lovelace", "O'Brien", "van der Berg, Jr.", "Müller-Lüdenscheidt", "王", "山田", "Иванова", "العربي",
  "כהן", "Παπαδοπούλου", "\"The Hammer\" Smith", "Line\r\nBreak", "García Márquez",
  "Nguye\u{302}\u{303}n",
  "Þórsdóttir", "X Æ", "शर्मा", "", "Smith", "Żółć",
]
