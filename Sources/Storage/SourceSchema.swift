// What the workspace remembers of its source of people. What must stay true: the last word of a
// source changes only together with the person it was applied to.

import Queue

extension Schema {
  static func source(now: String) -> String {
    """
    -- The reading that was carried out last.
    CREATE TABLE source (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      name TEXT NOT NULL DEFAULT '',
      cursor TEXT,
      -- Of a file: which state of it was read last, carried out or not.
      signature TEXT,
      started_at INTEGER,
      full_at INTEGER,
      read_at INTEGER
    ) STRICT;
    INSERT INTO source (id) VALUES (1);

    -- What the source said last of each person, by its own key.
    CREATE TABLE source_person (
      external_id TEXT PRIMARY KEY CHECK (external_id <> ''),
      word TEXT NOT NULL CHECK (json_valid(word)),
      place TEXT NOT NULL,
      said_at INTEGER NOT NULL,
      -- Set while the source does not name them, with what was done here.
      left_at INTEGER,
      left_as TEXT CHECK (left_as IN ('inactive', 'deleted')),
      -- Removed here: they come back only after the source let them go.
      is_removed INTEGER NOT NULL DEFAULT 0 CHECK (is_removed IN (0, 1)),
      CHECK ((left_at IS NULL) = (left_as IS NULL))
    ) STRICT, WITHOUT ROWID;

    -- Who is removed takes along what the source said of them.
    CREATE TRIGGER source_forgets AFTER DELETE ON person WHEN OLD.external_id IS NOT NULL BEGIN
      UPDATE source_person SET word = '{}', place = '', is_removed = 1
        WHERE external_id = OLD.external_id;
      DELETE FROM write_back WHERE person_id = OLD.id;
    END;

    -- A reading under way or held: every row of the source, until it is carried out or dropped.
    CREATE TABLE source_row (
      plan_id INTEGER NOT NULL,
      external_id TEXT NOT NULL,
      -- Null where there is nothing to remember.
      word TEXT CHECK (word IS NULL OR json_valid(word)),
      place TEXT NOT NULL,
      action TEXT NOT NULL CHECK (action IN ('same', 'word', 'create', 'update', 'vanish',
        'refused')),
      -- In which order they are carried out; null where there is nothing to do.
      ordinal INTEGER,
      PRIMARY KEY (plan_id, external_id)
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX source_row_in_turn ON source_row (plan_id, ordinal)
      WHERE ordinal IS NOT NULL;

    -- How to go on with a reading that is complete, as the body of a message.
    CREATE TABLE source_reading (
      plan_id INTEGER PRIMARY KEY REFERENCES plan (id) ON DELETE CASCADE,
      body TEXT NOT NULL CHECK (json_valid(body))
    ) STRICT;

    -- Fields that Mailchimp changed here and the source does not know yet.
    CREATE TABLE write_back (
      person_id INTEGER NOT NULL,
      field TEXT NOT NULL,
      PRIMARY KEY (person_id, field)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER write_back_noticed AFTER INSERT ON audit
    -- An undo takes back what the source was told, too.
    WHEN (NEW.who GLOB 'Mailchimp*'
        OR (SELECT evidence FROM acting) GLOB 'undo of execution *') AND NEW.person_id IS NOT NULL
      AND NEW.field IN ('first_name', 'last_name', 'phone', 'company', 'postal_address', 'birthday',
        'date_of_birth', 'opt_in', 'email1', 'custom')
      AND EXISTS (SELECT 1 FROM setting WHERE key = 'source.write-back' AND value <> '')
      AND EXISTS (SELECT 1 FROM setting WHERE key = 'source.kind'
        AND value IN ('sqlite', 'command', 'scim', 'http'))
      AND EXISTS (SELECT 1 FROM person JOIN source_person USING (external_id)
        WHERE person.id = NEW.person_id AND left_at IS NULL) BEGIN
      INSERT OR IGNORE INTO write_back (person_id, field)
        SELECT NEW.person_id, CASE NEW.field WHEN 'email1' THEN 'email'
          WHEN 'postal_address' THEN 'address' ELSE NEW.field END
        WHERE NEW.field <> 'custom'
        UNION ALL
        SELECT NEW.person_id, 'custom.' || key FROM (
          SELECT key, value FROM json_each(coalesce(NEW.new, '{}'))
          EXCEPT SELECT key, value FROM json_each(coalesce(NEW.old, '{}')))
        WHERE NEW.field = 'custom'
        UNION
        SELECT NEW.person_id, 'custom.' || key FROM (
          SELECT key FROM json_each(coalesce(NEW.old, '{}'))
          EXCEPT SELECT key FROM json_each(coalesce(NEW.new, '{}')))
        WHERE NEW.field = 'custom';
    \(MessageQueue.enqueueSQL(
      kind: "'write back'", subject: "'write-back person:' || NEW.person_id", runAt: now,
      merge: .oldest));
    END;

    """
  }
}
