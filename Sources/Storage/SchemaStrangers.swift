// Contacts nobody here stands behind: since when each is known. Kept by triggers, because links are
// written whole; what must stay true: the day a stranger was noticed first is never forgotten while
// they are one.

extension Schema {
  static let strangers = """
    CREATE INDEX link_unknown ON link (audience_id, address_key)
      WHERE owner_id IS NULL AND status IS NOT NULL AND status <> 'archived';

    CREATE TABLE stranger (
      audience_id TEXT NOT NULL,
      address_key TEXT NOT NULL,
      since INTEGER NOT NULL,
      PRIMARY KEY (audience_id, address_key)
    ) STRICT, WITHOUT ROWID;

    -- Not OR IGNORE: a link that is replaced would make it OR REPLACE.
    CREATE TRIGGER stranger_noticed AFTER INSERT ON link
    WHEN NEW.owner_id IS NULL AND NEW.status IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM address WHERE key = NEW.address_key AND position = 0)
      AND NOT EXISTS (SELECT 1 FROM stranger
        WHERE audience_id = NEW.audience_id AND address_key = NEW.address_key)
    BEGIN
      INSERT INTO stranger (audience_id, address_key, since)
        VALUES (NEW.audience_id, NEW.address_key, \(now));
    END;
    CREATE TRIGGER stranger_met AFTER INSERT ON link WHEN NEW.owner_id IS NOT NULL BEGIN
      DELETE FROM stranger
        WHERE audience_id = NEW.audience_id AND address_key = NEW.address_key;
    END;
    CREATE TRIGGER stranger_gone AFTER DELETE ON link BEGIN
      DELETE FROM stranger
        WHERE audience_id = OLD.audience_id AND address_key = OLD.address_key;
    END;

    """
}
