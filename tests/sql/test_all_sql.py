"""sql/postgres/all.sql on a real server: what it makes, however it is sent, and what it leaves as it is."""

import re
import subprocess
import unittest

import guide_layout
import libpq
from sql_case import ALL_SQL, SQL, SqlCase, postgres, start_server

setUpModule = start_server

TABLES = {"events", "event_outbox", "projection_checkpoints", "dead_letter_queue", "snapshots"}
STREAM = "00000000-0000-0000-0000-000000000001"
EVENT = f"""
insert into events (event_id, aggregate_id, aggregate_type, event_type, version, timestamp, payload)
values (gen_random_uuid(), '{STREAM}', 'T', 'E', 1, now(), '{{"b": 1e2, "a":  1.10}}')
"""
DEAD_LETTER = """
insert into dead_letter_queue (event_id, projection_name, event_type, event_data, error_message)
values (gen_random_uuid(), 'p', 'E', '{"b": 1e2, "a":  "\\u0000"}', 'failed')
"""
OUTBOX = f"""
insert into event_outbox (event_id, event_type, aggregate_id, aggregate_type, event_data)
values (gen_random_uuid(), 'E', '{STREAM}', 'T', '{{"b": 1e2, "a":  1.10}}')
"""
SNAPSHOT = f"""
insert into snapshots (aggregate_id, aggregate_type, version, state)
values ('{STREAM}', 'T', 1, '{{"b": 1e2, "a":  1.10}}')
"""
COLUMNS = """
select table_name, column_name, data_type, character_maximum_length, is_nullable, is_identity, column_default
from information_schema.columns where table_schema = 'public' and table_name <> 'eventsource_schema'
"""
CONSTRAINTS = """
select conrelid::regclass, conname, pg_get_constraintdef(oid) from pg_constraint
where connamespace = 'public'::regnamespace and contype <> 'n' and conrelid::regclass::text <> 'eventsource_schema'
"""
INDEXES = "select tablename, replace(indexdef, ' ON public.', ' ON ') from pg_indexes where schemaname = 'public'"
SEQUENCES = "select relname from pg_class where relkind = 'S' and relnamespace = 'public'::regnamespace"


class WhatItMakes(SqlCase):
    """Beside the guide's tables, which eventsource-py makes."""

    def setUp(self):
        super().setUp()
        self.create_database("guide")
        self.psql(guide_layout.ALL, database="guide")
        self.psql(ALL_SQL)

    def both(self, sql):
        return self.rows(sql), self.rows(sql, database="guide")

    def test_the_columns_are_the_guides_but_for_json_and_identity(self):
        ours, guides = self.both(COLUMNS)
        self.assertEqual(
            ours - guides,
            {
                "events|global_position|bigint||NO|YES|",
                "events|payload|json||NO|NO|",
                "event_outbox|event_data|json||NO|NO|",
                "dead_letter_queue|id|bigint||NO|YES|",
                "dead_letter_queue|event_data|json||NO|NO|",
                "snapshots|id|bigint||NO|YES|",
                "snapshots|state|json||NO|NO|",
            },
        )
        self.assertEqual(len(ours), len(guides))

    def test_constraints_and_sequences_are_the_guides(self):
        for sql in (CONSTRAINTS, SEQUENCES):
            ours, guides = self.both(sql)
            self.assertEqual(ours, guides)
        self.assertEqual(self.psql("select seqcache from pg_sequence").split(), ["1"] * 3)

    def test_the_names_that_users_depend_on_are_there(self):
        constraints = self.rows("select conname from pg_constraint")
        self.assertLessEqual({"uq_events_aggregate_version", "uq_dlq_event_projection"}, constraints)
        self.assertLessEqual({"events_global_position_seq", "dead_letter_queue_id_seq"}, self.rows(SEQUENCES))
        health = """
            select table_name from information_schema.tables where table_schema = 'public'
              and table_name in ('events', 'projection_checkpoints', 'dead_letter_queue')"""
        self.assertEqual(len(self.rows(health)), 3)

    def test_the_indexes_are_those_of_the_guide_that_repeat_no_other(self):
        ours, guides = self.both(INDEXES)
        new = {row for row in ours - guides if not row.startswith("eventsource_schema|")}
        self.assertEqual(
            new, {'events|CREATE INDEX idx_events_timestamp_brin ON events USING brin ("timestamp")'}
        )
        self.assertEqual(
            self.rows("select indexname from pg_indexes where tablename = 'events'"),
            {"events_pkey", "events_event_id_key", "uq_events_aggregate_version", "idx_events_timestamp_brin"},
        )
        same_columns = "select 1 from pg_index group by indrelid, indkey, indpred::text having count(*) > 1"
        self.assertEqual(self.psql(f"{same_columns} and indrelid >= 16384"), "")

    def test_the_identity_of_the_store_is_one_row(self):
        row = "select id, schema_version, store_id is null, created_at is null from eventsource_schema"
        self.assertEqual(self.psql(row), "1|1|f|f")
        self.refused("insert into eventsource_schema values (2, gen_random_uuid(), 1)", "postgres", "check constraint")

    def test_documents_are_kept_byte_for_byte(self):
        self.psql(EVENT + ";" + OUTBOX + ";" + SNAPSHOT + ";" + DEAD_LETTER)
        for column in ("payload from events", "event_data from event_outbox", "state from snapshots"):
            self.assertEqual(self.psql(f"select {column}"), '{"b": 1e2, "a":  1.10}')
        self.assertEqual(self.psql("select event_data from dead_letter_queue"), '{"b": 1e2, "a":  "\\u0000"}')

    def test_a_role_with_insert_alone_can_insert(self):
        self.psql("create role writer login; grant insert on all tables in schema public to writer")
        self.psql(EVENT + ";" + OUTBOX + ";" + SNAPSHOT + ";" + DEAD_LETTER, user="writer")

    def test_an_update_stamps_the_checkpoint(self):
        self.psql("insert into projection_checkpoints (projection_name, updated_at) values ('p', 'epoch')")
        self.psql("update projection_checkpoints set events_processed = 1")
        self.assertEqual(self.psql("select updated_at > 'epoch' from projection_checkpoints"), "t")


