-- A feed of one tenant, in the order of the log.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_events_tenant_position ON events (tenant_id, global_position)
  WHERE tenant_id IS NOT NULL;
