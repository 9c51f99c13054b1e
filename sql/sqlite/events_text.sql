-- The log for people: ids and times as text.
CREATE VIEW events_text AS
SELECT
  global_position,
  lower(hex(substr(event_id, 1, 4)) || '-' || hex(substr(event_id, 5, 2)) || '-' || hex(substr(event_id, 7, 2)) || '-'
        || hex(substr(event_id, 9, 2)) || '-' || hex(substr(event_id, 11))) AS event_id,
  lower(hex(substr(aggregate_id, 1, 4)) || '-' || hex(substr(aggregate_id, 5, 2)) || '-'
        || hex(substr(aggregate_id, 7, 2)) || '-' || hex(substr(aggregate_id, 9, 2)) || '-'
        || hex(substr(aggregate_id, 11))) AS aggregate_id,
  aggregate_type,
  event_type,
  CASE WHEN tenant_id IS NOT NULL THEN
    lower(hex(substr(tenant_id, 1, 4)) || '-' || hex(substr(tenant_id, 5, 2)) || '-' || hex(substr(tenant_id, 7, 2))
          || '-' || hex(substr(tenant_id, 9, 2)) || '-' || hex(substr(tenant_id, 11)))
  END AS tenant_id,
  actor_id,
  version,
  strftime('%Y-%m-%dT%H:%M:%S', (timestamp - (timestamp % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
    || printf('.%06dZ', (timestamp % 1000000 + 1000000) % 1000000) AS timestamp,
  strftime('%Y-%m-%dT%H:%M:%S', (created_at - (created_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
    || printf('.%06dZ', (created_at % 1000000 + 1000000) % 1000000) AS created_at,
  payload
FROM events;
