"""What is measured, by name: how much of it, and the line of the table that it is for. Values."""

import dataclasses
import pathlib
import typing

import log
from programs import Work


@dataclasses.dataclass(frozen=True)
class Sizes:
    """How much each work does: enough for a second or two, and no more."""

    rounds: int
    singles: int  # events of one caller
    callers: int  # events of all callers together
    batches: int  # events
    loads: int  # streams, at most
    log: tuple[log.Part, ...]  # what is read
    seconds: int  # an append work is cut short after them
    curve: tuple[int, ...]  # callers in flight
    curve_events: int  # of all of them together, at most
    curve_rounds: int

    @property
    def log_events(self) -> int:
        return sum(part.events for part in self.log)


FULL = Sizes(
    rounds=5,
    singles=4_000,
    callers=20_000,
    batches=50_000,
    loads=5_000,
    log=(log.Part(10, 300_000), log.Part(100, 300_000), log.Part(1000, 400_000)),
    seconds=4,
    curve=(1, 2, 4, 8, 16, 32, 64, 128, 256),
    curve_events=25_000,
    curve_rounds=3,
)
QUICK = Sizes(
    rounds=2,
    singles=1_000,
    callers=8_000,
    batches=20_000,
    loads=2_000,
    log=(log.Part(10, 40_000), log.Part(100, 20_000), log.Part(1000, 40_000)),
    seconds=1,
    curve=(1, 8, 64, 256),
    curve_events=6_000,
    curve_rounds=1,
)


# Of the raw program: the best of them counts.
CONNECTIONS = (8, 16, 32)


class Row(typing.NamedTuple):
    """The engine's work against the best of others: figures of a round by the names of works()."""

    name: str
    unit: str
    engine: str
    baseline: tuple[str, ...]
    target: float | None = None  # of the ratio; None: for information


def works(sizes: Sizes, folder: pathlib.Path) -> dict[str, Work]:
    """`folder` has the samples and the lists of streams. What a store of the other kind has no use for it passes over."""
    one = callers(1, sizes.singles, sizes, folder)
    many = callers(64, sizes.callers, sizes, folder)
    named = {
        "one caller": Work("engine", "append_threads", one),
        "raw one": connections(one),
        "raw one, autocommit": connections(one, settings=0),
        "64 by queue": Work("engine", "append_queue", many),
        "64 threads": Work("engine", "append_threads", many),
        "raw batcher": batcher(many),
        "raw batcher in two": batcher(many, links=2),
        "raw batcher of 1,000": batcher(callers(1000, sizes.callers, sizes, folder)),
        "full read": Work("engine", "read_all", {"events": sizes.log_events}, reads=True),
        "raw full read": Work("raw", "read_all", {"events": sizes.log_events, "page": 1000}, reads=True),
    }
    for count in CONNECTIONS:
        some = callers(count, sizes.callers, sizes, folder)
        named[f"raw {count} connections"] = connections(some)
        named[f"raw {count} connections, autocommit"] = connections(some, settings=0)
    for size in (100, 1000):
        batch = {"batch": size, **appending(sizes.batches, sizes, folder)}
        named[f"batches of {size:,}"] = Work("engine", "append_batches", batch)
        named[f"raw batches of {size:,}"] = Work("raw", "append_batches", {**batch, "settings": 1})
    for part in sizes.log:
        streams = {"streams": streams_file(folder, part)}
        named[f"load of {part.length:,}"] = Work("engine", "load", streams, reads=True)
        named[f"raw load of {part.length:,}"] = Work("raw", "load", streams, reads=True)
    return named


def appending(events: int, sizes: Sizes, folder: pathlib.Path) -> dict[str, object]:
    return {"events": events, "seconds": sizes.seconds, "samples": folder / "samples"}


def callers(count: int, events: int, sizes: Sizes, folder: pathlib.Path) -> dict[str, object]:
    return {"callers": count, **appending(events, sizes, folder)}


def connections(some: dict[str, object], settings: int = 1) -> Work:
    """A statement for each append, a connection for each caller."""
    return Work("raw", "append_callers", {**some, "links": some["callers"], "settings": settings})


def batcher(some: dict[str, object], links: int = 1) -> Work:
    """The appends of all callers are gathered, on so many connections."""
    return Work("raw", "append_callers", {**some, "links": links, "settings": 1})


def streams_file(folder: pathlib.Path, part: log.Part) -> pathlib.Path:
    return folder / f"streams_of_{part.length}"


def _in_flight(how: str) -> list[Row]:
    """64 callers, in threads or by a queue, on PostgreSQL."""
    name = f"PostgreSQL: append, 64 {how}, against"
    connections = tuple(f"raw {count} connections" for count in CONNECTIONS)
    autocommit = tuple(f"{connection}, autocommit" for connection in connections)
    return [
        Row(f"{name} a connection each", "events/s", f"64 {how}", connections, 2.5),
        Row(f"{name} a connection each and autocommit", "events/s", f"64 {how}", autocommit),
        Row(f"{name} batches of 64", "events/s", f"64 {how}", ("raw batcher",), 0.85),
        Row(f"{name} two batches of 32 at once", "events/s", f"64 {how}", ("raw batcher in two",)),
    ]


POSTGRESQL = [
    *_in_flight("by queue"),
    *_in_flight("threads"),
    Row("PostgreSQL: append, one caller", "events/s", "one caller", ("raw one",), 0.9),
    Row("PostgreSQL: append, one caller, against autocommit", "events/s", "one caller", ("raw one, autocommit",)),
    Row("PostgreSQL: append of 100", "events/s", "batches of 100", ("raw batches of 100",), 0.8),
    Row("PostgreSQL: append of 1,000", "events/s", "batches of 1,000", ("raw batches of 1,000",), 0.8),
    Row("PostgreSQL: load of a stream of 10", "streams/s", "load of 10", ("raw load of 10",), 0.85),
    Row("PostgreSQL: load of a stream of 100", "streams/s", "load of 100", ("raw load of 100",), 0.85),
    Row("PostgreSQL: load of a stream of 1,000", "streams/s", "load of 1,000", ("raw load of 1,000",), 0.85),
    Row("PostgreSQL: full read", "events/s", "full read", ("raw full read",), 0.8),
]

SQLITE = [
    Row("SQLite: append, one caller", "events/s", "one caller", ("raw one",), 0.9),
    Row("SQLite: append, 64 by queue, against one caller", "events/s", "64 by queue", ("raw one",), 6),
    Row("SQLite: append, 64 by queue, against batches of 64", "events/s", "64 by queue", ("raw batcher",)),
    Row("SQLite: append, 64 threads, against one caller", "events/s", "64 threads", ("raw one",), 6),
    Row("SQLite: append, 64 threads, against batches of 64", "events/s", "64 threads", ("raw batcher",)),
    Row("SQLite: append of 100", "events/s", "batches of 100", ("raw batches of 100",)),
    Row("SQLite: append of 1,000", "events/s", "batches of 1,000", ("raw batches of 1,000",), 0.9),
    Row("SQLite: load of a stream of 10", "streams/s", "load of 10", ("raw load of 10",), 0.85),
    Row("SQLite: load of a stream of 100", "streams/s", "load of 100", ("raw load of 100",), 0.85),
    Row("SQLite: load of a stream of 1,000", "streams/s", "load of 1,000", ("raw load of 1,000",), 0.85),
    Row("SQLite: full read", "events/s", "full read", ("raw full read",), 0.8),
]
