-- The guide's columns as somebody else might have made them: other types, other names, another order.
CREATE SEQUENCE positions START 1000 INCREMENT 3;
CREATE TABLE events (
  payload         JSONB NOT NULL,
  created_at      TIMESTAMPTZ NOT NULL,
  "timestamp"     TIMESTAMPTZ NOT NULL,
  version         BIGINT NOT NULL,
  tenant_id       VARCHAR(64),
  actor_id        TEXT,
  event_type      TEXT NOT NULL,
  aggregate_type  TEXT NOT NULL,
  aggregate_id    UUID NOT NULL,
  event_id        UUID NOT NULL,
  global_position BIGINT NOT NULL DEFAULT nextval('positions'),
  note            TEXT
);
CREATE UNIQUE INDEX a_position ON events (global_position);
CREATE UNIQUE INDEX a_stream ON events (aggregate_type, version, aggregate_id);
CREATE UNIQUE INDEX an_id ON events (event_id);
CREATE TABLE snapshots (
  aggregate_type TEXT NOT NULL,
  aggregate_id   UUID NOT NULL,
  version        BIGINT NOT NULL,
  schema_version BIGINT NOT NULL,
  state          JSONB NOT NULL,
  created_at     TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (aggregate_id, aggregate_type)
);
