"""An import that is killed or interrupted, and run again, ends as if nothing had happened.

`make test-kill` runs WhileItWrites on a file of its own: EVENTSOURCE_KILL_FILE, killed at EVENTSOURCE_KILL_MOMENTS
moments. EVENTSOURCE_SEED=n takes others.
"""

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import unittest

from program import PROGRAM, ProgramTest, environment, kill_moments, line

EVENTS = 400
BATCH = 20
FILE = os.environ.get("EVENTSOURCE_KILL_FILE")
MOMENTS = int(os.environ.get("EVENTSOURCE_KILL_MOMENTS", "3"))


class KillTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.lines = [line(n, stream=n % 9) for n in range(1, EVENTS + 1)]
        (self.folder / "events.ndjson").write_text("".join(self.lines))

    def wait_for(self, count, process):
        """Until the store holds `count` events, seen by another process."""
        while self.stored() < count:
            self.assertIsNone(process.poll(), "the import ended early")

    def stored(self):
        try:
            db = sqlite3.connect(f"file:{self.folder}/eventsource.db?mode=ro", uri=True)
            try:
                # Positions have no holes.
                return db.execute("SELECT coalesce(max(global_position), 0) FROM events").fetchone()[0]
            finally:
                db.close()
        except sqlite3.OperationalError:
            # There is no file or no table yet, or the import holds the lock.
            return 0

    def forget_store(self):
        for name in ("eventsource.db", "eventsource.db-wal", "eventsource.db-shm"):
            (self.folder / name).unlink(missing_ok=True)


class BetweenBatches(KillTest):
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


class WhileItWrites(KillTest):
    def import_words(self):
        # Of few events each is a transaction, so that there are many moments in which one is under way.
        return ["import", FILE] if FILE else ["import", "events.ndjson", "--batch", 1]

    def export_sum(self):
        with subprocess.Popen(
            [PROGRAM, "export"], cwd=self.folder, env=environment(), stdout=subprocess.PIPE
        ) as process:
            total = hashlib.sha256()
            while piece := process.stdout.read(1 << 20):
                total.update(piece)
        self.assertEqual(process.returncode, 0)
        return total.hexdigest()

    def kill_at(self, count):
        """What is stored when the import is killed as soon as `count` events are."""
        process = self.start_program(*self.import_words(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait_for(count, process)
        process.send_signal(signal.SIGKILL)
        process.wait()
        return self.stored()

    def test_killed_at_several_moments(self):
        out, _ = self.run_program(*self.import_words(), "--json")
        events = json.loads(out)["stored"]
        expected = self.export_sum()
        self.forget_store()
        on_the_way = 0
        for moment in kill_moments(MOMENTS):
            with self.subTest(moment=moment):
                count = max(1, int(events * moment))
                stored = self.kill_at(count)
                self.assertGreaterEqual(stored, count)
                out, _ = self.run_program(*self.import_words(), "--json")
                result = json.loads(out)
                self.assertEqual((result["stored"], result["present"]), (events - stored, stored))
                total = self.export_sum()
                on_the_way += 0.01 < stored / events < 0.99
                if FILE:
                    print(f"{moment:7.1%}  killed with {stored:9,} of {events:,} stored ({stored / events:6.1%}), "
                          f"export {total[:16]}, {'the same' if total == expected else 'ANOTHER'}", flush=True)
                self.assertEqual(total, expected)
                self.run_program("verify")
                self.forget_store()
        if FILE:
            # The moments are of use only where the kill met a half-done import.
            self.assertGreaterEqual(on_the_way, MOMENTS * 3 // 4)


if __name__ == "__main__":
    unittest.main()
