"""Several processes that append to one file of SQLite at the same time: how long the unluckiest append waits for the others.

SQLite's lock has no queue. The raw side waits as SQLite does by itself (sqlite3_busy_timeout), as most programs do.
"""

import pathlib
import typing

from figures import Result
from programs import Figures, Work, run_together
from works import Sizes, appending

PROCESSES = 3


class Store(typing.Protocol):
    def empty(self) -> str:
        """The URL of an empty store."""


def measure(name: str, store: Store, sizes: Sizes, build: pathlib.Path, folder: pathlib.Path) -> list[Result]:
    """`name` is that of the kind of store."""
    engine, raw = _works("engine", "append_threads", sizes, folder), _works("raw", "append_callers", sizes, folder)
    pairs = [
        (run_together(build, store.empty(), engine), run_together(build, store.empty(), raw))
        for _ in range(sizes.rounds)
    ]
    work = f"{name}: append, {PROCESSES} processes with one caller each"
    return [
        Result(f"{work}, the longest wait", "ms", [_longest(one) for one, _ in pairs],
               [_longest(other) for _, other in pairs], None, less_is_better=True),
        Result(f"{work}, together", "events/s", [_together(one) for one, _ in pairs],
               [_together(other) for _, other in pairs], None),
    ]  # fmt: skip


def _works(side: str, work: str, sizes: Sizes, folder: pathlib.Path) -> list[Work]:
    """Cut short by their time: each is under way until the last."""
    some = {"callers": 1, **appending(sizes.seconds * 5_000, sizes, folder)}
    return [Work(side, work, {**some, "first": number}) for number in range(PROCESSES)]


def _longest(figures: list[Figures]) -> float:
    return max(one.max_ms for one in figures)


def _together(figures: list[Figures]) -> float:
    return sum(one.rate for one in figures)
