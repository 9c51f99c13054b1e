"""eventsource init, read, stream, show, head and stats."""

import json
import unittest

from program import FLIGHTS, OK, REFUSED, UNAVAILABLE, USAGE, ProgramTest, environment, line, uuid

FLIGHT = "441128e3-eb39-5a27-9500-4e8cb783f0bd"
TABLE = """\
POSITION  OCCURRED AT           AGGREGATE  AGGREGATE ID                          VERSION  EVENT TYPE      EVENT ID                              DATA
       1  2013-02-04T09:53:00Z  Flight     441128e3-eb39-5a27-9500-4e8cb783f0bd        1  FlightDeparted  3218263d-c73e-5e70-8ba1-3d99e856cb7c  {"flight":"US1117","origin":"EWR","dest":"CLT","carrier":"US Airways Inc.","tailnum":"N557UW","scheduled":"2013-02-04T10:00:00Z","delay_minutes":-7}
      11  2013-02-04T11:15:00Z  Flight     441128e3-eb39-5a27-9500-4e8cb783f0bd        2  FlightArrived   2d22a0a9-399a-5e16-9673-01f62cce4aeb  {"flight":"US1117","origin":"EWR","dest":"CLT","delay_minutes":-7,"air_minutes":82,"distance_miles":529}
"""
CARD = """\
event_id           00000000-0000-4000-8000-000000000001
event_type         OrderPlaced
event_version      2
occurred_at        2013-02-04T09:53:00.000000Z
aggregate_type     Order
aggregate_id       00000000-0000-4000-8000-0000000a0001
aggregate_version  1
tenant_id          00000000-0000-4000-8000-000000000007
actor_id           ann
correlation_id     00000000-0000-4000-8000-000000000008
causation_id       -
global_position    1
stored_at          TIME
metadata           {
  "ip": "::1"
}
data               {
  "total": 1.10,
  "big": 12345678901234567890,
  "text": "a, b: {c}\\n\\"d\\"",
  "none": {},
  "list": [
    1,
    [],
    {
      "x": null
    }
  ]
}
"""


class Read(ProgramTest):
    def setUp(self):
        super().setUp()
        self.run_program("import", FLIGHTS)

    def positions(self, *words, status=OK):
        out, _ = self.run_program("read", "--format", "ndjson", *words, status=status)
        return [json.loads(text)["global_position"] for text in out.splitlines()]

    def test_table(self):
        # The columns take their widths from the rows, so the two rows of a stream show them all.
        self.assertEqual(self.run_program("stream", "Flight", FLIGHT)[0], TABLE)
        out, _ = self.run_program("read", "--limit", "1")
        self.assertEqual(out, "".join(TABLE.splitlines(keepends=True)[:2]))

    def test_ndjson_is_the_full_export(self):
        out, _ = self.run_program("read", "--format=ndjson")
        self.assertEqual(out, self.export("--full"))
        self.assertEqual(self.run_program("read", "--json")[0], out)

    def test_ranges(self):
        self.assertEqual(self.positions(), list(range(1, 26)))
        self.assertEqual(self.positions("--after", "20"), [21, 22, 23, 24, 25])
        self.assertEqual(self.positions("--after", "20", "--limit", "2"), [21, 22])
        self.assertEqual(self.positions("--after", "25"), [])
        self.assertEqual(self.positions("--backward", "--limit", "3"), [25, 24, 23])
        self.assertEqual(self.positions("--backward", "--after", "4"), [3, 2, 1])

    def test_filters(self):
        every = [json.loads(text) for text in self.export("--full").splitlines()]

        def expected(test):
            return [event["global_position"] for event in every if test(event)]

        cancelled = expected(lambda event: event["event_type"] == "FlightCancelled")
        self.assertEqual(len(cancelled), 3)
        self.assertEqual(self.positions("--type", "FlightCancelled"), cancelled)
        both = expected(lambda event: event["event_type"] in ("FlightCancelled", "FlightDiverted"))
        self.assertEqual(self.positions("--type", "FlightCancelled", "--type=FlightDiverted"), both)
        self.assertEqual(self.positions("--aggregate-type", "Flight"), list(range(1, 26)))
        self.assertEqual(self.positions("--aggregate-type", "Train"), [])
        self.assertEqual(self.positions("--tenant", uuid(1)), [])
        # From inclusive, to exclusive, in any offset.
        time = every[10]["occurred_at"]
        since = expected(lambda event: event["occurred_at"] >= time)
        until = expected(lambda event: event["occurred_at"] < time)
        self.assertEqual(self.positions("--since", time), since)
        self.assertEqual(self.positions("--until", time), until)
        self.assertEqual(self.positions("--since", "2013-02-04T06:15:00-05:00"), since)

    def test_tenant(self):
        text = line(1, tenant_id=uuid(7)) + line(2, stream=2, tenant_id=uuid(8)) + line(3, stream=3)
        self.run_program("import", "-", stdin=text)
        self.assertEqual(self.positions("--tenant", uuid(7)), [26])

    def test_wrong_values(self):
        cases = {
            ("--limit", "0"): '--limit wants a whole number from 1, not "0"',
            ("--limit", "-3"): '--limit wants a whole number from 1, not "-3"',
            ("--limit", "ten"): '--limit wants a whole number from 1, not "ten"',
            ("--limit", "99999999999999999999"): "--limit is too large",
            ("--after", "-1"): '--after wants a whole number from 0, not "-1"',
            ("--tenant", "acme"): '--tenant wants a UUID, not "acme"',
            ("--since", "today"): "--since wants a time in the years 1 to 9999 with an offset",
            ("--type", ""): "--type wants a name",
            ("--since", "2013-02-05T00:00:00Z", "--until", "2013-02-04T00:00:00Z"): "--since is later than --until",
            ("--format", "xml"): '--format is table or ndjson, not "xml"',
            ("--format", "ndjso"): "(did you mean ndjson?)",
        }
        for words, what in cases.items():
            with self.subTest(words=words):
                out, err = self.run_program("read", *words, status=USAGE)
                self.assertEqual(out, "")
                self.assertIn(what, err)

    def test_stream(self):
        def versions(*words):
            out, _ = self.run_program("stream", "Flight", FLIGHT, "--json", *words)
            return [json.loads(text)["version"] for text in out.splitlines()]

        self.assertEqual(versions(), [1, 2])
        self.assertEqual(versions("--from", "2"), [2])
        self.assertEqual(versions("--to", "1"), [1])
        self.assertEqual(versions("--backward"), [2, 1])
        self.assertEqual(versions("--backward", "--limit", "1"), [2])
        self.assertEqual(versions("--from", "3"), [])
        _, err = self.run_program("stream", "Flight", uuid(1), status=REFUSED)
        self.assertEqual(err, f"eventsource: there is no stream Flight {uuid(1)}\n")
        self.run_program("stream", "Flight", "US1117", status=USAGE)
        self.run_program("stream", "Flight", FLIGHT, "--from", "2", "--to", "1", status=USAGE)


