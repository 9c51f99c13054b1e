"""Runs the program under test, and what several tests share."""

import json
import os
import pathlib
import random
import sqlite3
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["EVENTSOURCE_PROGRAM"]
FOLDER = pathlib.Path(__file__).resolve().parent
FLIGHTS = FOLDER / "flights.ndjson"
# What the caller's shell says must not decide where a test writes.
UNSET = ("EVENTSOURCE_URL", "DATABASE_URL", "NO_COLOR")

OK, REFUSED, USAGE, UNAVAILABLE = 0, 1, 2, 3


def kill_moments(count):
    """So many parts of an import, spread over it: evenly, or as EVENTSOURCE_SEED has it. None is near its end, where the
    program may be quicker than the test."""
    seed = os.environ.get("EVENTSOURCE_SEED")
    if seed is None:
        return [number / (count + 1) for number in range(1, count + 1)]
    chance = random.Random(int(seed))
    return [0.02 + 0.93 * (number + chance.random()) / count for number in range(count)]


def environment(**changes):
    env = {name: value for name, value in os.environ.items() if name not in UNSET}
    return {**env, "TERM": "xterm", **changes}


def uuid(number):
    return f"00000000-0000-4000-8000-{number:012x}"


def line(number, stream=1, **changes):
    """An export line of event `number`; a change to None leaves the member out."""
    members = {
        "event_id": uuid(number),
        "aggregate_id": uuid(0xA0000 + stream),
        "aggregate_type": "Order",
        "event_type": "OrderPlaced",
        "occurred_at": "2013-02-04T09:53:00.000000Z",
        "payload": {"n": number},
    }
    members.update(changes)
    members = {key: value for key, value in members.items() if value is not None}
    return json.dumps(members, separators=(",", ":")) + "\n"


class ProgramTest(unittest.TestCase):
    """Each test has a folder of its own, in which the program runs."""

    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.env = environment(**self.place())

    def place(self):
        """What the environment of the programs says of the store: nothing, so that it is a file in the folder."""
        return {}

    def run_program(self, *words, status=OK, stdin=b"", env=None):
        """Runs to the end, checks the exit status (unless it is None), returns standard output and error."""
        if isinstance(stdin, str):
            stdin = stdin.encode()
        done = subprocess.run(
            [PROGRAM, *map(str, words)],
            input=stdin,
            capture_output=True,
            cwd=self.folder,
            env=env or self.env,
        )
        if status is not None:
            self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout.decode(), done.stderr.decode()

    def start_program(self, *words, **options):
        process = subprocess.Popen(
            [PROGRAM, *map(str, words)], cwd=self.folder, env=self.env, **options
        )
        # A test that fails leaves nothing running.
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def export(self, *words):
        return self.run_program("export", *words)[0]

    def head(self, *words):
        return int(self.run_program("head", *words)[0])

    def database(self, name="eventsource.db"):
        db = sqlite3.connect(self.folder / name)
        self.addCleanup(db.close)
        return db
