// What comes after an erasure: its words leave the search index and the file, and an older file that is
// restored loses the same people again. What must stay true: no way back leads over a backup.

import Basics
import Domain
import SQLite

extension ErasureStore {
  /// Erases again, out of an older file, whom the erasures on record name; says how many.
  func eraseAgain(by who: String) throws(Problem) -> Int {
    let people = try database.rows(
      """
      SELECT p.id FROM erasure e JOIN person p ON p.id = e.person_id AND p.created_at = e.born_at
      """
    ) { PersonID($0.int64(0)) }
    var erased = 0
    for id in people {
      try erase(subject(id), by: who)
      erased += 1
    }
    let hashes = Set(
      try database.rows(
        "SELECT DISTINCT address_hash FROM suppression WHERE address_key IS NULL"
      ) { $0.blob(0) })
    let consent = ConsentStore(database: database)
    let keys =
      hashes.isEmpty
      ? []
      : try database.rows(
        "SELECT address_key FROM link UNION SELECT key FROM address UNION"
          + " SELECT address_key FROM consent_entry WHERE address_key LIKE '%@%'"
      ) { AddressKey($0.text(0)) }
    for key in keys where hashes.contains(try consent.hash(key)) {
      let owner = try database.one(
        "SELECT person_id FROM address WHERE key = ? LIMIT 1", key
      ) { PersonID($0.int64(0)) }
      if let owner {
        try erase(subject(owner), by: who)
        erased += 1
      } else if let alone = try subject(key) {
        try erase(alone, by: who)
      }
    }
    if erased > 0 {
      try database.execute("INSERT INTO log_text (log_text) VALUES ('optimize')")
    }
    return erased
  }
}

extension Workspace {
  /// Makes the words of log lines that went go from the search index and the file as well. False
  /// where readers kept the journal from being emptied: the next checkpoint does it.
  package func sweepErased(as who: String) throws(Problem) -> Bool {
    var step = -Self.indexPages
    while true {
      let pages = step
      let changed = try writeBlocking(as: who) { (tx) throws(Problem) in
        let before = try tx.database.integer("SELECT total_changes()")
        try tx.database.execute("INSERT INTO log_text (log_text, rank) VALUES ('merge', ?)", pages)
        return try tx.database.integer("SELECT total_changes()") - before
      }
      // SQLite's word for "nothing was left to merge".
      if changed < 2 { break }
      step = Self.indexPages
    }
    return try checkpoint()
  }

  private static let indexPages = 500
}
