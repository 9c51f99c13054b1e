"""The figures of all rounds: medians, ratios, and the files and tables made of them."""

import dataclasses
import json
import pathlib
import statistics


@dataclasses.dataclass(frozen=True)
class Result:
    """One line of the table: a rate of each round on both sides, or a time (`less_is_better`). A ratio above 1 means that
    the engine is better."""

    name: str
    unit: str
    engine: list[float]
    baseline: list[float]
    target: float | None
    less_is_better: bool = False

    @property
    def ratios(self) -> list[float]:
        pairs = zip(self.engine, self.baseline)
        return [other / mine if self.less_is_better else mine / other for mine, other in pairs]

    def summary(self) -> dict[str, object]:
        return {
            "name": self.name,
            "unit": self.unit,
            "engine": statistics.median(self.engine),
            "baseline": statistics.median(self.baseline),
            "ratio": statistics.median(self.ratios),
            "target": self.target,
        }


# Callers in flight to rate, p50 and p99 in milliseconds, by line of the plot.
Line = dict[int, tuple[float, float, float]]


@dataclasses.dataclass(frozen=True)
class Run:
    """Everything that a run of the bench has found; a file keeps it."""

    machine: dict[str, str]
    results: list[Result]
    curves: dict[str, dict[str, Line]]  # by store

    def write(self, folder: pathlib.Path) -> None:
        """engine.json is for others; run.json keeps every round."""
        brief = {"machine": self.machine, "results": [result.summary() for result in self.results]}
        (folder / "engine.json").write_text(json.dumps(brief, indent=1) + "\n")
        (folder / "run.json").write_text(json.dumps(dataclasses.asdict(self), indent=1) + "\n")


def read(path: pathlib.Path) -> Run:
    kept = json.loads(path.read_text())
    curves = {
        store: {name: {int(callers): tuple(point) for callers, point in line.items()} for name, line in lines.items()}
        for store, lines in kept["curves"].items()
    }
    return Run(kept["machine"], [Result(**result) for result in kept["results"]], curves)


def tables(run: Run) -> str:
    """As Markdown."""
    parts = [_machine(run.machine), _ratios(run.results)]
    parts += [_curve(store, lines) for store, lines in run.curves.items()]
    return "\n\n".join(parts)


BEGIN = "<!-- What make bench found; bench/write_docs.py puts it here. -->"
END = "<!-- End of what make bench found. -->"


def put_into(page: str, run: Run) -> str:
    """The page with the tables of the run between the marks."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{tables(run)}\n\n{END}{after}"


def _machine(machine: dict[str, str]) -> str:
    return "\n".join(["| | |", "|---|---|"] + [f"| {key} | {value} |" for key, value in machine.items()])


def _ratios(results: list[Result]) -> str:
    lines = ["| work | engine | against | ratio (min–max) | at least |", "|---|---|---|---|---|"]
    for result in results:
        low, high = min(result.ratios), max(result.ratios)
        lines.append(
            f"| {result.name} | {_spread(result.engine)} {result.unit} | {_spread(result.baseline)} "
            f"| {_verdict(result)} ({low:.2f}–{high:.2f}) | {'' if result.target is None else result.target} |"
        )
    return "\n".join(lines)


def _verdict(result: Result) -> str:
    ratio = statistics.median(result.ratios)
    is_short = result.target is not None and ratio < result.target
    return f"**{ratio:.2f}**" if is_short else f"{ratio:.2f}"


def _spread(rates: list[float]) -> str:
    return f"{statistics.median(rates):,.0f} ({min(rates):,.0f}–{max(rates):,.0f})"


def _curve(store: str, lines: dict[str, Line]) -> str:
    numbers = sorted({callers for line in lines.values() for callers in line})
    out = [
        f"{store}, events a second and the median and 99th percentile of an append in ms:\n",
        "| in flight | " + " | ".join(lines) + " |",
        "|---" * (len(lines) + 1) + "|",
    ]
    for callers in numbers:
        cells = [_point(line[callers]) if callers in line else "" for line in lines.values()]
        out.append(f"| {callers} | " + " | ".join(cells) + " |")
    return "\n".join(out)


def _point(point: tuple[float, float, float]) -> str:
    rate, p50, p99 = point
    return f"{rate:,.0f} · {p50:.2f} · {p99:.2f}"
