"""sql/postgres/add_global_position.sql: the events of eventsource-py 0.1 to 0.3.0 get their positions."""

import random
import unittest

import guide_layout
import libpq
from sql_case import ALL_SQL, SQL, SqlCase, start_server

setUpModule = start_server

UPGRADE = (SQL / "add_global_position.sql").read_text(encoding="utf-8")


def event(stream, version, created):
    return (
        "insert into events"
        " (event_id, aggregate_id, aggregate_type, event_type, version, timestamp, payload, created_at)"
        f" values (gen_random_uuid(), '00000000-0000-0000-0000-{stream:012}', 'T', 'E', {version}, now(), '{{}}',"
        f" timestamptz '2025-01-01 00:00Z' + interval '{created} seconds');\n"
    )


class AddGlobalPosition(SqlCase):
    def setUp(self):
        super().setUp()
        self.psql(guide_layout.EVENTS_WITHOUT_POSITION)

    def order(self):
        return self.psql("select right(aggregate_id::text, 1), version from events order by global_position").split()

    def test_the_order_is_that_of_creation(self):
        self.psql(event(2, 1, 10) + event(1, 1, 30) + event(2, 2, 20) + event(3, 1, 20) + UPGRADE)
        self.assertEqual(self.order(), ["2|1", "3|1", "2|2", "1|1"])
        self.assertEqual(self.psql("select min(global_position), max(global_position) from events"), "1|4")

    def test_a_transaction_that_began_early_does_not_turn_a_stream_around(self):
        self.psql(event(1, 1, 20) + event(1, 2, 10) + event(2, 1, 15) + UPGRADE)
        self.assertEqual(self.order(), ["2|1", "1|1", "1|2"])

    def test_no_stream_is_turned_around_whatever_the_times(self):
        seed = random.randrange(2**32)
        chance = random.Random(seed)
        rows = [event(s, v, chance.randrange(20)) for s in range(1, 10) for v in range(1, 20)]
        chance.shuffle(rows)
        self.psql("".join(rows) + UPGRADE)
        turned = """
            select count(*) from (select global_position - lag(global_position) over (
              partition by aggregate_id order by version) as step from events) as steps where step <= 0"""
        self.assertEqual(self.psql(turned), "0", f"seed {seed}")
        self.assertEqual(self.psql("select count(distinct global_position) from events"), str(len(rows)))

    def test_the_layout_is_then_that_of_later_versions(self):
        self.psql(event(1, 1, 0) + UPGRADE)
        self.create_database("later")
        self.psql(guide_layout.EVENTS, database="later")
        constraints = "select conname, pg_get_constraintdef(oid) from pg_constraint where contype in ('p', 'u')"
        self.assertEqual(self.rows(constraints), self.rows(constraints, database="later"))
        indexes = "select indexdef from pg_indexes where schemaname = 'public'"
        self.assertEqual(self.rows(indexes), self.rows(indexes, database="later"))
        sequence = "select pg_get_serial_sequence('events', 'global_position')"
        self.assertEqual(self.psql(sequence), "public.events_global_position_seq")

    def test_the_next_event_comes_after_all(self):
        self.psql(event(1, 1, 0) + event(1, 2, 0) + UPGRADE + event(1, 3, 0))
        self.assertEqual(self.psql("select version from events where global_position = 3"), "3")

    def test_an_empty_log_starts_at_one(self):
        self.psql(UPGRADE + event(1, 1, 0))
        self.assertEqual(self.psql("select global_position from events"), "1")

    def test_again_it_changes_nothing(self):
        self.psql(event(1, 1, 0) + UPGRADE)
        before = self.fingerprint()
        with libpq.Connection(self.url) as connection:
            connection.execute_prepared(UPGRADE)
        self.assertEqual(self.fingerprint(), before)

    def test_a_new_store_is_left_alone(self):
        self.psql("drop table events;" + ALL_SQL)
        before = self.fingerprint()
        self.psql(UPGRADE)
        self.assertEqual(self.fingerprint(), before)

    def test_a_primary_key_of_another_name(self):
        self.psql('alter table events rename constraint events_pkey to "Odd key"')
        self.psql(event(1, 1, 0) + UPGRADE)
        self.assertEqual(self.order(), ["1|1"])


if __name__ == "__main__":
    unittest.main()
