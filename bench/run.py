"""Measures the engine beside plain libpq and sqlite3 calls, and the engine on a large table beside itself on a small one.

Prints tables, and writes engine.json, run.json (every round) and callers.png to the build tree.
"""

import argparse
import pathlib
import shutil
import sys
import tempfile

import beside
import big
import figures
import log
import machine
import plot
import samples
import works
from on_postgres import Postgres
from on_sqlite import Sqlite
from programs import Failed
from rounds import Bench

ROOT = pathlib.Path(__file__).resolve().parent.parent
STORES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
ROWS = {"SQLite": works.SQLITE, "PostgreSQL": works.POSTGRESQL}


def measure(args: argparse.Namespace, folder: pathlib.Path) -> figures.Run:
    sizes = works.QUICK if args.quick else works.FULL
    events = samples.of_file(args.events) if args.events else samples.generated()
    samples.write(events, folder / "samples")
    for part in sizes.log:
        streams = log.some_streams(part, sizes.loads)
        works.streams_file(folder, part).write_text("".join(f"{stream} {part.length}\n" for stream in streams))
    found = figures.Run(machine.facts(folder), [], {})
    for name in [STORES[args.store]] if args.store else STORES.values():
        measure_store(name, args, sizes, events, folder, found)
    found.machine["events"] = args.events.name if args.events else f"generated, {len(events):,} different"
    found.machine["rounds"] = str(sizes.rounds)
    return found


def measure_store(
    name: str,
    args: argparse.Namespace,
    sizes: works.Sizes,
    events: list[samples.Sample],
    folder: pathlib.Path,
    found: figures.Run,
) -> None:
    with Sqlite(args.build, folder) if name == "SQLite" else Postgres(args.build) as store:
        found.machine.update(store.about())
        url = store.fill("log", log.events(sizes.log, events))
        bench = Bench(name, store, url, works.works(sizes, folder), args.build)
        found.results.extend(bench.measure(ROWS[name], sizes.rounds))
        found.curves[name] = bench.curve(sizes, folder)
        if name == "SQLite":
            found.results.extend(beside.measure(name, store, sizes, args.build, folder))
        if args.big and name == "PostgreSQL":
            found.results.extend(big.measure(name, store, events, sizes.rounds, args.build, folder))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/bench")
    parser.add_argument("--store", choices=STORES, help="one of the two")
    parser.add_argument("--events", type=pathlib.Path, help="take types, actors and data from this file")
    parser.add_argument("--quick", action="store_true", help="a look, in less than three minutes")
    parser.add_argument("--big", action="store_true", help="with ten million rows on PostgreSQL, in 15 GiB")
    args = parser.parse_args()
    if args.big and args.store != "sqlite" and shutil.disk_usage(tempfile.gettempdir()).free < big.DISK_BYTES:
        sys.exit(f"bench: ten million rows want 15 GiB in {tempfile.gettempdir()}; BIG=0 leaves them out")
    try:
        with tempfile.TemporaryDirectory(prefix="eventsource-bench-") as folder:
            found = measure(args, pathlib.Path(folder))
    except Failed as failed:
        sys.exit(f"bench: {failed}")
    found.write(args.build)
    plot.draw(found, args.build / "callers.png")
    print(figures.tables(found))


if __name__ == "__main__":
    main()
