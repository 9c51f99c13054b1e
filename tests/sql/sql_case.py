"""What the tests of sql/postgres share: a server a file of tests, a database a test, looks into the catalog."""

import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SQL = ROOT / "sql/postgres"
sys.path.insert(0, str(ROOT / "tests/support"))

import libpq  # noqa: E402
import postgres  # noqa: E402

ALL_SQL = (SQL / "all.sql").read_text(encoding="utf-8")

# Every object of the user's schemas with the transaction that wrote it last: equal texts, nothing was touched.
FINGERPRINT = """
with schemas as (select oid, xmin, nspname from pg_namespace where nspname !~ '^(pg_|information_schema)'),
relations as (select c.oid, c.xmin, relname from pg_class c join schemas s on relnamespace = s.oid)
select 'relation', oid, xmin, relname from relations
union all select 'column', oid, a.xmin, attname from pg_attribute a join relations on attrelid = oid
union all select 'constraint', c.oid, c.xmin, conname from pg_constraint c join relations r on conrelid = r.oid
union all select 'default', d.oid, d.xmin, relname from pg_attrdef d join relations r on adrelid = r.oid
union all select 'trigger', t.oid, t.xmin, tgname from pg_trigger t join relations r on tgrelid = r.oid
union all select 'function', p.oid, p.xmin, proname from pg_proc p join schemas s on pronamespace = s.oid
union all select 'schema', oid, xmin, nspname from schemas
order by 1, 2, 4
"""

server: postgres.Server


def start_server():
    """For setUpModule."""
    global server
    server = postgres.Server(conf={"fsync": "off"})  # these tests make many tables and lose no power
    unittest.addModuleCleanup(server.close)


class SqlCase(unittest.TestCase):
    """A fresh database `eventsource` for each test; the roles that a test makes go with it."""

    database = "eventsource"

    def setUp(self):
        self.url = self.create_database(self.database)
        self.addCleanup(self.clean_up)

    def create_database(self, name):
        return server.create_database(name)

    def clean_up(self):
        names = server.psql("select datname from pg_database where datname <> 'postgres' and not datistemplate")
        for name in names.splitlines():
            server.drop_database(name)
        names = server.psql("select rolname from pg_roles where rolname <> 'postgres' and rolname !~ '^pg_'")
        for name in names.splitlines():
            server.psql(f"drop role {name}")

    def psql(self, sql, user="postgres", database=None):
        return server.psql(sql, database or self.database, user)

    def rows(self, sql, user="postgres", database=None):
        """A set of what it finds, a text each."""
        return set(self.psql(sql, user, database).splitlines())

    def refused(self, sql, user, words):
        with self.assertRaises(postgres.ServerError) as caught:
            self.psql(sql, user)
        self.assertIn(words, str(caught.exception))

    def fingerprint(self, database=None):
        return self.psql(FINGERPRINT, database=database)

    def at_once(self, file, urls):
        """Sends the file by one psql for each URL, all at the same moment."""
        waiting = "select count(*) from pg_locks where locktype = 'advisory' and objid = 1 and not granted"
        command = [postgres.psql_program(), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
        command += ["--command", "select pg_advisory_lock_shared(1)", "--file", file]
        holders = [libpq.Connection(url) for url in dict.fromkeys(urls)]
        for holder in holders:
            holder.execute("select pg_advisory_lock(1)")
        runs = [subprocess.Popen([*command, url], stderr=subprocess.PIPE, text=True) for url in urls]
        while server.psql(waiting) != str(len(urls)):
            self.assertTrue(any(run.poll() is None for run in runs))
        for holder in holders:
            holder.close()
        for run in runs:
            _, errors = run.communicate()
            self.assertEqual((run.returncode, errors), (0, ""))
