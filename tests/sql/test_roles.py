"""sql/postgres/roles.sql on a real server: what each role may do, and that it may do nothing else."""

import unittest

import guide_layout
import libpq
from sql_case import ALL_SQL, SQL, SqlCase, start_server

setUpModule = start_server

ROLES_SQL = (SQL / "roles.sql").read_text(encoding="utf-8")
NEW_EVENT = """
insert into events (event_id, aggregate_id, aggregate_type, event_type, version, timestamp, payload)
values (gen_random_uuid(), gen_random_uuid(), 'T', 'E', 1, now(), '{}')
"""
DRAWN_EVENT = """
insert into events (global_position, event_id, aggregate_id, aggregate_type, event_type, version, timestamp, payload)
values (nextval('events_global_position_seq'), gen_random_uuid(), gen_random_uuid(), 'T', 'E', 1, now(), '{}')
"""
OTHERS = """
insert into event_outbox (event_id, event_type, aggregate_id, aggregate_type, event_data)
  values (gen_random_uuid(), 'E', gen_random_uuid(), 'T', '{}');
insert into dead_letter_queue (event_id, projection_name, event_type, event_data, error_message)
  values (gen_random_uuid(), 'p', 'E', '{}', 'failed');
insert into snapshots (aggregate_id, aggregate_type, version, state) values (gen_random_uuid(), 'T', 1, '{}');
insert into projection_checkpoints (projection_name) values ('p');
"""
EVERYTHING = "SELECT, INSERT, UPDATE, DELETE"
APP = {
    "events": "SELECT, INSERT",
    "event_outbox": "SELECT, INSERT, UPDATE",
    "projection_checkpoints": EVERYTHING,
    "dead_letter_queue": EVERYTHING,
    "snapshots": EVERYTHING,
    "eventsource_schema": "SELECT",
}
TABLE_GRANTS = """
select relname, string_agg(privilege_type, ', ' order by position(privilege_type in 'SELECT INSERT UPDATE DELETE'))
from pg_class, aclexplode(relacl) where grantee = '{role}'::regrole and relkind = '{kind}' group by 1
"""


