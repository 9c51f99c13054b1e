#!/usr/bin/env python3
"""Writes sql/postgres/all.sql: all.sql.in with the files that its --include lines name.

With --check it writes nothing and fails where the file is not what it would write.
"""

import argparse
import pathlib
import re
import sys
import textwrap

INCLUDE = re.compile(r"^( *)--include (\S+)\n", re.MULTILINE)
NOTE = "-- Made by tools/assemble_sql.py from all.sql.in and the files beside it.\n"


def assemble(folder: pathlib.Path) -> str:
    """all.sql of the folder. An included file keeps its text and takes the indent of its --include line."""

    def included(line: re.Match[str]) -> str:
        text = (folder / line[2]).read_text(encoding="utf-8")
        return textwrap.indent(text, line[1])

    return NOTE + INCLUDE.sub(included, (folder / "all.sql.in").read_text(encoding="utf-8"))


def main() -> int:
    root = pathlib.Path(__file__).resolve().parents[1]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=root / "sql/postgres")
    args = parser.parse_args()

    target = args.folder / "all.sql"
    wanted = assemble(args.folder)
    if target.is_file() and target.read_text(encoding="utf-8") == wanted:
        return 0
    if args.check:
        print(f"{target} is not current: run tools/assemble_sql.py", file=sys.stderr)
        return 1
    target.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