class HowItIsSent(SqlCase):
    def made(self, schema="public"):
        tables = self.rows(f"select table_name from information_schema.tables where table_schema = '{schema}'")
        return tables == TABLES | {"eventsource_schema"}

    def test_by_psql(self):
        command = [postgres.psql_program(), "--no-psqlrc", "--set=ON_ERROR_STOP=1", "-f", SQL / "all.sql", self.url]
        done = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue(self.made())

    def test_by_the_simple_protocol(self):
        with libpq.Connection(self.url) as connection:
            connection.execute(ALL_SQL)
        self.assertTrue(self.made())

    def test_by_the_extended_protocol_which_takes_one_statement_only(self):
        with libpq.Connection(self.url) as connection:
            with self.assertRaises(libpq.Error):
                connection.execute_prepared("select 1; select 2")
            connection.execute_prepared(ALL_SQL)
        self.assertTrue(self.made())

    def test_no_part_looks_like_a_drivers_parameter(self):
        for file in SQL.glob("*.sql"):
            text = file.read_text()
            self.assertNotIn("%", text, file)
            self.assertEqual(re.findall(r"(?<!:):\w+|\$\d", text), [], file)

    def test_a_transaction_around_it_keeps_its_settings_and_can_undo_it(self):
        with libpq.Connection(self.url) as connection:
            connection.execute('begin; set local search_path = "$user", public')
            connection.execute(ALL_SQL)
            self.assertEqual(connection.execute("show search_path"), ['"$user", public'])
            connection.execute("rollback")
        self.assertEqual(self.fingerprint().count("events"), 0)

    def test_a_second_run_changes_and_says_nothing(self):
        self.psql(ALL_SQL)
        before = self.fingerprint(), self.psql("table eventsource_schema")
        with libpq.Connection(self.url) as connection:
            connection.execute(ALL_SQL)
            connection.execute_prepared(ALL_SQL)
            self.assertEqual(connection.notices, [])
        self.assertEqual((self.fingerprint(), self.psql("table eventsource_schema")), before)

    def test_a_run_says_nothing(self):
        with libpq.Connection(self.url) as connection:
            connection.execute("set client_min_messages = debug1")
            connection.execute(ALL_SQL)
            self.assertEqual([notice for notice in connection.notices if "exists" in notice], [])

    def test_ten_at_once(self):
        for isolation in ("read committed", "repeatable read"):
            with self.subTest(isolation):
                self.clean_up()
                self.setUp()
                self.psql(f"alter database eventsource set default_transaction_isolation = '{isolation}'")
                self.at_once(SQL / "all.sql", [self.url] * 10)
                self.assertTrue(self.made())
                self.assertEqual(self.psql("select count(*) from eventsource_schema"), "1")

    def test_as_the_owner_of_the_database(self):
        self.psql("create role owner login; alter database eventsource owner to owner")
        self.psql("grant create on schema public to owner")  # before PostgreSQL 15 everybody could
        self.psql(ALL_SQL, user="owner")
        self.assertTrue(self.made())

    def test_in_the_first_schema_of_the_path(self):
        for schema in ("store", 'Odd "name"'):
            with self.subTest(schema):
                name = '"' + schema.replace('"', '""') + '"'
                self.psql(f"create schema {name}; set search_path = missing, {name}, public; {ALL_SQL} {EVENT}")
                self.assertTrue(self.made(schema))
                self.assertEqual(self.psql(f"select count(*) from {name}.events"), "1")
                self.assertEqual(self.psql("select count(*) from pg_tables where schemaname = 'public'"), "0")

    def test_tables_further_on_the_path_are_another_store(self):
        self.psql(ALL_SQL + EVENT)
        self.psql(f"create schema store; set search_path = store, public; {ALL_SQL}")
        self.assertTrue(self.made("store"))
        self.assertEqual(self.psql("select count(*) from store.events"), "0")

    def test_a_temporary_table_of_the_same_name_is_not_taken_for_the_log(self):
        self.psql(f"create temp table events (n int); {ALL_SQL}")
        self.assertTrue(self.made())

    def test_without_a_schema_it_says_so(self):
        with libpq.Connection(self.url) as connection:
            connection.execute("set search_path = missing")
            with self.assertRaises(libpq.Error) as caught:
                connection.execute(ALL_SQL)
        self.assertEqual(caught.exception.sqlstate, "3F000")
        self.assertIn("search_path", str(caught.exception))


