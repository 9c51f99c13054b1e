#!/usr/bin/env python3
"""Counts the cases of all runners.

Each folder is a build tree in which `ctest --output-junit ctest.xml` ran; its runners wrote their
cases into results/. The last line is `N passed, N failed, N skipped`. The exit status is 1 when
something failed, and the following count as failures, each as one:
  a runner that did not end well although no case of it failed (a crash, a sanitizer's report),
  a runner that left no results, half a file, or no case,
  a skip that is not on the list of allowed skips,
  a build tree without ctest's own results, and each --failed-step.
"""

import argparse
import pathlib
import sys
import xml.etree.ElementTree as ET

import junit


def read_allowed_skips(path):
    """Lines of `runner test reason...`; the reason is required."""
    allowed = set()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        words = line.split(maxsplit=2)
        if len(words) != 3:
            raise SystemExit(f"{path}:{number}: wants `runner test-name reason`")
        allowed.add((words[0], words[1]))
    return allowed


def read_runner(results, name):
    """The cases of one runner, and what is wrong with its files."""
    cases, problems = [], []
    files = sorted({*results.glob(f"{name}.xml"), *results.glob(f"{name}.*.xml")})
    if not files:
        problems.append("wrote no results")
    for file in files:
        try:
            cases += junit.read(file)
        except ET.ParseError as error:
            problems.append(f"{file.name} is broken: {error}")
    if files and not problems and not cases:
        problems.append("ran no test")
    return cases, problems


def read_tree(tree):
    """(runner, cases) of each runner that ctest ran in one build tree."""
    try:
        runners = junit.read(tree / "ctest.xml")
    except (OSError, ET.ParseError) as error:
        return [(str(tree), [junit.Case("ctest", junit.FAILED, f"no result of ctest: {error}")])]
    if not runners:
        return [(str(tree), [junit.Case("ctest", junit.FAILED, "ctest knows no runner here")])]
    out = []
    for runner in runners:
        name = runner.name.rsplit(".", 1)[-1]
        cases, problems = read_runner(tree / "results", name)
        if runner.outcome != junit.PASSED and not problems:
            if all(case.outcome != junit.FAILED for case in cases):
                problems.append(f"ended badly, though no case failed: {runner.text}")
        cases += [junit.Case("(runner)", junit.FAILED, problem) for problem in problems]
        out.append((f"{tree.name}/{name}", cases))
    return out


def refuse_skips(runner, cases, allowed):
    name = runner.rsplit("/", 1)[-1]
    for case in cases:
        if case.outcome == junit.SKIPPED and (name, case.name) not in allowed:
            case.outcome = junit.FAILED
            case.text = f"skipped, and not on the list of allowed skips: {case.text}"


def count(cases, outcome):
    return sum(case.outcome == outcome for case in cases)


def line(cases):
    return ", ".join(f"{count(cases, o)} {o}" for o in (junit.PASSED, junit.FAILED, junit.SKIPPED))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--allowed-skips", type=pathlib.Path, required=True)
    parser.add_argument("--failed-step", action="append", default=[], metavar="NAME")
    parser.add_argument("trees", nargs="*", type=pathlib.Path)
    args = parser.parse_args()

    allowed = read_allowed_skips(args.allowed_skips)
    runners = [entry for tree in args.trees for entry in read_tree(tree)]
    runners += [
        (step, [junit.Case("(step)", junit.FAILED, "failed; its output is above")])
        for step in args.failed_step
    ]
    everything = []
    for runner, cases in runners:
        refuse_skips(runner, cases, allowed)
        seconds = sum(case.seconds for case in cases)
        print(f"{runner:40} {line(cases)}  {seconds:.1f} s")
        everything += cases
    for runner, cases in runners:
        for case in cases:
            if case.outcome == junit.FAILED:
                print(f"FAILED {runner} {case.name}: {case.text.strip()}")
    if not everything:
        everything.append(junit.Case("(summary)", junit.FAILED))
        print("FAILED nothing ran")
    print(line(everything))
    return 1 if count(everything, junit.FAILED) else 0


if __name__ == "__main__":
    sys.exit(main())
