-- At most one snapshot of each stream.
CREATE TABLE snapshots (
  id             INTEGER PRIMARY KEY,
  aggregate_id   BLOB    NOT NULL CHECK (length(aggregate_id) = 16),
  aggregate_type TEXT    NOT NULL,
  version        INTEGER NOT NULL,
  schema_version INTEGER NOT NULL DEFAULT 1,
  created_at     INTEGER NOT NULL, -- microseconds since 1970 UTC
  state          TEXT    NOT NULL, -- a JSON value
  UNIQUE (aggregate_id, aggregate_type)
) STRICT;
