-- Finds and counts the events of a type. Equal keys share an entry, so that it is a fraction of
-- idx_events_event_type_position, which does the same and keeps the order.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_events_event_type ON events (event_type);
