"""An import that is killed or interrupted, and run again, ends as if nothing had happened."""

import os
import signal
import sqlite3
import subprocess
import unittest

from program import ProgramTest, line

EVENTS = 400
BATCH = 20


class Kill(ProgramTest):
    def setUp(self):
        super().setUp()
        self.lines = [line(n, stream=n % 9) for n in range(1, EVENTS + 1)]
        (self.folder / "events.ndjson").write_text("".join(self.lines))

    def feed(self, count):
        """An import that has got `count` lines and waits for more."""
        process = self.start_program(
            "import", "-", "--batch", BATCH, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.addCleanup(process.stdin.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        process.stdin.write("".join(self.lines[:count]).encode())
        process.stdin.flush()
        return process

    def wait_for(self, count, process):
        """Until the store holds `count` events, seen by another process."""
        while self.stored() < count:
            self.assertIsNone(process.poll(), "the import ended early")

    def stored(self):
        try:
            db = sqlite3.connect(f"file:{self.folder}/eventsource.db?mode=ro", uri=True)
            try:
                return db.execute("SELECT count(*) FROM events").fetchone()[0]
            finally:
                db.close()
        except sqlite3.OperationalError:
            # There is no file or no table yet, or the import holds the lock.
            return 0

    def finish_and_compare(self, stored):
        out, _ = self.run_program("import", "events.ndjson")
        self.assertIn(f"{EVENTS} lines: {EVENTS - stored} stored, {stored} present", out)
        self.assertEqual(self.export(), "".join(self.lines))
        self.run_program("verify")

    def test_killed_at_several_moments(self):
        # Between batches, and with half a batch in memory.
        for fed in (1, BATCH, 3 * BATCH + 7, 10 * BATCH, EVENTS - 1):
            with self.subTest(fed=fed):
                process = self.feed(fed)
                whole = fed // BATCH * BATCH
                self.wait_for(whole, process)
                process.send_signal(signal.SIGKILL)
                process.wait()
                stored = self.stored()
                self.assertEqual(stored, whole)
                self.finish_and_compare(stored)
                self.forget_store()

    def test_killed_while_it_writes(self):
        for first in (1, 5 * BATCH, 12 * BATCH):
            with self.subTest(first=first):
                # A transaction an event: the kill meets one that is under way.
                process = self.start_program("import", "events.ndjson", "--batch", 1, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                self.wait_for(first, process)
                process.send_signal(signal.SIGKILL)
                process.wait()
                stored = self.stored()
                self.assertGreaterEqual(stored, first)
                self.finish_and_compare(stored)
                self.forget_store()

    def test_interrupted(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number=number):
                process = self.feed(4 * BATCH + 3)
                self.wait_for(4 * BATCH, process)
                process.send_signal(number)
                _, err = process.communicate()
                self.assertEqual(process.returncode, 128 + number)
                self.assertIn(b"eventsource: interrupted; stored: 80 (80 now, 0 present before)", err)
                self.assertEqual(self.stored(), 80)
                self.finish_and_compare(80)
                self.forget_store()

    def forget_store(self):
        for name in ("eventsource.db", "eventsource.db-wal", "eventsource.db-shm"):
            if (self.folder / name).exists():
                os.unlink(self.folder / name)


if __name__ == "__main__":
    unittest.main()
