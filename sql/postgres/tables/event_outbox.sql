-- Events on their way to a broker, written in the transaction of the event (the transactional outbox).
-- event_data is json, not jsonb: a relay passes it on as it came, and nothing looks into it.
CREATE TABLE IF NOT EXISTS event_outbox (
  id             UUID         PRIMARY KEY DEFAULT gen_random_uuid(),
  event_id       UUID         NOT NULL,
  event_type     VARCHAR(255) NOT NULL,
  aggregate_id   UUID         NOT NULL,
  aggregate_type VARCHAR(255) NOT NULL,
  tenant_id      UUID,
  event_data     JSON         NOT NULL,
  created_at     TIMESTAMPTZ  NOT NULL DEFAULT now(),
  published_at   TIMESTAMPTZ,
  retry_count    INTEGER      NOT NULL DEFAULT 0,
  last_error     TEXT,
  status         VARCHAR(20)  NOT NULL DEFAULT 'pending',
  CONSTRAINT chk_outbox_status CHECK (status IN ('pending', 'published', 'failed'))
);
