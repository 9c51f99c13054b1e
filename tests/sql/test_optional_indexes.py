"""sql/postgres/optional_indexes on a real server: each is made, valid, and answers the question of its comment."""

import unittest

import guide_layout
import libpq
from sql_case import ALL_SQL, SQL, SqlCase, start_server

setUpModule = start_server

FILES = {file.stem: file.read_text(encoding="utf-8") for file in sorted((SQL / "optional_indexes").glob("*.sql"))}
TENANT = "00000000-0000-0000-0000-000000000007"
QUESTIONS = {
    "idx_events_aggregate_type": "select count(*) from events where aggregate_type = 'T3'",
    "idx_events_correlation": "select * from events where payload->>'correlation_id' = 'c7'",
    "idx_events_event_type": "select count(*) from events where event_type = 'E3'",
    "idx_events_event_type_position": "select * from events where event_type = 'E3' and global_position > 50 "
    "order by global_position limit 10",
    "idx_events_tenant_id": f"select count(*) from events where tenant_id = '{TENANT}'",
    "idx_events_tenant_position": f"select * from events where tenant_id = '{TENANT}' and global_position > 50 "
    "order by global_position limit 10",
    "idx_events_tenant_timestamp": f"select * from events where tenant_id = '{TENANT}' and timestamp > 'epoch'",
    "idx_events_timestamp": "select * from events order by timestamp limit 10",
    "idx_events_type_position": "select * from events where aggregate_type = 'T3' and global_position > 50 "
    "order by global_position limit 10",
    "idx_events_type_tenant_timestamp": "select * from events where aggregate_type = 'T3' "
    f"and tenant_id = '{TENANT}' and timestamp > 'epoch' order by timestamp",
}
# Types and tenants in no order of positions, so that a walk along another index is the dearer way.
EVENTS = """
insert into events (event_id, aggregate_id, aggregate_type, event_type, tenant_id, version, timestamp, payload)
select gen_random_uuid(), gen_random_uuid(), 'T' || n % 97, 'E' || n % 89,
       ('00000000-0000-0000-0000-' || lpad((n % 101)::text, 12, '0'))::uuid, 1,
       'epoch'::timestamptz + n * interval '1 s', json_build_object('correlation_id', 'c' || n % 103)
from generate_series(1, 20000) as n;
analyze events;
"""


class OptionalIndexes(SqlCase):
    def create(self, text):
        with libpq.Connection(self.url) as connection:
            connection.execute("set client_min_messages = warning")
            connection.execute(text)
            self.assertEqual(connection.notices, [])

    def valid(self):
        return self.rows(
            "select relname from pg_index join pg_class on oid = indexrelid"
            " where indrelid = 'events'::regclass and indisvalid and relname ~ '^idx_events_' and relname !~ 'brin$'"
        )

    def test_each_is_made_under_the_name_of_its_file_and_again_is_no_failure(self):
        for layout in (ALL_SQL, guide_layout.ALL):
            with self.subTest(layout[:20]):
                self.psql("drop table if exists events, eventsource_schema;" + layout)
                for text in FILES.values():
                    self.create(text)
                    self.create(text)
                self.assertLessEqual(set(FILES), self.valid())

    def test_each_answers_its_question(self):
        self.assertEqual(set(QUESTIONS), set(FILES))
        self.psql(ALL_SQL + EVENTS)
        for name, text in FILES.items():
            with self.subTest(name):
                self.create(text)
                self.assertIn(name, self.psql("explain " + QUESTIONS[name]))
                self.psql(f"drop index {name}")

    def test_none_repeats_a_unique_key_or_another(self):
        self.psql(ALL_SQL)
        for text in FILES.values():
            self.create(text)
        of_events = "from pg_index where indrelid = 'events'::regclass"
        rows = self.psql(f"select indkey::text, indpred is null, indexprs is null {of_events}").splitlines()
        self.assertEqual(len(rows), len(set(rows)) + 1)  # BRIN and B-tree on timestamp
        unique = self.rows(f"select indkey::text {of_events} and indisunique")
        self.assertFalse([row for row in rows if any(u.startswith(row.split("|")[0] + " ") for u in unique)])

    def test_they_are_made_while_a_writer_is_at_work(self):
        for text in FILES.values():
            self.assertIn("CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_events_", text)


if __name__ == "__main__":
    unittest.main()
