-- Reports: everything of one tenant in a range of time.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_events_tenant_timestamp ON events (tenant_id, timestamp)
  WHERE tenant_id IS NOT NULL;