class ExistingDatabases(SqlCase):
    def test_the_guides_tables_stay_as_they_are(self):
        self.psql(guide_layout.ALL + EVENT)
        before = self.fingerprint().splitlines()
        self.psql(ALL_SQL)
        after = self.fingerprint().splitlines()
        self.assertLessEqual(set(before), set(after))
        new = {line.split("|")[3] for line in set(after) - set(before) if line.startswith("relation")}
        self.assertEqual(new, {"eventsource_schema", "eventsource_schema_pkey"})
        self.assertEqual(self.psql("select count(*) from events"), "1")

    def test_what_is_missing_is_made(self):
        self.psql(guide_layout.EVENTS)
        before = set(self.fingerprint().splitlines())
        self.psql(ALL_SQL)
        self.assertLessEqual(before, set(self.fingerprint().splitlines()))
        self.assertLessEqual(TABLES, self.rows("select tablename from pg_tables"))
        self.psql(EVENT + ";" + OUTBOX + ";" + SNAPSHOT)

    def test_an_index_that_has_our_name_is_no_failure(self):
        self.psql("create table mine (created_at int); create index idx_outbox_pending on mine (created_at)")
        self.psql(ALL_SQL)
        self.psql(OUTBOX)

    def test_an_index_that_was_dropped_does_not_come_back(self):
        self.psql(ALL_SQL)
        self.psql("drop index idx_events_timestamp_brin")
        self.psql(ALL_SQL)
        self.assertEqual(self.psql("select to_regclass('idx_events_timestamp_brin')"), "")

    def test_the_schema_of_eventsource_py_runs_over_it(self):
        self.psql(ALL_SQL + EVENT)
        self.psql("set client_min_messages = warning;" + guide_layout.ALL)
        self.assertEqual(self.psql("select count(*) from events"), "1")

    def test_somebody_who_owns_nothing_can_run_it_where_all_is_there(self):
        self.psql(ALL_SQL + "create role app login; grant select on eventsource_schema to app")
        self.psql(ALL_SQL, user="app")

    def test_a_restored_schema_gets_an_identity_of_its_own(self):
        self.psql(ALL_SQL)
        old = self.psql("select store_id from eventsource_schema")
        self.psql("delete from eventsource_schema")
        self.psql(ALL_SQL)
        self.assertNotIn(self.psql("select store_id from eventsource_schema"), ("", old))


if __name__ == "__main__":
    unittest.main()
