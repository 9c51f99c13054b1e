"""A disk that is full during an import: the import says so, and goes on when there is room."""

import os
import subprocess
import unittest

from program import UNAVAILABLE, ProgramTest, line


class FullDisk(ProgramTest):
    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("mounts a small file system, which wants root")
        self.disk = self.folder / "disk"
        self.disk.mkdir()
        self.mount("-t", "tmpfs", "-o", "size=2m", "tmpfs", self.disk)
        self.addCleanup(subprocess.run, ["umount", self.disk], check=True)

    def mount(self, *words):
        done = subprocess.run(["mount", *words], capture_output=True)
        if done.returncode != 0:
            self.skipTest("mounts a small file system, which is not allowed here: " + done.stderr.decode().strip())

    def test_import_goes_on_after_making_room(self):
        text = "".join(line(n, stream=n % 7, payload={"n": n, "text": "x" * 400}) for n in range(1, 8001))
        (self.folder / "events.ndjson").write_text(text)
        store = ("--store", "sqlite:///disk/events.db")
        _, err = self.run_program("import", "events.ndjson", "--batch", 500, *store, status=UNAVAILABLE)
        self.assertRegex(err, r"no room on the disk .* Make room and try again")
        self.assertIn("the import can be run again", err)
        # What it says is there, whole batches of it; the store is as sound as before.
        self.mount("-o", "remount,size=64m", self.disk)
        stored = self.head(*store)
        self.assertIn(f"stored before it: {stored} ({stored} now, 0 present before)", err)
        self.assertEqual(stored % 500, 0)
        self.assertGreater(stored, 0)
        self.run_program("verify", *store)
        out, _ = self.run_program("import", "events.ndjson", *store)
        self.assertIn(f"8000 lines: {8000 - stored} stored, {stored} present", out)
        self.assertEqual(self.export(*store), text)


if __name__ == "__main__":
    unittest.main()
