"""The engine and the raw program on a PostgreSQL server of their own, work by work.

The server is durable and has Debian's settings but for shared_buffers. Each work starts right after a checkpoint; what
writes has a fresh database with the engine's tables, what reads reads the same database on both sides.
"""

import pathlib
import sys
import time

from programs import Figures, Row, eventsource, figures

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests/support"))
import postgres  # noqa: E402

ROWS = [
    Row("single append", "single_append", "single_append", 0.9),
    Row("append of 100 to one stream", "append_100", "append_100", 0.9),
    Row("append of 1,000 to one stream", "append_1000", "append_1000", 0.9),
    Row("append of 1,000 against COPY", "append_1000", "copy_1000", None),
    Row("load of a stream of 100", "stream_load", "stream_load", 0.8),
    Row("full read in pages of 1,000", "full_read", "full_read", 0.8),
    Row("full read against COPY", "full_read", "copy_out", None),
    Row("import of the file against inserts of 1,000", "import", "import", 0.8),
]

# Works that read: the database that they read from.
READ_FROM = {"stream_load": "streams", "full_read": "source", "copy_out": "source"}

SETTINGS = {"shared_buffers": "512MB"}


class Postgres:
    baseline = "raw libpq"
    results = "engine_postgresql.json"
    rows = ROWS

    def __init__(self, build: pathlib.Path, events: pathlib.Path):
        self._build = build
        self._events = events
        self._server = postgres.Server(SETTINGS)
        try:
            self._prepare()
        except BaseException:
            self._server.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.close()

    def _prepare(self) -> None:
        eventsource(self._build, self._server.create_database("empty"), "init")
        self._fresh("source")
        eventsource(self._build, self._server.url("source"), "import", self._events)
        self._fresh("streams")
        self._program("engine", "append_100", "streams")
        for database in ("source", "streams"):
            self._server.psql("vacuum analyze", database)
        self._count = int(self._server.psql("select count(*) from events", "source"))
        version = self._server.psql("show server_version").split()[0]
        settings = ", ".join(f"{key} {value}" for key, value in SETTINGS.items())
        self.about = f", PostgreSQL {version} with {settings}"

    def round(self) -> tuple[Figures, Figures]:
        """Both sides of a work run one after the other, so that both meet the same machine."""
        engine: Figures = {}
        raw: Figures = {}
        for row in ROWS:
            for side, work, into in (("engine", row.engine, engine), ("raw", row.raw, raw)):
                if work not in into:
                    into |= self._run(side, work)
        return engine, raw

    def _run(self, side: str, work: str) -> Figures:
        database = READ_FROM.get(work)
        if database is None:
            database = "scratch"
            self._fresh(database)
        self._server.psql("checkpoint")
        if (side, work) == ("engine", "import"):
            return self._import(database)
        return self._program(side, work, database)

    def _fresh(self, database: str) -> None:
        self._server.psql(f"drop database if exists {database} with (force)")
        self._server.create_database(database, template="empty")

    def _program(self, side: str, work: str, database: str) -> Figures:
        program = self._build / f"bin/{side}_postgres"
        return figures(program, work, self._server.url("source"), self._server.url(database))

    def _import(self, database: str) -> Figures:
        """The whole program: from the file, unpacked and parsed, to the last commit."""
        start = time.monotonic()
        eventsource(self._build, self._server.url(database), "import", self._events)
        return {"import": self._count / (time.monotonic() - start)}
