"""The tables of eventsource-py 0.3.1 to 0.5, as that library makes them, and the grants of its production guide."""

EVENTS = """
create table if not exists events (
  global_position bigserial primary key,
  event_id uuid not null unique,
  aggregate_id uuid not null,
  aggregate_type varchar(255) not null,
  event_type varchar(255) not null,
  tenant_id uuid,
  actor_id varchar(255),
  version integer not null,
  timestamp timestamptz not null,
  payload jsonb not null,
  created_at timestamptz not null default now(),
  constraint uq_events_aggregate_version unique (aggregate_id, aggregate_type, version)
);
create index if not exists idx_events_aggregate_id on events (aggregate_id);
create index if not exists idx_events_aggregate_type on events (aggregate_type);
create index if not exists idx_events_event_type on events (event_type);
create index if not exists idx_events_timestamp on events (timestamp);
create index if not exists idx_events_tenant_id on events (tenant_id) where tenant_id is not null;
create index if not exists idx_events_type_tenant_timestamp on events (aggregate_type, tenant_id, timestamp);
create index if not exists idx_events_aggregate_version on events (aggregate_id, aggregate_type, version);
"""

OTHERS = """
create table if not exists event_outbox (
  id uuid primary key default gen_random_uuid(),
  event_id uuid not null,
  event_type varchar(255) not null,
  aggregate_id uuid not null,
  aggregate_type varchar(255) not null,
  tenant_id uuid,
  event_data jsonb not null,
  created_at timestamptz not null default now(),
  published_at timestamptz,
  retry_count integer not null default 0,
  last_error text,
  status varchar(20) not null default 'pending',
  constraint chk_outbox_status check (status in ('pending', 'published', 'failed'))
);
create index if not exists idx_outbox_status_created on event_outbox (status, created_at) where status = 'pending';
create index if not exists idx_outbox_pending on event_outbox (created_at) where status = 'pending';
create index if not exists idx_outbox_event_id on event_outbox (event_id);
create index if not exists idx_outbox_tenant_id on event_outbox (tenant_id) where tenant_id is not null;
create index if not exists idx_outbox_failed on event_outbox (created_at) where status = 'failed';
create index if not exists idx_outbox_published_at on event_outbox (published_at) where status = 'published';

create table if not exists projection_checkpoints (
  projection_name varchar(255) primary key,
  last_event_id uuid,
  last_event_type varchar(255),
  last_processed_at timestamptz,
  global_position bigint,
  events_processed bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index if not exists idx_checkpoints_last_processed on projection_checkpoints (last_processed_at);
create index if not exists idx_checkpoints_updated_at on projection_checkpoints (updated_at);
create index if not exists idx_checkpoints_global_position on projection_checkpoints (global_position)
  where global_position is not null;
create or replace function update_checkpoint_timestamp() returns trigger as $$
begin
  new.updated_at = now();
  return new;
end;
$$ language plpgsql;
drop trigger if exists trg_checkpoint_updated_at on projection_checkpoints;
create trigger trg_checkpoint_updated_at before update on projection_checkpoints
  for each row execute function update_checkpoint_timestamp();

create table if not exists dead_letter_queue (
  id bigserial primary key,
  event_id uuid not null,
  projection_name varchar(255) not null,
  event_type varchar(255) not null,
  event_data jsonb not null,
  error_message text not null,
  error_stacktrace text,
  retry_count integer not null default 0,
  first_failed_at timestamptz not null default now(),
  last_failed_at timestamptz not null default now(),
  status varchar(20) not null default 'failed',
  resolved_at timestamptz,
  resolved_by varchar(255),
  constraint chk_dlq_status check (status in ('failed', 'retrying', 'resolved')),
  constraint uq_dlq_event_projection unique (event_id, projection_name)
);
create index if not exists idx_dlq_status on dead_letter_queue (status);
create index if not exists idx_dlq_projection_name on dead_letter_queue (projection_name);
create index if not exists idx_dlq_event_id on dead_letter_queue (event_id);
create index if not exists idx_dlq_first_failed_at on dead_letter_queue (first_failed_at);
create index if not exists idx_dlq_projection_status on dead_letter_queue (projection_name, status);
create index if not exists idx_dlq_active_failures on dead_letter_queue (first_failed_at)
  where status in ('failed', 'retrying');
create index if not exists idx_dlq_resolved_at on dead_letter_queue (resolved_at) where status = 'resolved';

create table if not exists snapshots (
  id bigserial primary key,
  aggregate_id uuid not null,
  aggregate_type varchar(255) not null,
  version integer not null,
  schema_version integer not null default 1,
  state jsonb not null,
  created_at timestamptz not null default now(),
  constraint uq_snapshots_aggregate unique (aggregate_id, aggregate_type)
);
create index if not exists idx_snapshots_aggregate_lookup on snapshots (aggregate_id, aggregate_type);
create index if not exists idx_snapshots_aggregate_type on snapshots (aggregate_type);
create index if not exists idx_snapshots_schema_version on snapshots (aggregate_type, schema_version);
create index if not exists idx_snapshots_created_at on snapshots (created_at);
"""

ALL = EVENTS + OTHERS

# The layout of 0.1 to 0.3.0.
EVENTS_WITHOUT_POSITION = EVENTS.replace("global_position bigserial primary key,", "").replace(
    "event_id uuid not null unique", "event_id uuid primary key"
)

# For a database named eventsource.
GRANTS = """
GRANT CONNECT ON DATABASE eventsource TO eventsource_app;
GRANT USAGE ON SCHEMA public TO eventsource_app;
GRANT SELECT, INSERT ON events TO eventsource_app;
GRANT SELECT, INSERT, UPDATE ON event_outbox TO eventsource_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON projection_checkpoints TO eventsource_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON dead_letter_queue TO eventsource_app;
GRANT USAGE ON SEQUENCE dead_letter_queue_id_seq TO eventsource_app;
GRANT CONNECT ON DATABASE eventsource TO eventsource_readonly;
GRANT USAGE ON SCHEMA public TO eventsource_readonly;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO eventsource_readonly;
"""
