-- A feed of some event types, in the order of the log.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_events_event_type_position ON events (event_type, global_position);
