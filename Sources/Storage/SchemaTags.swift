// Tags in the workspace file: which saved searches are kept as tags on which audience, and who holds
// one because we put it there. What must stay true: a row of `tag_membership` is written only with
// the outcome of the call that placed the tag, and only those rows are ever taken away.

import Queue

extension Schema {
  /// True when every search is a tag, whatever its own mark; the words a yes may be written in.
  static let everySearchIsTag = """
    EXISTS (SELECT 1 FROM setting WHERE key = 'tags.every-search'
      AND lower(value) IN ('yes', 'true', '1', 'on'))
    """

  /// Enqueues `look at tags`, coalesced: what is kept as a tag, or who is to hold one, may differ.
  private static let lookAtTags = MessageQueue.enqueueSQL(
    kind: "'look at tags'", subject: "'tags'", runAt: Schema.now)

  /// `account:="NAME" deleted:no` over a trigger's row.
  private static func accountFilter(_ row: String) -> String {
    """
    'account:="' || replace(replace(\(row).name, '\\', '\\\\'), '"', '\\"') || '" deleted:no'
    """
  }

  /// The account's name, or, where a search has it already, one that says what it is.
  private static func accountSearch(_ row: String) -> String {
    """
    CASE WHEN EXISTS (SELECT 1 FROM saved_search
        WHERE name = \(row).name AND account_id IS NOT \(row).id)
      THEN \(row).name || ' (account ' || \(row).id || ')' ELSE \(row).name END
    """
  }

