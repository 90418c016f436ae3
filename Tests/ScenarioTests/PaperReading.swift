// Who is to be on the list, read from the rules' own words and worked out as relations: cells go into
// a table, each rule is a view over those before it. It shares no types and no code with the product,
// so that the two can disagree. Where the rules leave something open it says nothing (nil).
//
// Three choices are taken from the product's documentation, because the rules alone do not decide:
// a decision read from a file is dated by the row's `updated_at`; a line break in a cell is a blank;
// a *yes* counts only from those who stand at the address themselves, so that nobody who is written
// to nowhere lifts another's opt-out.

import Basics
import SQLite
import Support

struct PaperReading {
  struct Rules: Sendable {
    var isOptedInOnly = false
    var withOrganisations = false
    var managerWinsDuplicates = false
  }

  /// What the audience holds for one address.
  struct Contact: Sendable {
    var status: String
    /// By merge tag; a tag that is missing is left open.
    var fields: [String: String] = [:]
    /// Exactly as it was before we came.
    var isUntouched = false
  }

  private let database: Connection
  private let file: TemporaryDirectory

  /// `numbers` are the ids that the directory gave, by external id.
  init(_ people: RealisticPeople, numbers: [String: Int], _ rules: Rules = Rules()) throws {
    file = try TemporaryDirectory()
    database = try Connection(path: file.file("paper.sqlite"))
    try database.script(Self.tables)
    try database.execute(
      "INSERT INTO rules VALUES (?, ?, ?)", rules.isOptedInOnly, rules.withOrganisations,
      rules.managerWinsDuplicates)
    try database.transaction { () throws(Problem) in
      for row in people.rows {
        let name = row["external_id"] ?? ""
        try database.execute(
          "INSERT INTO cell VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
          bindings: [name, numbers[name]]
            + [
              "kind", "first_name", "last_name", "email", "email2", "email3", "phone", "birthday",
              "date_of_birth", "opt_in", "active", "manager_external_id", "updated_at",
            ].map { Self.clean(row[$0] ?? "") })
      }
      for past in people.pasts {
        try database.execute(
          "INSERT INTO past VALUES (lower(?),?,?,?,?,?)",
          bindings: [
            past.address, past.event.rawValue, past.fields["FNAME"] ?? "",
            past.fields["LNAME"] ?? "", past.fields["PHONE"] ?? "", past.fields["BIRTHDAY"] ?? "",
          ])
      }
    }
    try database.script(Self.steps)
  }

  /// Control characters go, blanks at the ends go, inside they are one.
  static func clean(_ text: String) -> String {
    var out = ""
    for word in text.unicodeScalars.split(whereSeparator: { $0.properties.isWhitespace }) {
      if !out.isEmpty { out += " " }
      out.unicodeScalars.append(
        contentsOf: word.filter { $0.properties.generalCategory != .control })
    }
    return out
  }

  /// For every person by external id: the code of the exclusion, empty for a recipient.
  func codes() throws -> [String: String] {
    try pairs("SELECT name, coalesce(code, '') FROM verdict")
  }

  /// For whoever shares an address with the recipient: the recipient's external id.
  func recipientsOfDuplicates() throws -> [String: String] {
    try pairs(
      """
      SELECT v.name, w.name FROM verdict v JOIN verdict w USING (address)
      WHERE v.code = 'duplicate-of' AND v.manager IS NULL AND w.code IS NULL
      """)
  }

  /// Addresses that would be written to, were they not deleted for good at Mailchimp.
  func forgotten() throws -> Set<String> {
    Set(
      try pairs(
        "SELECT address, '' FROM alone JOIN past USING (address) "
          + "WHERE event = 'forgotten' AND barred = 'suppressed'"
      ).keys)
  }

  /// Somebody who is written to alone at an address Mailchimp had never seen: name and address.
  func someRecipient() throws -> (name: String, address: String)? {
    let found = try pairs(
      """
      SELECT name, address FROM verdict WHERE code IS NULL
        AND address NOT IN (SELECT address FROM past)
        AND (SELECT count(*) FROM person p WHERE p.address = verdict.address) = 1
        AND name NOT IN (SELECT manager FROM person WHERE manager IS NOT NULL)
      ORDER BY name LIMIT 1
      """)
    return found.first.map { ($0.key, $0.value) }
  }

