"""eventsource-py 0.5.0 and the engine take turns on one database: on the tables that it makes, and on ours."""

import json
import unittest

import interop_case
from interop_case import (
    ANY,
    ENGINE,
    FULL,
    NIL,
    NO_STREAM,
    OUR_TABLES,
    STREAM_EXISTS,
    InteropCase,
    at,
    new_id,
    peer_url,
    start_peer,
)
from line_process import LineProcess

setUpModule = interop_case.start


class BothWays:
    """The tests of either schema."""

    def test_the_engine_reads_what_eventsource_py_wrote(self):
        first = self.peer_appends(NO_STREAM, {}, {"event_type": "OrderPaid"})
        second = self.peer_appends(NO_STREAM, FULL, FULL, stream=new_id())
        lines = self.same_log()
        for line, event in zip(lines, first["events"] + second["events"], strict=True):
            self.same_event(line, event)
        self.assertEqual(lines[1]["global_position"], first["position"])
        self.assertEqual(lines[3]["global_position"], second["position"])
        self.assertEqual(self.program("head").strip(), str(second["position"]))
        self.assertEqual(self.engine_does("version", aggregate_id=self.stream), 2)

    def test_an_occurred_at_of_any_offset_is_the_same_moment(self):
        times = ["2024-01-01T00:00:00Z", "2024-01-01T01:30:00.5+05:30", "1999-12-31T23:59:59-08:00"]
        self.peer_appends(NO_STREAM, *({"occurred_at": time} for time in times))
        lines = self.same_log()
        self.assertEqual([at(line["occurred_at"]) for line in lines], [at(time) for time in times])

    def test_eventsource_py_reads_what_the_engine_wrote(self):
        other = new_id()
        self.engine_appends(NO_STREAM, {}, {"event_type": "OrderPaid"})
        written = self.engine_appends(NO_STREAM, {**FULL, "event_id": new_id()}, FULL, stream=other)
        lines = self.same_log()
        self.assertEqual([line["global_position"] for line in lines[2:]], written["positions"])

        stream = self.peer_does("get_events", aggregate_id=self.stream)
        self.assertEqual(stream["version"], 2)
        self.assertEqual([event["event_type"] for event in stream["events"]], ["OrderPlaced", "OrderPaid"])
        for line, event in zip(lines, stream["events"]):
            self.same_event(line, event)
        after_one = self.peer_does("get_events", aggregate_id=self.stream, from_version=1)
        self.assertEqual(after_one, {"version": 2, "events": stream["events"][1:]})
        for backward in (False, True):
            read = self.peer_does("read_stream", aggregate_id=other, backward=backward)
            for line, event in zip(reversed(lines[2:]) if backward else lines[2:], read, strict=True):
                self.same_event(line, event)
        by_type = {event["event_id"]: event for event in self.peer_does("get_events_by_type")}
        for line in lines:
            self.same_event(line, by_type.pop(line["event_id"]))
        self.assertEqual(by_type, {})
        of_tenant = self.peer_does("get_events_by_type", tenant_id=FULL["tenant_id"])
        self.assertEqual({event["event_id"] for event in of_tenant}, set(written["ids"]))
        of_tenant = self.peer_does("read_all", tenant_id=FULL["tenant_id"])
        self.assertEqual([event["event_id"] for event in of_tenant], written["ids"])
        part = self.peer_does("read_all", from_position=lines[0]["global_position"], limit=2)
        self.assertEqual([event["event_id"] for event in part], [line["event_id"] for line in lines[1:3]])
        self.assertTrue(self.peer_does("event_exists", event_id=written["ids"][0]))
        self.assertFalse(self.peer_does("event_exists", event_id=new_id()))
        self.assertEqual(self.peer_does("get_stream_version", aggregate_id=other), 2)
        self.assertEqual(self.peer_does("get_stream_version", aggregate_id=new_id()), 0)
        self.assertEqual(self.peer_does("get_global_position"), written["positions"][-1])

    def test_both_append_to_one_stream_in_turn(self):
        for n in range(0, 12, 4):
            self.assertEqual(self.peer_appends(n, {"number": n})["version"], n + 1)
            self.assertEqual(self.engine_appends(n + 1)["versions"], [n + 2])
            self.assertEqual(self.engine_appends(STREAM_EXISTS)["versions"], [n + 3])
            self.assertEqual(self.peer_appends(n + 3)["version"], n + 4)
        self.assertEqual([line["version"] for line in self.same_log()], list(range(1, 13)))

    def test_each_appends_conflict_with_what_the_other_wrote(self):
        self.engine_appends(NO_STREAM)
        error = self.refused("OptimisticLockError", self.peer_appends, NO_STREAM)
        self.assertEqual(error.answer["actual"], 1)
        self.peer_appends(1)
        error = self.refused("ES_VERSION_CONFLICT", self.engine_appends, 1)
        self.assertEqual(error.answer["actual"], "2")
        self.refused("ES_VERSION_CONFLICT", self.engine_appends, NO_STREAM)
        self.refused("ES_VERSION_CONFLICT", self.engine_appends, STREAM_EXISTS, stream=new_id())
        self.refused("OptimisticLockError", self.peer_appends, STREAM_EXISTS, stream=new_id())
        self.assertEqual(len(self.same_log()), 2)

    def test_an_event_of_eventsource_py_is_known_to_the_engine(self):
        written = self.peer_appends(NO_STREAM, FULL, FULL)["events"][0]["event_id"]
        exported = self.program("export")
        imported = json.loads(self.program("import", "-", "--json", stdin=exported))
        self.assertEqual((imported["stored"], imported["present"]), (0, 2))
        other = {"event_id": written, "tenant_id": FULL["tenant_id"], "payload": {}}
        self.refused("ES_DUPLICATE_EVENT", self.engine_appends, ANY, other)
        # The other way round, eventsource-py leaves out what it knows.
        known = self.engine_appends(2, {"tenant_id": FULL["tenant_id"]})["ids"][0]
        self.assertEqual(self.peer_appends(3, {"event_id": known})["version"], 3)
        self.assertEqual(len(self.same_log()), 3)

    def test_a_stream_has_one_tenant_whoever_writes(self):
        self.peer_appends(NO_STREAM, {"tenant_id": FULL["tenant_id"]})
        self.refused("ES_WRONG_TENANT", self.engine_appends, 1)
        self.refused("ES_WRONG_TENANT", self.engine_appends, 1, {"tenant_id": new_id()})
        self.assertEqual(self.engine_appends(1, {"tenant_id": FULL["tenant_id"]})["versions"], [2])
        self.assertEqual(len(self.engine_log("--tenant", FULL["tenant_id"])), 2)
        self.assertEqual(len(self.same_log()), 2)

    def test_writers_of_both_kinds_race_for_one_stream(self):
        each = 40
        others = [LineProcess([ENGINE]) for _ in range(2)]
        for other in others:
            self.addCleanup(other.close)
            other.ask("open", url=self.url)
        second = start_peer()
        self.addCleanup(second.close)
        second.ask("connect", url=peer_url(self.database))
        racers = [*others, interop_case.peer, second]
        for n, racer in enumerate(racers):
            racer.send("race", aggregate_id=self.stream, count=each, first=1000 * n)
        results = [racer.receive() for racer in racers]
        # It is no race when nobody ever lost.
        self.assertGreater(sum(result["conflicts"] for result in results), 0)
        stored = [event_id for result in results for event_id in result["stored"]]
        lines = self.engine_log()
        self.assertEqual(sorted(line["event_id"] for line in lines), sorted(stored))
        self.assertEqual([line["version"] for line in lines], list(range(1, each * len(racers) + 1)))
        for result in results:  # each one's own in the order in which it wrote them
            own = [line["event_id"] for line in lines if line["event_id"] in set(result["stored"])]
            self.assertEqual(own, result["stored"])
        self.assertEqual(self.verify()["problems"], 0)
        self.assertEqual(self.peer_does("get_stream_version", aggregate_id=self.stream), len(stored))

    def test_its_outbox_goes_on(self):
        self.engine_appends(NO_STREAM)
        self.peer_does("connect", url=peer_url(self.database), outbox=True)
        events = self.peer_appends(1, {**FULL, "tenant_id": None}, {})["events"]
        self.assertEqual([line["version"] for line in self.same_log()], [1, 2, 3])
        pending = self.peer_does("get_pending_events")
        for entry, event in zip(pending, events, strict=True):
            data = entry["event_data"]
            data = json.loads(data) if isinstance(data, str) else data
            self.assertEqual(data["payload"], event)
            self.assertEqual((entry["event_id"], data["event_id"]), (event["event_id"], event["event_id"]))
            self.assertEqual((entry["event_type"], entry["aggregate_id"]), (event["event_type"], self.stream))
        stats = self.peer_does("publish_outbox", published=pending[0]["id"], failed=pending[1]["id"])
        self.assertEqual((stats["pending_count"], stats["published_count"], stats["failed_count"]), (0, 1, 1))
        # The one file of its SQL templates that PostgreSQL takes (its checkpoints.sql and dlq.sql do not load).
        self.psql(self.peer_does("template", name="outbox"))
        self.peer_appends(3)
        self.assertEqual(self.psql("select event_type from get_pending_outbox_events(10, 5)"), "OrderPlaced")

    def test_snapshots_of_both(self):
        states = [{"total": 1.25, "z": 1, "a": [{"é": None}]}, {"total": 2}, {"total": 3}]
        self.peer_does("save_snapshot", aggregate_id=self.stream, version=2, schema_version=1, state=states[0])
        self.assertEqual(
            self.engine_does("load_snapshot", aggregate_id=self.stream),
            {"version": 2, "schema_version": 1, "created_at": "2026-01-02T03:04:05.678901Z", "state": states[0]},
        )
        saved = {"aggregate_id": self.stream, "version": 1, "schema_version": 1, "state": states[1]}
        self.assertFalse(self.engine_does("save_snapshot", **saved), "what is there is newer")
        self.assertTrue(self.engine_does("save_snapshot", **{**saved, "version": 3}))
        read = self.peer_does("get_snapshot", aggregate_id=self.stream)
        self.assertEqual((read["version"], read["schema_version"], read["state"]), (3, 1, states[1]))
        self.peer_does("save_snapshot", aggregate_id=self.stream, version=4, schema_version=2, state=states[2])
        self.assertEqual(self.engine_does("load_snapshot", aggregate_id=self.stream)["state"], states[2])
        self.assertTrue(self.peer_does("delete_snapshot", aggregate_id=self.stream))
        self.refused("ES_SNAPSHOT_NOT_FOUND", self.engine_does, "load_snapshot", aggregate_id=self.stream)

    def test_checkpoints(self):
        first, last = self.engine_appends(NO_STREAM, {}, {})["ids"]
        self.assertEqual(self.peer_does("get_checkpoint", name="Orders")["event_id"], None)
        self.peer_does("update_checkpoint", name="Orders", event_id=first)
        self.peer_does("save_position", name="Orders", position=2, event_id=last)
        self.peer_does("save_position", name="Others", position=1, event_id=first)
        checkpoint = self.peer_does("get_checkpoint", name="Orders")
        self.assertEqual((checkpoint["event_id"], checkpoint["position"], checkpoint["all"]), (last, 2, 2))
        self.assertEqual(checkpoint["lag"]["events_processed"], 2)
        self.assertEqual(checkpoint["lag"]["lag_seconds"], 0.0)
        self.peer_does("reset_checkpoint", name="Orders")
        self.assertEqual(self.peer_does("get_checkpoint", name="Orders")["position"], None)

    def test_dead_letters(self):
        self.engine_appends(NO_STREAM, FULL)
        event = self.peer_does("get_events", aggregate_id=self.stream)["events"][0]
        self.peer_does("add_failed_event", event=event, error="first")
        self.peer_does("add_failed_event", event=event, error="second")
        (entry,) = self.peer_does("get_failed_events")
        data = entry["event_data"]
        self.assertEqual(json.loads(data) if isinstance(data, str) else data, event)
        self.assertEqual((entry["event_id"], entry["error_message"]), (event["event_id"], "second"))
        resolved = self.peer_does("mark_resolved", entry=entry["id"])
        self.assertEqual((resolved["status"], resolved["resolved_by"]), ("resolved", "ann"))
        self.assertEqual(self.peer_does("get_failed_events"), [])

    def test_the_program_exports_and_imports(self):
        self.peer_appends(NO_STREAM, {}, FULL | {"tenant_id": None})
        self.engine_appends(2)
        exported = self.program("export")
        counted = json.loads(self.program("stats", "--json"))
        self.assertEqual((counted["events"], counted["streams"]), (3, 1))
        self.psql("truncate events")
        self.program("import", "-", stdin=exported)
        self.assertEqual(self.program("export"), exported)
        self.assertEqual([line["global_position"] for line in self.same_log()], [4, 5, 6])
        self.assertEqual(self.peer_does("get_stream_version", aggregate_id=self.stream), 3)


