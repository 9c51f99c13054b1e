"""The commands on PostgreSQL do what they do on SQLite, and say what is different."""

import decimal
import hashlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import unittest

import postgres_store
import test_export
import test_import
import test_read
from postgres_store import PostgresStore, start_server
from program import FLIGHTS, PROGRAM, REFUSED, UNAVAILABLE, USAGE, environment, line, uuid

ROOT = pathlib.Path(os.environ["EVENTSOURCE_SOURCE_DIR"])
ALL_SQL = (ROOT / "sql/postgres/all.sql").read_text(encoding="utf-8")
VECTORS = test_export.VECTORS
FULL = ROOT / "examples/data/flights.ndjson.gz"

sys.path.insert(0, str(ROOT / "tests/sql"))
import guide_layout  # noqa: E402

setUpModule = start_server


def values(lines):
    """Numbers as they are, so that none is rounded; jsonb writes them in another form."""
    return [json.loads(text, parse_float=decimal.Decimal, parse_int=decimal.Decimal) for text in lines.splitlines()]


class Lines(PostgresStore, test_export.Lines):
    pass


class RoundTrip(PostgresStore, test_export.RoundTrip):
    pass


class Read(PostgresStore, test_read.Read):
    pass


class Show(PostgresStore, test_read.Show):
    pass


class Import(PostgresStore):
    again = test_import.Import.test_again_stores_nothing
    more = test_import.Import.test_again_with_more
    twice = test_import.Import.test_twice_in_one_file
    versions = test_import.Import.test_versions_follow_the_file

    def test_counts(self):
        for check in (self.again, self.more, self.twice, self.versions):
            with self.subTest(check=check.__name__):
                self.psql("drop table if exists events, eventsource_schema")
                check()

    def test_says_what_it_made(self):
        out, err = self.run_program("import", FLIGHTS)
        self.assertEqual(err, f"eventsource: made a new store, {self.url}\n")
        self.assertIn("25 lines: 25 stored, 0 present, 14 new streams", out)

    def test_a_bad_line_ends_it(self):
        text = line(1) + line(2, stream=2) + line(3, stream=2, tenant_id=uuid(8)) + line(4)
        _, err = self.run_program("import", "-", stdin=text, status=REFUSED)
        self.assertIn("line 3 of standard input: ", err)
        self.assertIn("stored before it: 2 (2 now, 0 present before)", err)
        self.assertEqual(self.export(), line(1) + line(2, stream=2))

    def test_of_an_sqlite_store(self):
        self.run_program("import", FLIGHTS, "--store", "sqlite:///old.db")
        out, _ = self.run_program("import", "old.db", "--batch", "4")
        self.assertIn("25 events: 25 stored, 0 present, 14 new streams", out)
        self.assertEqual(self.export(), self.export("--store", "sqlite:///old.db"))

    def test_of_a_url(self):
        _, err = self.run_program("import", self.url, status=USAGE)
        self.assertIn("eventsource export --store FROM | eventsource import - --store TO", err)


class Export(PostgresStore):
    def test_same_sum_as_from_sqlite(self):
        sums = set()
        for store in (self.url, "sqlite:///same.db"):
            self.run_program("import", FULL, "--store", store)
            sums.add(hashlib.sha256(self.export("--store", store).encode()).hexdigest())
        self.assertEqual(len(sums), 1)
        self.run_program("verify")

    def test_same_values_from_jsonb(self):
        self.psql(guide_layout.ALL)
        self.run_program("import", VECTORS)
        self.assertEqual(values(self.export()), values(VECTORS.read_text()))
        self.run_program("verify")

    def test_damaged_row(self):
        self.run_program("import", "-", stdin=line(1) + line(2) + line(3))
        self.psql("update events set payload = '[]' where global_position = 2")
        out, err = self.run_program("export", status=REFUSED)
        self.assertEqual(out, line(1))
        self.assertIn(f"event {uuid(2)} at position 2 has a broken document", err)
        out, _ = self.run_program("verify", status=REFUSED)
        self.assertIn(f"problem at position 2, event {uuid(2)}: ", out)


