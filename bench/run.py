"""Runs the engine and the raw programs in turn and prints their medians and ratios.

The source is made by `eventsource import` from --events (by default the flights of the demo). Each round runs both programs
one after the other in fresh folders beside each other; a ratio above 1 means that the engine is faster. The same
figures are written to <build>/engine.json.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent

# name, the engine's figure, the raw figure that it is held against, the target of the ratio
ROWS = [
    ("single append, FULL", "single_append", "single_append", 0.9),
    ("append of 1,000 against checked inserts", "batch_1000", "batch_1000", 0.9),
    ("append of 1,000 against unchecked inserts", "batch_1000", "batch_1000_unchecked", None),
    ("full read", "full_read", "full_read", 0.8),
]


def machine() -> str:
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "")
    return f"{os.cpu_count()} cores, {model or platform.machine()}, {platform.system()} {platform.release()}"


def figures(program: pathlib.Path, source: pathlib.Path, scratch: pathlib.Path) -> dict[str, float]:
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    out = subprocess.run([program, source, scratch], check=True, capture_output=True, text=True).stdout
    return {name: float(value) for name, value, _ in (line.split() for line in out.splitlines())}


def measure(args: argparse.Namespace, folder: pathlib.Path) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
    source = folder / "source.db"
    url = f"sqlite:///{source}"
    subprocess.run([args.build / "bin/eventsource", "--store", url, "import", args.events], check=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    engine, raw = [], []
    for number in range(args.rounds + 1):
        pair = (
            figures(args.build / "bin/engine_sqlite", source, folder / "engine"),
            figures(args.build / "bin/raw_sqlite", source, folder / "raw"),
        )
        # The first round warms the caches.
        if number:
            engine.append(pair[0])
            raw.append(pair[1])
            print(f"round {number} of {args.rounds} done", file=sys.stderr)
    return engine, raw


def summarise(engine: list[dict[str, float]], raw: list[dict[str, float]]) -> list[dict[str, object]]:
    results = []
    for name, ours, theirs, target in ROWS:
        mine = [one[ours] for one in engine]
        base = [one[theirs] for one in raw]
        ratios = [a / b for a, b in zip(mine, base)]
        results.append(
            {
                "name": name,
                "unit": "events/s",
                "engine": statistics.median(mine),
                "baseline": statistics.median(base),
                "ratio": statistics.median(ratios),
                "ratio_min": min(ratios),
                "ratio_max": max(ratios),
                "target": target,
            }
        )
    return results


def table(results: list[dict[str, object]]) -> str:
    lines = ["| work | engine | raw sqlite3 | ratio (min–max) | target |", "|---|---|---|---|---|"]
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
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="eventsource-bench-") as folder:
        engine, raw = measure(args, pathlib.Path(folder))
    results = summarise(engine, raw)
    about = machine()
    print(f"{datetime.date.today()}, {about}, medians of {args.rounds} rounds, {args.events.name}\n\n{table(results)}")
    (args.build / "engine.json").write_text(json.dumps({"machine": about, "results": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
