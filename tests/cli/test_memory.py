"""Memory stays bounded, whatever the size of the log or of a line. Runs without sanitizers: they need much more."""

import gzip
import os
import subprocess
import unittest

from program import PROGRAM, ProgramTest, line, uuid

MIB = 1 << 20
# An event is some 400 bytes: 90,000 more of them would take 36 MB if they were kept.
SMALL, LARGE = 30_000, 120_000
LIMIT = 100 * MIB
GROWTH = 8 * MIB
# It keeps 8 bytes an event and the head of each stream, up to a bound (docs/cli.md).
VERIFY_GROWTH = GROWTH + (LARGE - SMALL) * 16


def event_line(number):
    # Some of everything; faster than json.dumps for so many.
    return (
        f'{{"event_id":"{uuid(number)}","aggregate_id":"{uuid(0xA0000 + number % 977)}","aggregate_type":"Order",'
        f'"event_type":"OrderPlaced","occurred_at":"2013-02-04T09:53:00.{number % 1000000:06}Z","actor_id":"ann",'
        f'"payload":{{"n":{number},"text":"{"x" * (number % 300)}"}}}}\n'
    )


class Measured(ProgramTest):
    def peak(self, *words):
        """Runs to the end; the most memory the program had. This process stays small: a child starts with its peak."""
        with open(os.devnull, "wb") as nothing:
            process = subprocess.Popen([PROGRAM, *map(str, words)], cwd=self.folder, env=self.env, stdout=nothing)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0, words)
        return usage.ru_maxrss * 1024

    def write_events(self, count):
        with open(self.folder / "events.ndjson", "w", encoding="utf-8") as file:
            file.writelines(event_line(number) for number in range(1, count + 1))

    def peaks(self, count, store):
        """Of each command on a store of `count` events, which the first of them makes."""
        found = {
            "import": self.peak("import", "events.ndjson", *store),
            "export": self.peak("export", *store),
            "read": self.peak("read", "--format", "ndjson", *store),
            "filtered": self.peak("read", "--format", "ndjson", "--type", "None", *store),
            "verify": self.peak("verify", *store),
        }
        self.assertEqual(self.head(*store), count)
        return found

    def check(self, peaks):
        for what, small in peaks[SMALL].items():
            with self.subTest(what=what):
                large = peaks[LARGE][what]
                self.assertLess(large, LIMIT)
                self.assertLess(large, small + (VERIFY_GROWTH if what == "verify" else GROWTH))


class Memory(Measured):
    def test_more_events_need_no_more_memory(self):
        peaks = {}
        for count in (SMALL, LARGE):
            self.write_events(count)
            store = ("--store", f"sqlite:///{count}.db")
            peaks[count] = self.peaks(count, store)
            peaks[count]["copy"] = self.peak("import", f"{count}.db", "--store", f"sqlite:///copy{count}.db")
        self.check(peaks)

    def test_padded_lines(self):
        # White space of a line is kept with it until the batch is stored.
        padding = " " * (4 * MIB)
        with gzip.open(self.folder / "padded.gz", "wt", compresslevel=1) as file:
            for number in range(1, 41):
                file.write(line(number)[:-2] + padding + "}\n")
        self.assertLess(self.peak("import", "padded.gz"), LIMIT)
        self.assertEqual(self.export(), "".join(line(number) for number in range(1, 41)))

    def test_large_events_of_another_store(self):
        # A batch of as many pages as it takes would be 120 MB.
        with gzip.open(self.folder / "large.gz", "wt", compresslevel=1) as file:
            for number in range(1, 31):
                file.write(line(number, payload={"text": "x" * (4 * MIB)}))
        self.peak("import", "large.gz", "--store", "sqlite:///old.db")
        self.assertLess(self.peak("import", "old.db", "--store", "sqlite:///new.db", "--batch", 10000), LIMIT)
        self.assertEqual(self.head("--store", "sqlite:///new.db"), 30)


if __name__ == "__main__":
    unittest.main()
