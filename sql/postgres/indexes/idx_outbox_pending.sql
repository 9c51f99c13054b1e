-- The relay's question: what has waited longest? It holds only what still waits.
CREATE INDEX IF NOT EXISTS idx_outbox_pending ON event_outbox (created_at) WHERE status = 'pending';
