"""postgres.py: a server that works as a test wants it, is not root's, and leaves nothing behind."""

import os
import pathlib
import select
import signal
import subprocess
import sys
import time
import unittest

SUPPORT = pathlib.Path(__file__).resolve().parent.parent / "support"
sys.path.insert(0, str(SUPPORT))
import postgres  # noqa: E402

PROGRAM = SUPPORT / "postgres.py"
SECONDS = 60
# Starts a server, tells its pid and folder, and then does nothing.
STARTER = """
import signal, sys
sys.path.insert(0, sys.argv[1])
import postgres
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored below a background job
server = postgres.Server()
print(server.pid, server.folder, flush=True)
signal.pause()
"""


def parent_of(pid: int) -> int:
    text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    return int(text.rpartition(")")[2].split()[1])


def ends(pid_file: int) -> bool:
    """Whether the process that os.pidfd_open was asked for ends."""
    ready, _, _ = select.select([pid_file], [], [], SECONDS)
    os.close(pid_file)
    return bool(ready)


def disappears(path: pathlib.Path) -> bool:
    deadline = time.monotonic() + SECONDS
    while path.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    return not path.exists()


class UsedByATest(unittest.TestCase):
    def test_is_not_run_by_root(self):
        with postgres.Server() as server:
            self.assertNotEqual(os.stat(f"/proc/{server.pid}").st_uid, 0)
            self.assertEqual(os.stat(server.folder).st_mode & 0o777, 0o700)

    def test_answers_by_socket_and_by_tcp(self):
        with postgres.Server() as server:
            self.assertEqual(server.psql("select 1 + 1"), "2")
            for url in (server.url(), server.url(host="tcp")):
                self.assertEqual(self.ask(url, "show server_encoding").stdout, "UTF8\n")
            wrong = self.ask(server.url(host="tcp", password="wrong"), "select 1")
            self.assertIn("password authentication failed", wrong.stderr)

    def ask(self, url, sql):
        return subprocess.run([postgres.psql_program(), "-XAtc", sql, url], capture_output=True, text=True)

    def test_takes_settings_and_rules(self):
        conf = {"max_connections": "7", "cluster_name": "it's"}
        with postgres.Server(conf, hba=["local all nobody_here reject"]) as server:
            self.assertEqual(server.psql("show max_connections; show cluster_name"), "7\nit's")
            self.assertEqual(server.psql("show fsync"), "on")
            with self.assertRaisesRegex(postgres.ServerError, "reject"):
                server.psql("select 1", user="nobody_here")

    def test_says_why_it_does_not_start(self):
        with self.assertRaisesRegex(postgres.ServerError, "no_such_setting"):
            postgres.Server({"no_such_setting": "1"})

    def test_is_the_version_that_was_asked_for(self):
        with postgres.Server() as server:
            major = server.psql("show server_version").split(".")[0]
            asked = os.environ.get("EVENTSOURCE_TEST_POSTGRES_VERSION") or major
            self.assertEqual(major, asked.split(".")[0])
        with postgres.Server(version=major) as server:
            self.assertEqual(server.psql("show server_version").split(".")[0], major)

    def test_says_that_a_version_is_not_here(self):
        with self.assertRaisesRegex(postgres.ServerError, "no PostgreSQL 9.99"):
            postgres.Server(version="9.99")

    def test_sql_that_fails_is_an_error(self):
        with postgres.Server() as server, self.assertRaisesRegex(postgres.ServerError, "no_such_table"):
            server.psql("select * from no_such_table; select 1")

    def test_comes_back_with_its_data_at_its_address(self):
        with postgres.Server() as server:
            server.psql("create table t (n int)")
            url, pid = server.url(), server.pid
            for mode in ("smart", "fast", "immediate"):
                server.psql("insert into t values (1)")
                server.restart(mode)
            server.psql("insert into t values (1)")
            server.kill()
            self.assertEqual(server.pid, 0)
            with self.assertRaises(postgres.ServerError):
                server.psql("select 1")
            server.start()
            self.assertEqual(server.psql("select count(*) from t"), "4")
            self.assertEqual(server.url(), url)
            self.assertNotEqual(server.pid, pid)
            self.assertIn("automatic recovery in progress", server.log_text())

    def test_can_be_started_as_a_standby(self):
        with postgres.Server(start=False) as server:
            server.write_file("standby.signal", "")
            server.start()
            self.assertEqual(server.psql("select pg_is_in_recovery()"), "t")

    def test_makes_databases(self):
        with postgres.Server() as server:
            server.create_database('an "odd" name', encoding="LATIN1")
            self.assertEqual(server.psql("show server_encoding", 'an "odd" name'), "LATIN1")
            server.drop_database('an "odd" name')
            with self.assertRaises(postgres.ServerError):
                server.psql("select 1", 'an "odd" name')

    def test_two_at_once_are_apart(self):
        with postgres.Server() as one, postgres.Server() as two:
            one.psql("create table t (n int)")
            self.assertEqual(two.psql("select to_regclass('t') is null"), "t")
            self.assertNotEqual(one.port, two.port)


