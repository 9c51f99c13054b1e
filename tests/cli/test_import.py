"""eventsource import: what is stored, counted, said and refused."""

import gzip
import json
import os
import pathlib
import subprocess
import unittest

from program import FLIGHTS, REFUSED, UNAVAILABLE, USAGE, ProgramTest, environment, line, uuid


def lines_of(count, start=1):
    return "".join(line(number) for number in range(start, start + count))


class Import(ProgramTest):
    def test_makes_a_store_and_says_so(self):
        out, err = self.run_program("import", FLIGHTS)
        self.assertEqual(err, "eventsource: made a new store, sqlite:///eventsource.db\n")
        self.assertRegex(out, r"^25 lines: 25 stored, 0 present, 14 new streams, [0-9.]+ s \([0-9,]+ events/s\)\n$")

    def test_again_stores_nothing(self):
        self.run_program("import", FLIGHTS)
        before = self.export("--full")
        out, err = self.run_program("import", FLIGHTS)
        self.assertIn("25 lines: 0 stored, 25 present, 0 new streams", out)
        self.assertEqual(err, "")
        self.assertEqual(self.export("--full"), before)

    def test_again_with_more(self):
        self.run_program("import", "-", stdin=lines_of(3))
        out, _ = self.run_program("import", "-", stdin=lines_of(5))
        self.assertIn("5 lines: 2 stored, 3 present, 0 new streams", out)

    def test_twice_in_one_file(self):
        out, _ = self.run_program("import", "-", stdin=lines_of(3) + lines_of(3))
        self.assertIn("6 lines: 3 stored, 3 present, 1 new streams", out)

    def test_json(self):
        out, _ = self.run_program("import", FLIGHTS, "--json")
        result = json.loads(out)
        self.assertGreaterEqual(result.pop("seconds"), 0)
        self.assertEqual(result, {"lines": 25, "stored": 25, "present": 0, "new_streams": 14})

    def test_versions_follow_the_file(self):
        text = line(1, stream=1) + line(2, stream=2) + line(3, stream=1)
        self.run_program("import", "-", stdin=text)
        events = [json.loads(text) for text in self.export("--full").splitlines()]
        self.assertEqual([event["version"] for event in events], [1, 1, 2])
        self.assertEqual([event["global_position"] for event in events], [1, 2, 3])

    def test_any_batch_stores_the_same(self):
        exports = set()
        for batch in ("1", "7", "25", "10000"):
            store = f"sqlite:///{batch}.db"
            self.run_program("import", FLIGHTS, "--batch", batch, "--store", store)
            exports.add(self.export("--store", store))
        self.assertEqual(len(exports), 1)

    def test_empty_input(self):
        out, _ = self.run_program("import", "-")
        self.assertIn("0 lines: 0 stored, 0 present, 0 new streams", out)

    def test_last_line_needs_no_end_and_blank_lines_are_passed_over(self):
        out, _ = self.run_program("import", "-", stdin="\n" + line(1) + " \r\n\n" + line(2).rstrip("\n"))
        self.assertIn("2 lines: 2 stored", out)

    def test_store_from_the_environment(self):
        env = environment(EVENTSOURCE_URL="sqlite:///one.db", DATABASE_URL="sqlite:///two.db")
        self.run_program("import", FLIGHTS, env=env)
        self.assertTrue((self.folder / "one.db").exists())
        env = environment(EVENTSOURCE_URL="", DATABASE_URL="sqlite:///two.db")
        self.run_program("import", FLIGHTS, env=env)
        self.assertTrue((self.folder / "two.db").exists())
        self.run_program("import", FLIGHTS, "--store", "sqlite:///three.db", env=env)
        self.assertTrue((self.folder / "three.db").exists())
        self.assertFalse((self.folder / "eventsource.db").exists())


