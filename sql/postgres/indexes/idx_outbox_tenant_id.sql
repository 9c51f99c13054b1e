-- What one tenant has waiting; a store without tenants pays nothing.
CREATE INDEX IF NOT EXISTS idx_outbox_tenant_id ON event_outbox (tenant_id) WHERE tenant_id IS NOT NULL;
