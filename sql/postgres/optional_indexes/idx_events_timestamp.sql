-- Short ranges of time in a store whose times do not grow with the log (imports, late events), and an order by time:
-- there idx_events_timestamp_brin, which every store has, reads too much.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_events_timestamp ON events (timestamp);
