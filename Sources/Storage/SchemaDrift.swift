// Tables of verification: the differences that were found, and, while one runs, which addresses the
// audience has shown.

extension Schema {
  static let drift = """
    CREATE TABLE drift (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      audience_id TEXT NOT NULL,
      -- The verification that found it last.
      execution_id INTEGER NOT NULL,
      address_key TEXT NOT NULL,
      person_id INTEGER,
      class TEXT NOT NULL CHECK (class IN
        ('missing there', 'missing here', 'status', 'field', 'tag')),
      name TEXT NOT NULL,
      ours TEXT NOT NULL CHECK (json_valid(ours)),
      theirs TEXT NOT NULL CHECK (json_valid(theirs)),
      state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'repaired', 'dismissed')),
      found_at INTEGER NOT NULL,
      decided_at INTEGER,
      -- The execution that repairs it now.
      repair_id INTEGER,
      UNIQUE (audience_id, address_key, class, name)
    ) STRICT;
    CREATE INDEX drift_open ON drift (class, address_key, id) WHERE state = 'open';
    CREATE INDEX drift_in_repair ON drift (repair_id, address_key) WHERE repair_id IS NOT NULL;

    CREATE TABLE verified (
      execution_id INTEGER NOT NULL REFERENCES execution (id) ON DELETE CASCADE,
      address_key TEXT NOT NULL,
      PRIMARY KEY (execution_id, address_key)
    ) STRICT, WITHOUT ROWID;

    -- How the last verification of an audience ended, for the overview.
    CREATE TABLE verification (
      audience_id TEXT PRIMARY KEY,
      execution_id INTEGER NOT NULL,
      at INTEGER NOT NULL,
      -- Null for everybody.
      sample INTEGER,
      totals TEXT NOT NULL CHECK (json_valid(totals))
    ) STRICT, WITHOUT ROWID;

    """
}
