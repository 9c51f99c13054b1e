"""eventsource index on PostgreSQL: what is listed, made, left alone, stopped and refused."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import unittest

from postgres_store import PostgresStore, start_server
from program import FLIGHTS, OK, REFUSED, UNAVAILABLE, USAGE

ROOT = pathlib.Path(os.environ["EVENTSOURCE_SOURCE_DIR"])
SQL = ROOT / "sql/postgres"
NAMES = sorted(file.stem for file in (SQL / "optional_indexes").glob("*.sql"))
INDEX = "idx_events_type_position"

sys.path.insert(0, str(ROOT / "tests/sql"))
import guide_layout  # noqa: E402

setUpModule = start_server


class IndexTest(PostgresStore):
    def setUp(self):
        super().setUp()
        self.run_program("import", FLIGHTS)

    def list(self):
        out, _ = self.run_program("index", "list", "--json")
        return {index["name"]: index for index in json.loads(out)["indexes"]}

    def states(self):
        return {name: index["state"] for name, index in self.list().items()}

    def start_add(self):
        """An `index add` that another session keeps from its end."""
        process = self.start_program("index", "add", INDEX, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.wait_for("exists (select from pg_stat_progress_create_index where phase ~ '^waiting')", process)
        return process


class Index(IndexTest):
    def test_list(self):
        indexes = self.list()
        self.assertEqual(list(indexes), NAMES)
        for name, index in indexes.items():
            self.assertEqual((index["state"], index["bytes"]), ("absent", 0))
            comment = (SQL / "optional_indexes" / f"{name}.sql").read_text().replace("\n-- ", " ")
            self.assertTrue(comment.startswith("-- " + index["purpose"]), index)
            self.assertTrue(index["purpose"].endswith("."), index)
        out, _ = self.run_program("index", "list")
        self.assertRegex(out, rf"(?m)^{INDEX} +absent +- +A feed of one aggregate type")

    def test_add(self):
        out, err = self.run_program("index", "add", INDEX, "idx_events_timestamp", INDEX)
        self.assertRegex(out, rf"^{INDEX}: made in [0-9.]+ s\nidx_events_timestamp: made in [0-9.]+ s\n$")
        self.assertIn(f"eventsource: {INDEX}: making it while others read and append", err)
        ready = {name for name, state in self.states().items() if state == "ready"}
        self.assertEqual(ready, {INDEX, "idx_events_timestamp"})
        self.assertGreater(self.list()[INDEX]["bytes"], 0)
        before = self.psql(f"select oid from pg_class where relname = '{INDEX}'")
        self.assertEqual(self.run_program("index", "add", INDEX), (f"{INDEX}: there already\n", ""))
        self.assertEqual(self.psql(f"select oid from pg_class where relname = '{INDEX}'"), before)

    def test_add_all(self):
        out, _ = self.run_program("index", "add", "--all", "--json")
        made = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(made, [{"name": name, "made": True} for name in NAMES])
        self.assertEqual(set(self.states().values()), {"ready"})

    def test_no_such_name(self):
        _, err = self.run_program("index", "add", "idx_events_typ_position", status=USAGE)
        self.assertIn(f"(did you mean {INDEX}?)", err)
        self.assertEqual(set(self.states().values()), {"absent"})

    def test_in_the_schema_of_the_store(self):
        self.psql('create schema "An odd; \'one\'"; create schema first')
        url = self.url + "&options=-csearch_path%3Dfirst,%22An%5C%20odd;%5C%20'one'%22"
        self.psql("set search_path to \"An odd; 'one'\";" + (SQL / "all.sql").read_text())
        self.run_program("index", "add", INDEX, "--store", url)
        where = "select relnamespace::regnamespace from pg_class where relname = "
        self.assertEqual(self.psql(where + f"'{INDEX}'"), "\"An odd; 'one'\"")
        self.assertEqual(self.states()[INDEX], "absent")  # of the other store, in public
        self.run_program("stats", "--store", url)

    def test_an_invalid_one_is_made_again(self):
        self.run_program("index", "add", INDEX)
        self.psql(f"update pg_index set indisvalid = false where indexrelid = '{INDEX}'::regclass")
        self.assertEqual(self.states()[INDEX], "invalid")
        out, _ = self.run_program("index", "add", INDEX)
        self.assertIn(f"{INDEX}: made", out)
        self.assertEqual(self.states()[INDEX], "ready")

    def test_those_of_eventsource_py_count(self):
        self.psql("drop table events, eventsource_schema;" + guide_layout.ALL)
        states = self.states()
        self.assertEqual(states["idx_events_timestamp"], "ready")
        self.assertEqual(states[INDEX], "absent")
        self.run_program("index", "add", "--all")

    def test_defaults_of_the_database_do_not_end_it(self):
        for setting in (
            "lock_timeout = 1",
            "default_transaction_isolation = 'serializable'",
            "default_transaction_read_only = on",
        ):
            self.psql(f"alter database {self.name} set {setting}")
        release = self.hold("begin read write; lock table events in row exclusive mode")
        process = self.start_add()
        release()
        self.assertEqual(process.wait(), OK, process.stderr.read())
        self.assertEqual(self.states()[INDEX], "ready")


class Stopped(IndexTest):
    def test_nothing_is_left(self):
        # An old snapshot holds a build up, not the end of what it leaves.
        self.hold("begin isolation level repeatable read; select 1 from pg_class limit 1")
        process = self.start_add()
        self.assertEqual(self.states()[INDEX], "building")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(), 130)
        self.assertRegex(process.stderr.read().decode(), f"index {INDEX}: .*the call was cancelled")
        self.assertEqual(self.states()[INDEX], "absent")

    def test_what_can_not_be_dropped_is_named(self):
        release = self.hold("begin; lock table events in row exclusive mode")
        process = self.start_add()
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 143)
        err = process.stderr.read().decode()
        self.assertIn("add the index again later, or run DROP INDEX CONCURRENTLY IF EXISTS public." + INDEX, err)
        self.assertEqual(self.states()[INDEX], "invalid")
        release()
        self.run_program("index", "add", INDEX)
        self.assertEqual(self.states()[INDEX], "ready")

    def test_by_the_server(self):
        self.hold("begin isolation level repeatable read; select 1 from pg_class limit 1")
        process = self.start_add()
        self.psql("select pg_cancel_backend(pid) from pg_stat_progress_create_index")
        self.assertEqual(process.wait(), UNAVAILABLE)
        self.assertIn(f"index {INDEX}: ", process.stderr.read().decode())
        self.assertEqual(self.states()[INDEX], "absent")

    def test_connection_that_is_lost(self):
        self.hold("begin isolation level repeatable read; select 1 from pg_class limit 1")
        process = self.start_add()
        self.psql("select pg_terminate_backend(pid) from pg_stat_progress_create_index")
        self.assertEqual(process.wait(), UNAVAILABLE)
        self.assertIn("The server may still be making the index", process.stderr.read().decode())


class Refused(IndexTest):
    def test_one_at_a_time(self):
        release = self.hold("begin; lock table events in row exclusive mode")
        process = self.start_add()
        for name in (INDEX, "idx_events_timestamp"):
            _, err = self.run_program("index", "add", name, status=UNAVAILABLE)
            self.assertIn("somebody else is making an index", err)
        release()
        self.assertEqual(process.wait(), OK, process.stderr.read())

    def test_only_the_owner(self):
        self.psql((SQL / "roles.sql").read_text() + "create role web login in role eventsource_app")
        self.addCleanup(self.psql, "drop owned by eventsource_app, eventsource_readonly; drop role web")
        url = self.url.replace("postgres@", "web@")
        _, err = self.run_program("index", "add", INDEX, "--store", url, status=UNAVAILABLE)
        self.assertIn("only the owner of table public.events can make an index of it", err)
        self.run_program("index", "list", "--store", url)

    def test_a_name_that_is_taken(self):
        self.psql(f"create table {INDEX} (n int)")
        _, err = self.run_program("index", "add", INDEX, status=REFUSED)
        self.assertIn(f"there is something else named public.{INDEX}", err)

    def test_no_tables(self):
        self.psql("drop table events")
        for words in (("list",), ("add", INDEX)):
            _, err = self.run_program("index", *words, status=UNAVAILABLE)
            self.assertIn("there is no table events", err)


if __name__ == "__main__":
    unittest.main()
