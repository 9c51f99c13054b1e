"""Tables that are neither ours nor those of eventsource-py 0.5: its older layout, and another DDL's bare columns."""

import json
import unittest
import uuid

import interop_case
from interop_case import ANY, FULL, NO_STREAM, STREAM_EXISTS, InteropCase, new_id

setUpModule = interop_case.start


class OnTheOldLayout(InteropCase):
    """Without global_position, as eventsource-py before 0.3.1 made it."""

    def set_up_tables(self):
        self.psql(self.schema_of_peer())

    def test_the_message_has_the_sql_that_makes_it_a_store(self):
        other = new_id()
        first = self.peer_appends(NO_STREAM, {}, {}, {})["events"]
        second = self.peer_appends(NO_STREAM, {}, stream=other)["events"]
        # The second stream is the older one; and the old layout had the id as its primary key.
        self.psql(f"update events set created_at = '2020-01-01 00:00Z' where aggregate_id = '{other}'")
        self.psql(
            "alter table events drop column global_position, drop constraint events_event_id_key,"
            " add primary key (event_id)"
        )
        for command in ("head", "init", "verify"):
            _, message = self.run_program(command, status=1)
        self.refused("ES_FOREIGN_STORE", self.engine_does, "open", url=self.url)
        self.assertIn("before 0.3.1", message)
        self.psql(message.split("run:\n", 1)[1])

        self.engine_does("open", url=self.url)
        lines = self.same_log()
        self.assertEqual([line["event_id"] for line in lines], [event["event_id"] for event in second + first])
        self.assertEqual([line["global_position"] for line in lines], [1, 2, 3, 4])
        self.assertEqual(self.engine_appends(3)["positions"], [5])
        self.assertEqual(self.peer_appends(4)["position"], 6)
        self.refused("OptimisticLockError", self.peer_appends, 4)
        self.assertEqual(len(self.same_log()), 6)


class OnBareTables(InteropCase):
    """The program on the guide's columns alone, as another DDL has them. No library made them, and none is asked."""

    BARE = """
        create table events (
          payload jsonb not null, tenant_id varchar, actor_id text, version bigint not null, event_type text not null,
          aggregate_type text not null, aggregate_id uuid not null, event_id uuid unique, timestamp timestamptz,
          created_at timestamptz default now(), global_position serial primary key,
          unique (aggregate_type, aggregate_id, version)
        )"""

    def set_up_tables(self):
        self.psql(self.BARE)

    def set_up_peer(self):
        pass

    def line(self, number, stream, **more):
        return json.dumps({
            "event_id": str(uuid.UUID(int=number)), "aggregate_id": stream, "aggregate_type": "Order",
            "event_type": "OrderPlaced", "occurred_at": "2024-01-01T00:00:00.000000Z", **more, "payload": {"n": number},
        }, separators=(",", ":")) + "\n"  # fmt: skip

    def test_the_program_works_on_them(self):
        lines = [self.line(1, self.stream), self.line(2, new_id(), tenant_id=FULL["tenant_id"])]
        text = "".join(lines) + self.line(3, self.stream)
        self.assertEqual(json.loads(self.program("import", "-", "--json", stdin=text))["stored"], 3)
        self.assertEqual(json.loads(self.program("import", "-", "--json", stdin=text))["present"], 3)
        self.assertEqual([line["version"] for line in self.engine_log()], [1, 1, 2])
        self.assertEqual(self.program("export").replace('": ', '":'), text)
        self.assertEqual(json.loads(self.program("stats", "--json"))["events"], 3)
        self.assertEqual(self.verify()["problems"], 0)
        self.assertEqual(len(self.engine_log("--tenant", FULL["tenant_id"])), 1)

    def test_verify_lists_a_tenant_that_is_no_uuid(self):
        self.program("import", "-", stdin=self.line(1, self.stream) + self.line(2, new_id()) + self.line(3, new_id()))
        self.psql("update events set tenant_id = 'acme' where global_position = 2")
        # In the columns and in the document alike, in two ways to write it.
        self.psql("update events set tenant_id = 'ABCDEF000000400080000000000000AB', payload = jsonb_set(payload, "
                  "'{tenant_id}', '\"abcdef00-0000-4000-8000-0000000000ab\"') where global_position = 3")  # fmt: skip
        found = self.verify()
        self.assertEqual((found["problems"], found["notes"]), (0, 1))
        self.assertIn("2", self.program("verify"))
        self.assertEqual(
            [line.get("tenant_id") for line in self.engine_log()], [None, None, "abcdef00-0000-4000-8000-0000000000ab"]
        )
        stream = self.engine_log()[1]["aggregate_id"]
        for expected in (ANY, STREAM_EXISTS, 1):
            self.refused("ES_WRONG_TENANT", self.engine_appends, expected, stream=stream)
        _, message = self.run_program("export", status=1)
        self.assertIn("tenant", message)


if __name__ == "__main__":
    unittest.main()
