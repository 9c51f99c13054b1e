-- The clean-up: what was resolved before a day.
CREATE INDEX IF NOT EXISTS idx_dlq_resolved_at ON dead_letter_queue (resolved_at) WHERE status = 'resolved';
