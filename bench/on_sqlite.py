"""Files of SQLite for the bench, in a folder of their own."""

import pathlib
import shutil
import sqlite3
import typing

import log
from machine import forget
from programs import create_store

INSERT = (
    "INSERT INTO events (event_id, aggregate_id, aggregate_type, event_type, actor_id, version, timestamp, created_at, "
    "payload) VALUES (?, ?, 'Order', ?, ?, ?, ?, ?, ?)"
)


class Sqlite:
    def __init__(self, build: pathlib.Path, folder: pathlib.Path):
        self._folder = folder
        create_store(build, self._url("nothing"))

    def __enter__(self) -> "Sqlite":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def about(self) -> dict[str, str]:
        return {"SQLite": f"{sqlite3.sqlite_version}, WAL, synchronous FULL"}

    def empty(self) -> str:
        """The URL of an empty store."""
        return self._store("empty")

    def fill(self, name: str, events: typing.Iterator[log.Event]) -> str:
        url = self._store(name)
        with sqlite3.connect(self._path(name)) as file:
            file.execute("PRAGMA synchronous = OFF")
            file.execute("PRAGMA cache_size = -1048576")
            file.executemany(INSERT, map(_values, events))
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        file.close()
        return url

    def cool(self) -> None:
        """Takes the files out of memory."""
        forget(self._folder.glob("*.db*"))

    def _store(self, name: str) -> str:
        for end in ("", "-wal", "-shm"):
            (self._folder / f"{name}.db{end}").unlink(missing_ok=True)
        shutil.copy(self._path("nothing"), self._path(name))
        return self._url(name)

    def _path(self, name: str) -> pathlib.Path:
        return self._folder / f"{name}.db"

    def _url(self, name: str) -> str:
        return f"sqlite:///{self._path(name)}"


def _values(event: log.Event) -> tuple[object, ...]:
    us = event.occurred_ms * 1000
    ids = bytes.fromhex(event.event_id), bytes.fromhex(event.stream)
    return (*ids, event.event_type, event.actor_id or None, event.version, us, us, event.document)
