-- What the relay gave up, oldest first: a rare state in a large table.
CREATE INDEX IF NOT EXISTS idx_outbox_failed ON event_outbox (created_at) WHERE status = 'failed';
