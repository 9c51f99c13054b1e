-- Reads of a time range. Times grow with the table, so that a few bytes for each 128
-- pages do instead of an entry an event.
CREATE INDEX IF NOT EXISTS idx_events_timestamp_brin ON events USING brin (timestamp);
