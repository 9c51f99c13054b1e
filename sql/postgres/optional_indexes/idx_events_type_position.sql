-- A feed of one aggregate type, in the order of the log.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_events_type_position ON events (aggregate_type, global_position);
