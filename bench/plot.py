"""The plot of a run: throughput and latency against callers in flight, the engine beside plain calls."""

import pathlib

import matplotlib

matplotlib.use("Agg")  # a file, no window
import matplotlib.pyplot as plt  # noqa: E402

import figures  # noqa: E402

STYLES = {"engine": "-o", "raw": "--s"}
COLOURS = {
    "engine, queue": "tab:blue",
    "engine, threads": "tab:green",
    "raw, a connection each": "tab:orange",
    "raw, one batch of all": "tab:gray",
}


def draw(run: figures.Run, path: pathlib.Path) -> None:
    plot, panels = plt.subplots(len(run.curves), 2, figsize=(12, 4.5 * len(run.curves)), squeeze=False)
    for (store, lines), (rates, latencies) in zip(run.curves.items(), panels):
        _rates(rates, store, lines)
        _latencies(latencies, store, lines)
    machine = run.machine
    plot.suptitle(f"{machine['date']}, {machine['cores']} cores, fdatasync {machine['fdatasync']}", fontsize=10)
    plot.tight_layout()
    plot.savefig(path, dpi=110)
    plt.close(plot)


def _rates(panel: plt.Axes, store: str, lines: dict[str, figures.Line]) -> None:
    for name, line in lines.items():
        panel.plot(list(line), [point[0] for point in line.values()], _style(name), color=COLOURS[name], label=name)
    panel.set_title(f"{store}: durable appends with version check")
    panel.set_ylabel("events a second")
    panel.set_ylim(bottom=0)
    _finish(panel, lines)


def _latencies(panel: plt.Axes, store: str, lines: dict[str, figures.Line]) -> None:
    for name, line in lines.items():
        median = [point[1] for point in line.values()]
        panel.plot(list(line), median, _style(name), color=COLOURS[name], label=f"{name}, p50")
        panel.plot(list(line), [point[2] for point in line.values()], ":", color=COLOURS[name], label=f"{name}, p99")
    panel.set_title(f"{store}: time of one append")
    panel.set_ylabel("ms")
    panel.set_yscale("log")
    _finish(panel, lines)


def _finish(panel: plt.Axes, lines: dict[str, figures.Line]) -> None:
    ticks = sorted({callers for line in lines.values() for callers in line})
    panel.set_xscale("log", base=2)
    panel.set_xticks(ticks, [str(tick) for tick in ticks])
    panel.set_xlabel("callers in flight")
    panel.grid(alpha=0.3)
    panel.legend(fontsize=7)


def _style(name: str) -> str:
    return STYLES[name.split(",")[0]]
