-- Reports: one aggregate type of one tenant in a range of time (get_events_by_type of eventsource-py).
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_events_type_tenant_timestamp
  ON events (aggregate_type, tenant_id, timestamp);