  static let tags = """
    CREATE TABLE kept_tag (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      audience_id TEXT NOT NULL,
      -- Null: the search has gone, or is no tag any more.
      search_id INTEGER REFERENCES saved_search (id) ON DELETE SET NULL,
      -- As it is called at Mailchimp, and the filter it was compared by last.
      name TEXT NOT NULL COLLATE NOCASE CHECK (name <> ''),
      filter TEXT NOT NULL DEFAULT '',
      segment_id INTEGER,
      state TEXT NOT NULL DEFAULT 'new'
        CHECK (state IN ('new', 'kept', 'undecided', 'problem', 'leaving', 'left')),
      problem TEXT CHECK (problem IS NULL OR json_valid(problem)),
      -- Nobody had the name when we looked: who has it now is we.
      is_free INTEGER NOT NULL DEFAULT 0 CHECK (is_free IN (0, 1)),
      adopts INTEGER NOT NULL DEFAULT 0 CHECK (adopts IN (0, 1)),
      -- Its members at Mailchimp are being read, from this place on.
      reads INTEGER NOT NULL DEFAULT 0 CHECK (reads IN (0, 1)),
      read_offset INTEGER NOT NULL DEFAULT 0,
      -- Those the page before ended with; of no meaning at the beginning.
      read_tail TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(read_tail)),
      -- Why everybody is to be compared with it next; null: only those who changed.
      due TEXT,
      -- What it finds depends on the day, and the day (in the workspace's zone) it was compared on.
      is_dated INTEGER NOT NULL DEFAULT 0 CHECK (is_dated IN (0, 1)),
      compared_on TEXT,
      -- What others call it at Mailchimp now, where that is not its name; and that it is to have its
      -- own again.
      name_there TEXT,
      is_named_back INTEGER NOT NULL DEFAULT 0 CHECK (is_named_back IN (0, 1)),
      -- Since when it waits for a decision.
      asked_at INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX kept_tag_of_search ON kept_tag (audience_id, search_id)
      WHERE search_id IS NOT NULL;
    CREATE UNIQUE INDEX kept_tag_by_name ON kept_tag (audience_id, name);

    -- Who holds a tag because we put it there.
    CREATE TABLE tag_membership (
      tag_id INTEGER NOT NULL REFERENCES kept_tag (id) ON DELETE CASCADE,
      address_key TEXT NOT NULL,
      placed_at INTEGER NOT NULL,
      -- Of a contact whose link has just gone: where the contact comes up again under another
      -- address, its tags go with it.
      contact_id TEXT,
      PRIMARY KEY (tag_id, address_key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX tag_membership_by_address ON tag_membership (address_key);
    CREATE INDEX tag_membership_moving ON tag_membership (contact_id)
      WHERE contact_id IS NOT NULL;

    -- Who holds a tag because others put it there, as far as we looked.
    CREATE TABLE tag_holder (
      tag_id INTEGER NOT NULL REFERENCES kept_tag (id) ON DELETE CASCADE,
      address_key TEXT NOT NULL,
      PRIMARY KEY (tag_id, address_key)
    ) STRICT, WITHOUT ROWID;

    -- Who is to gain or lose a tag. A gain is sent once it was looked whether others gave the tag
    -- before: what they gave is not ours to take.
    CREATE TABLE tag_work (
      tag_id INTEGER NOT NULL REFERENCES kept_tag (id) ON DELETE CASCADE,
      address_key TEXT NOT NULL,
      change TEXT NOT NULL CHECK (change IN ('gain', 'lose')),
      is_checked INTEGER NOT NULL DEFAULT 0 CHECK (is_checked IN (0, 1)),
      PRIMARY KEY (tag_id, address_key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX tag_work_by_address ON tag_work (address_key);
    CREATE INDEX tag_work_next ON tag_work (tag_id, is_checked, change, address_key);

    -- Addresses to be compared with every tag: something about them changed.
    CREATE TABLE tag_due (
      audience_id TEXT NOT NULL,
      address_key TEXT NOT NULL,
      PRIMARY KEY (audience_id, address_key)
    ) STRICT, WITHOUT ROWID;

    CREATE TRIGGER tags_left BEFORE DELETE ON link WHEN OLD.contact_id IS NOT NULL BEGIN
      UPDATE tag_membership SET contact_id = OLD.contact_id
        WHERE address_key = OLD.address_key AND tag_id IN
          (SELECT id FROM kept_tag WHERE audience_id = OLD.audience_id);
    END;
    CREATE TRIGGER tags_moved AFTER INSERT ON link
    WHEN EXISTS (SELECT 1 FROM tag_membership WHERE contact_id = NEW.contact_id) BEGIN
      UPDATE OR IGNORE tag_membership SET address_key = NEW.address_key, contact_id = NULL
        WHERE contact_id = NEW.contact_id AND tag_id IN
          (SELECT id FROM kept_tag WHERE audience_id = NEW.audience_id);
    END;

    -- A quick list for each account, kept in step with its name.
    CREATE TRIGGER account_listed AFTER INSERT ON account BEGIN
      INSERT OR IGNORE INTO saved_search (name, filter, grammar, is_quick, account_id)
        VALUES (\(accountSearch("NEW")), \(accountFilter("NEW")), 1, 1, NEW.id);
    END;
    CREATE TRIGGER account_relisted AFTER UPDATE OF name ON account
    WHEN OLD.name IS NOT NEW.name BEGIN
      UPDATE saved_search SET name = \(accountSearch("NEW")), filter = \(accountFilter("NEW"))
        WHERE account_id = NEW.id;
    END;

    CREATE TRIGGER search_saved AFTER INSERT ON saved_search
    WHEN NEW.is_tag OR \(everySearchIsTag) BEGIN
      \(lookAtTags);
    END;
    CREATE TRIGGER search_changed AFTER UPDATE ON saved_search
    WHEN NEW.is_tag OR OLD.is_tag OR \(everySearchIsTag) BEGIN
      \(lookAtTags);
    END;
    CREATE TRIGGER search_removed AFTER DELETE ON saved_search
    WHEN OLD.is_tag OR \(everySearchIsTag) BEGIN
      \(lookAtTags);
    END;
    CREATE TRIGGER every_search_set AFTER INSERT ON setting
    WHEN NEW.key = 'tags.every-search' BEGIN
      \(lookAtTags);
    END;
    CREATE TRIGGER every_search_changed AFTER UPDATE ON setting
    WHEN NEW.key = 'tags.every-search' BEGIN
      \(lookAtTags);
    END;
    CREATE TRIGGER every_search_unset AFTER DELETE ON setting
    WHEN OLD.key = 'tags.every-search' BEGIN
      \(lookAtTags);
    END;

    """
}