class LeavesNothing(unittest.TestCase):
    def starter(self):
        process = subprocess.Popen(
            [sys.executable, "-c", STARTER, SUPPORT], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.addCleanup(process.stdout.close)
        pid, _, folder = process.stdout.readline().strip().partition(" ")
        return process, os.pidfd_open(int(pid)), pathlib.Path(folder)

    def test_after_an_end(self):
        with postgres.Server() as server:
            process = os.pidfd_open(server.pid)
        self.assertTrue(ends(process))
        self.assertFalse(server.folder.exists())

    def test_after_an_exception(self):
        with self.assertRaises(ZeroDivisionError), postgres.Server() as server:
            process = os.pidfd_open(server.pid)
            raise ZeroDivisionError
        self.assertTrue(ends(process))
        self.assertFalse(server.folder.exists())

    def test_after_a_signal_to_the_starter(self):
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number):
                starter, server, folder = self.starter()
                starter.send_signal(number)
                starter.wait()
                self.assertTrue(ends(server))
                self.assertTrue(disappears(folder))

    def test_after_the_keeper_was_killed(self):
        server = postgres.Server()
        process = os.pidfd_open(server.pid)
        os.kill(parent_of(server.pid), signal.SIGKILL)
        self.assertTrue(ends(process))
        server.close()
        self.assertFalse(server.folder.exists())

    def test_no_shared_memory_of_a_killed_server(self):
        with postgres.Server() as server:
            segment = (server.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()[6].split()[1]
            server.kill()
        with open("/proc/sysvipc/shm", encoding="utf-8") as segments:
            self.assertNotIn(segment, [line.split()[1] for line in segments])


class Run(unittest.TestCase):
    def run_it(self, *command):
        return subprocess.run([sys.executable, PROGRAM, "run", "--", *command], capture_output=True, text=True)

    def test_tells_the_command_where_the_server_is(self):
        done = self.run_it("sh", "-c", f"{postgres.psql_program()} -XAtc 'select 7' $EVENTSOURCE_TEST_POSTGRES")
        self.assertEqual((done.stdout, done.returncode), ("7\n", 0), done.stderr)
        done = self.run_it("sh", "-c", "test -x $EVENTSOURCE_TEST_POSTGRES_BIN/postgres")
        self.assertEqual(done.returncode, 0)

    def test_ends_as_the_command_does(self):
        self.assertEqual(self.run_it("sh", "-c", "exit 3").returncode, 3)
        self.assertEqual(self.run_it("sh", "-c", "kill -SEGV $$").returncode, -signal.SIGSEGV)
        self.assertEqual(self.run_it("/no/such/program").returncode, 127)

    def command_that_waits(self):
        show = "echo $$ ${EVENTSOURCE_TEST_POSTGRES#*host=}; exec tail -f /dev/null"
        process = subprocess.Popen(
            [sys.executable, PROGRAM, "run", "--", "sh", "-c", show], stdout=subprocess.PIPE, text=True
        )
        self.addCleanup(process.stdout.close)
        pid, _, folder = process.stdout.readline().strip().partition(" ")
        folder = pathlib.Path(folder.partition("&")[0])
        server = int((folder / "data" / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
        return process, os.pidfd_open(int(pid)), os.pidfd_open(server), folder

    def test_takes_command_and_server_with_it(self):
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number):
                process, command, server, folder = self.command_that_waits()
                process.send_signal(number)
                self.assertEqual(process.wait(), -number)
                self.assertTrue(ends(command))
                self.assertTrue(ends(server))
                self.assertTrue(disappears(folder))


if __name__ == "__main__":
    unittest.main()
