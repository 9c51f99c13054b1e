#!/usr/bin/env python3
"""Runs one command as one test case: it passes when the command exits with 0."""

import argparse
import pathlib
import shutil
import subprocess
import sys
import time

import junit


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--xml", required=True, help="the JUnit file to write")
    parser.add_argument("--empty", type=pathlib.Path, help="a folder to make anew for the command")
    parser.add_argument("name")
    parser.add_argument("command", nargs="+")
    args = parser.parse_args()

    if args.empty:
        shutil.rmtree(args.empty, ignore_errors=True)
        args.empty.mkdir(parents=True)
    start = time.monotonic()
    done = subprocess.run(
        args.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
    )
    seconds = time.monotonic() - start
    output = done.stdout.decode("utf-8", "replace")
    sys.stdout.write(output)
    outcome = junit.PASSED if done.returncode == 0 else junit.FAILED
    text = f"exit status {done.returncode}\n{output[-4000:]}"
    junit.write(args.xml, args.name, [junit.Case(args.name, outcome, text, seconds)])
    return 0 if done.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
