#!/usr/bin/env python3
"""Runs the long forms of the tests that try to break the engine, round after round, each with another seed.

    soak.py [--version 16] [--rounds N] [--seconds S]     from where the last run stopped
    soak.py [--version 16] --only breaks --seed 7         one test again; nothing is noted

A line of JSON for each test that came to its end goes to build/soak/VERSION.jsonl: what, seed, result, seconds, date. The next
start goes on behind the last of them; whoever wants to begin anew removes the file. Ctrl-C ends it, and what was under way is
run again. The first failure ends it as well, with exit status 1 and the command that repeats it; its output stays beside
the lines.
"""

import argparse
import dataclasses
import datetime
import json
import os
import pathlib
import shlex
import signal
import subprocess
import sys
import time

SOURCE = pathlib.Path(__file__).resolve().parent.parent
BUILD = SOURCE / "build" / "dev"
FOLDER = SOURCE / "build" / "soak"
# A test that hangs is a failure.
PATIENCE = 3_600


@dataclasses.dataclass(frozen=True)
class Test:
    name: str
    command: list[str]
    environment: dict[str, str] = dataclasses.field(default_factory=dict)


def with_server(program: str, filter_: str, environment: dict[str, str]) -> list:
    command = [sys.executable, f"{SOURCE}/tests/support/postgres.py", "run", "--conf", "fsync=off", "--"]
    command += [f"{BUILD}/bin/{program}", f"--gtest_filter={filter_}"]
    return [command, environment]


def races(times: int) -> dict[str, str]:
    return {"EVENTSOURCE_RACES": str(times)}


def imports(script: str) -> list:
    program = {"EVENTSOURCE_PROGRAM": f"{BUILD}/bin/eventsource", "EVENTSOURCE_KILL_MOMENTS": "20"}
    return [[sys.executable, f"{SOURCE}/tests/cli/{script}"], program]


TESTS = [
    Test("breaks", *with_server("started_tests", "*Broken.AtEvery*:*Naive*", races(3))),
    Test("breaks_of_two", *with_server("started_tests", "*Broken.OfTwo*", races(2))),
    Test("breaks_of_one_in_a_hurry", *with_server("started_tests", "*Broken.OnlyWhose*", races(2))),
    Test("restarts", *with_server("started_tests", "*Restarted*", races(4))),
    Test("kills", *with_server("started_tests", "*Killed*:OtherCopy*", races(10))),
    Test("power", *with_server("started_tests", "Power*", races(20))),
    Test("floods", *with_server("started_tests", "*Flood*:*ExactlyOnce*:InLine*", races(10))),
    Test("races", *with_server("postgres_tests", "Race.*:HotStreams.*:Outcome.*:Kill.*", races(5))),
    Test("forks", *with_server("fork_tests", "*", {"EVENTSOURCE_FORKS": "1000"})),
    Test("imports", *imports("test_kill.py")),
    Test("imports_postgres", *imports("test_kill_postgres.py")),
]


class Interrupted(Exception):
    pass


class Stop:
    """Ctrl-C or a SIGTERM: the test under way is ended in order, and by force at the second."""

    def __init__(self):
        self.asked = 0
        self.child: subprocess.Popen | None = None

    def listen(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.ask)

    def ask(self, _number, _frame):
        self.asked += 1
        if self.child is not None:
            self.end_child()

    def end_child(self):
        if self.asked > 1:
            kill_all(self.child)
        else:
            self.child.send_signal(signal.SIGTERM)


