"""What the tests of eventsource-py and the engine share: a server, a process of each, a database for each test."""

import json
import os
import pathlib
import re
import subprocess
import sys
import unittest
import uuid
from datetime import datetime

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

import peer_venv  # noqa: E402
import postgres  # noqa: E402
from line_process import LineProcess, Refused  # noqa: E402

PROGRAM = os.environ["EVENTSOURCE_PROGRAM"]
ENGINE = os.environ["EVENTSOURCE_INTEROP_ENGINE"]
OUR_TABLES = (ROOT / "sql/postgres/all.sql").read_text(encoding="utf-8")
NIL = "00000000-0000-0000-0000-000000000000"
ANY, NO_STREAM, STREAM_EXISTS = -1, 0, -2

ENVELOPE = (
    "event_id", "event_type", "event_version", "occurred_at", "aggregate_id", "aggregate_type", "aggregate_version",
    "tenant_id", "actor_id", "correlation_id", "causation_id", "metadata",
)  # fmt: skip

# User data of each kind of value, with those that floats, jsonb and JSON writers treat in their own ways.
DATA = {
    "number": 2**53 + 1,
    "total": 0.1,
    "text": "Zoë \"quoted\" \\ / \n\t 😀 ",
    "paid": True,
    "lines": [{"sku": "A-1", "count": 2}, {}],
    "nested": {"z": {"a": [1, [2.5, None]]}, "": "", "a": False, "large": 1e22},
    "nothing": None,
    "customer_id": "0b1f8a52-3d4c-4e5f-8a6b-7c8d9e0f1a2b",
    "issuer_id": "0b1f8a52-3d4c-4e5f-8a6b-7c8d9e0f1a2c",
    "shipped_at": "2024-02-29T23:59:59.999999Z",
}

# With everything that an event can say.
FULL = {
    "event_version": 3,
    "occurred_at": "2024-05-06T07:08:09.012345Z",
    "tenant_id": "0b1f8a52-3d4c-4e5f-8a6b-7c8d9e0f1a01",
    "actor_id": "ann@exämple.org",
    "correlation_id": "0b1f8a52-3d4c-4e5f-8a6b-7c8d9e0f1a02",
    "causation_id": "0b1f8a52-3d4c-4e5f-8a6b-7c8d9e0f1a03",
    "metadata": {"ip": "::1", "deep": {"b": [1, 2.5], "a": None}},
}

server: postgres.Server
peer: LineProcess
engine: LineProcess


def start():
    """For setUpModule: one server, one process of each library."""
    global server, peer, engine
    peer = start_peer()
    unittest.addModuleCleanup(peer.close)
    engine = LineProcess([ENGINE])
    unittest.addModuleCleanup(engine.close)
    server = postgres.Server(conf={"fsync": "off"})  # these tests lose no power
    unittest.addModuleCleanup(server.close)


def start_peer():
    return LineProcess([str(peer_venv.python()), str(pathlib.Path(__file__).with_name("peer.py"))])


def peer_url(database):
    return server.url(database, host="tcp").replace("postgresql://", "postgresql+asyncpg://", 1)


def new_id():
    return str(uuid.uuid4())


def at(text):
    return datetime.fromisoformat(text)


class InteropCase(unittest.TestCase):
    """A database for each test: the tables of its class, both libraries connected."""

    maxDiff = None
    database = "shared"

    def set_up_tables(self):
        raise NotImplementedError

    def set_up_peer(self):
        peer.ask("connect", url=peer_url(self.database))

    def setUp(self):
        self.url = server.create_database(self.database)
        self.addCleanup(server.drop_database, self.database)
        self.set_up_tables()
        self.set_up_peer()
        self.opened = engine.ask("open", url=self.url)
        self.stream = new_id()

    def psql(self, sql):
        return server.psql(sql, self.database)

    def schema_of_peer(self):
        """Its all.sql, which asks for an extension that it does not use: without contrib a server has none."""
        schema = self.peer_does("schema")
        if self.psql("select count(*) from pg_available_extensions where name = 'uuid-ossp'") == "0":
            schema, count = re.subn('(?m)^CREATE EXTENSION IF NOT EXISTS "uuid-ossp";', "", schema)
            self.assertEqual(count, 1)
        return schema

    def run_program(self, *words, status=0, stdin=""):
        """Its standard output and standard error."""
        done = subprocess.run([PROGRAM, *words, "--store", self.url], input=stdin, capture_output=True, text=True)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout, done.stderr

    def program(self, *words, status=0, stdin=""):
        return self.run_program(*words, status=status, stdin=stdin)[0]

    def peer_does(self, what, **arguments):
        return peer.ask(what, **arguments)

    def engine_does(self, what, **arguments):
        return engine.ask(what, **arguments)

    def engine_log(self, *words):
        """Every event as the program shows it."""
        return [json.loads(line) for line in self.program("read", "--json", *words).splitlines()]

    def engine_appends(self, expected, *events, stream=None):
        events = [{"event_type": "OrderPlaced", "payload": DATA, **event} for event in events or ({},)]
        return engine.ask("append", aggregate_id=stream or self.stream, expected=expected, events=events)

    def peer_appends(self, expected, *events, stream=None):
        """Versions in the documents as its aggregates write them."""
        first = max(expected, 0) + 1
        events = [
            {"event_type": "OrderPlaced", "aggregate_version": first + n, **DATA, **event}
            for n, event in enumerate(events or ({},))
        ]
        return peer.ask("append", aggregate_id=stream or self.stream, expected=expected, events=events)

    def refused(self, name, call, *arguments, **keywords):
        with self.assertRaises(Refused) as caught:
            call(*arguments, **keywords)
        self.assertEqual(caught.exception.name, name, caught.exception)
        return caught.exception

    def verify(self):
        return json.loads(self.program("verify", "--json"))

    def same_event(self, line, event):
        """`line` is the engine's view, `event` that of eventsource-py: of all that either knows."""
        self.assertEqual(line["payload"], {key: value for key, value in event.items() if key in DATA})
        seen = {
            "event_version": 1, "tenant_id": None, "actor_id": None, "causation_id": None, "metadata": {},
            "correlation_id": line["event_id"], **line,
        }  # fmt: skip
        for name in ("event_id", "event_type", "event_version", "aggregate_id", "aggregate_type", "tenant_id",
                     "actor_id", "correlation_id", "causation_id", "metadata"):  # fmt: skip
            self.assertEqual(seen[name], event[name], name)
        self.assertEqual(at(line["occurred_at"]), at(event["occurred_at"]))
        self.assertEqual(line["version"], event["aggregate_version"])
        if "stream_position" in event:
            self.assertEqual(line["version"], event["stream_position"])
            self.assertEqual(line["global_position"], event["global_position"])
            self.assertEqual(at(line["stored_at"]), at(event["stored_at"]))

    def same_log(self):
        """Both read the same events in the same order, with the same content; returns them."""
        lines, events = self.engine_log(), peer.ask("read_all")
        self.assertEqual([line["event_id"] for line in lines], [event["event_id"] for event in events])
        for line, event in zip(lines, events):
            self.same_event(line, event)
        self.assertEqual(self.verify()["problems"], 0)
        return lines
