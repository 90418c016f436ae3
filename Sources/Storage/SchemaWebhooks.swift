// The tables of the webhook: what is known of it, who listens, and its deliveries.

extension Schema {
  static let webhooks = """
    CREATE TABLE webhook (
      audience_id TEXT PRIMARY KEY,
      -- Null while there is none at Mailchimp, as far as we know.
      remote_id TEXT,
      -- With the secret path it was made for.
      address TEXT NOT NULL DEFAULT '',
      signing_secret TEXT,
      created_at INTEGER,
      checked_at INTEGER,
      -- The first delivery whose signature held; from then on all must be signed.
      verified_at INTEGER,
      problem TEXT CHECK (problem IS NULL OR json_valid(problem))
    ) STRICT, WITHOUT ROWID;

    -- Where the engine that runs, or ran last, listens.
    CREATE TABLE webhook_listener (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      address TEXT,
      since INTEGER,
      problem TEXT CHECK (problem IS NULL OR json_valid(problem))
    ) STRICT;
    INSERT INTO webhook_listener (id) VALUES (1);

    CREATE TABLE webhook_delivery (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      received_at INTEGER NOT NULL,
      -- SHA-256 of the body as it came.
      digest BLOB NOT NULL,
      audience_id TEXT NOT NULL,
      type TEXT NOT NULL,
      summary TEXT NOT NULL,
      fired_at INTEGER,
      signature TEXT NOT NULL
        CHECK (signature IN ('verified', 'absent', 'bad', 'unchecked')),
      fate TEXT NOT NULL
        CHECK (fate IN ('waiting', 'looked at', 'echo', 'ignored', 'refused')),
      sentence TEXT NOT NULL DEFAULT '',
      execution_id INTEGER,
      body BLOB
    ) STRICT;
    -- Delivered twice is delivered once; what was refused may come again signed.
    CREATE UNIQUE INDEX webhook_delivery_once ON webhook_delivery (digest) WHERE fate <> 'refused';
    CREATE UNIQUE INDEX webhook_refused_once ON webhook_delivery (digest) WHERE fate = 'refused';
    CREATE INDEX webhook_delivery_fate ON webhook_delivery (fate, id);

    -- Whom a delivery is about; open until they have been looked at.
    CREATE TABLE webhook_address (
      delivery_id INTEGER NOT NULL REFERENCES webhook_delivery (id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      address_key TEXT NOT NULL,
      is_open INTEGER NOT NULL DEFAULT 1 CHECK (is_open IN (0, 1)),
      changed INTEGER NOT NULL DEFAULT 0 CHECK (changed IN (0, 1)),
      PRIMARY KEY (delivery_id, position)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX webhook_address_open ON webhook_address (address_key, delivery_id)
      WHERE is_open = 1;

    """
}
