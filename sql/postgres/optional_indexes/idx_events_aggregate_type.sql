-- Finds and counts the events of one aggregate type. Equal keys share an entry, so that it is a fraction of
-- idx_events_type_position, which does the same and keeps the order.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_events_aggregate_type ON events (aggregate_type);
