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


class Failed(Exception):
    """A program did not do its work."""


def run(build: pathlib.Path, store: str, work: Work) -> Figures:
    arguments = [f"{key}={value}" for key, value in work.arguments.items()]
    command = [str(build / f"bin/bench_{work.side}"), store, work.name, *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)}\n{done.stderr.strip()}")
    printed = dict(line.split() for line in done.stdout.splitlines())
    return Figures(*(float(printed[key]) if key in printed else None for key in Figures._fields))


def create_store(build: pathlib.Path, url: str) -> None:
    subprocess.run([build / "bin/eventsource", "--store", url, "init"], check=True, capture_output=True)
