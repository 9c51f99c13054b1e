-- Was this event sent?
CREATE INDEX IF NOT EXISTS idx_outbox_event_id ON event_outbox (event_id);