class Gzip(ProgramTest):
    def test_file_and_standard_input(self):
        packed = gzip.compress(FLIGHTS.read_bytes())
        (self.folder / "flights.gz").write_bytes(packed)
        out, _ = self.run_program("import", "flights.gz")
        self.assertIn("25 lines: 25 stored", out)
        out, _ = self.run_program("import", "-", stdin=packed)
        self.assertIn("25 lines: 0 stored, 25 present", out)

    def test_members_one_after_another(self):
        lines = FLIGHTS.read_bytes().splitlines(keepends=True)
        # The second member starts in the middle of a line; zeros pad the end.
        text = b"".join(lines)
        middle = len(lines[0]) + 30
        packed = gzip.compress(text[:middle]) + gzip.compress(b"") + gzip.compress(text[middle:]) + bytes(512)
        out, _ = self.run_program("import", "-", stdin=packed)
        self.assertIn("25 lines: 25 stored", out)

    def test_cut_off(self):
        packed = gzip.compress(b"".join(line(n).encode() for n in range(1, 2001)))
        for size in (len(packed) // 2, len(packed) - 1, 11):
            with self.subTest(size=size):
                store = f"sqlite:///{size}.db"
                _, err = self.run_program("import", "-", "--store", store, stdin=packed[:size], status=REFUSED)
                self.assertIn("the gzip data of standard input is cut off", err)
                # Whole lines before the cut are stored, and the message counts them.
                self.assertIn(f"stored before it: {self.head('--store', store)} ", err)

    def test_damaged(self):
        packed = bytearray(gzip.compress(b"".join(line(n).encode() for n in range(1, 2001))))
        packed[-6] ^= 1
        _, err = self.run_program("import", "-", stdin=bytes(packed), status=REFUSED)
        self.assertIn("the gzip data of standard input is damaged", err)

    def test_garbage_behind(self):
        packed = gzip.compress(line(1).encode()) + b"more"
        _, err = self.run_program("import", "-", stdin=packed, status=REFUSED)
        self.assertIn("the gzip data of standard input is damaged", err)


class BadLine(ProgramTest):
    def check(self, bad, what, before=0, after=0, batch=1000):
        """A bad line behind `before` good ones: these are stored, it and what follows are not."""
        text = lines_of(before) + bad + lines_of(after, start=before + 1)
        (self.folder / "bad.ndjson").write_text(text)
        # A store of its own for each case of a test.
        self.cases = getattr(self, "cases", 0) + 1
        store = f"sqlite:///{self.cases}.db"
        _, err = self.run_program("import", "bad.ndjson", "--store", store, "--batch", batch, status=REFUSED)
        self.assertIn(f"eventsource: line {before + 1} of bad.ndjson: ", err)
        self.assertIn(what, err)
        # The library's terms: its caller has events of an append with data, the user lines with a payload.
        self.assertNotRegex(err, r"(?i)\bappend\b|\bevent [0-9]|\bdata\b")
        self.assertIn(f"\nstored before it: {before} ({before} now, 0 present before)", err)
        self.assertEqual(self.head("--store", store), before)
        self.assertEqual(self.export("--store", store), lines_of(before))

    def test_start_middle_and_end_in_and_between_batches(self):
        bad = line(99, event_type=None)
        for before, after, batch in ((0, 20, 1000), (10, 10, 1000), (20, 0, 1000), (10, 10, 10), (11, 9, 10), (9, 0, 10)):
            with self.subTest(before=before, after=after, batch=batch):
                self.check(bad, "event_type is missing", before, after, batch)

    def test_each_kind(self):
        good = line(99).rstrip("\n")
        cases = {
            "hello\n": "it is no JSON object",
            "[1,2]\n": "it is no JSON object",
            '"text"\n': "it is no JSON object",
            good[:-1] + "\n": "it is a JSON object without an end",
            good[:30] + "\n": "it is no JSON object",
            good + "x\n": "it is no JSON object",
            good + good + "\n": "it is no JSON object",
            "\ufeff" + good + "\n": "it is no JSON object",
            line(99, color="red"): '"color" is no member of an event',
            good[:-1] + ',"event_type":"Again"}\n': "event_type stands twice",
            line(99, event_id="abc"): 'event_id wants a UUID, not "abc"',
            line(99, event_id=7): "event_id wants a UUID, not 7",
            good.replace(f'"{uuid(99)}"', "null") + "\n": "event_id",
            line(99, aggregate_id="abc"): "aggregate_id wants a UUID",
            line(99, aggregate_type=""): "aggregate_type",
            line(99, aggregate_type=5): "aggregate_type wants a string, not 5",
            line(99, event_type="x" * 256): "event_type",
            line(99, event_type="a\0b"): "event_type",
            line(99, occurred_at="yesterday"): "occurred_at wants a time",
            line(99, occurred_at="2013-02-04T09:53:00"): "occurred_at wants a time",
            line(99, occurred_at=1360000000): "occurred_at wants a time",
            line(99, event_version=0): "event_version wants a whole number from 1, not 0",
            line(99, event_version="1"): "event_version wants a whole number",
            line(99, event_version=1.5): "event_version wants a whole number",
            line(99, event_version=2147483648): "event_version wants a whole number",
            line(99, tenant_id="acme"): "tenant_id wants a UUID",
            line(99, actor_id=5): "actor_id wants a string",
            line(99, actor_id="x" * 256): "actor_id",
            line(99, metadata=[]): "metadata wants a JSON object",
            line(99, payload="text"): "payload wants a JSON object",
            line(99, payload={"event_id": "mine"}): "belongs to the event's envelope",
            line(99, payload=None): "payload is missing",
            line(99, event_id="00000000-0000-0000-0000-000000000000"): "nil",
            line(99, aggregate_id="00000000-0000-0000-0000-000000000000"): "nil",
            good.replace('{"n":99}', '{"n":99,"n":1}') + "\n": "line 4",
            good.replace('{"n":99}', '{"n":"\\u0000"}') + "\n": "line 4",
            good.replace('{"n":99}', '{"n":"\\ud800"}') + "\n": "line 4",
            good.replace('{"n":99}', '{"n":01}') + "\n": "line 4",
            good.replace('{"n":99}', '{"n":' + "[" * 512 + "]" * 512 + "}") + "\n": "line 4",
            good[:-1] + ',"metadata":{"a":tru}}\n': "line 4",
            line(99, version=0): "version wants a whole number",
            line(99, stored_at="now"): "stored_at wants a time",
        }
        for bad, what in cases.items():
            with self.subTest(bad=bad[:200], what=what):
                self.check(bad, what, before=3, after=2)

    def test_an_empty_actor_is_not_an_absent_one(self):
        (self.folder / "actors").write_text(line(1, actor_id="") + line(2, actor_id=None))
        self.run_program("import", "actors")
        out, _ = self.run_program("export")
        first, second = (json.loads(each) for each in out.splitlines())
        self.assertEqual(first["actor_id"], "")
        self.assertNotIn("actor_id", second)
        self.run_program("verify")

    def test_bytes_that_are_no_utf8(self):
        (self.folder / "bad").write_bytes(line(1).encode() + line(2).replace("OrderPlaced", "Or\udcff").encode("utf-8", "surrogateescape"))
        for bad in (b'{"n":"\xff"}', b'{"n":"\xed\xa0\x80"}', b'{"n":"\xc0\xaf"}'):
            text = line(1).encode() + line(2).encode().replace(b'{"n":2}', bad)
            (self.folder / "bad").write_bytes(text)
            with self.subTest(bad=bad):
                _, err = self.run_program("import", "bad", status=REFUSED)
                self.assertIn("line 2 of bad: ", err)
                self.assertEqual(self.head(), 1)

    def test_known_id_with_other_content_or_stream(self):
        self.run_program("import", "-", stdin=line(50) + line(51, stream=2))
        for bad in (line(50, payload={"n": 0}), line(50, event_type="Other"), line(50, stream=3), line(51)):
            with self.subTest(bad=bad):
                text = line(50) + line(1) + bad + line(2)
                _, err = self.run_program("import", "-", stdin=text, status=REFUSED)
                self.assertIn("line 3 of standard input: ", err)
                self.assertRegex(err, r"stored before it: 2 \([01] now, [12] present before\)")
        self.assertEqual(self.head(), 3)

    def test_wrong_tenant(self):
        text = line(1, tenant_id=uuid(7)) + line(2, stream=2) + line(3, tenant_id=uuid(8)) + line(4)
        _, err = self.run_program("import", "-", stdin=text, status=REFUSED)
        self.assertIn("line 3 of standard input: ", err)
        self.assertIn("stored before it: 2 (2 now, 0 present before)", err)
        self.assertEqual(self.head(), 2)

    def test_the_first_of_several_bad_lines_is_named(self):
        # The store reports by stream: stream 1 comes first, but its bad line comes last.
        text = line(1, stream=1) + line(2, stream=2) + line(3, stream=2, tenant_id=uuid(8))
        text += line(4, stream=1, tenant_id=uuid(8)) + "junk\n"
        _, err = self.run_program("import", "-", stdin=text, status=REFUSED)
        self.assertIn("line 3 of standard input: ", err)
        self.assertEqual(self.head(), 2)

    def test_version_overflow(self):
        self.run_program("import", "-", stdin=line(1))
        db = self.database()
        db.execute("UPDATE events SET version = 2147483646")
        db.commit()
        _, err = self.run_program("import", "-", stdin=line(1) + line(2) + line(3) + line(4, stream=2), status=REFUSED)
        self.assertIn("line 3 of standard input: ", err)
        self.assertIn("stored before it: 2 (1 now, 1 present before)", err)
        self.assertEqual(self.head(), 2)

    def test_blank_and_long_lines_count(self):
        text = line(1) + "\n\n" + line(2, payload={"n": "x" * 300000}) + "junk\n"
        _, err = self.run_program("import", "-", stdin=text, status=REFUSED)
        self.assertIn("line 5 of standard input: it is no JSON object", err)
        self.assertEqual(self.head(), 2)

    def test_line_without_an_end(self):
        text = line(1) + '{"event_id":"' + "x" * (33 << 20)
        _, err = self.run_program("import", "-", stdin=text, status=REFUSED)
        self.assertIn("after line 1: it is longer than 33554432 bytes", err)
        self.assertEqual(self.head(), 1)

    def test_json_has_the_error(self):
        out, err = self.run_program("import", "-", "--json", stdin=line(1) + "junk\n", status=REFUSED)
        result = json.loads(out)
        self.assertEqual((result["lines"], result["stored"]), (1, 1))
        self.assertIn("line 2 of standard input", result["error"])
        self.assertIn("line 2 of standard input", err)

    def test_control_characters_of_a_line_do_not_reach_the_terminal(self):
        _, err = self.run_program("import", "-", stdin=line(1, event_id="\x1b[2J\x9b"), status=REFUSED)
        self.assertNotIn("\x1b", err)
        self.assertNotIn("\x9b", err)


class Unavailable(ProgramTest):
    def test_missing_file_makes_no_store(self):
        _, err = self.run_program("import", "nothing.ndjson", status=UNAVAILABLE)
        self.assertEqual(err, "eventsource: nothing.ndjson can't be read: No such file or directory\n")
        self.assertEqual(os.listdir(self.folder), [])

    def test_directory(self):
        (self.folder / "folder").mkdir()
        _, err = self.run_program("import", "folder", status=UNAVAILABLE)
        self.assertEqual(err, "eventsource: folder is a directory, not a file\n")

    def test_no_store(self):
        (self.folder / "text.db").write_text("this is no database, but long enough to be looked at" * 20)
        _, err = self.run_program("import", FLIGHTS, "--store", "sqlite:///text.db", status=REFUSED)
        self.assertIn("text.db", err)

    def test_bad_batch(self):
        for batch in ("0", "-1", "10001", "many", "1.5", ""):
            with self.subTest(batch=batch):
                _, err = self.run_program("import", FLIGHTS, f"--batch={batch}", status=USAGE)
                self.assertIn(f'--batch wants a whole number from 1 to 10000, not "{batch}"', err)
        self.assertEqual(os.listdir(self.folder), [])


class OtherStore(ProgramTest):
    def test_copies_in_the_order_of_positions(self):
        self.run_program("import", FLIGHTS, "--store", "sqlite:///old.db")
        out, _ = self.run_program("import", "old.db", "--store", "sqlite:///new.db", "--batch", "4")
        self.assertIn("25 events: 25 stored, 0 present, 14 new streams", out)
        self.assertEqual(self.export("--store", "sqlite:///new.db"), self.export("--store", "sqlite:///old.db"))
        out, _ = self.run_program("import", "old.db", "--store", "sqlite:///new.db")
        self.assertIn("25 events: 0 stored, 25 present", out)

    def test_batch_is_a_transaction_whatever_a_page_holds(self):
        self.run_program("import", "-", "--store", "sqlite:///old.db", stdin=lines_of(2500))
        for batch, transactions in ((2500, 1), (1300, 2), (500, 5)):
            with self.subTest(batch=batch):
                store = f"sqlite:///{batch}.db"
                self.run_program("import", "old.db", "--store", store, "--batch", batch)
                text = self.export("--full", "--store", store)
                # The events of an append share their time.
                times = [json.loads(each)["stored_at"] for each in text.splitlines()]
                self.assertEqual(len(times), 2500)
                self.assertEqual(len(set(times)), transactions)

    def test_the_source_is_open_only_in_sqlite(self):
        # Closing any descriptor of a file drops the process's locks on it, SQLite's as well: the program has none.
        self.run_program("import", FLIGHTS, "--store", "sqlite:///old.db")
        self.run_program("init", "--store", "sqlite:///new.db")
        writer = self.database("new.db")
        writer.execute("BEGIN IMMEDIATE")
        process = self.start_program("import", "old.db", "--store", "sqlite:///new.db", stdout=subprocess.DEVNULL)
        # It reads the source and waits for the lock.
        while not (files := self.open_files(process)).get("old.db-wal"):
            self.assertIsNone(process.poll(), "the import ended early")
        writer.rollback()
        self.assertTrue(files["old.db"])
        for flags in files["old.db"]:
            self.assertTrue(flags & os.O_NOFOLLOW, "a descriptor that is not SQLite's, which opens with O_NOFOLLOW")
        self.assertEqual(process.wait(), 0)
        self.assertEqual(self.head("--store", "sqlite:///new.db"), 25)

    def open_files(self, process):
        """The flags of each descriptor of the process, by file name."""
        files = {}
        folder = pathlib.Path(f"/proc/{process.pid}")
        for link in (folder / "fd").iterdir():
            try:
                name = link.readlink().name
                info = (folder / "fdinfo" / link.name).read_text()
            except FileNotFoundError:
                # It was closed between the list and the look.
                continue
            flags = next(text.split()[1] for text in info.splitlines() if text.startswith("flags:"))
            files.setdefault(name, []).append(int(flags, 8))
        return files

    def test_not_from_standard_input(self):
        self.run_program("import", FLIGHTS, "--store", "sqlite:///old.db")
        data = (self.folder / "old.db").read_bytes()
        _, err = self.run_program("import", "-", stdin=data, status=USAGE)
        self.assertIn("an SQLite store can't come from standard input", err)
        self.assertEqual(os.listdir(self.folder), ["old.db"])

    def test_broken_document_ends_it(self):
        self.run_program("import", "-", "--store", "sqlite:///old.db", stdin=lines_of(5))
        db = self.database("old.db")
        db.execute("UPDATE events SET payload = '{' WHERE global_position = 3")
        db.commit()
        db.close()
        _, err = self.run_program("import", "old.db", "--store", "sqlite:///new.db", status=REFUSED)
        self.assertIn(f"position 3 of old.db: event {uuid(3)} has a broken document", err)
        self.assertIn("stored before it: 2 (2 now, 0 present before)", err)
        self.assertEqual(self.export("--store", "sqlite:///new.db"), lines_of(2))

    def make_foreign(self, *rows):
        """A file as eventsource-py's SQLite store makes it."""
        db = self.database("old.db")
        db.execute(
            """CREATE TABLE events (global_position INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL UNIQUE,
            aggregate_id TEXT NOT NULL, aggregate_type TEXT NOT NULL, event_type TEXT NOT NULL, tenant_id TEXT,
            actor_id TEXT, version INTEGER NOT NULL, timestamp TEXT NOT NULL, payload TEXT NOT NULL,
            created_at TEXT NOT NULL, UNIQUE (aggregate_id, aggregate_type, version))"""
        )
        for number, version, tenant, time, data in rows:
            envelope = {"event_id": uuid(number), "event_type": "OrderPlaced", "event_version": 1, "occurred_at": time}
            envelope.update(aggregate_id=uuid(0xA0001), aggregate_type="Order", aggregate_version=version)
            envelope.update(tenant_id=tenant, actor_id=None, correlation_id=uuid(number), causation_id=None, metadata={})
            payload = json.dumps({**envelope, **data})
            row = (uuid(number), uuid(0xA0001), "Order", "OrderPlaced", tenant, None, version, time, payload, time)
            db.execute(
                "INSERT INTO events (event_id, aggregate_id, aggregate_type, event_type, tenant_id, actor_id, version,"
                " timestamp, payload, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
        db.commit()
        db.close()

    def test_file_of_eventsource_py(self):
        time = "2013-02-04T09:53:00+00:00"
        self.make_foreign((1, 1, uuid(7), time, {"n": 1}), (2, 2, uuid(7), time, {"n": 2}))
        _, err = self.run_program("import", FLIGHTS, "--store", "sqlite:///old.db", status=REFUSED)
        self.assertRegex(err, "`eventsource .*import .*old.db`")
        out, _ = self.run_program("import", "old.db")
        self.assertIn("2 events: 2 stored, 0 present, 1 new streams", out)
        expected = [json.loads(line(n, tenant_id=uuid(7))) for n in (1, 2)]
        self.assertEqual([json.loads(text) for text in self.export().splitlines()], expected)
        self.run_program("verify")
        # The file itself can be read, and is as it was.
        self.assertEqual(self.head("--store", "sqlite:///old.db"), 2)

    def test_foreign_tenant_and_time_end_it(self):
        time = "2013-02-04T09:53:00+00:00"
        self.make_foreign((1, 1, None, time, {"n": 1}), (2, 2, "acme", time, {"n": 2}))
        _, err = self.run_program("import", "old.db", status=REFUSED)
        self.assertIn(f"position 2 of old.db: event {uuid(2)} has a tenant that is no UUID", err)
        self.assertIn("stored before it: 1 (1 now, 0 present before)", err)

    def test_another_database(self):
        db = self.database("other.db")
        db.execute("CREATE TABLE cats (name TEXT)")
        db.commit()
        db.close()
        _, err = self.run_program("import", "other.db", "--store", "sqlite:///new.db", status=REFUSED)
        self.assertIn("other.db", err)


if __name__ == "__main__":
    unittest.main()
