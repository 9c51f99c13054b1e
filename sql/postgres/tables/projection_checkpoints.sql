-- How far each projection has come. Few rows, each updated all the time: the name is the only index, since one on a
-- column that changes would make every update write a new index entry.
CREATE TABLE IF NOT EXISTS projection_checkpoints (
  projection_name   VARCHAR(255) PRIMARY KEY,
  last_event_id     UUID,
  last_event_type   VARCHAR(255),
  last_processed_at TIMESTAMPTZ,
  global_position   BIGINT,
  events_processed  BIGINT       NOT NULL DEFAULT 0,
  created_at        TIMESTAMPTZ  NOT NULL DEFAULT now(),
  updated_at        TIMESTAMPTZ  NOT NULL DEFAULT now()
);
