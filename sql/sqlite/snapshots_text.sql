-- The snapshots for people: ids and times as text.
CREATE VIEW snapshots_text AS
SELECT
  id,
  lower(hex(substr(aggregate_id, 1, 4)) || '-' || hex(substr(aggregate_id, 5, 2)) || '-'
        || hex(substr(aggregate_id, 7, 2)) || '-' || hex(substr(aggregate_id, 9, 2)) || '-'
        || hex(substr(aggregate_id, 11))) AS aggregate_id,
  aggregate_type,
  version,
  schema_version,
  strftime('%Y-%m-%dT%H:%M:%S', (created_at - (created_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
    || printf('.%06dZ', (created_at % 1000000 + 1000000) % 1000000) AS created_at,
  state
FROM snapshots;
