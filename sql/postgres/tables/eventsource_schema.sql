-- Who this store is and which schema it has: one row. A database without this table has the guide's layout.
CREATE TABLE IF NOT EXISTS eventsource_schema (
  id             INTEGER     PRIMARY KEY CHECK (id = 1),
  store_id       UUID        NOT NULL, -- tokens name it
  schema_version INTEGER     NOT NULL,
  created_at     TIMESTAMPTZ NOT NULL DEFAULT now()
);