class Roles(SqlCase):
    def grants(self, role, kind="r"):
        return dict(row.split("|") for row in self.rows(TABLE_GRANTS.format(role=role, kind=kind)))

    def users(self):
        self.psql("create role orders login; grant eventsource_app to orders")
        self.psql("create role reports login; grant eventsource_readonly to reports")

    def test_the_grants_are_these_and_no_more(self):
        self.psql(ALL_SQL + ROLES_SQL)
        self.assertEqual(self.grants("eventsource_app"), APP)
        self.assertEqual(self.grants("eventsource_app", "S"), {"events_global_position_seq": "USAGE"})
        self.assertEqual(self.grants("eventsource_readonly"), dict.fromkeys(APP, "SELECT"))
        self.assertEqual(self.grants("eventsource_readonly", "S"), {})

    def test_the_roles_have_no_password_and_no_power(self):
        self.psql(ALL_SQL + ROLES_SQL)
        power = "rolcanlogin or rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls"
        sql = f"select rolname, rolpassword is null, {power} from pg_authid where rolname ~ '^eventsource'"
        self.assertEqual(self.rows(sql), {"eventsource_app|t|f", "eventsource_readonly|t|f"})

    def test_the_application_appends_but_changes_no_event(self):
        self.psql(ALL_SQL + ROLES_SQL)
        self.users()
        self.psql(NEW_EVENT + ";" + DRAWN_EVENT + ";" + OTHERS, "orders")
        self.assertEqual(self.psql("select array_agg(global_position) from events", "orders"), "{1,2}")
        for sql in (
            "update events set payload = '{}'",
            "delete from events",
            "truncate events",
            "delete from event_outbox",
            "update eventsource_schema set store_id = gen_random_uuid()",
            "delete from eventsource_schema",
        ):
            self.refused(sql, "orders", "permission denied")
        for sql in ("drop table events", "alter table events add column n int"):
            self.refused(sql, "orders", "must be owner")
        self.refused("select setval('events_global_position_seq', 1)", "orders", "permission denied")

    def test_the_reader_reads_and_writes_nothing(self):
        self.psql(ALL_SQL + ROLES_SQL + NEW_EVENT)
        self.users()
        self.assertEqual(self.psql("select count(*) from events", "reports"), "1")
        for table in APP:
            self.psql(f"table {table}", "reports")
            self.refused(f"delete from {table}", "reports", "permission denied")
        self.refused(NEW_EVENT, "reports", "permission denied")
        self.refused("select nextval('events_global_position_seq')", "reports", "permission denied")

    def test_where_nothing_is_open_to_everybody(self):
        self.psql("revoke all on database eventsource from public; revoke all on schema public from public")
        self.psql(ALL_SQL + ROLES_SQL)
        self.users()
        self.psql(NEW_EVENT, "orders")
        self.psql("table events", "reports")

    def test_in_another_schema(self):
        self.psql(f'create schema "My store"; set search_path = missing, "My store", public; {ALL_SQL} {ROLES_SQL}')
        self.users()
        self.psql(f'set search_path = "My store"; {DRAWN_EVENT}', "orders")
        self.psql('table "My store".events', "reports")

    def test_on_the_tables_of_eventsource_py(self):
        self.psql(guide_layout.ALL + ALL_SQL + ROLES_SQL)
        self.users()
        self.psql(NEW_EVENT + ";" + DRAWN_EVENT + ";" + OTHERS, "orders")
        self.psql("table snapshots", "reports")

    def test_positions_from_a_sequence_that_belongs_to_no_column_are_no_failure(self):
        self.psql(ALL_SQL + "alter table events alter global_position drop identity")
        self.psql(ROLES_SQL)

    def test_the_guides_grants_run_as_they_are(self):
        self.psql(ALL_SQL)
        for role in ("eventsource_app", "eventsource_readonly"):
            self.psql(f"create role {role} with login password 'only-in-tests'")
        self.psql(guide_layout.GRANTS)
        self.psql(NEW_EVENT + ";" + OTHERS.replace("insert into snapshots", "--"), "eventsource_app")
        self.psql("table events", "eventsource_readonly")
        # roles.sql adds what the engine needs, and leaves the roles themselves.
        self.psql(ROLES_SQL)
        self.psql(DRAWN_EVENT, "eventsource_app")

    def test_a_second_run_changes_nothing_and_says_nothing(self):
        self.psql(ALL_SQL + ROLES_SQL)
        before = self.grants("eventsource_app"), self.grants("eventsource_readonly")
        with libpq.Connection(self.url) as connection:
            connection.execute("set search_path = public, missing")
            connection.execute(ROLES_SQL)
            connection.execute_prepared(ROLES_SQL)
            self.assertEqual(connection.notices, [])
            self.assertEqual(connection.execute("show search_path"), ["public, missing"])
        self.assertEqual((self.grants("eventsource_app"), self.grants("eventsource_readonly")), before)

    def test_ten_at_once_in_two_databases(self):
        second = self.create_database("second")
        self.psql(ALL_SQL)
        self.psql(ALL_SQL, database="second")
        self.at_once(SQL / "roles.sql", [self.url, second] * 5)
        self.assertEqual(self.grants("eventsource_app"), APP)

    def test_the_owner_of_the_tables_who_may_create_roles_can_run_it(self):
        self.psql("create role owner login createrole; alter database eventsource owner to owner")
        self.psql("alter schema public owner to owner")  # before PostgreSQL 15 it was the superuser's
        self.psql(ALL_SQL + ROLES_SQL, user="owner")
        self.assertEqual(self.grants("eventsource_app"), APP)

    def test_without_tables_it_says_what_to_do(self):
        self.refused(ROLES_SQL, "postgres", "Run all.sql first")


if __name__ == "__main__":
    unittest.main()