  /// The audience after the first sync, by lower-case address, of all who are named here.
  func audience() throws -> [String: Contact] {
    var contacts: [String: Contact] = [:]
    let tags = ["FNAME", "LNAME", "PHONE", "BIRTHDAY"]
    try database.query("SELECT address, status, untouched, f, l, p, b FROM audience") { row in
      var contact = Contact(status: row.text(1), isUntouched: row.bool(2))
      for (place, tag) in tags.enumerated() { contact.fields[tag] = row.optionalText(3 + place) }
      contacts[row.text(0)] = contact
    }
    return contacts
  }

  private func pairs(_ sql: String) throws -> [String: String] {
    var pairs: [String: String] = [:]
    try database.query(sql) { pairs[$0.text(0)] = $0.text(1) }
    return pairs
  }

  // MARK: The reading

  private static let tables = """
    CREATE TABLE rules (opted_in_only, with_organisations, manager_wins);
    CREATE TABLE cell (name PRIMARY KEY, number, kind, first, last, email, email2, email3, phone,
      birthday, born, opt_in, active, manager, updated_at);
    CREATE TABLE past (address PRIMARY KEY, event, f, l, p, b);
    """

  private static let steps = #"""
    -- The first address is the primary one.
    CREATE TABLE person AS
    SELECT name, number, first, last, phone, birthday, born,
      lower(coalesce(nullif(email, ''), nullif(email2, ''), email3)) AS address,
      lower(active) IN ('no', 'false', '0') AS inactive,
      lower(kind) = 'organisation' AS organisation,
      nullif(manager, '') AS manager,
      CASE WHEN lower(opt_in) IN ('yes', 'true', '1') THEN 'yes'
           WHEN lower(opt_in) IN ('no', 'false', '0') THEN 'no' END AS decision,
      -- Whoever is not dated by the source changed when we noticed, after every date in the file.
      coalesce(CAST(round((julianday(nullif(updated_at, '')) - 2440587.5) * 86400000) AS INTEGER),
        9e15) AS changed
    FROM cell;
    CREATE INDEX person_name ON person (name);
    CREATE INDEX person_manager ON person (manager);

    -- name@label.label: one @, no blank, bracket, quote or list in it, no empty part on either side.
    CREATE TABLE readable AS
    SELECT address FROM (
      SELECT DISTINCT address, substr(address, 1, instr(address, '@') - 1) AS local,
        substr(address, instr(address, '@') + 1) AS domain
      FROM person WHERE address LIKE '%@%')
    WHERE length(local) BETWEEN 1 AND 64 AND length(address) <= 254
      AND address NOT GLOB '*[] <>()[,;:"\]*'
      AND domain NOT GLOB '*[^a-z0-9.-]*' AND domain LIKE '%_.__%' AND domain NOT GLOB '*.?'
      AND '.' || local || '.' NOT LIKE '%..%' AND '.' || domain || '.' NOT LIKE '%..%'
      AND '.' || domain || '.' NOT LIKE '%.-%' AND '.' || domain || '.' NOT LIKE '%-.%';

    -- Consent belongs to the address: the latest explicit decision, at a tie the opt-out. A no
    -- counts from everybody who has the address, a yes from those who would be written to there.
    CREATE TABLE consent AS
    SELECT address, decision FROM (
      SELECT address, decision, row_number() OVER (
        PARTITION BY address ORDER BY changed DESC, decision = 'no' DESC) AS place
      FROM person, rules WHERE address <> '' AND (decision = 'no' OR decision = 'yes'
        AND NOT inactive AND manager IS NULL AND (with_organisations OR NOT organisation)))
    WHERE place = 1;

