-- The tables of eventsource-py 0.3.1 to 0.5 that a store uses, with that library's types, names and indexes.
CREATE TABLE events (
  global_position BIGSERIAL PRIMARY KEY,
  event_id        UUID NOT NULL UNIQUE,
  aggregate_id    UUID NOT NULL,
  aggregate_type  VARCHAR(255) NOT NULL,
  event_type      VARCHAR(255) NOT NULL,
  tenant_id       UUID,
  actor_id        VARCHAR(255),
  version         INTEGER NOT NULL,
  timestamp       TIMESTAMPTZ NOT NULL,
  payload         JSONB NOT NULL,
  created_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
  CONSTRAINT uq_events_aggregate_version UNIQUE (aggregate_id, aggregate_type, version)
);
CREATE INDEX idx_events_type_tenant_timestamp ON events (aggregate_type, tenant_id, timestamp);
CREATE INDEX idx_events_aggregate_version ON events (aggregate_id, aggregate_type, version);
CREATE TABLE snapshots (
  id             BIGSERIAL PRIMARY KEY,
  aggregate_id   UUID NOT NULL,
  aggregate_type VARCHAR(255) NOT NULL,
  version        INTEGER NOT NULL,
  schema_version INTEGER NOT NULL DEFAULT 1,
  state          JSONB NOT NULL,
  created_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
  CONSTRAINT uq_snapshots_aggregate UNIQUE (aggregate_id, aggregate_type)
);
