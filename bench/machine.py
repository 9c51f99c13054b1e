"""What a figure depends on: the machine, how busy it was, and what of the disk is in its memory."""

import os
import pathlib
import platform
import statistics
import sys
import time
import typing


# Below this load average at the start nothing else keeps the machine busy.
IDLE = 0.5


def facts(folder: pathlib.Path) -> dict[str, str]:
    """`folder` is on the disk that the databases are on."""
    return {
        "date": time.strftime("%Y-%m-%d"),
        "cores": str(os.cpu_count()),
        "processor": _first("/proc/cpuinfo", "model name") or platform.machine(),
        "memory": f"{int(_first('/proc/meminfo', 'MemTotal').split()[0]) / 2**20:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "fdatasync": f"{sync_ms(folder):.2f} ms",
        "load at the start": load(os.getloadavg()[0]),
    }


def load(average: float) -> str:
    """The load average of the last minute, as the tables tell it; a warning where the figures mean little."""
    if average < IDLE:
        return f"{average:.2f}"
    told = f"{average:.2f}: **the machine was not idle**, these figures are not to be relied on"
    print(f"bench: THE MACHINE IS NOT IDLE: its load average is {average:.2f}; figures want less than {IDLE}. "
          "Wait until it has nothing else to do, then run it again", file=sys.stderr)  # fmt: skip
    return told


def sync_ms(folder: pathlib.Path) -> float:
    """How long 8 KiB take to the disk in a file that has its size already: the median."""
    page = os.urandom(8192)
    pages = 256
    path = folder / "sync"
    with open(path, "wb", buffering=0) as file:
        file.write(page * pages)
        os.fsync(file.fileno())
        took = []
        for number in range(pages):
            start = time.perf_counter()
            os.pwrite(file.fileno(), page, number * len(page))
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - start)
    path.unlink()
    return statistics.median(took) * 1000


def forget(paths: typing.Iterable[pathlib.Path]) -> None:
    """Takes files that nobody has open out of the system's memory."""
    for path in paths:
        if path.is_file():
            with open(path, "rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _first(path: str, key: str) -> str:
    with open(path) as lines:
        return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(key)), "")
