"""eventsource export: the lines to the letter, and the round trip."""

import gzip
import hashlib
import json
import os
import signal
import stat
import subprocess
import unittest

from program import FLIGHTS, FOLDER, REFUSED, UNAVAILABLE, USAGE, ProgramTest, line, uuid

VECTORS = FOLDER / "vectors.ndjson"
TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z"


def canonical(text):
    """The flights as an export has them: their times are whole seconds, an export's have six digits."""
    out = []
    for text_line in text.splitlines(keepends=True):
        time = json.loads(text_line)["occurred_at"]
        out.append(text_line.replace(time, time.replace("Z", ".000000Z"), 1))
    return "".join(out)


class Lines(ProgramTest):
    def test_vectors_come_back_byte_for_byte(self):
        self.run_program("import", VECTORS)
        self.assertEqual(self.export(), VECTORS.read_text())

    def test_flights(self):
        self.run_program("import", FLIGHTS)
        self.assertEqual(self.export(), canonical(FLIGHTS.read_text()))

    def test_full_adds_what_the_store_knows(self):
        self.run_program("import", VECTORS)
        plain = VECTORS.read_text().splitlines()
        full = self.export("--full").splitlines()
        self.assertEqual(len(full), len(plain))
        versions = [1, 2, 3, 4, 1, 2]
        for position, (short, long, version) in enumerate(zip(plain, full, versions), 1):
            start = short[:-1] + f',"version":{version},"global_position":{position},"stored_at":"'
            self.assertTrue(long.startswith(start), long)
            self.assertRegex(long[len(start) :], f'^{TIME}"}}$')

    def test_what_says_nothing_is_left_out(self):
        text = line(1, event_version=1, correlation_id=uuid(1), metadata={}) + line(2).replace("}}", '},"actor_id":null}')
        self.run_program("import", "-", stdin=text)
        self.assertEqual(self.export(), line(1) + line(2))

    def test_times_are_brought_to_utc(self):
        self.run_program("import", "-", stdin=line(1, occurred_at="2013-02-04T11:53:00.5+02:00"))
        self.assertEqual(json.loads(self.export())["occurred_at"], "2013-02-04T09:53:00.500000Z")

    def test_escapes_and_spaces_of_the_line_itself(self):
        text = '  { "event\\u005fid" : "%s",\t"payload":{"n":1} , "aggregate_id":"%s","aggregate_type":"Or\\u0064er",' % (
            uuid(1).upper(),
            uuid(0xA0001).replace("-", ""),
        )
        text += '"event_type":"OrderPlaced","occurred_at":"2013-02-04 09:53:00z"}  \r\n'
        self.run_program("import", "-", stdin=text)
        self.assertEqual(self.export(), line(1))

    def test_line_ends_inside_a_payload(self):
        object_text = '{\n  "a": 1,\n\r\n  "b": [\n]}'
        text = line(1).replace('{"n":1}', object_text) + line(2)
        self.run_program("import", "-", stdin=text)
        self.assertEqual(self.export().encode(), text.encode())
        out, _ = self.run_program("import", "-", stdin=self.export())
        self.assertIn("2 lines: 0 stored, 2 present", out)

    def test_empty_store(self):
        self.run_program("init")
        self.assertEqual(self.export(), "")


class RoundTrip(ProgramTest):
    def test_another_store_has_the_same_sum(self):
        self.run_program("import", FLIGHTS)
        self.run_program("import", VECTORS)
        sums = set()
        for form in ((), ("--full",)):
            store = f"sqlite:///copy{len(form)}.db"
            out, _ = self.run_program("import", "-", "--store", store, stdin=self.export(*form))
            self.assertIn("31 lines: 31 stored", out)
            sums.add(hashlib.sha256(self.export("--store", store).encode()).hexdigest())
        sums.add(hashlib.sha256(self.export().encode()).hexdigest())
        self.assertEqual(len(sums), 1)

    def test_gzip_on_the_way(self):
        self.run_program("import", VECTORS)
        packed = gzip.compress(self.export().encode())
        self.run_program("import", "-", "--store", "sqlite:///copy.db", stdin=packed)
        self.assertEqual(self.export("--store", "sqlite:///copy.db"), VECTORS.read_text())

    def test_many_pages(self):
        text = "".join(line(n, stream=n % 7, payload={"n": n, "text": "x" * (n % 4000)}) for n in range(1, 5001))
        self.run_program("import", "-", stdin=text)
        self.assertEqual(self.export(), text)


class Damage(ProgramTest):
    """A line that is no JSON, or that no import takes, is not written."""

    def check(self, old, new):
        self.run_program("import", "-", stdin="".join(line(n, metadata={"trace": n}) for n in (1, 2, 3)))
        first = self.export().splitlines(keepends=True)[0]
        db = self.database()
        db.execute("UPDATE events SET payload = replace(payload, ?, ?) WHERE global_position = 2", (old, new))
        self.assertIn(new, db.execute("SELECT payload FROM events WHERE global_position = 2").fetchone()[0])
        db.commit()
        db.close()
        out, err = self.run_program("export", status=REFUSED)
        self.assertEqual(out, first)
        self.assertIn(f"event {uuid(2)} at position 2 ", err)
        self.assertIn("run `eventsource verify`", err)
        self.run_program("verify", status=REFUSED)

    def test_garbage_behind_the_data(self):
        self.check('"n":2}', '"n":2,garbage}')

    def test_half_a_value(self):
        self.check('"n":2}', '"n":tru}')

    def test_key_twice(self):
        self.check('"n":2}', '"n":2,"n":3}')

    def test_broken_document(self):
        self.check('"n":2}', '"n":2')

    def test_metadata(self):
        self.check('"trace":2', '"trace":tru')