class Small(PostgresStore):
    def test_init(self):
        self.assertEqual(self.run_program("init"), ("", f"eventsource: made a new store, {self.url}\n"))
        _, err = self.run_program("init")
        self.assertEqual(err, f"eventsource: there is a store already, {self.url}; nothing was changed\n")
        result = json.loads(self.run_program("init", "--json")[0])
        self.assertEqual((result["backend"], result["created"]), ("postgresql", False))

    def test_init_on_tables_of_eventsource_py(self):
        self.psql(guide_layout.ALL)
        _, err = self.run_program("init")
        self.assertIn("nothing was changed. Its tables are another library's and have no identity", err)
        self.psql(ALL_SQL)
        self.assertNotIn("identity", self.run_program("init")[1])

    def test_stats(self):
        self.run_program("import", FLIGHTS)
        out, _ = self.run_program("stats")
        self.assertRegex(out, r"(?m)^on disk    [0-9.]+ KiB on the server, indexes included$")
        self.assertNotIn("write-ahead", out)
        result = json.loads(self.run_program("stats", "--json")[0])
        self.assertEqual((result["backend"], result["events"], result["wal_bytes"]), ("postgresql", 25, 0))
        self.assertEqual(result["file_bytes"], int(self.psql("select pg_total_relation_size('events')")))

    def test_no_tables(self):
        for words in (["head"], ["stats"], ["verify"], ["read"], ["export"], ["show", uuid(1)]):
            with self.subTest(words=words):
                _, err = self.run_program(*words, status=UNAVAILABLE)
                self.assertIn("there is no table events", err)
                self.assertIn("`eventsource init` with the same --store makes the tables", err)
        self.assertEqual(self.psql("select count(*) from pg_class where relname = 'events'"), "0")

    def test_reading_changes_nothing(self):
        self.run_program("import", FLIGHTS)
        self.psql(f"alter database {self.name} set default_transaction_read_only = on")
        for words in (["head"], ["stats"], ["verify"], ["read"], ["export"]):
            self.run_program(*words)

    def test_refused(self):
        for url, what in (
            (self.url.replace(f"/{self.name}", "/no_such_db"), 'database "no_such_db" does not exist'),
            (self.url.replace("postgres@", "nobody_here@"), 'role "nobody_here" does not exist'),
            ("postgresql://127.0.0.1:1/db", "Check host and port"),
        ):
            with self.subTest(url=url):
                _, err = self.run_program("head", "--store", url, status=UNAVAILABLE)
                self.assertIn(what, err)
                self.assertNotIn("eventsource init", err)

    def test_not_granted(self):
        self.run_program("import", FLIGHTS)
        self.psql("create role reporter login")
        self.addCleanup(self.psql, "drop role reporter")
        url = self.url.replace("postgres@", "reporter@")
        _, err = self.run_program("head", "--store", url, status=UNAVAILABLE)
        self.assertIn("permission denied", err)

    def test_password_from_the_environment_and_in_no_message(self):
        self.run_program("import", FLIGHTS)
        tcp = postgres_store.server.url(self.name, host="tcp")
        password = postgres_store.server.password
        bare = tcp.replace(f":{password}@", "@")
        self.run_program("head", "--store", bare, env=environment(PGPASSWORD=password))
        _, err = self.run_program("head", "--store", bare, status=UNAVAILABLE)
        self.assertIn("PGPASSWORD", err)
        out, err = self.run_program("init", "--json", "--store", tcp)
        self.assertNotIn(password, out + err)


class Docs(PostgresStore):
    def test_examples_of_the_page(self):
        page = (ROOT / "docs/postgresql.md").read_text(encoding="utf-8")
        scripts = re.findall(r"^```sh\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
        self.assertGreater(len(scripts), 3)
        share = self.folder / "share/eventsource"
        share.mkdir(parents=True)
        (share / "sql").symlink_to(ROOT / "sql")
        (self.folder / "flights.ndjson").symlink_to(FLIGHTS)
        psql = pathlib.Path(postgres_store.postgres.psql_program()).parent
        server = postgres_store.server
        env = environment(
            PGHOST=str(server.folder), PGPORT=str(server.port), PGUSER="postgres",
            PATH=f"{pathlib.Path(PROGRAM).parent}:{psql}:{os.environ['PATH']}",
        )  # fmt: skip
        roles = ("web", "reports", "eventsource_app", "eventsource_readonly")
        self.addCleanup(lambda: [server.psql(f"drop role {role}") for role in roles])
        for database in ("shop", "orders"):
            self.addCleanup(server.drop_database, database)
        server.psql("create role web login; create role reports login")
        for script in scripts:
            done = subprocess.run(["bash", "-ec", script], cwd=self.folder, env=env, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, script + done.stderr)


class Interrupted(PostgresStore):
    def test_whole_batches(self):
        process = self.start_program(
            "import", "-", "--batch", 20, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        self.addCleanup(process.stderr.close)
        lines = [line(n, stream=n % 9) for n in range(1, 101)]
        process.stdin.write("".join(lines[:50]).encode())
        process.stdin.flush()
        self.wait_for("to_regclass('events') is not null", process)
        self.wait_for("(select count(*) from events) = 40", process)
        process.send_signal(signal.SIGINT)
        process.stdin.close()
        self.assertEqual(process.wait(), 130)
        self.assertIn(b"interrupted; stored: 40 (40 now, 0 present before)", process.stderr.read())
        out, _ = self.run_program("import", "-", stdin="".join(lines))
        self.assertIn("100 lines: 60 stored, 40 present", out)
        self.assertEqual(self.export(), "".join(lines))


if __name__ == "__main__":
    unittest.main()
