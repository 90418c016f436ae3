// That somebody was erased: who they were is not said. Restoring an older backup erases them again,
// by number and birth, and by the keyed hashes that suppressions keep.

extension Schema {
  static let erasures = """
    CREATE TABLE erasure (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      at INTEGER NOT NULL,
      by TEXT NOT NULL,
      -- Null where nobody had the address here.
      person_id INTEGER,
      born_at INTEGER
    ) STRICT;

    """

  /// What the consent ledger has instead of an address that was erased: its keyed hash.
  static let erasedMark = "erased:"
}
