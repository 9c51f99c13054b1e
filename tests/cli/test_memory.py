"""Memory stays bounded, whatever the size of the log or of a line. Runs without sanitizers: they need much more."""

import gzip
import os
import subprocess
import unittest

from program import PROGRAM, ProgramTest, environment, line, uuid

MIB = 1 << 20
# An event is some 400 bytes: 90,000 more of them would take 36 MB if they were kept.
SMALL, LARGE = 30_000, 120_000
LIMIT = 100 * MIB
GROWTH = 8 * MIB


def event_line(number):
    # Some of everything; faster than json.dumps for so many.
    return (
        f'{{"event_id":"{uuid(number)}","aggregate_id":"{uuid(0xA0000 + number % 977)}","aggregate_type":"Order",'
        f'"event_type":"OrderPlaced","occurred_at":"2013-02-04T09:53:00.{number % 1000000:06}Z","actor_id":"ann",'
        f'"payload":{{"n":{number},"text":"{"x" * (number % 300)}"}}}}\n'
    )


class Memory(ProgramTest):
    def peak(self, *words):
        """Runs to the end; the most memory the program had. This process stays small: a child starts with its peak."""
        with open(os.devnull, "wb") as nothing:
            process = subprocess.Popen([PROGRAM, *map(str, words)], cwd=self.folder, env=environment(), stdout=nothing)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0, words)
        return usage.ru_maxrss * 1024

    def test_more_events_need_no_more_memory(self):
        peaks = {}
        for count in (SMALL, LARGE):
            with open(self.folder / "events.ndjson", "w", encoding="utf-8") as file:
                file.writelines(event_line(number) for number in range(1, count + 1))
            store = ("--store", f"sqlite:///{count}.db")
            peaks[count] = {
                "import": self.peak("import", "events.ndjson", *store),
                "export": self.peak("export", *store),
                "read": self.peak("read", "--format", "ndjson", *store),
                "copy": self.peak("import", f"{count}.db", "--store", f"sqlite:///copy{count}.db"),
            }
            self.assertEqual(self.head(*store), count)
        for what, small in peaks[SMALL].items():
            with self.subTest(what=what):
                large = peaks[LARGE][what]
                self.assertLess(large, LIMIT)
                self.assertLess(large, small + GROWTH)

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
