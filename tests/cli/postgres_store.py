"""Runs the program on PostgreSQL: a server for a file of tests, a database for each test."""

import itertools
import pathlib
import subprocess
import sys
import unittest

from program import ProgramTest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import postgres  # noqa: E402

server: postgres.Server
_numbers = itertools.count(1)


def start_server():
    """For setUpModule."""
    global server
    server = postgres.Server(conf={"fsync": "off", "max_connections": "30"})
    unittest.addModuleCleanup(server.close)


class PostgresStore(ProgramTest):
    """The program's store is an empty database, unless a test says --store. Goes before the class with the tests."""

    def place(self):
        self.name = f"test_{next(_numbers)}"
        self.url = server.create_database(self.name)
        self.addCleanup(server.drop_database, self.name)
        return {"EVENTSOURCE_URL": self.url}

    def psql(self, sql):
        return server.psql(sql, self.name)

    def hold(self, sql):
        """A session that has run `sql` and stays as it is until the function that comes back is called."""
        session = subprocess.Popen(
            [postgres.psql_program(), "-XAtq", "-v", "ON_ERROR_STOP=1", self.url],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        session.stdin.write(sql + ";\nselect 'held';\n")
        session.stdin.flush()
        while (line := session.stdout.readline()) != "held\n":
            self.assertTrue(line, "psql ended")

        def release():
            if session.stdin.closed:
                return
            session.stdin.close()
            session.stdout.close()
            session.wait()

        self.addCleanup(release)
        return release

    def wait_for(self, condition, process):
        """Until the SQL is true, which the process is to see to."""
        while self.psql(f"select {condition}") != "t":
            self.assertIsNone(process.poll(), "the program ended early")

