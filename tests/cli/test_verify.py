"""eventsource verify finds each kind of damage, names the rows, and nothing else."""

import json
import unittest

from program import FLIGHTS, REFUSED, ProgramTest, line, uuid


class Verify(ProgramTest):
    def setUp(self):
        super().setUp()
        # Six events in two streams of one tenant each: positions 1, 3, 5 and 2, 4, 6.
        text = "".join(line(n, stream=n % 2, tenant_id=uuid(0xB0 + n % 2), actor_id="ann") for n in range(1, 7))
        self.run_program("import", "-", stdin=text)

    def damage(self, *statements):
        db = self.database()
        # Damage goes past the constraints of the table.
        db.execute("PRAGMA ignore_check_constraints = ON")
        for statement, *values in statements:
            db.execute(statement, values)
        db.commit()
        db.close()

    def rebuild_without_constraints(self):
        """The same table without its unique keys, as no store of ours makes it."""
        db = self.database()
        columns = "global_position INTEGER PRIMARY KEY, event_id BLOB, aggregate_id BLOB, aggregate_type TEXT, event_type TEXT, tenant_id, actor_id TEXT, version INTEGER, timestamp INTEGER, created_at INTEGER, payload TEXT"
        db.executescript(
            f"""DROP VIEW IF EXISTS events_text; CREATE TABLE loose ({columns}); INSERT INTO loose SELECT * FROM events;
            DROP TABLE events; ALTER TABLE loose RENAME TO events;"""
        )
        db.close()

    def findings(self):
        out, _ = self.run_program("verify", "--json", status=REFUSED)
        result = json.loads(out)
        self.assertEqual(result["problems"], len([f for f in result["findings"] if f["problem"]]))
        return [(f["position"], f["event_id"], f["kind"], f["what"]) for f in result["findings"]]

    def check_one(self, position, kind, *parts):
        findings = self.findings()
        self.assertEqual(len(findings), 1, findings)
        self.assertEqual(findings[0][:3], (position, uuid(position), kind))
        for part in parts:
            self.assertIn(part, findings[0][3])
        out, _ = self.run_program("verify", status=REFUSED)
        self.assertIn(f"problem at position {position}, event {uuid(position)}: {findings[0][3]}\n", out)
        self.assertTrue(out.endswith(": 1 problem found\n"), out)

    def set_member(self, position, key, value):
        """Replaces one member of a document's envelope, raw."""
        db = self.database()
        payload = db.execute("SELECT payload FROM events WHERE global_position = ?", [position]).fetchone()[0]
        envelope = json.loads(payload)
        old = json.dumps(key) + ":" + json.dumps(envelope[key])
        spaced = json.dumps(key) + ": " + json.dumps(envelope[key])
        self.assertTrue(old in payload or spaced in payload, payload)
        changed = payload.replace(old, f'"{key}":{value}').replace(spaced, f'"{key}":{value}')
        db.execute("UPDATE events SET payload = ? WHERE global_position = ?", [changed, position])
        db.commit()
        db.close()

    def test_sound(self):
        out, err = self.run_program("verify")
        self.assertEqual((out, err), ("6 events in 2 streams: no problem found\n", ""))
        self.run_program("import", FLIGHTS)
        out, _ = self.run_program("verify", "--json")
        expected = {"findings": [], "events": 31, "streams": 16, "head": 31, "problems": 0, "notes": 0}
        self.assertEqual(json.loads(out), expected)

    def test_empty(self):
        out, _ = self.run_program("init", "--store", "sqlite:///empty.db")
        out, _ = self.run_program("verify", "--store", "sqlite:///empty.db")
        self.assertEqual(out, "0 events in 0 streams: no problem found\n")

    def test_hole_in_the_versions(self):
        self.damage(["DELETE FROM events WHERE global_position = 3"])
        self.check_one(5, "version", "version 3", "where 2 is next")

    def test_hole_at_the_start(self):
        self.damage(["DELETE FROM events WHERE global_position = 1"])
        self.check_one(3, "version", "version 2", "where 1 is next")

    def test_versions_against_the_positions(self):
        # The rows swap their versions, and their documents say so: only the order is wrong.
        self.damage(
            ["UPDATE events SET version = 99 WHERE global_position = 3"],
            ["UPDATE events SET version = 2 WHERE global_position = 5"],
            ["UPDATE events SET version = 3 WHERE global_position = 3"],
        )
        self.set_member(3, "aggregate_version", "3")
        self.set_member(5, "aggregate_version", "2")
        self.assertEqual([f[:3] for f in self.findings()], [(3, uuid(3), "version"), (5, uuid(5), "version")])

    def test_version_twice(self):
        self.rebuild_without_constraints()
        self.damage(["UPDATE events SET version = 1 WHERE global_position = 3"])
        self.set_member(3, "aggregate_version", "1")
        kinds = [f[:3] for f in self.findings()]
        self.assertEqual(kinds, [(3, uuid(3), "version"), (5, uuid(5), "version")])

    def test_id_twice(self):
        self.rebuild_without_constraints()
        first = bytes.fromhex(uuid(2).replace("-", ""))
        self.damage(["UPDATE events SET event_id = ? WHERE global_position = 5", first])
        self.set_member(5, "event_id", f'"{uuid(2)}"')
        self.set_member(5, "correlation_id", f'"{uuid(2)}"')
        findings = self.findings()
        self.assertEqual([f[:3] for f in findings], [(5, uuid(2), "duplicate_id")])
        self.assertIn("position 2", findings[0][3])

    def test_another_tenant_in_a_stream(self):
        other = bytes.fromhex(uuid(0xB7).replace("-", ""))
        self.damage(["UPDATE events SET tenant_id = ? WHERE global_position = 4", other])
        self.set_member(4, "tenant_id", f'"{uuid(0xB7)}"')
        self.check_one(4, "tenant", uuid(0xB7), uuid(0xB0))

    def test_no_tenant_in_a_stream_that_has_one(self):
        self.damage(["UPDATE events SET tenant_id = NULL WHERE global_position = 4"])
        self.set_member(4, "tenant_id", "null")
        self.check_one(4, "tenant", "none", uuid(0xB0))

    def test_each_column_against_the_document(self):
        cases = {
            "event_id": f'"{uuid(99)}"',
            "event_type": '"Other"',
            "occurred_at": '"2013-02-04T09:53:00.000001Z"',
            "aggregate_id": f'"{uuid(99)}"',
            "aggregate_type": '"Other"',
            "aggregate_version": "7",
            "tenant_id": f'"{uuid(99)}"',
            "actor_id": '"bob"',
        }
        for key, value in cases.items():
            with self.subTest(key=key):
                before = (self.folder / "eventsource.db").read_bytes()
                self.set_member(4, key, value)
                self.check_one(4, "document", f"has {value} for {key}, its columns have ")
                (self.folder / "eventsource.db").write_bytes(before)

    def test_same_values_in_another_form(self):
        self.set_member(4, "event_id", f'"{uuid(4).upper()}"')
        self.set_member(4, "occurred_at", '"2013-02-04T10:53:00+01:00"')
        self.set_member(4, "event_type", r'"Order\u0050laced"')
        self.run_program("verify")

    def test_broken_documents(self):
        for document in ("", "{", "[]", "7", '{"event_id":1}', "nonsense"):
            with self.subTest(document=document):
                before = (self.folder / "eventsource.db").read_bytes()
                self.damage(["UPDATE events SET payload = ? WHERE global_position = 4", document])
                kinds = {f[:3] for f in self.findings()}
                self.assertEqual(kinds, {(4, uuid(4), "document")})
                (self.folder / "eventsource.db").write_bytes(before)

    def test_data_that_no_append_takes(self):
        for data in ('"n":tru', '"n":01', '"n":"\\ud800"', '"n":1,"n":2'):
            with self.subTest(data=data):
                before = (self.folder / "eventsource.db").read_bytes()
                self.damage(["UPDATE events SET payload = replace(payload, '\"n\":4', ?) WHERE global_position = 4", data])
                kinds = {f[:3] for f in self.findings()}
                self.assertEqual(kinds, {(4, uuid(4), "document")})
                (self.folder / "eventsource.db").write_bytes(before)

    def test_foreign_tenant_is_a_note(self):
        self.damage(["UPDATE events SET tenant_id = ? WHERE global_position IN (2, 4, 6)", b"acme"])
        out, _ = self.run_program("verify")
        self.assertIn(f"note at position 2, event {uuid(2)}: its tenant is no UUID and shows as absent\n", out)
        self.assertTrue(out.endswith("6 events in 2 streams: no problem found, 3 to know of\n"), out)

    def test_several_at_once_are_all_listed(self):
        self.set_member(2, "actor_id", '"bob"')
        self.damage(["DELETE FROM events WHERE global_position = 3"])
        self.assertEqual([(f[0], f[2]) for f in self.findings()], [(2, "document"), (5, "version")])
        out, _ = self.run_program("verify", status=REFUSED)
        self.assertTrue(out.endswith("5 events in 2 streams: 2 problems found\n"), out)


if __name__ == "__main__":
    unittest.main()
