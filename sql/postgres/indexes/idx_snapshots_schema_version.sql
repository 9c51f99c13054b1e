-- Deletes the snapshots of a type, or those of its older schema versions.
CREATE INDEX IF NOT EXISTS idx_snapshots_schema_version ON snapshots (aggregate_type, schema_version);
