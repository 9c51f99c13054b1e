"""Runs the engine and the raw programs in turn and prints their medians and ratios.

The source is made by `eventsource import` from --events (by default the flights of the demo). In each round the engine
and the raw program do the same work one after the other; a ratio above 1 means that the engine is faster. The same
figures are written to <build>/engine.json, those of PostgreSQL to <build>/engine_postgresql.json.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import statistics
import sys

from on_postgres import Postgres
from on_sqlite import Sqlite
from programs import Figures, Row

ROOT = pathlib.Path(__file__).resolve().parent.parent
STORES = {"sqlite": Sqlite, "postgresql": Postgres}


def machine() -> str:
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "")
    return f"{os.cpu_count()} cores, {model or platform.machine()}, {platform.system()} {platform.release()}"


def measure(store: Sqlite | Postgres, rounds: int) -> tuple[list[Figures], list[Figures]]:
    engine, raw = [], []
    for number in range(rounds + 1):
        pair = store.round()
        # The first round warms the caches.
        if number:
            engine.append(pair[0])
            raw.append(pair[1])
            print(f"round {number} of {rounds} done", file=sys.stderr)
    return engine, raw


def summarise(rows: list[Row], engine: list[Figures], raw: list[Figures]) -> list[dict[str, object]]:
    results = []
    for row in rows:
        mine = [one[row.engine] for one in engine]
        base = [one[row.raw] for one in raw]
        ratios = [a / b for a, b in zip(mine, base)]
        results.append(
            {
                "name": row.name,
                "unit": "events/s",
                "engine": statistics.median(mine),
                "baseline": statistics.median(base),
                "ratio": statistics.median(ratios),
                "ratio_min": min(ratios),
                "ratio_max": max(ratios),
                "target": row.target,
            }
        )
    return results


def table(results: list[dict[str, object]], baseline: str) -> str:
    lines = [f"| work | engine | {baseline} | ratio (min–max) | target |", "|---|---|---|---|---|"]
    for row in results:
        target = "" if row["target"] is None else row["target"]
        lines.append(
            f"| {row['name']} | {row['engine']:,.0f}/s | {row['baseline']:,.0f}/s "
            f"| {row['ratio']:.2f} ({row['ratio_min']:.2f}–{row['ratio_max']:.2f}) | {target} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/bench")
    parser.add_argument("--events", type=pathlib.Path, default=ROOT / "examples/data/flights.ndjson.gz")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--store", choices=STORES, default="sqlite")
    args = parser.parse_args()
    with STORES[args.store](args.build, args.events) as store:
        engine, raw = measure(store, args.rounds)
    results = summarise(store.rows, engine, raw)
    about = machine() + store.about
    print(
        f"{datetime.date.today()}, {about}, medians of {args.rounds} rounds, {args.events.name}\n\n"
        f"{table(results, store.baseline)}"
    )
    (args.build / store.results).write_text(json.dumps({"machine": about, "results": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
