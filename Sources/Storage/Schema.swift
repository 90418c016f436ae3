// The workspace file's schema, whole. The words are those of the product. Until the first released
// version it is one migration, edited in place; from then on entries are only appended.
//
// Rules the tables enforce themselves: a person's change is audited and queued in the transaction
// that makes it, whoever writes, a `sqlite3` shell included; ledger and audit are append-only;
// states are words of a CHECK; an address is a key in one generated way.
// (One schema, hence its length.)

import Queue
import SQLite

package enum Schema {
  /// "LKPR" in `PRAGMA application_id`.
  package static let applicationID: Int32 = 0x4C4B_5052

  package static let migrations = [Migration("initial", initial)]

  /// The tables, in the order in which they need each other.
  package static let initial =
    workspace + directory + audiences + executions + MessageQueue.schema + capture + search
    + webhooks
    + drift
    + tags
    + source(now: now)
    + schedules
    + executionFilters
    + strangers
    + figures
    + erasures

  /// Milliseconds since 1970 inside a trigger: the time the writer named, else the clock.
  static let now =
    "coalesce((SELECT at FROM acting), CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))"

  private static let who = "coalesce((SELECT who FROM acting), 'outside Listkeeper')"
  private static let evidence = "coalesce((SELECT evidence FROM acting), '')"

  private static let workspace = """
    CREATE TABLE workspace (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      created_at INTEGER NOT NULL,
      set_up_at INTEGER,
      -- Keys the hashes by which suppressions survive erasure.
      hash_key BLOB NOT NULL
    ) STRICT;

    CREATE TABLE setting (
      key TEXT PRIMARY KEY,
      value TEXT NOT NULL,
      changed_at INTEGER NOT NULL,
      changed_by TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- Who is writing, for the triggers: filled at the start of each of our transactions and
    -- emptied at its end, so that a stranger's write is audited as one.
    CREATE TABLE acting (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      who TEXT,
      at INTEGER,
      evidence TEXT
    ) STRICT;
    INSERT INTO acting (id) VALUES (1);

    -- The engine that holds the lock, or held it last. The term fences what an older one left.
    CREATE TABLE engine (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      term INTEGER NOT NULL DEFAULT 0,
      pid INTEGER,
      version TEXT,
      started_at INTEGER,
      heartbeat_at INTEGER,
      stopped_at INTEGER,
      is_paused INTEGER NOT NULL DEFAULT 0 CHECK (is_paused IN (0, 1)),
      -- The standing error of a blocked flow, as JSON.
      blocked_by TEXT,
      next_poll_at INTEGER,
      -- Whose key it is, as Mailchimp names them: updates from there are audited under this name.
      key_owner TEXT NOT NULL DEFAULT ''
    ) STRICT;
    INSERT INTO engine (id) VALUES (1);

    CREATE TABLE request (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL,
      body TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(body)),
      at INTEGER NOT NULL,
      by TEXT NOT NULL,
      state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'refused')),
      execution_id INTEGER,
      problem TEXT
    ) STRICT;
    CREATE INDEX request_waiting ON request (id) WHERE state = 'waiting';

    """

  private static let directory = """
    CREATE TABLE account (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (name <> '')
    ) STRICT;

    CREATE TABLE custom_field (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (name <> ''),
      type TEXT NOT NULL CHECK (type IN ('text', 'number', 'yes/no', 'date', 'birthday', 'choice')),
      choices TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(choices))
    ) STRICT;

    CREATE TABLE person (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      external_id TEXT UNIQUE CHECK (external_id <> ''),
      account_id INTEGER NOT NULL REFERENCES account (id),
      kind TEXT NOT NULL DEFAULT 'individual' CHECK (kind IN ('individual', 'organisation')),
      first_name TEXT NOT NULL DEFAULT '',
      last_name TEXT NOT NULL DEFAULT '',
      phone TEXT NOT NULL DEFAULT '',
      company TEXT NOT NULL DEFAULT '',
      postal_address TEXT CHECK (postal_address IS NULL OR json_valid(postal_address)),
      birthday TEXT CHECK (birthday GLOB '[01][0-9]/[0-3][0-9]'),
      date_of_birth TEXT CHECK (date_of_birth GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]'),
      opt_in TEXT NOT NULL DEFAULT 'unknown' CHECK (opt_in IN ('yes', 'no', 'unknown')),
      opt_in_at INTEGER,
      opt_in_how TEXT NOT NULL DEFAULT '',
      active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
      deleted_at INTEGER,
      manager_id INTEGER REFERENCES person (id) ON DELETE SET NULL,
      custom TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(custom)),
      source_updated_at INTEGER,
      created_at INTEGER NOT NULL DEFAULT 0,
      noticed_at INTEGER NOT NULL DEFAULT 0,
      CHECK (manager_id <> id)
    ) STRICT;
    CREATE INDEX person_by_manager ON person (manager_id) WHERE manager_id IS NOT NULL;
    CREATE INDEX person_by_name
      ON person (last_name COLLATE NOCASE, first_name COLLATE NOCASE, id);
    -- A person's name, an organisation's else: what a list shows and is ordered by.
    CREATE INDEX person_by_shown_name
      ON person ((CASE WHEN first_name <> '' OR last_name <> ''
        THEN trim(first_name || ' ' || last_name) ELSE company END) COLLATE NOCASE, id);
    CREATE INDEX person_by_account ON person (account_id);
    CREATE INDEX person_by_company ON person (company COLLATE NOCASE) WHERE company <> '';
    CREATE INDEX person_by_opt_in ON person (opt_in);
    -- The source's word on when somebody changed, else the time we noticed.
    CREATE INDEX person_by_change ON person (coalesce(source_updated_at, noticed_at), id);

    CREATE TABLE address (
      person_id INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
      -- 0 is the primary address.
      position INTEGER NOT NULL CHECK (position BETWEEN 0 AND 63),
      email TEXT NOT NULL CHECK (email <> ''),
      key TEXT NOT NULL GENERATED ALWAYS AS (lower(trim(email))) STORED,
      PRIMARY KEY (person_id, position)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX address_by_key ON address (key, position, person_id);
    CREATE INDEX address_primary ON address (key) WHERE position = 0;

    -- State and reason of every person, materialised for every screen.
    CREATE TABLE standing (
      person_id INTEGER PRIMARY KEY REFERENCES person (id) ON DELETE CASCADE,
      state TEXT NOT NULL CHECK (state IN ('in step', 'waiting', 'excluded', 'refused')),
      reason TEXT NOT NULL DEFAULT '',
      sentence TEXT NOT NULL DEFAULT '',
      key TEXT,
      since INTEGER NOT NULL,
      -- Whose details are sent where two share an address.
      other_id INTEGER
    ) STRICT;
    CREATE INDEX standing_by_reason ON standing (state, reason);
    CREATE INDEX standing_by_key ON standing (key) WHERE key IS NOT NULL;

    -- How many stand where: read on every overview, so it is kept, not counted.
    CREATE TABLE standing_count (
      state TEXT NOT NULL,
      reason TEXT NOT NULL,
      people INTEGER NOT NULL,
      PRIMARY KEY (state, reason)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER standing_counted AFTER INSERT ON standing BEGIN
      INSERT INTO standing_count VALUES (NEW.state, NEW.reason, 1)
        ON CONFLICT (state, reason) DO UPDATE SET people = people + 1;
    END;
    CREATE TRIGGER standing_recounted AFTER UPDATE OF state, reason ON standing
    WHEN (OLD.state, OLD.reason) IS NOT (NEW.state, NEW.reason) BEGIN
      UPDATE standing_count SET people = people - 1
        WHERE state = OLD.state AND reason = OLD.reason;
      INSERT INTO standing_count VALUES (NEW.state, NEW.reason, 1)
        ON CONFLICT (state, reason) DO UPDATE SET people = people + 1;
    END;
    CREATE TRIGGER standing_uncounted AFTER DELETE ON standing BEGIN
      UPDATE standing_count SET people = people - 1
        WHERE state = OLD.state AND reason = OLD.reason;
    END;

    CREATE TABLE saved_search (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (name <> ''),
      filter TEXT NOT NULL,
      grammar INTEGER NOT NULL DEFAULT 1,
      is_tag INTEGER NOT NULL DEFAULT 0 CHECK (is_tag IN (0, 1)),
      -- The name of its tag where that is not its own.
      tag TEXT CHECK (tag <> ''),
      -- One that exists by itself; of an account, where it is one's.
      is_quick INTEGER NOT NULL DEFAULT 0 CHECK (is_quick IN (0, 1)),
      account_id INTEGER UNIQUE REFERENCES account (id) ON DELETE CASCADE
    ) STRICT;

    CREATE TABLE audit (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      at INTEGER NOT NULL,
      who TEXT NOT NULL,
      person_id INTEGER,
      field TEXT NOT NULL,
      old TEXT,
      new TEXT
    ) STRICT;
    CREATE INDEX audit_by_person ON audit (person_id, id);

    CREATE TABLE consent_entry (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      person_id INTEGER,
      address_key TEXT NOT NULL,
      old TEXT NOT NULL,
      new TEXT NOT NULL,
      at INTEGER NOT NULL,
      by TEXT NOT NULL,
      evidence TEXT NOT NULL
    ) STRICT;
    CREATE INDEX consent_by_person ON consent_entry (person_id, id);
    CREATE INDEX consent_by_address ON consent_entry (address_key, id);

    CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit BEGIN
      SELECT RAISE(ABORT, 'the audit trail is append-only');
    END;
    -- An erasure takes away whom a line is about, and nothing else.
    CREATE TRIGGER consent_is_append_only BEFORE UPDATE ON consent_entry
    WHEN NOT (NEW.person_id IS NULL AND NEW.evidence = ''
      AND (NEW.address_key IN ('', OLD.address_key) OR NEW.address_key GLOB '\(erasedMark)*')
      AND (NEW.id, NEW.old, NEW.new, NEW.at, NEW.by) IS (OLD.id, OLD.old, OLD.new, OLD.at, OLD.by))
    BEGIN
      SELECT RAISE(ABORT, 'the consent ledger is append-only');
    END;
    CREATE TRIGGER consent_is_kept BEFORE DELETE ON consent_entry BEGIN
      SELECT RAISE(ABORT, 'the consent ledger is append-only');
    END;

    """

  private static let audiences = """
    CREATE TABLE audience (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      -- What the picker shows, as JSON; merge fields as discovered, as JSON.
      details TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(details)),
      merge_fields TEXT CHECK (merge_fields IS NULL OR json_valid(merge_fields)),
      listed_at INTEGER,
      -- Read in full at, polled up to (Mailchimp's clock), and first plan applied or approved at.
      read_at INTEGER,
      polled_to INTEGER,
      first_sync_at INTEGER
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE field_mapping (
      position INTEGER PRIMARY KEY,
      field TEXT NOT NULL,
      tag TEXT NOT NULL UNIQUE,
      direction TEXT NOT NULL CHECK (direction IN ('to', 'from', 'both')),
      transforms TEXT NOT NULL DEFAULT '',
      -- Null: for everybody. Else for people who changed from then on.
      since INTEGER
    ) STRICT;

    CREATE TABLE link (
      audience_id TEXT NOT NULL,
      address_key TEXT NOT NULL,
      -- Null: a contact no person stands behind (unknown, left alone). It stays when the person is
      -- removed, so that the contact is known as a leaver.
      owner_id INTEGER,
      email TEXT NOT NULL,
      member_id TEXT,
      contact_id TEXT,
      -- The same in bulk answers, which have no contact id.
      web_id INTEGER,
      status TEXT CHECK (status IN
        ('subscribed', 'unsubscribed', 'cleaned', 'pending', 'transactional', 'archived')),
      agreed TEXT CHECK (agreed IS NULL OR json_valid(agreed)),
      agreed_status TEXT CHECK (agreed_status IN
        ('subscribed', 'unsubscribed', 'cleaned', 'pending', 'transactional', 'archived')),
      seen TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(seen)),
      seen_at INTEGER,
      last_changed INTEGER,
      -- Of the desired member as agreed; null: plan this one again.
      digest INTEGER,
      ended_by_us INTEGER NOT NULL DEFAULT 0 CHECK (ended_by_us IN (0, 1)),
      sent_at INTEGER,
      -- What Mailchimp made of values it keeps its own way.
      kept TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(kept)),
      -- Conflicts by merge tag: open, or decided and not carried out yet.
      decided TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(decided)),
      may_return TEXT CHECK (may_return IN ('lifted', 'asked')),
      -- A status we set out to send, and when; null once an answer or a reading told of it.
      attempted TEXT CHECK (attempted IN ('subscribed', 'unsubscribed', 'pending', 'archived')),
      attempted_at INTEGER CHECK ((attempted_at IS NULL) = (attempted IS NULL)),
      -- When we set out to give or take a tag last, of whom we ended.
      tagged_at INTEGER,
      PRIMARY KEY (audience_id, address_key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX link_by_owner ON link (owner_id) WHERE owner_id IS NOT NULL;
    CREATE INDEX link_by_member ON link (audience_id, member_id) WHERE member_id IS NOT NULL;
    CREATE INDEX link_by_contact ON link (audience_id, contact_id) WHERE contact_id IS NOT NULL;
    CREATE INDEX link_by_web_id ON link (audience_id, web_id)
      WHERE contact_id IS NULL AND web_id IS NOT NULL;

    -- Fields that changed on both sides, with both values; one open row an address and field.
    CREATE TABLE conflict (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      audience_id TEXT NOT NULL,
      address_key TEXT NOT NULL,
      person_id INTEGER,
      tag TEXT NOT NULL,
      field TEXT NOT NULL,
      ours TEXT NOT NULL CHECK (json_valid(ours)),
      theirs TEXT NOT NULL CHECK (json_valid(theirs)),
      agreed TEXT CHECK (agreed IS NULL OR json_valid(agreed)),
      noticed_at INTEGER NOT NULL,
      execution_id INTEGER,
      decision TEXT NOT NULL
        CHECK (decision IN ('open', 'directory', 'mailchimp', 'new contact', 'gone')),
      decided_at INTEGER,
      decided_by TEXT,
      CHECK ((decision = 'open') = (decided_at IS NULL))
    ) STRICT;
    CREATE UNIQUE INDEX conflict_open ON conflict (audience_id, address_key, tag)
      WHERE decision = 'open';
    CREATE INDEX conflict_by_person ON conflict (person_id, id) WHERE person_id IS NOT NULL;

    CREATE TABLE suppression (
      audience_id TEXT NOT NULL,
      -- HMAC-SHA256 of the key with workspace.hash_key; the key itself goes with an erasure.
      address_hash BLOB NOT NULL,
      address_key TEXT,
      reason TEXT NOT NULL CHECK (reason IN ('unsubscribed', 'cleaned', 'forgotten',
        'compliance state', 'archived by others', 'deleted by others', 'erased')),
      at INTEGER NOT NULL,
      evidence TEXT NOT NULL,
      PRIMARY KEY (audience_id, address_hash)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX suppression_by_key ON suppression (audience_id, address_key)
      WHERE address_key IS NOT NULL;
    CREATE INDEX suppression_erased ON suppression (audience_id) WHERE address_key IS NULL;

    """

  private static let executions = """
    CREATE TABLE execution (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      flow TEXT NOT NULL,
      trigger TEXT NOT NULL,
      attempt INTEGER NOT NULL DEFAULT 1,
      original_id INTEGER,
      audience_id TEXT,
      status TEXT NOT NULL CHECK (status IN
        ('waiting', 'running', 'succeeded', 'partial', 'failed', 'held', 'cancelled')),
      created INTEGER NOT NULL DEFAULT 0,
      updated INTEGER NOT NULL DEFAULT 0,
      unchanged INTEGER NOT NULL DEFAULT 0,
      unsubscribed INTEGER NOT NULL DEFAULT 0,
      archived INTEGER NOT NULL DEFAULT 0,
      deleted INTEGER NOT NULL DEFAULT 0,
      excluded INTEGER NOT NULL DEFAULT 0,
      refused INTEGER NOT NULL DEFAULT 0,
      detected_changes INTEGER NOT NULL DEFAULT 0 CHECK (detected_changes IN (0, 1)),
      queued_at INTEGER NOT NULL,
      started_at INTEGER,
      finished_at INTEGER,
      heartbeat_at INTEGER,
      -- Since when its plan waits for a look, and how long plans of it waited before.
      held_at INTEGER,
      waited INTEGER NOT NULL DEFAULT 0,
      done INTEGER NOT NULL DEFAULT 0,
      total INTEGER,
      -- It looks at everybody, those too who stood unsent at set-up.
      for_everyone INTEGER NOT NULL DEFAULT 0 CHECK (for_everyone IN (0, 1)),
      -- Chunks still out; the last one to return finishes the execution.
      open_chunks INTEGER NOT NULL DEFAULT 0,
      wants_cancel INTEGER NOT NULL DEFAULT 0 CHECK (wants_cancel IN (0, 1)),
      plan_id INTEGER,
      problem TEXT CHECK (problem IS NULL OR json_valid(problem)),
      -- In whose name an undo writes into the directory.
      asked_by TEXT,
      CHECK ((finished_at IS NOT NULL)
        = (status IN ('succeeded', 'partial', 'failed', 'cancelled')))
    ) STRICT;
    CREATE INDEX execution_open ON execution (id)
      WHERE status IN ('waiting', 'running', 'held');
    -- For filters that let few of many pass.
    CREATE INDEX execution_by_status ON execution (status, id);
    CREATE INDEX execution_by_flow ON execution (flow, id);
    CREATE INDEX execution_by_trigger ON execution (trigger, id);
    CREATE INDEX execution_by_time ON execution (queued_at);
    CREATE INDEX execution_of_note ON execution (id)
      WHERE detected_changes = 1 OR status <> 'succeeded';
    -- For the orders a list of them can be in.
    CREATE INDEX execution_by_took ON execution (finished_at - started_at - waited, id)
      WHERE finished_at IS NOT NULL AND started_at IS NOT NULL;
    CREATE INDEX execution_untimed ON execution (id)
      WHERE finished_at IS NULL OR started_at IS NULL;
    CREATE INDEX execution_by_people
      ON execution (created + updated + unsubscribed + archived + deleted + refused, id);
    CREATE INDEX execution_by_original ON execution (original_id) WHERE original_id IS NOT NULL;

    CREATE TABLE step (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      execution_id INTEGER NOT NULL REFERENCES execution (id) ON DELETE CASCADE,
      name TEXT NOT NULL,
      status TEXT NOT NULL CHECK (status IN
        ('waiting', 'running', 'succeeded', 'partial', 'failed', 'held', 'cancelled')),
      started_at INTEGER NOT NULL,
      finished_at INTEGER,
      output TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(output)),
      UNIQUE (execution_id, name)
    ) STRICT;

    CREATE TABLE row_outcome (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      execution_id INTEGER NOT NULL REFERENCES execution (id) ON DELETE CASCADE,
      person_id INTEGER,
      address_key TEXT NOT NULL,
      result TEXT NOT NULL CHECK (result IN ('created', 'updated', 'unsubscribed', 'archived',
        'unchanged', 'excluded', 'refused', 'skipped', 'suppressed')),
      reason TEXT NOT NULL DEFAULT '',
      sentence TEXT NOT NULL DEFAULT '',
      changes TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(changes))
    ) STRICT;
    -- Refused first.
    CREATE INDEX outcome_by_execution ON row_outcome (execution_id, (result <> 'refused'), id);
    CREATE INDEX outcome_by_person ON row_outcome (person_id, id) WHERE person_id IS NOT NULL;
    CREATE INDEX outcome_by_address ON row_outcome (address_key, id);

    CREATE TABLE exchange (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      execution_id INTEGER REFERENCES execution (id) ON DELETE CASCADE,
      at INTEGER NOT NULL,
      method TEXT NOT NULL,
      path TEXT NOT NULL,
      status INTEGER,
      took INTEGER NOT NULL,
      request_bytes INTEGER NOT NULL,
      response_bytes INTEGER NOT NULL,
      problem TEXT NOT NULL DEFAULT ''
    ) STRICT;
    CREATE INDEX exchange_by_execution ON exchange (execution_id, id);

    CREATE TABLE exchange_body (
      exchange_id INTEGER PRIMARY KEY REFERENCES exchange (id) ON DELETE CASCADE,
      request TEXT,
      response TEXT
    ) STRICT;

    CREATE TABLE log_line (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      execution_id INTEGER REFERENCES execution (id) ON DELETE CASCADE,
      at INTEGER NOT NULL,
      level INTEGER NOT NULL CHECK (level BETWEEN 0 AND 3),
      sentence TEXT NOT NULL,
      fields TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(fields))
    ) STRICT;
    CREATE INDEX log_by_execution ON log_line (execution_id, id) WHERE execution_id IS NOT NULL;
    CREATE INDEX log_told ON log_line (id) WHERE level >= 1;
    CREATE INDEX log_problems ON log_line (id) WHERE level >= 2;
    CREATE INDEX log_errors ON log_line (id) WHERE level >= 3;

    CREATE TABLE plan (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      execution_id INTEGER NOT NULL REFERENCES execution (id) ON DELETE CASCADE,
      audience_id TEXT NOT NULL,
      status TEXT NOT NULL CHECK (status IN
        ('drafting', 'ready', 'held', 'approved', 'discarded', 'applied')),
      reason TEXT NOT NULL DEFAULT '',
      counts TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(counts)),
      created_at INTEGER NOT NULL,
      decided_at INTEGER,
      decided_by TEXT
    ) STRICT;
    CREATE INDEX plan_held ON plan (id) WHERE status = 'held';

    CREATE TABLE plan_row (
      plan_id INTEGER NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
      ordinal INTEGER NOT NULL,
      address_key TEXT NOT NULL,
      email TEXT NOT NULL,
      person_id INTEGER,
      action TEXT NOT NULL CHECK (action IN
        ('create', 'update', 'unsubscribe', 'archive', 'rename', 'take', 'arrival', 'restore',
          'delete', 'tags')),
      from_key TEXT,
      status TEXT,
      changes TEXT NOT NULL CHECK (json_valid(changes)),
      remarks TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(remarks)),
      digest INTEGER NOT NULL,
      -- Tags gained and lost, by name.
      tags TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(tags)),
      -- Unsubscribed because they opted out here.
      is_opt_out INTEGER NOT NULL DEFAULT 0 CHECK (is_opt_out IN (0, 1)),
      PRIMARY KEY (plan_id, ordinal)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX plan_row_by_address ON plan_row (plan_id, address_key);

    """

  /// Enqueues `person changed`, coalesced; `id` is a column of the trigger's row.
  private static func personChanged(_ id: String) -> String {
    """
    \(MessageQueue.enqueueSQL(
      kind: "'person changed'", subject: "'person:' || \(id)", runAt: now));
      INSERT INTO standing (person_id, state, reason, since)
        VALUES (\(id), 'waiting', 'changed', \(now))
        ON CONFLICT (person_id) DO UPDATE
        SET state = 'waiting', reason = 'changed', sentence = '', since = excluded.since;
    """
  }

  /// Columns whose change is audited and queued.
  static let tracked = [
    "external_id", "account_id", "kind", "first_name", "last_name", "phone", "company",
    "postal_address", "birthday", "date_of_birth", "opt_in", "active", "deleted_at", "manager_id",
    "custom",
  ]

  /// One row a tracked column: its name, old and new value.
  private static let beforeAndAfter =
    tracked.map { "SELECT '\($0)' AS field, OLD.\($0) AS old, NEW.\($0) AS new" }
    .joined(separator: " UNION ALL ")

  private static let capture = """
    CREATE INDEX message_dead ON message (id) WHERE state = 'dead';

    CREATE TRIGGER person_added AFTER INSERT ON person BEGIN
      UPDATE person SET created_at = \(now), noticed_at = \(now),
        opt_in_at = CASE NEW.opt_in WHEN 'unknown' THEN NULL ELSE coalesce(NEW.opt_in_at, \(now)) END
        WHERE id = NEW.id;
      INSERT INTO audit (at, who, person_id, field, old, new)
        VALUES (\(now), \(who), NEW.id, 'person', NULL, 'added');
      INSERT INTO consent_entry (person_id, address_key, old, new, at, by, evidence)
        SELECT NEW.id, '', '', 'opt-in ' || NEW.opt_in, \(now), \(who), \(evidence)
        WHERE NEW.opt_in <> 'unknown';
    \(personChanged("NEW.id"))
    END;

    CREATE TRIGGER person_changed AFTER UPDATE OF \(tracked.joined(separator: ", ")) ON person
    WHEN (\(tracked.map { "OLD.\($0)" }.joined(separator: ", ")))
      IS NOT (\(tracked.map { "NEW.\($0)" }.joined(separator: ", "))) BEGIN
      UPDATE person SET noticed_at = \(now) WHERE id = NEW.id;
      -- A decision without a time of its own was made now: where people share an address, the
      -- latest counts.
      UPDATE person SET opt_in_at = CASE NEW.opt_in WHEN 'unknown' THEN NULL ELSE \(now) END
        WHERE id = NEW.id AND OLD.opt_in <> NEW.opt_in AND OLD.opt_in_at IS NEW.opt_in_at;
      INSERT INTO audit (at, who, person_id, field, old, new)
        SELECT \(now), \(who), NEW.id, field, old, new FROM (\(beforeAndAfter))
        WHERE old IS NOT new;
      INSERT INTO consent_entry (person_id, address_key, old, new, at, by, evidence)
        SELECT NEW.id, coalesce((SELECT key FROM address
            WHERE person_id = NEW.id AND position = 0), ''),
          'opt-in ' || OLD.opt_in, 'opt-in ' || NEW.opt_in, \(now), \(who), \(evidence)
        WHERE OLD.opt_in <> NEW.opt_in;
    \(personChanged("NEW.id"))
    END;

    -- Who changed last decides whose details count where people share an address.
    CREATE TRIGGER person_dated AFTER UPDATE OF source_updated_at ON person
    WHEN OLD.source_updated_at IS NOT NEW.source_updated_at BEGIN
    \(personChanged("NEW.id"))
    END;

    -- A person who goes leaves their address, and those they were sent at, to be looked at again:
    -- somebody may share them.
    CREATE TRIGGER person_removed BEFORE DELETE ON person BEGIN
      INSERT INTO audit (at, who, person_id, field, old, new)
        VALUES (\(now), \(who), OLD.id, 'person', 'deleted', 'removed');
      INSERT INTO message (kind, subject, body, state, run_at)
        SELECT 'sync address', 'address:' || key, '{}', 'ready', \(now)
        FROM (SELECT address_key AS key FROM link WHERE owner_id = OLD.id
          UNION SELECT key FROM address WHERE person_id = OLD.id AND position = 0
          UNION SELECT key FROM standing WHERE person_id = OLD.id AND key IS NOT NULL)
        WHERE true
        ON CONFLICT (kind, subject) WHERE state = 'ready' DO UPDATE
        SET run_at = min(run_at, excluded.run_at), attempt = 0;
      INSERT INTO message (kind, subject, body, state, run_at)
        SELECT 'person changed', 'person:' || id, '{}', 'ready', \(now)
        FROM person WHERE manager_id = OLD.id
        ON CONFLICT (kind, subject) WHERE state = 'ready' DO UPDATE
        SET run_at = min(run_at, excluded.run_at), attempt = 0;
    END;

    CREATE TRIGGER address_added AFTER INSERT ON address BEGIN
      INSERT INTO audit (at, who, person_id, field, old, new)
        VALUES (\(now), \(who), NEW.person_id, 'email' || (NEW.position + 1), NULL, NEW.email);
      UPDATE person SET noticed_at = \(now) WHERE id = NEW.person_id;
    \(personChanged("NEW.person_id"))
    END;
    CREATE TRIGGER address_changed AFTER UPDATE OF email ON address
    WHEN OLD.email <> NEW.email BEGIN
      INSERT INTO audit (at, who, person_id, field, old, new)
        VALUES (\(now), \(who), NEW.person_id, 'email' || (NEW.position + 1), OLD.email, NEW.email);
      UPDATE person SET noticed_at = \(now) WHERE id = NEW.person_id;
    \(personChanged("NEW.person_id"))
    END;
    CREATE TRIGGER address_removed AFTER DELETE ON address
    WHEN EXISTS (SELECT 1 FROM person WHERE id = OLD.person_id) BEGIN
      INSERT INTO audit (at, who, person_id, field, old, new)
        VALUES (\(now), \(who), OLD.person_id, 'email' || (OLD.position + 1), OLD.email, NULL);
      UPDATE person SET noticed_at = \(now) WHERE id = OLD.person_id;
    \(personChanged("OLD.person_id"))
    END;

    """

  private static let search = """
    -- Which people may contain a text of three letters or more: trigrams only, without the text
    -- and without places, so that it stays small; who is found is then compared in full.
    CREATE VIRTUAL TABLE person_text USING fts5 (
      names, content = '', detail = none, tokenize = "trigram");
    CREATE TRIGGER person_text_added AFTER INSERT ON person BEGIN
      INSERT INTO person_text (rowid, names) VALUES (NEW.id, \(names("NEW")));
    END;
    CREATE TRIGGER person_text_changed
    AFTER UPDATE OF first_name, last_name, company, phone, external_id ON person
    WHEN \(names("OLD")) IS NOT \(names("NEW")) BEGIN
      INSERT INTO person_text (person_text, rowid, names)
        VALUES ('delete', OLD.id, \(names("OLD")));
      INSERT INTO person_text (rowid, names) VALUES (NEW.id, \(names("NEW")));
    END;
    CREATE TRIGGER person_text_removed AFTER DELETE ON person BEGIN
      INSERT INTO person_text (person_text, rowid, names)
        VALUES ('delete', OLD.id, \(names("OLD")));
    END;

    -- The same for addresses; the row is person_id * 64 + position.
    CREATE VIRTUAL TABLE address_text USING fts5 (
      email, content = '', detail = none, tokenize = "trigram");
    CREATE TRIGGER address_text_added AFTER INSERT ON address BEGIN
      INSERT INTO address_text (rowid, email)
        VALUES (NEW.person_id * 64 + NEW.position, NEW.email);
    END;
    CREATE TRIGGER address_text_changed AFTER UPDATE OF email ON address
    WHEN OLD.email <> NEW.email BEGIN
      INSERT INTO address_text (address_text, rowid, email)
        VALUES ('delete', OLD.person_id * 64 + OLD.position, OLD.email);
      INSERT INTO address_text (rowid, email)
        VALUES (NEW.person_id * 64 + NEW.position, NEW.email);
    END;
    CREATE TRIGGER address_text_removed AFTER DELETE ON address BEGIN
      INSERT INTO address_text (address_text, rowid, email)
        VALUES ('delete', OLD.person_id * 64 + OLD.position, OLD.email);
    END;

    CREATE VIRTUAL TABLE log_text USING fts5 (
      sentence, content = 'log_line', content_rowid = 'id', tokenize = "unicode61");
    CREATE TRIGGER log_text_added AFTER INSERT ON log_line BEGIN
      INSERT INTO log_text (rowid, sentence) VALUES (NEW.id, NEW.sentence);
    END;
    CREATE TRIGGER log_text_removed AFTER DELETE ON log_line BEGIN
      INSERT INTO log_text (log_text, rowid, sentence) VALUES ('delete', OLD.id, OLD.sentence);
    END;
    """

  /// What a person is found by, as SQL over a trigger's row; plain SQL, because a trigger must run
  /// in a `sqlite3` shell too.
  private static func names(_ row: String) -> String {
    ["first_name || ' ' || \(row).last_name", "company", "phone"]
      .map { "\(row).\($0)" }.joined(separator: " || char(10) || ")
      + " || char(10) || coalesce(\(row).external_id, '')"
  }
}
