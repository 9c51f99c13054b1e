"""A PostgreSQL server for the bench. It is durable and has Debian's settings but for SETTINGS."""

import pathlib
import subprocess
import sys
import typing

import log
from machine import forget
from programs import create_store

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests/support"))
import postgres  # noqa: E402

SETTINGS = {"shared_buffers": "2GB", "max_connections": "300"}

# A table that is emptied and filled in one transaction need not be written to the write-ahead log (wal_level minimal): it
# goes to the disk before the COMMIT instead.
FILL = (
    "BEGIN",
    "TRUNCATE events",
    "COPY events (event_id, aggregate_id, aggregate_type, event_type, actor_id, version, timestamp, payload) "
    "FROM STDIN WITH (FREEZE)",
    "COMMIT",
)


class Postgres:
    def __init__(self, build: pathlib.Path):
        self.server = postgres.Server(SETTINGS)
        try:
            create_store(build, self.server.create_database("nothing"))
        except BaseException:
            self.server.close()
            raise

    def __enter__(self) -> "Postgres":
        return self

    def __exit__(self, *_: object) -> None:
        self.server.close()

    def about(self) -> dict[str, str]:
        settings = ", ".join(f"{key} {value}" for key, value in SETTINGS.items())
        return {"PostgreSQL": f"{self.server.psql('show server_version').split()[0]}, {settings}"}

    def empty(self) -> str:
        """The URL of an empty store, right after a checkpoint."""
        return self._store("empty")

    def fill(self, name: str, events: typing.Iterator[log.Event]) -> str:
        url = self._store(name)
        self._set_wal("ALTER SYSTEM SET wal_level = minimal; ALTER SYSTEM SET max_wal_senders = 0")
        command = [postgres.psql_program(), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", url]
        command += [f"--command={statement}" for statement in FILL]
        with subprocess.Popen(command, stdin=subprocess.PIPE, encoding="utf-8") as psql:
            psql.stdin.writelines(map(_line, events))
        if psql.returncode != 0:
            raise postgres.ServerError(f"the log {name} could not be filled: psql has said why")
        self.server.psql("VACUUM (ANALYZE) events", name)
        self._set_wal("ALTER SYSTEM RESET ALL")
        return url

    def _set_wal(self, statements: str) -> None:
        self.server.psql(statements)
        self.server.restart()

    def cool(self) -> None:
        """Takes the databases out of memory: the server's and the system's."""
        self.server.stop()
        forget(self.server.data.rglob("*"))
        self.server.start()

    def _store(self, name: str) -> str:
        self.server.psql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        url = self.server.create_database(name, template="nothing")
        self.server.psql("CHECKPOINT")
        return url


def _line(event: log.Event) -> str:
    document = event.document.replace("\\", "\\\\")
    actor = event.actor_id or "\\N"
    seconds, ms = divmod(event.occurred_ms, 1000)
    time = f"{log.second(seconds)}.{ms:03}Z"
    return f"{event.event_id}\t{event.stream}\tOrder\t{event.event_type}\t{actor}\t{event.version}\t{time}\t{document}\n"
