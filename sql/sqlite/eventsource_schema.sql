-- Who this store is: one row. PRAGMA user_version holds the schema version as well.
CREATE TABLE eventsource_schema (
  id             INTEGER PRIMARY KEY CHECK (id = 1),
  store_id       BLOB    NOT NULL CHECK (length(store_id) = 16),
  schema_version INTEGER NOT NULL,
  created_at     INTEGER NOT NULL -- microseconds since 1970 UTC
) STRICT;
