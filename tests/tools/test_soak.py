"""tools/soak.py goes on where it stopped, notes what came to its end, and tells how to repeat a failure."""

import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"

# Two tests: `first` writes down its seed and its version, `second` does what the file `second.sh` says.
DRIVER = """
import pathlib, sys
sys.path.insert(0, {tools!r})
import soak
folder = pathlib.Path({folder!r})
first = f"echo first $EVENTSOURCE_SEED $MORE $EVENTSOURCE_TEST_POSTGRES_VERSION >> {{folder}}/said"
tests = [
    soak.Test("first", ["sh", "-c", first], {{"MORE": "more"}}),
    soak.Test("second", ["sh", f"{{folder}}/second.sh"]),
]
sys.exit(soak.main(tests, folder))
"""


class Soak(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.driver = DRIVER.format(tools=str(TOOLS), folder=folder.name)
        self.second("true")

    def second(self, script: str):
        (self.folder / "second.sh").write_text(f"cd {self.folder}\n{script}\n")

    def start(self, *arguments: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-c", self.driver, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        return process

    def run_soak(self, *arguments: str) -> tuple[int, str]:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=60)
        self.assertEqual(err, "")
        return process.returncode, out

    def lines(self, version: str = "default") -> list[tuple[str, int, str]]:
        file = self.folder / f"{version}.jsonl"
        lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        for line in lines:
            self.assertEqual(set(line), {"what", "seed", "result", "seconds", "date"})
        return [(line["what"], line["seed"], line["result"]) for line in lines]

    def said(self) -> list[str]:
        return [line.strip() for line in (self.folder / "said").read_text().splitlines()]

    def test_rounds_have_seeds_of_their_own_and_are_noted(self):
        self.assertEqual(self.run_soak("--rounds", "2")[0], 0)
        expected = [("first", 1, "passed"), ("second", 1, "passed"), ("first", 2, "passed"), ("second", 2, "passed")]
        self.assertEqual(self.lines(), expected)
        self.assertEqual(self.said(), ["first 1 more", "first 2 more"])
        self.assertEqual(list(self.folder.glob("*.log")), [], "the output of what passed")

    def test_the_next_start_goes_on(self):
        self.run_soak("--rounds", "1")
        self.run_soak("--rounds", "1")
        self.assertEqual(self.said(), ["first 1 more", "first 2 more"])

    def test_a_version_has_lines_of_its_own(self):
        self.run_soak("--rounds", "1")
        self.run_soak("--rounds", "1", "--version", "16")
        self.assertEqual(self.lines("16"), [("first", 1, "passed"), ("second", 1, "passed")])
        self.assertEqual(self.said()[-1], "first 1 more 16")

    def test_no_test_is_started_when_the_time_is_over(self):
        self.assertEqual(self.run_soak("--seconds", "0")[0], 0)
        self.assertEqual(self.lines(), [])

    def test_a_failure_ends_it_and_is_told(self):
        self.second("echo the reason; exit $EVENTSOURCE_SEED")
        status, out = self.run_soak("--rounds", "5", "--version", "16")
        self.assertEqual(status, 1)
        self.assertEqual(self.lines("16")[-1], ("second", 1, "failed: exit status 1"))
        self.assertIn("the reason", out)
        self.assertIn("failed with seed 1", out)
        self.assertIn("tools/soak.py --only second --seed 1 --version 16", out)
        self.assertIn("the reason", (self.folder / "16-second-1.log").read_text())
        # It is noted, so that the next start goes on behind it.
        self.second("true")
        self.assertEqual(self.run_soak("--rounds", "1", "--version", "16")[0], 0)
        self.assertEqual(self.lines("16")[-2:], [("first", 2, "passed"), ("second", 2, "passed")])

    def test_one_is_repeated_without_a_note(self):
        self.second("echo $EVENTSOURCE_SEED >> said; exit 3")
        self.assertEqual(self.run_soak("--only", "second", "--seed", "7")[0], 1)
        self.assertEqual(self.run_soak("--only", "first", "--seed", "8")[0], 0)
        self.assertEqual(self.said(), ["7", "first 8 more"])
        self.assertEqual(self.lines(), [])

    def test_an_interrupt_ends_the_test_and_it_is_run_again(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number=number):
                # A reader of the pipe learns that the test runs, and, at the end of the pipe, that it does no more.
                self.second("exec 3> pipe; echo here >&3; exec tail -f /dev/null")
                (self.folder / "pipe").unlink(missing_ok=True)
                subprocess.run(["mkfifo", self.folder / "pipe"], check=True)
                process = self.start("--rounds", "1", "--version", str(int(number)))
                with open(self.folder / "pipe", encoding="utf-8") as pipe:
                    self.assertEqual(pipe.readline(), "here\n")
                    process.send_signal(number)
                    self.assertEqual(pipe.read(), "")
                out, _ = process.communicate(timeout=60)
                self.assertEqual(process.returncode, 130)
                self.assertIn("goes on here", out)
                self.assertEqual(self.lines(str(int(number))), [("first", 1, "passed")])
                self.second("true")
                self.run_soak("--rounds", "1", "--version", str(int(number)))
                expected = [("first", 1, "passed"), ("second", 1, "passed")]
                self.assertEqual(self.lines(str(int(number))), expected)

    def test_a_line_that_was_cut_off_counts_for_nothing(self):
        self.run_soak("--rounds", "1")
        with open(self.folder / "default.jsonl", "a", encoding="utf-8") as file:
            file.write('{"what": "fir')
        self.run_soak("--rounds", "1")
        self.assertEqual(self.said(), ["first 1 more", "first 2 more"])
        self.assertEqual(len(self.lines()), 4)


if __name__ == "__main__":
    unittest.main()