class Files(ProgramTest):
    def test_file_is_written_whole(self):
        self.run_program("import", VECTORS)
        (self.folder / "out.ndjson").write_text("old")
        out, err = self.run_program("export", "out.ndjson", "--overwrite")
        self.assertEqual((out, err), ("", ""))
        self.assertEqual((self.folder / "out.ndjson").read_text(), VECTORS.read_text())
        self.assertEqual(sorted(os.listdir(self.folder)), ["eventsource.db", "out.ndjson"])

    def test_export_that_fails_leaves_the_file(self):
        self.run_program("import", "-", stdin=line(1) + line(2))
        db = self.database()
        db.execute("UPDATE events SET payload = '[]' WHERE global_position = 2")
        db.commit()
        db.close()
        (self.folder / "out.ndjson").write_text("old")
        _, err = self.run_program("export", "out.ndjson", "--overwrite", status=REFUSED)
        self.assertIn(f"event {uuid(2)} at position 2 has a broken document", err)
        self.assertEqual((self.folder / "out.ndjson").read_text(), "old")
        self.assertEqual(sorted(os.listdir(self.folder)), ["eventsource.db", "out.ndjson"])

    def test_a_file_that_is_there_is_replaced_only_on_demand(self):
        self.run_program("import", VECTORS)
        (self.folder / "notes.txt").write_text("mine")
        (self.folder / "link").symlink_to("notes.txt")
        for name in ("notes.txt", "link"):
            _, err = self.run_program("export", name, status=UNAVAILABLE)
            self.assertIn(f"{name} is there already", err)
        self.assertEqual((self.folder / "notes.txt").read_text(), "mine")
        self.run_program("export", "link", "--overwrite")
        self.assertTrue((self.folder / "link").is_symlink())
        self.assertEqual((self.folder / "notes.txt").read_text(), VECTORS.read_text())

    def test_the_store_itself_is_never_replaced(self):
        self.run_program("import", VECTORS)
        _, err = self.run_program("export", "eventsource.db", "--overwrite", status=USAGE)
        self.assertIn("eventsource.db is the store itself", err)
        self.run_program("verify")

    def test_a_file_beside_it_stays(self):
        self.run_program("import", VECTORS)
        (self.folder / "out.ndjson.part").write_text("mine")
        self.run_program("export", "out.ndjson")
        self.assertEqual((self.folder / "out.ndjson.part").read_text(), "mine")
        self.assertEqual(sorted(os.listdir(self.folder)), ["eventsource.db", "out.ndjson", "out.ndjson.part"])

    def test_permissions(self):
        self.run_program("init")
        before = os.umask(0o027)
        self.addCleanup(os.umask, before)
        self.run_program("export", "new.ndjson")
        self.assertEqual(stat.S_IMODE((self.folder / "new.ndjson").stat().st_mode), 0o640)
        # What someone has closed to others stays closed.
        (self.folder / "new.ndjson").chmod(0o600)
        self.run_program("export", "new.ndjson", "--overwrite")
        self.assertEqual(stat.S_IMODE((self.folder / "new.ndjson").stat().st_mode), 0o600)

    def test_interrupted(self):
        text = "".join(line(n) for n in range(1, 20001))
        self.run_program("import", "-", stdin=text)
        (self.folder / "out").mkdir()
        (self.folder / "out" / "out.ndjson").write_text("old")
        process = self.start_program("export", "out/out.ndjson", "--overwrite", stderr=subprocess.DEVNULL)
        while len(os.listdir(self.folder / "out")) == 1 and process.poll() is None:
            pass
        process.send_signal(signal.SIGINT)
        # The signal may come when all is written.
        content = {130: "old", 0: text}[process.wait()]
        self.assertEqual((self.folder / "out" / "out.ndjson").read_text(), content)
        self.assertEqual(os.listdir(self.folder / "out"), ["out.ndjson"])

    def test_a_file_that_can_not_be_made(self):
        self.run_program("init")
        _, err = self.run_program("export", "no/such/folder", status=UNAVAILABLE)
        self.assertIn("no/such/folder can't be made: No such file or directory", err)
        (self.folder / "folder").mkdir()
        _, err = self.run_program("export", "folder", status=UNAVAILABLE)
        self.assertIn("folder is a directory, not a file", err)

    def test_a_device_is_written_as_it_is(self):
        self.run_program("import", VECTORS)
        self.run_program("export", "/dev/null")
        self.assertTrue(stat.S_ISCHR(os.stat("/dev/null").st_mode))

    def test_missing_store(self):
        for command in (["export"], ["read"], ["head"], ["stats"], ["verify"], ["show", uuid(1)], ["stream", "A", uuid(1)]):
            with self.subTest(command=command):
                out, err = self.run_program(*command, status=UNAVAILABLE)
                self.assertEqual(out, "")
                self.assertIn("there is no store at sqlite:///eventsource.db; `eventsource init", err)
                self.assertEqual(os.listdir(self.folder), [])


if __name__ == "__main__":
    unittest.main()
