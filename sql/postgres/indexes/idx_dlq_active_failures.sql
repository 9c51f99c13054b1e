-- What wants somebody's attention, and since when; resolved entries stay out.
CREATE INDEX IF NOT EXISTS idx_dlq_active_failures ON dead_letter_queue (first_failed_at)
  WHERE status IN ('failed', 'retrying');
