-- The log. AUTOINCREMENT: the position of a deleted newest event is never given to another one.
-- The document comes last, so that a look at the other columns need not walk through a large one.
CREATE TABLE events (
  global_position INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id        BLOB    NOT NULL UNIQUE CHECK (length(event_id) = 16),
  aggregate_id    BLOB    NOT NULL CHECK (length(aggregate_id) = 16),
  aggregate_type  TEXT    NOT NULL,
  event_type      TEXT    NOT NULL,
  tenant_id       BLOB,
  actor_id        TEXT,
  version         INTEGER NOT NULL CHECK (version BETWEEN 1 AND 2147483647),
  timestamp       INTEGER NOT NULL, -- occurred_at, microseconds since 1970 UTC
  created_at      INTEGER NOT NULL, -- stored_at, microseconds since 1970 UTC
  payload         TEXT    NOT NULL, -- the whole document
  UNIQUE (aggregate_id, aggregate_type, version)
) STRICT;
