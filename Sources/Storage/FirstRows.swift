// What a new workspace holds before anybody touched it: a key for hashes of its own, the default
// account, the quick lists, the initial mapping. Inserting them again changes nothing.

import Basics
import Domain
import Glibc
import SQLite

enum FirstRows {
  static func insert(into database: Connection, at now: Instant) throws(Problem) {
    if try database.integer("SELECT count(*) FROM workspace") > 0 { return }
    let key = try randomBytes(32)
    try database.transaction(.immediate) { () throws(Problem) in
      let made = try database.execute(
        "INSERT OR IGNORE INTO workspace (id, created_at, hash_key) VALUES (1, ?, ?)", now, key)
      // Another process was quicker.
      if made == 0 { return }
      try database.execute(
        "INSERT OR IGNORE INTO account (name) VALUES (?)", Account.defaultName)
      for search in SavedSearch.quickLists {
        try database.execute(
          "INSERT OR IGNORE INTO saved_search (name, filter, grammar, is_quick) VALUES (?, ?, ?, 1)",
          search.name, search.query.description, SearchQuery.grammarVersion)
      }
      for (position, mapping) in FieldMapping.initial.enumerated() {
        try database.execute(
          """
          INSERT OR IGNORE INTO field_mapping (position, field, tag, direction, transforms)
            VALUES (?, ?, ?, ?, '')
          """, position, mapping.field.description, mapping.tag, mapping.direction.rawValue)
      }
    }
  }

  private static func randomBytes(_ count: Int) throws(Problem) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let source = open("/dev/urandom", O_RDONLY | O_CLOEXEC)
    let got = source < 0 ? -1 : read(source, &bytes, count)
    if source >= 0 { close(source) }
    guard got == count else {
      throw Problem(
        "system.no-randomness", "The system gave no random bytes for a new workspace.",
        remedy: "Check that /dev/urandom can be read.", cause: String(cString: strerror(errno)))
    }
    return bytes
  }
}