    -- The rules in their order, for oneself; the first that bars.
    CREATE TABLE alone AS
    SELECT person.*, CASE
      WHEN inactive THEN 'inactive'
      WHEN organisation AND NOT with_organisations THEN 'organisation'
      WHEN manager IS NOT NULL THEN 'child'
      WHEN address = '' THEN 'no-email'
      WHEN address NOT IN (SELECT address FROM readable) THEN 'invalid-email'
      WHEN consent.decision = 'no' THEN 'opted-out'
      WHEN past.event IN ('unsubscribed', 'cleaned', 'archived') THEN 'suppressed'
      WHEN opted_in_only AND consent.decision IS NOT 'yes' THEN 'out-of-scope'
      -- Deleted for good reads as never seen: it shows when somebody would be written to.
      WHEN past.event = 'forgotten' THEN 'suppressed' END AS barred
    FROM person, rules LEFT JOIN consent USING (address) LEFT JOIN past USING (address);
    CREATE INDEX alone_name ON alone (name);

    -- An address exists once: whoever changed last, at a tie the smaller id.
    CREATE TABLE adult AS
    SELECT *, CASE WHEN barred IS NOT NULL THEN barred
      WHEN row_number() OVER (PARTITION BY address, barred ORDER BY
        manager_wins AND name IN (SELECT manager FROM alone WHERE barred = 'child') DESC,
        changed DESC, number) > 1 THEN 'duplicate-of' END AS code
    FROM alone, rules;
    CREATE INDEX adult_name ON adult (name);

    -- A child is replaced by the manager, who walks the rules; the manager's reason is the child's.
    CREATE TABLE verdict AS
    SELECT a.name, a.number, a.manager, a.address, a.first, a.last, a.phone, a.birthday, a.born,
      CASE WHEN a.barred = 'child' THEN coalesce(m.code, 'child') ELSE a.code END AS code
    FROM adult a LEFT JOIN adult m ON m.name = a.manager;
    CREATE INDEX verdict_address ON verdict (address);

    CREATE TABLE audience AS
    -- Recipients. At the first link an empty value never overwrites a filled one.
    SELECT v.address, 'subscribed' AS status, 0 AS untouched,
      coalesce(nullif(first, ''), f, '') AS f, coalesce(nullif(last, ''), l, '') AS l,
      coalesce(nullif(phone, ''), p, '') AS p,
      CASE WHEN birthday = '' AND born <> '' THEN NULL
        ELSE coalesce(nullif(birthday, ''), b, '') END AS b
    FROM verdict v LEFT JOIN past USING (address) WHERE code IS NULL
    UNION ALL
    -- Unsubscribed there: field updates without status, from the one person who has the address.
    SELECT address, 'unsubscribed', address NOT IN (SELECT address FROM person),
      CASE WHEN n = 1 THEN coalesce(nullif(first, ''), past.f) END,
      CASE WHEN n = 1 THEN coalesce(nullif(last, ''), past.l) END,
      CASE WHEN n = 1 THEN coalesce(nullif(phone, ''), past.p) END,
      CASE WHEN n = 1 AND NOT (birthday = '' AND born <> '')
        THEN coalesce(nullif(birthday, ''), past.b) END
    FROM past LEFT JOIN (
      SELECT *, count(*) FILTER (WHERE code = 'suppressed' AND manager IS NULL) AS n, count(*) AS all_of_them
      FROM verdict GROUP BY address HAVING n = all_of_them AND n = 1) USING (address)
    WHERE event = 'unsubscribed'
    UNION ALL
    -- Cleaned and archived ones are left alone.
    SELECT address, event, 1, f, l, p, b FROM past WHERE event IN ('cleaned', 'archived')
    UNION ALL
    -- Members who are nobody's recipient: an explicit no unsubscribes them, else they are kept.
    SELECT address, CASE decision WHEN 'no' THEN 'unsubscribed' ELSE 'subscribed' END,
      decision IS NOT 'no', NULL, NULL, NULL, NULL
    FROM past LEFT JOIN consent USING (address)
    WHERE event = 'subscribed' AND address NOT IN (SELECT address FROM verdict WHERE code IS NULL);
    """#
}