def kill_all(child: subprocess.Popen):
    """Also what it has left."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run(test: Test, seed: int, version: str, log: pathlib.Path, stop: Stop) -> str:
    """"passed", or how it failed. Interrupted when it was stopped."""
    environment = {**os.environ, **test.environment, "EVENTSOURCE_SEED": str(seed)}
    environment |= {"EVENTSOURCE_SOURCE_DIR": str(SOURCE), "EVENTSOURCE_BUILD_DIR": str(BUILD)}
    if version != "default":
        environment["EVENTSOURCE_TEST_POSTGRES_VERSION"] = version
    if stop.asked:
        raise Interrupted
    with open(log, "wb") as output:
        # In a session of its own: Ctrl-C comes here alone.
        child = subprocess.Popen(
            test.command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    stop.child = child
    if stop.asked:  # before there was a child to end
        stop.end_child()
    try:
        status = child.wait(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        status = None
    stop.child = None
    kill_all(child)
    child.wait()
    if stop.asked:
        raise Interrupted
    if status is None:
        return f"failed: it hung for {PATIENCE} s"
    return "passed" if status == 0 else f"failed: exit status {status}"


def finished(lines: pathlib.Path) -> list[dict]:
    if not lines.exists():
        return []
    text = lines.read_text(encoding="utf-8")
    whole = text[: text.rfind("\n") + 1]
    if whole != text:  # the last one was cut off by a power loss or a full disk
        lines.write_text(whole, encoding="utf-8")
    return [json.loads(line) for line in whole.splitlines()]


def following(tests: list[Test], done: list[dict]) -> tuple[int, int]:
    """The index of the test that is next, and its seed."""
    names = [test.name for test in tests]
    if not done:
        return 0, 1
    last = done[-1]
    index = names.index(last["what"]) + 1 if last["what"] in names else len(names)
    return (index, last["seed"]) if index < len(names) else (0, last["seed"] + 1)


def repeat_command(test: Test, seed: int, version: str) -> str:
    words = ["tools/soak.py", "--only", test.name, "--seed", str(seed)]
    return shlex.join(words + (["--version", version] if version != "default" else []))


def tell_failure(test: Test, seed: int, version: str, log: pathlib.Path):
    print("\n".join(log.read_text(errors="replace").splitlines()[-40:]))
    print(f"soak: {test.name} failed with seed {seed}; its output is in {log}")
    print(f"soak: to repeat it: {repeat_command(test, seed, version)}", flush=True)


def soak(
    tests: list[Test], folder: pathlib.Path, version: str, rounds: int | None, seconds: float | None, stop: Stop
) -> int:
    lines = folder / f"{version}.jsonl"
    index, seed = following(tests, finished(lines))
    first = seed
    start = time.monotonic()
    while rounds is None or seed < first + rounds:
        if seconds is not None and time.monotonic() - start >= seconds:
            break
        test = tests[index]
        log = folder / f"{version}-{test.name}-{seed}.log"
        began = time.monotonic()
        result = run(test, seed, version, log, stop)
        line = {
            "what": test.name,
            "seed": seed,
            "result": result,
            "seconds": round(time.monotonic() - began, 1),
            "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        }
        with open(lines, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        print(f"soak: {test.name}, seed {seed}: {result}, {line['seconds']} s", flush=True)
        if result != "passed":
            tell_failure(test, seed, version, log)
            return 1
        log.unlink()
        index += 1
        if index == len(tests):
            index, seed = 0, seed + 1
    return 0


def repeat(test: Test, seed: int, folder: pathlib.Path, version: str, stop: Stop) -> int:
    log = folder / f"{version}-{test.name}-{seed}.log"
    result = run(test, seed, version, log, stop)
    print(f"soak: {test.name}, seed {seed}: {result}", flush=True)
    if result == "passed":
        log.unlink()
        return 0
    tell_failure(test, seed, version, log)
    return 1


def main(tests: list[Test] = TESTS, folder: pathlib.Path = FOLDER) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", default="default", help="of PostgreSQL; Debian's own without it")
    parser.add_argument("--rounds", type=int, help="of all tests; the first may be the rest of one")
    parser.add_argument("--seconds", type=float, help="start no test after this time")
    parser.add_argument("--only", choices=[test.name for test in tests])
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()

    stop = Stop()
    stop.listen()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if arguments.only:
            test = next(test for test in tests if test.name == arguments.only)
            return repeat(test, arguments.seed, folder, arguments.version, stop)
        return soak(tests, folder, arguments.version, arguments.rounds, arguments.seconds, stop)
    except Interrupted:
        print("soak: stopped; the next start goes on here", flush=True)
        return 130


if __name__ == "__main__":
    sys.exit(main())