class OnItsTables(BothWays, InteropCase):
    """jsonb, BIGSERIAL, no identity."""

    def set_up_tables(self):
        self.psql(self.schema_of_peer())

    def test_it_has_no_identity_and_no_tokens(self):
        self.assertEqual(self.opened, {"created": False, "id": NIL})
        self.assertEqual(self.engine_appends(NO_STREAM)["token"], "")
        read = self.engine_does("read", after=0)
        self.assertEqual((read["token"], len(read["positions"])), ("", 1))
        self.engine_does("open", url="memory:")
        token = self.engine_appends(NO_STREAM)["token"]
        self.engine_does("open", url=self.url)
        more = {"aggregate_id": self.stream, "expected": ANY, "events": [{"event_type": "OrderPaid", "payload": {}}]}
        error = self.refused("ES_INVALID_TOKEN", self.engine_does, "append", **more, token=token)
        self.assertIn("no identity", str(error))
        shown = json.loads(self.program("init", "--json"))
        self.assertEqual((shown["created"], shown["id"], shown["schema_version"]), (False, NIL, 0))

    def test_all_sql_gives_it_an_identity_and_changes_nothing_else(self):
        self.peer_appends(NO_STREAM)
        self.psql(OUR_TABLES)
        self.assertNotEqual(self.engine_does("open", url=self.url)["id"], NIL)
        self.assertNotEqual(self.engine_appends(1)["token"], "")
        self.peer_appends(2)
        self.assertEqual(len(self.same_log()), 3)

    def test_a_version_in_a_document_that_is_not_that_of_the_column_is_a_finding(self):
        # What it writes for events that were made without an aggregate: each says 1.
        self.peer_appends(NO_STREAM, {}, {"aggregate_version": 1})
        problems = json.loads(self.program("verify", "--json", status=1))
        self.assertEqual(problems["problems"], 1)
        self.assertEqual([line["version"] for line in self.engine_log()], [1, 2])
        self.assertEqual(self.engine_appends(2)["versions"], [3])


    def test_its_partitioned_table_is_read_but_not_written(self):
        # Its unique keys contain the time, so that two writers may both get a version.
        self.psql("drop table events cascade")
        self.psql(self.peer_does("template", name="events_partitioned"))
        self.peer_appends(NO_STREAM, {}, {"occurred_at": "2020-01-01T00:00:00Z"})
        self.assertEqual(len(self.same_log()), 2)
        error = self.refused("ES_NOT_A_STORE", self.engine_does, "open", url=self.url)
        self.assertIn("unique key on (aggregate_id, aggregate_type, version)", str(error))


class OnOurTables(BothWays, InteropCase):
    """json, identity columns, an identity."""

    def set_up_tables(self):
        self.psql(OUR_TABLES)

    def test_documents_of_eventsource_py_keep_their_bytes(self):
        self.peer_appends(NO_STREAM)
        document = self.psql("select payload from events")
        self.assertIn('"nested": {"z": {"a": [1, [2.5, null]]}, "": "", "a": false', document)
        self.assertNotEqual(self.opened["id"], NIL)

    def test_its_schema_file_can_be_run_on_them(self):
        self.engine_appends(NO_STREAM)
        self.psql(self.schema_of_peer())
        self.peer_appends(1)
        self.assertEqual(len(self.same_log()), 2)
        self.assertEqual(self.psql("select data_type from information_schema.columns where table_name = 'events' "
                                   "and column_name = 'payload'"), "json")  # fmt: skip


if __name__ == "__main__":
    unittest.main()
