"""pooler.py: a pgbouncer in transaction mode that is not root's, and leaves nothing behind."""

import json
import os
import pathlib
import subprocess
import sys
import unittest

SUPPORT = pathlib.Path(__file__).resolve().parent.parent / "support"
sys.path.insert(0, str(SUPPORT))
import postgres  # noqa: E402
from test_postgres import disappears, ends  # noqa: E402

PROGRAM = SUPPORT / "pooler.py"
# Starts a pooler, tells what it says, and then does nothing.
STARTER = """
import signal, subprocess, sys
pooler = subprocess.Popen([sys.executable, *sys.argv[1:]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
print(pooler.stdout.readline().decode(), flush=True)
signal.pause()
"""


class Pooler(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = postgres.Server()
        cls.addClassCleanup(cls.server.close)

    def start(self, *command: str) -> tuple[subprocess.Popen, dict]:
        process = subprocess.Popen(
            [sys.executable, *command, PROGRAM, str(self.server.folder), str(self.server.port)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.addCleanup(process.communicate)
        return process, json.loads(process.stdout.readline())

    def psql(self, pooler: dict, *statements: str) -> list[str]:
        url = f"postgresql://postgres@/postgres?host={pooler['folder']}&port={pooler['port']}"
        commands = [word for statement in statements for word in ("-c", statement)]
        done = subprocess.run([postgres.psql_program(), "-XAt", url, *commands], capture_output=True, text=True)
        self.assertEqual(done.stderr, "")
        return done.stdout.splitlines()

    def test_answers_and_is_not_run_by_root(self):
        _, pooler = self.start()
        self.assertEqual(self.psql(pooler, "select 1 + 1"), ["2"])
        self.assertNotEqual(os.stat(f"/proc/{pooler['pid']}").st_uid, 0)

    def test_is_gone_when_its_input_ends(self):
        process, pooler = self.start()
        pid_file = os.pidfd_open(pooler["pid"])
        process.communicate()
        self.assertTrue(ends(pid_file))
        self.assertFalse(pathlib.Path(pooler["folder"]).exists())

    def test_is_gone_when_its_starter_was_killed(self):
        process, pooler = self.start("-c", STARTER)
        pid_file = os.pidfd_open(pooler["pid"])
        process.kill()
        self.assertTrue(ends(pid_file))
        self.assertTrue(disappears(pathlib.Path(pooler["folder"])))


if __name__ == "__main__":
    unittest.main()
