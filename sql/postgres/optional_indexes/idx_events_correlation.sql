-- Everything that belongs to one request or process: WHERE payload->>'correlation_id' = '...'.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_events_correlation ON events ((payload->>'correlation_id'))
  WHERE payload->>'correlation_id' IS NOT NULL;
