// Numbers that are kept to be drawn: people an engine was done with by minute, how each audience
// grew by month, and what the plan of the account allows. Each is small whatever the workspace holds.

extension Schema {
  static let figures = """
    -- People an engine was done with, by minute, of the last two hours: kept by a trigger, so that
    -- whatever counts people counts here.
    CREATE TABLE throughput (
      minute INTEGER PRIMARY KEY,
      people INTEGER NOT NULL
    ) STRICT;
    CREATE TRIGGER throughput_told AFTER UPDATE OF done ON execution
    WHEN NEW.done > OLD.done AND NEW.heartbeat_at IS NOT NULL BEGIN
      DELETE FROM throughput WHERE minute < NEW.heartbeat_at / 60000 - 120;
      INSERT INTO throughput (minute, people)
        VALUES (NEW.heartbeat_at / 60000, NEW.done - OLD.done)
        ON CONFLICT (minute) DO UPDATE SET people = people + excluded.people;
    END;

    CREATE TABLE growth_month (
      audience_id TEXT NOT NULL,
      month TEXT NOT NULL CHECK (month GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]'),
      subscribed INTEGER NOT NULL,
      unsubscribed INTEGER NOT NULL,
      cleaned INTEGER NOT NULL,
      pending INTEGER NOT NULL,
      PRIMARY KEY (audience_id, month)
    ) STRICT, WITHOUT ROWID;
    -- When Mailchimp was asked last, whatever it told.
    CREATE TABLE growth_reading (
      audience_id TEXT PRIMARY KEY,
      at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE account_allowance (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      audiences INTEGER NOT NULL,
      most INTEGER,
      may_create INTEGER NOT NULL CHECK (may_create IN (0, 1))
    ) STRICT;

    """
}
