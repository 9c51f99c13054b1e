-- The clean-up: what was published before a day.
CREATE INDEX IF NOT EXISTS idx_outbox_published_at ON event_outbox (published_at) WHERE status = 'published';
