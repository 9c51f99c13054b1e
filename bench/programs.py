"""The two programs: what they are asked, and what they say. Values."""

import pathlib
import subprocess
import typing


class Work(typing.NamedTuple):
    """One run of one of the programs."""

    side: str  # engine, raw
    name: str  # as the program knows it
    arguments: dict[str, object]
    reads: bool = False  # the log that is there; what appends has an empty store


class Figures(typing.NamedTuple):
    """What a program prints."""

    rate: float  # of things done, a second
    p50_ms: float | None  # of the calls
    p99_ms: float | None
    max_ms: float | None = None


class Failed(Exception):
    """A program did not do its work."""


def run(build: pathlib.Path, store: str, work: Work) -> Figures:
    return run_together(build, store, [work])[0]


def run_together(build: pathlib.Path, store: str, together: list[Work]) -> list[Figures]:
    """Each in a process of its own, at the same time."""
    started = [_start(build, store, work) for work in together]
    ended = [process.communicate() for process in started]
    return [_figures(process, *output) for process, output in zip(started, ended)]


def _start(build: pathlib.Path, store: str, work: Work) -> subprocess.Popen:
    arguments = [f"{key}={value}" for key, value in work.arguments.items()]
    command = [str(build / f"bin/bench_{work.side}"), store, work.name, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _figures(process: subprocess.Popen, out: str, err: str) -> Figures:
    if process.returncode != 0:
        raise Failed(f"{' '.join(process.args)}\n{err.strip()}")
    printed = dict(line.split() for line in out.splitlines())
    return Figures(*(float(printed[key]) if key in printed else None for key in Figures._fields))


def create_store(build: pathlib.Path, url: str) -> None:
    subprocess.run([build / "bin/eventsource", "--store", url, "init"], check=True, capture_output=True)
