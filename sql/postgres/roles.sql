-- The roles of a store's users, with what the engine needs and no more. Run it after all.sql, as the owner of the
-- tables; the first time in a cluster it wants CREATEROLE too. It can be run again, also where the roles are there.
-- The roles it makes cannot log in and have no password: grant them to users that can.
--   GRANT eventsource_app TO orders;
--   GRANT eventsource_readonly TO reports;
DO $eventsource$
DECLARE
  path CONSTANT text := current_setting('search_path');
  -- Where the tables are: the first schema on the path that has them.
  here CONSTANT text := (
    SELECT quote_ident(name) FROM unnest(current_schemas(false)) WITH ORDINALITY AS schema (name, place)
    WHERE to_regclass(quote_ident(name) || '.events') IS NOT NULL ORDER BY place LIMIT 1
  );
  role text;
  sequence text;
BEGIN
  IF here IS NULL THEN
    RAISE EXCEPTION USING
      ERRCODE = 'undefined_table',
      MESSAGE = 'no schema of the search_path has a table events',
      HINT = 'Run all.sql first, or set search_path to the schema of the tables.';
  END IF;

  -- One at a time: two grants on one object at once fail with "tuple concurrently updated".
  PERFORM pg_advisory_xact_lock(hashtextextended('eventsource schema', 0));
  PERFORM set_config('search_path', here || ', pg_temp', true);

  FOREACH role IN ARRAY ARRAY['eventsource_app', 'eventsource_readonly'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
      BEGIN
        EXECUTE 'CREATE ROLE ' || role;
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL; -- Roles belong to the whole cluster: a run in another database was faster.
      END;
    END IF;
  END LOOP;

  EXECUTE 'GRANT CONNECT ON DATABASE ' || quote_ident(current_database())
    || ' TO eventsource_app, eventsource_readonly';
  EXECUTE 'GRANT USAGE ON SCHEMA ' || here || ' TO eventsource_app, eventsource_readonly';

  -- An event, once written, is neither changed nor deleted.
  GRANT SELECT, INSERT ON events TO eventsource_app;
  GRANT SELECT, INSERT, UPDATE ON event_outbox TO eventsource_app;
  GRANT SELECT, INSERT, UPDATE, DELETE ON projection_checkpoints TO eventsource_app;
  GRANT SELECT, INSERT, UPDATE, DELETE ON dead_letter_queue TO eventsource_app;
  GRANT SELECT, INSERT, UPDATE, DELETE ON snapshots TO eventsource_app;
  GRANT SELECT ON eventsource_schema TO eventsource_app;

  -- The engine draws positions itself, in the caller's order. The other ids are drawn by IDENTITY columns, which ask
  -- for no grant; the SERIAL columns of eventsource-py's tables do.
  FOR sequence IN
    SELECT pg_get_serial_sequence(attrelid::regclass::text, attname) FROM pg_attribute
    WHERE attrelid = 'events'::regclass AND attname = 'global_position'
       OR attrelid IN ('dead_letter_queue'::regclass, 'snapshots'::regclass) AND attname = 'id' AND attidentity = ''
  LOOP
    IF sequence IS NOT NULL THEN -- another DDL may have another default
      EXECUTE 'GRANT USAGE ON SEQUENCE ' || sequence || ' TO eventsource_app';
    END IF;
  END LOOP;

  GRANT SELECT ON events, event_outbox, projection_checkpoints, dead_letter_queue, snapshots, eventsource_schema
    TO eventsource_readonly;

  PERFORM set_config('search_path', path, true);
END
$eventsource$;
