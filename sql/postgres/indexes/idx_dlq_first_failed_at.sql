-- The list of all entries, newest first, whatever their state.
CREATE INDEX IF NOT EXISTS idx_dlq_first_failed_at ON dead_letter_queue (first_failed_at);
