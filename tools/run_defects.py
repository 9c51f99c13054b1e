#!/usr/bin/env python3
"""Plants each seeded defect and expects the tests to see it.

The lists are tests/conformance/defects.txt, for the vectors, and tests/fork/defects.txt, for the tests of
forks: `name  what it breaks`. A defect is a condition with ES_DEFECT(name) in a source of core/ or capi/.
One build has them all, and the environment plants one at a time. The tests must pass without a defect
and fail with it; a crash or a hang names no test, so it does not count as seen.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET

import junit

ROOT = pathlib.Path(__file__).resolve().parent.parent
# The program that must see what is on a list.
LISTS = {"tests/conformance/defects.txt": "conformance_cpp", "tests/fork/defects.txt": "fork_tests"}
SECONDS_A_RUN = 120
MARK = re.compile(r"ES_DEFECT\(([a-z0-9_]+)\)")


class Trouble(Exception):
    """What keeps a defect from being judged; the text is for the reader."""


def read_lists():
    """The program for each defect."""
    defects = {}
    for file, program in LISTS.items():
        path = ROOT / file
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        for number, line in enumerate(lines, 1):
            if not line.strip() or line.startswith("#"):
                continue
            name, _, what = line.partition(" ")
            if not what.strip() or name in defects:
                raise SystemExit(f"{path}:{number}: wants `name  what it breaks`, each name once")
            defects[name] = program
    return defects


def compare_with_sources(defects):
    """One line for each defect that is only on the list or only in the sources."""
    problems, seen = [], set()
    for top in ("core", "capi"):
        for file in sorted((ROOT / top).rglob("*")):
            if file.suffix not in (".cpp", ".hpp", ".h"):
                continue
            if file == ROOT / "core/base/defect.hpp":  # what defines the mark
                continue
            seen |= set(MARK.findall(file.read_text(encoding="utf-8")))
    problems += [f"{name} is on the list but in no source" for name in sorted(defects.keys() - seen)]
    problems += [f"{name} is in a source but not on the list" for name in sorted(seen - defects.keys())]
    return problems


def build():
    for step in (["cmake", "--preset", "defects"], ["cmake", "--build", "--preset", "defects"]):
        done = subprocess.run(step, cwd=ROOT, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(step)} failed:\n{done.stdout[-3000:]}{done.stderr[-1000:]}")


def is_slow(defect):
    return defect.startswith("postgresql_")


def backends_of(defect):
    """A defect of one backend is looked for there; the slow one is left out where the others will do."""
    return "postgresql" if is_slow(defect) else "memory,sqlite"


def failed_tests(program, defect, filter_):
    """The name of the first test that fails with this defect, if one does. The tests end there."""
    # Each vector commits to a file of its own: in memory where the system has such a folder.
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        xml = pathlib.Path(folder, "results.xml")
        command = [
            str(ROOT / "build/defects/bin" / program),
            f"--gtest_output=xml:{xml}",
            "--gtest_fail_fast",
        ]
        if not filter_ and is_slow(defect):
            # The largest theme: what it asks is decided by code that the backends share.
            filter_ = "-decision.*"
        if filter_:
            command.append(f"--gtest_filter={filter_}")
        # Broken code may write anywhere it can name; let it do so in the temporary folder.
        environment = {
            **os.environ,
            "TMPDIR": folder,
            "EVENTSOURCE_SOURCE_DIR": str(ROOT),
            "EVENTSOURCE_DEFECT": defect,
            "EVENTSOURCE_CONFORMANCE_BACKENDS": backends_of(defect),
        }
        try:
            done = subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, timeout=SECONDS_A_RUN
            )
            cases = junit.read(xml)
        except subprocess.TimeoutExpired as error:
            raise Trouble(f"hangs: no end after {SECONDS_A_RUN} s") from error
        except (OSError, ET.ParseError) as error:
            raise Trouble(f"crashes: exit status {done.returncode}, no results") from error
    if not cases:
        raise Trouble("runs no test")
    failed = [case.name for case in cases if case.outcome == junit.FAILED]
    if bool(failed) != (done.returncode != 0):
        raise Trouble(f"exit status {done.returncode} with {len(failed)} failed tests")
    return failed


def judge(name, program, filter_):
    """One case: passed when some test saw the defect."""
    start = time.monotonic()
    try:
        killers = failed_tests(program, name, filter_)
    except Trouble as trouble:
        return junit.Case(name, junit.FAILED, f"{name} {trouble}"), "-"
    seconds = time.monotonic() - start
    if not killers:
        return junit.Case(name, junit.FAILED, f"{name} survives: no test fails", seconds), "survives"
    return junit.Case(name, junit.PASSED, seconds=seconds), killers[0]


def check_baseline(program, filter_):
    start = time.monotonic()
    try:
        broken = failed_tests(program, "", filter_)
        problem = f"tests fail without a defect: {', '.join(broken)}" if broken else ""
    except Trouble as trouble:
        problem = f"without a defect the run {trouble}"
    outcome = junit.FAILED if problem else junit.PASSED
    return junit.Case(f"no defect in {program}", outcome, problem, time.monotonic() - start)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--xml", help="the JUnit file to write")
    parser.add_argument("--filter", default="", help="a --gtest_filter for the tests")
    parser.add_argument("names", nargs="*", help="defects to try (default: all)")
    args = parser.parse_args()

    defects = read_lists()
    problems = compare_with_sources(defects)
    text = "\n".join(problems)
    cases = [junit.Case("list", junit.FAILED if problems else junit.PASSED, text)]
    build()
    names = list(args.names or defects)
    if unknown := set(names) - defects.keys():
        parser.error(f"no such defect: {', '.join(sorted(unknown))}")
    baselines = [check_baseline(program, args.filter) for program in sorted({defects[name] for name in names})]
    cases += baselines
    if all(case.outcome == junit.PASSED for case in baselines):
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as runs:
            judged = runs.map(lambda name: judge(name, defects[name], args.filter), names)
            for name, (case, killers) in zip(names, judged):
                cases.append(case)
                print(f"{name:28} {killers}", flush=True)
    failed = [case for case in cases if case.outcome == junit.FAILED]
    for case in failed:
        print(f"FAILED {case.text}")
    print(f"{len(cases) - 1 - len(baselines)} defects, {len(failed)} problems")
    if args.xml:
        junit.write(args.xml, "defects", cases)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
