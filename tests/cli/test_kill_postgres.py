"""An import into PostgreSQL that is killed, or whose server is, ends like one that was not; run again where it has to be.

`make test-kill STORE=postgresql` runs it on a file of its own: EVENTSOURCE_KILL_FILE, at EVENTSOURCE_KILL_MOMENTS moments.
EVENTSOURCE_SEED=n takes others.
"""

import contextlib
import hashlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest

from program import OK, PROGRAM, UNAVAILABLE, ProgramTest, environment, kill_moments, line

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "support"), str(TESTS / "sql")]

import libpq  # noqa: E402
import postgres  # noqa: E402

EVENTS = 1500
FILE = os.environ.get("EVENTSOURCE_KILL_FILE")
MOMENTS = int(os.environ.get("EVENTSOURCE_KILL_MOMENTS", "4"))
SECONDS_TO_RECOVER = 120
# The server processes of the database's other clients.
OTHERS = (
    "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() "
    "and backend_type = 'client backend'"
)

server: postgres.Server


def setUpModule():
    global server
    server = postgres.Server(conf={"fsync": "off"})  # processes are killed, not the machine
    unittest.addModuleCleanup(server.close)


class KilledAtSeveralMoments(ProgramTest):
    events = 0
    expected = ""

    def setUp(self):
        super().setUp()
        if not FILE:
            lines = [line(n, stream=n % 9) for n in range(1, EVENTS + 1)]
            (self.folder / "events.ndjson").write_text("".join(lines))
        cls = type(self)
        if not cls.events:
            # What SQLite makes of it.
            result = self.finish(self.start("sqlite:///expected.db"))
            cls.events, cls.expected = result["stored"], self.export_sum("sqlite:///expected.db")

    def start(self, url):
        # Of few events each is a transaction, so that there are many moments in which one is under way.
        words = ["import", FILE] if FILE else ["import", "events.ndjson", "--batch", "1"]
        process = subprocess.Popen(
            [PROGRAM, *words, "--json"], cwd=self.folder, env=environment(EVENTSOURCE_URL=url),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def finish(self, process, *statuses):
        """Its result; None when it did not end well, with one of the other `statuses`."""
        out, err = process.communicate()
        self.assertIn(process.returncode, (OK, *statuses), out + err)
        return json.loads(out) if process.returncode == OK else None

    def export_sum(self, url):
        total = hashlib.sha256()
        with subprocess.Popen(
            [PROGRAM, "export"], cwd=self.folder, env=environment(EVENTSOURCE_URL=url), stdout=subprocess.PIPE
        ) as process:
            while piece := process.stdout.read(1 << 20):
                total.update(piece)
        self.assertEqual(process.returncode, OK)
        return total.hexdigest()

    def connect(self, url):
        """To a server that may be recovering."""
        give_up = time.monotonic() + SECONDS_TO_RECOVER
        while True:
            try:
                return libpq.Connection(url)
            except libpq.Error:
                if time.monotonic() > give_up:
                    raise

    def stored(self, url):
        """Once nobody is at work any more: a server process ends what its killed client has sent."""
        with self.connect(url) as connection:
            while connection.execute(OTHERS) != []:
                pass
            if connection.execute("select to_regclass('events') is not null") != ["t"]:
                return 0
            return int(connection.execute("select count(*) from events")[0])

    def reach(self, url, count, process):
        """Until the table holds `count` events, seen by another session. The pids that serve the import."""
        with self.connect(url) as connection:
            while process.poll() is None:
                with contextlib.suppress(libpq.Error):  # there is no table yet
                    # Positions have no holes as long as nothing went wrong.
                    if int(connection.execute("select coalesce(max(global_position), 0) from events")[0]) >= count:
                        break
            return [int(pid) for pid in connection.execute(OTHERS)]

    def kill_at_moments(self, kill):
        """`kill` gets the import and the pids of its server processes."""
        on_the_way = by_itself = 0
        for number, moment in enumerate(kill_moments(MOMENTS)):
            with self.subTest(moment=moment):
                name = f"{self._testMethodName}_{number}"
                url = server.create_database(name)
                process = self.start(url)
                pids = self.reach(url, max(1, int(self.events * moment)), process)
                kill(process, pids)
                result = self.finish(process, UNAVAILABLE, -signal.SIGKILL)
                stored = self.stored(url)
                on_the_way += result is not None or 0.01 < stored / self.events < 0.99
                if result is None:
                    again = self.finish(self.start(url))
                    self.assertEqual((again["stored"], again["present"]), (self.events - stored, stored))
                else:
                    by_itself += 1
                    # An event whose COMMIT was lost is found to be there when it is sent again.
                    self.assertEqual((result["stored"] + result["present"], stored), (self.events, self.events))
                total = self.export_sum(url)
                if FILE:
                    how = "went on by itself " if result else f"ended with {stored:9,}, run again"
                    print(f"{moment:7.1%}  {how}, export {total[:16]}, "
                          f"{'the same' if total == self.expected else 'ANOTHER'}", flush=True)  # fmt: skip
                self.assertEqual(total, self.expected)
                self.run_program("verify", env=environment(EVENTSOURCE_URL=url))
                server.drop_database(name)
        # The moments are of use only where they met a half-done import.
        self.assertGreaterEqual(on_the_way, MOMENTS * 3 // 4)
        return by_itself

    def test_client(self):
        self.assertEqual(self.kill_at_moments(lambda process, _: process.kill()), 0)

    def test_backend(self):
        """The whole server starts again, and recovers from its log."""

        def kill(_, pids):
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

        self.kill_at_moments(kill)
        self.assertIn("all server processes terminated; reinitializing", server.log_text())

    def test_session(self):
        def kill(_, pids):
            server.psql(f"select pg_terminate_backend(pid) from unnest(array{pids}::int[]) as pid")

        self.assertEqual(self.kill_at_moments(kill), MOMENTS)


if __name__ == "__main__":
    unittest.main()
