"""What the program does with the terminal, and with a reader that goes away."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import unittest

from program import FLIGHTS, PROGRAM, ProgramTest, environment, line

ESCAPE = b"\x1b["


class Terminal(ProgramTest):
    def on_terminal(self, *words, columns=200, env=None, descriptors=("stdout", "stderr")):
        """Runs with the named descriptors on a terminal; what came to it, and the exit status."""
        main, side = pty.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        streams = {name: side if name in descriptors else subprocess.DEVNULL for name in ("stdout", "stderr")}
        process = subprocess.Popen(
            [PROGRAM, *map(str, words)],
            cwd=self.folder,
            env=env or environment(),
            stdin=subprocess.DEVNULL,
            **streams,
        )
        os.close(side)
        seen = b""
        while True:
            try:
                piece = os.read(main, 65536)
            except OSError:
                # The other side is closed: Linux says EIO.
                break
            if not piece:
                break
            seen += piece
        os.close(main)
        return seen, process.wait()

    def test_progress_bar(self):
        (self.folder / "events.ndjson").write_text("".join(line(n, stream=n % 50) for n in range(1, 2001)))
        seen, status = self.on_terminal("import", "events.ndjson", "--batch", "100", columns=100)
        self.assertEqual(status, 0)
        self.assertRegex(seen, rb"\r\[[= ]{24}\] [0-9]+ %, [0-9,]+ lines, [0-9,]+ lines/s, [0-9:]+ left")
        # The bar is gone before the result is written.
        last_bar = seen.rindex(b" lines/s")
        self.assertIn(b"\r\x1b[K", seen[last_bar:])
        self.assertIn(b"2000 lines: 2000 stored, 0 present, 50 new streams", seen[last_bar:])

    def test_bar_fits_the_terminal(self):
        (self.folder / "events.ndjson").write_text("".join(line(n) for n in range(1, 2001)))
        seen, _ = self.on_terminal("import", "events.ndjson", columns=30, descriptors=("stderr",))
        bars = [bar for bar in seen.split(b"\r") if bar.startswith(b"[")]
        self.assertTrue(bars)
        for bar in bars:
            self.assertLess(len(bar.replace(b"\x1b[K", b"")), 30)

    def test_no_bar_elsewhere(self):
        _, err = self.run_program("import", FLIGHTS)
        self.assertNotIn("\r", err)

    def test_table_on_a_terminal(self):
        self.run_program("import", FLIGHTS)
        seen, _ = self.on_terminal("read", "--limit", "3", columns=200)
        self.assertIn(b"\x1b[1mPOSITION\x1b[0m", seen)
        rows = seen.decode().replace("\x1b[1m", "").replace("\x1b[0m", "").splitlines()
        self.assertEqual(len(rows), 4)
        for row in rows[1:]:
            self.assertEqual(len(row), 200)
            self.assertTrue(row.endswith("…"))

    def test_no_colour_is_honoured(self):
        self.run_program("import", FLIGHTS)
        commands = (["read"], ["verify"], ["stats"], ["--help"], ["help", "exit"], ["show", "3218263d-c73e-5e70-8ba1-3d99e856cb7c"])
        for command in commands:
            with self.subTest(command=command):
                coloured, _ = self.on_terminal(*command, descriptors=("stdout",))
                self.assertIn(ESCAPE, coloured)
                for env in (environment(NO_COLOR="1"), environment(TERM="dumb")):
                    plain, _ = self.on_terminal(*command, env=env, descriptors=("stdout",))
                    self.assertNotIn(ESCAPE, plain)
                coloured, _ = self.on_terminal(*command, env=environment(NO_COLOR=""), descriptors=("stdout",))
                self.assertIn(ESCAPE, coloured)
                out, _ = self.run_program(*command)
                self.assertNotIn("\x1b", out)


class BrokenPipe(ProgramTest):
    def setUp(self):
        super().setUp()
        text = "".join(line(n, payload={"text": "x" * 1000}) for n in range(1, 2001))
        self.run_program("import", "-", stdin=text)

    def test_is_quiet(self):
        for words in (["export"], ["read"], ["read", "--json"]):
            with self.subTest(words=words):
                process = self.start_program(*words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                self.assertTrue(process.stdout.readline())
                process.stdout.close()
                self.assertEqual(process.stderr.read(), b"")
                process.stderr.close()
                self.assertEqual(process.wait(), -signal.SIGPIPE)

    def test_is_quiet_where_the_signal_is_ignored(self):
        read, write = os.pipe()
        os.close(read)
        process = self.start_program("head", stdout=write, stderr=subprocess.PIPE, restore_signals=False)
        os.close(write)
        self.assertEqual(process.stderr.read(), b"")
        process.stderr.close()
        self.assertEqual(process.wait(), -signal.SIGPIPE)

    def test_import_goes_on_without_a_reader_of_its_messages(self):
        read, write = os.pipe()
        os.close(read)
        process = self.start_program("import", FLIGHTS, "--store", "sqlite:///new.db", stdout=subprocess.DEVNULL, stderr=write)
        os.close(write)
        self.assertEqual(process.wait(), 0)
        self.assertEqual(self.head("--store", "sqlite:///new.db"), 25)

    def test_full_device(self):
        with open("/dev/full", "wb") as full:
            process = self.start_program("export", stdout=full, stderr=subprocess.PIPE)
            self.assertIn(b"standard output can't be written: No space left on device", process.stderr.read())
            process.stderr.close()
            self.assertEqual(process.wait(), 3)


if __name__ == "__main__":
    unittest.main()
