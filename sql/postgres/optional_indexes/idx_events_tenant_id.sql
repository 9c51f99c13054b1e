-- Finds and counts the events of a tenant. Equal keys share an entry, so that it is a fraction of
-- idx_events_tenant_position, which does the same and keeps the order.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_events_tenant_id ON events (tenant_id) WHERE tenant_id IS NOT NULL;
