"""Puts what `make bench` found last into docs/performance.md.

The figures are kept beside the page (performance.json, performance.png); a test holds the two together.
"""

import pathlib
import shutil

import figures

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main() -> None:
    build, docs = ROOT / "build/bench", ROOT / "docs"
    shutil.copy(build / "run.json", docs / "performance.json")
    shutil.copy(build / "callers.png", docs / "performance.png")
    page = docs / "performance.md"
    page.write_text(figures.put_into(page.read_text(), figures.read(docs / "performance.json")))


if __name__ == "__main__":
    main()
