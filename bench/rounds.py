"""The rounds of a run on one store, and the curve against callers in flight."""

import pathlib
import sys
import typing

from figures import Line, Result
from programs import Failed, Figures, Work, run
from works import Row, Sizes, batcher, callers, connections

# A round on PostgreSQL counts only if the raw batcher of 1,000 is so many times as fast as one raw connection: if it is
# not, the machine was busy with something else, or the raw program is no ceiling.
CEILING = ("raw batcher of 1,000", "raw one, autocommit")
LEAST_GAIN = 5.0
TRIES = 3

Round = dict[str, Figures]


class Store(typing.Protocol):
    def empty(self) -> str: ...


class Bench:
    """One store; `log` is the URL of the one that is there to be read."""

    def __init__(self, name: str, store: Store, log: str, works: dict[str, Work], build: pathlib.Path):
        self._name = name
        self._store = store
        self._log = log
        self._works = works
        self._build = build

    def measure(self, rows: list[Row], rounds: int) -> list[Result]:
        done = []
        for number in range(rounds):
            done.append(self._valid_round(rows))
            print(f"{self._name}: round {number + 1} of {rounds} done", file=sys.stderr)
        return [_result(row, done) for row in rows]

    def _valid_round(self, rows: list[Row]) -> Round:
        for _ in range(TRIES):
            figures = self._round(rows)
            if self._name != "PostgreSQL":
                return figures
            for name in CEILING:
                self._add(figures, name)
            gain = figures[CEILING[0]].rate / figures[CEILING[1]].rate
            if gain >= LEAST_GAIN:
                return figures
            print(
                f"{self._name}: THE ROUND DOES NOT COUNT: raw batches of 1,000 are only {gain:.1f} times as fast as one "
                f"raw connection, not {LEAST_GAIN:.0f} times",
                file=sys.stderr,
            )
        raise Failed(f"no round of {TRIES} counts: see to it that the machine has nothing else to do, then try again")

    def _round(self, rows: list[Row]) -> Round:
        """Both sides of a row run one after the other, so that both meet the same machine."""
        figures: Round = {}
        for row in rows:
            for name in (row.engine, *row.baseline):
                self._add(figures, name)
        return figures

    def _add(self, figures: Round, name: str) -> None:
        if name not in figures:
            figures[name] = self._run(self._works[name])

    def _run(self, work: Work) -> Figures:
        return run(self._build, self._log if work.reads else self._store.empty(), work)

    def curve(self, sizes: Sizes, folder: pathlib.Path) -> dict[str, Line]:
        lines: dict[str, Line] = {}
        for count in sizes.curve:
            some = callers(count, min(1_500 + 250 * count, sizes.curve_events), sizes, folder)
            for name, work in _lines(self._name, some).items():
                found = sorted(self._run(work) for _ in range(sizes.curve_rounds))
                lines.setdefault(name, {})[count] = tuple(found[len(found) // 2][:3])
            print(f"{self._name}: {count} callers in flight done", file=sys.stderr)
        return lines


def _lines(store: str, some: dict[str, object]) -> dict[str, Work]:
    lines = {
        "engine, queue": Work("engine", "append_queue", some),
        "engine, threads": Work("engine", "append_threads", some),
    }
    if store == "PostgreSQL":
        lines["raw, a connection each"] = connections(some)
    lines["raw, one batch of all"] = batcher(some)
    return lines


def _result(row: Row, rounds: list[Round]) -> Result:
    engine = [figures[row.engine].rate for figures in rounds]
    baseline = [max(figures[name].rate for name in row.baseline) for figures in rounds]
    return Result(row.name, row.unit, engine, baseline, row.target)
