"""Ten million rows in the table against ten thousand: the engine against itself.

A run reads a few hundred streams, and appends to as many others, that lie on as many pages in both tables. Cached: the
same work was done right before, so that all pages that it needs are in memory, and in the write-ahead log as a whole.
Uncached: nothing of the database is in memory.
"""

import pathlib
import typing

import log
from figures import Result
from programs import Work, run
from samples import Sample

SMALL = log.Part(10, 10_000)
BIG = log.Part(10, 10_000_000)
STREAMS = 500
DISK_BYTES = 15 * 2**30
PASSES = 8  # over the streams, where they are cached
TARGET = round(1 / 1.3, 2)
TARGETS = {
    "append, cached": TARGET,
    "load of a stream of 10, cached": TARGET,
    "append, uncached": None,
    "load of a stream of 10, uncached": None,
}


class Store(typing.Protocol):
    def fill(self, name: str, events: typing.Iterator[log.Event]) -> str: ...

    def cool(self) -> None:
        """Takes the databases out of memory."""


class Table:
    """A log of one size, and the streams of it that are looked at."""

    def __init__(self, store: Store, name: str, part: log.Part, samples: list[Sample]):
        self._store = store
        self._url = store.fill(name, log.events([part], samples))
        chosen = log.some_streams(part, 2 * STREAMS)
        self._read, self._grown = chosen[:STREAMS], chosen[STREAMS:]
        self._version = part.length  # of those that grow

    def round(self, build: pathlib.Path, folder: pathlib.Path) -> dict[str, float]:
        """A rate for each of TARGETS. What is done first warms what is measured next."""
        self._append(build, folder, 1)
        appended = self._append(build, folder, PASSES)
        self._load(build, folder, 1)
        loaded = self._load(build, folder, PASSES)
        self._store.cool()
        appended_cold = self._append(build, folder, 1)
        self._store.cool()
        loaded_cold = self._load(build, folder, 1)
        return dict(zip(TARGETS, (appended, loaded, appended_cold, loaded_cold)))

    def _append(self, build: pathlib.Path, folder: pathlib.Path, passes: int) -> float:
        streams = _list(folder, self._grown, self._version)
        self._version += passes
        arguments = {"streams": streams, "events": passes * STREAMS, "samples": folder / "samples"}
        return run(build, self._url, Work("engine", "append_known", arguments)).rate

    def _load(self, build: pathlib.Path, folder: pathlib.Path, passes: int) -> float:
        streams = _list(folder, passes * self._read, SMALL.length)
        return run(build, self._url, Work("engine", "load", {"streams": streams})).rate


def _list(folder: pathlib.Path, streams: list[str], version: int) -> pathlib.Path:
    path = folder / "streams_of_a_table"
    path.write_text("".join(f"{stream} {version}\n" for stream in streams))
    return path


def measure(
    name: str, store: Store, samples: list[Sample], rounds: int, build: pathlib.Path, folder: pathlib.Path
) -> list[Result]:
    """`name` is that of the kind of store."""
    small = Table(store, "small", SMALL, samples)
    big = Table(store, "big", BIG, samples)
    pairs = [(big.round(build, folder), small.round(build, folder)) for _ in range(rounds)]
    return [
        Result(
            f"{name}: {work}, 10 million rows against 10,000",
            "streams/s" if work.startswith("load") else "events/s",
            [one[work] for one, _ in pairs],
            [other[work] for _, other in pairs],
            target,
        )
        for work, target in TARGETS.items()
    ]
