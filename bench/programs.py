"""What is run, and what it says."""

import pathlib
import subprocess
import typing

# The figures of one round, by the name of the work: events a second.
Figures = dict[str, float]


class Row(typing.NamedTuple):
    """One line of the table."""

    name: str
    engine: str  # the engine's figure
    raw: str  # the raw figure that it is held against
    target: float | None  # of the ratio


def figures(program: pathlib.Path, *arguments: object) -> Figures:
    out = subprocess.run([program, *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True).stdout
    return {name: float(value) for name, value, _ in (line.split() for line in out.splitlines())}


def eventsource(build: pathlib.Path, url: str, *arguments: object) -> None:
    subprocess.run(
        [build / "bin/eventsource", "--store", url, *map(str, arguments)],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
