"""The engine and the raw program on SQLite files, in fresh folders beside each other."""

import pathlib
import shutil
import tempfile

from programs import Figures, Row, eventsource, figures

ROWS = [
    Row("single append, FULL", "single_append", "single_append", 0.9),
    Row("append of 1,000 against checked inserts", "batch_1000", "batch_1000", 0.9),
    Row("append of 1,000 against unchecked inserts", "batch_1000", "batch_1000_unchecked", None),
    Row("full read", "full_read", "full_read", 0.8),
]


class Sqlite:
    baseline = "raw sqlite3"
    about = ""
    results = "engine.json"
    rows = ROWS

    def __init__(self, build: pathlib.Path, events: pathlib.Path):
        self._build = build
        self._temporary = tempfile.TemporaryDirectory(prefix="eventsource-bench-")
        self._folder = pathlib.Path(self._temporary.name)
        self._source = self._folder / "source.db"
        eventsource(build, f"sqlite:///{self._source}", "import", events)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._temporary.cleanup()

    def round(self) -> tuple[Figures, Figures]:
        return self._run("engine"), self._run("raw")

    def _run(self, side: str) -> Figures:
        scratch = self._folder / side
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        return figures(self._build / f"bin/{side}_sqlite", self._source, scratch)
