// What runs by the clock. An active schedule always knows its next run; that holds whoever writes.

extension Schema {
  static let schedules = """

    CREATE TABLE schedule (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      type TEXT NOT NULL CHECK (type IN
        ('sync subscriptions', 'resync', 'verification', 'refresh people', 'backup')),
      -- As it is printed: 'daily at 02:30'.
      cadence TEXT NOT NULL CHECK (cadence <> ''),
      -- Null: that of the workspace.
      zone TEXT,
      is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
      sample INTEGER CHECK (sample > 0),
      folder TEXT NOT NULL DEFAULT '',
      keeps INTEGER NOT NULL DEFAULT 7 CHECK (keeps > 0),
      -- What minutes and hours are counted from.
      since INTEGER NOT NULL,
      created_at INTEGER NOT NULL,
      next_run_at INTEGER,
      -- The zone the next run was reckoned in: another one asks for reckoning anew.
      reckoned_in TEXT,
      last_run_at INTEGER,
      last_execution_id INTEGER,
      CHECK ((is_active = 1) = (next_run_at IS NOT NULL)),
      CHECK (type <> 'backup' OR folder LIKE '/%')
    ) STRICT;
    CREATE INDEX schedule_due ON schedule (next_run_at) WHERE next_run_at IS NOT NULL;
    """
}