class Show(ProgramTest):
    def test_card(self):
        payload = '{"total":1.10,"big":12345678901234567890,"text":"a, b: {c}\\n\\"d\\"","none":{ },"list":[1,[],{"x":null}]}'
        text = line(1, event_version=2, tenant_id=uuid(7), actor_id="ann", correlation_id=uuid(8), metadata={"ip": "::1"})
        self.run_program("import", "-", stdin=text.replace('{"n":1}', payload))
        stored_at = json.loads(self.export("--full"))["stored_at"]
        self.assertEqual(self.run_program("show", uuid(1))[0], CARD.replace("TIME", stored_at))
        self.assertEqual(self.run_program("show", uuid(1), "--json")[0], self.export("--full"))

    def test_not_there(self):
        self.run_program("init")
        _, err = self.run_program("show", uuid(1), status=REFUSED)
        self.assertIn(uuid(1), err)
        _, err = self.run_program("show", "abc", status=USAGE)
        self.assertIn('EVENT_ID wants a UUID, not "abc"', err)

    def test_control_characters_are_shown_as_text(self):
        self.run_program("import", "-", stdin=line(1, event_type="a\x1b[31m\x7f\x9bz", actor_id="\r"))
        for command in (["show", uuid(1)], ["read"], ["stats"]):
            with self.subTest(command=command):
                out, _ = self.run_program(*command)
                self.assertIn(r"a\x1b[31m\x7f\x9bz", out)
                for character in "\x1b\x7f\x9b\r":
                    self.assertNotIn(character, out)


class Small(ProgramTest):
    def test_init(self):
        out, err = self.run_program("init")
        self.assertEqual((out, err), ("", "eventsource: made a new store, sqlite:///eventsource.db\n"))
        out, err = self.run_program("init")
        self.assertEqual((out, err), ("", "eventsource: there is a store already, sqlite:///eventsource.db; nothing was changed\n"))
        result = json.loads(self.run_program("init", "--json")[0])
        self.assertEqual((result["url"], result["backend"], result["created"]), ("sqlite:///eventsource.db", "sqlite", False))
        other = json.loads(self.run_program("--store", "sqlite:///b.db", "init", "--json")[0])
        self.assertTrue(other["created"])
        self.assertNotEqual(other["id"], result["id"])

    def test_init_where_no_folder_is(self):
        _, err = self.run_program("init", "--store", "sqlite:///no/folder/x.db", status=UNAVAILABLE)
        self.assertIn("no/folder/x.db", err)

    def test_head(self):
        self.run_program("init")
        self.assertEqual(self.run_program("head")[0], "0\n")
        self.run_program("import", FLIGHTS)
        self.assertEqual(self.run_program("head")[0], "25\n")
        self.assertEqual(self.run_program("head", "--json")[0], '{"position":25}\n')

    def test_stats(self):
        self.run_program("import", FLIGHTS)
        size = (self.folder / "eventsource.db").stat().st_size
        result = json.loads(self.run_program("stats", "--json")[0])
        types = {entry["event_type"]: entry["events"] for entry in result["types"]}
        expected = {"FlightArrived": 10, "FlightCancelled": 3, "FlightDeparted": 11, "FlightDiverted": 1}
        self.assertEqual(types, expected)
        self.assertEqual((result["events"], result["streams"], result["snapshots"]), (25, 14, 0))
        self.assertEqual((result["first_position"], result["last_position"]), (1, 25))
        self.assertEqual(result["file_bytes"], size)
        out, _ = self.run_program("stats")
        self.assertIn("events     25\nstreams    14\n", out)
        self.assertIn("     3  Flight     FlightCancelled\n", out)

    def test_url_of_no_known_form(self):
        env = environment(DATABASE_URL="mysql://ann:secret@example.org/db")
        _, err = self.run_program("head", status=USAGE, env=env)
        self.assertIn("$DATABASE_URL: ", err)
        self.assertNotIn("secret", err)


if __name__ == "__main__":
    unittest.main()
