// Databases that hold no store, or one whose tables were changed: refused at the open, and left as they are.
#include "tests/postgres_errors/trouble.hpp"

namespace eventsource::test {
namespace {

class Tables : public StoreTest {
 protected:
  // The tables of a store, changed by `change`, are refused.
  void expect_refused(const std::string& change, const std::vector<std::string>& words,
                      es_status code = ES_NOT_A_STORE) {
    SCOPED_TRACE(change);
    make_tables();
    sql().run(change);
    expect_no_open({code, "", false, Outcome::kNotApplied, words});
    sql().run("drop table events cascade; drop table eventsource_schema");
  }
};

TEST_F(Tables, MissingOnesAreNotMadeUnasked) {
  const Expected missing{ES_STORE_NOT_FOUND, "", false, Outcome::kNotApplied, {"no table events", "option create"}};
  expect_no_open(missing, Options().create(false));
  expect_no_open(missing, Options().read_only(true));
  EXPECT_EQ(sql().run("select to_regclass('events')"), "");
}

TEST_F(Tables, NoSchemaToMakeThemIn) {
  expect_failure(
      Store::open(with_parameter(with_parameter(test_server_url(), "options", "-csearch_path=no_such_schema"),
                                 "application_name", name())),
      {ES_STORE_NOT_FOUND, "3F000", false, Outcome::kNotApplied, {"no schema", "search_path"}});
}

TEST_F(Tables, AColumnThatIsMissing) {
  for (const std::string column : {"event_id", "aggregate_id", "aggregate_type", "event_type", "tenant_id", "actor_id",
                                   "version", "timestamp", "payload", "created_at"}) {
    expect_refused("alter table events drop column " + column + " cascade",
                   {".events has no column " + column, "sql/postgres/all.sql"});
  }
}

TEST_F(Tables, OfAnOlderLibraryAreShownTheWay) {
  make_tables();
  sql().run("alter table events drop column global_position cascade");
  const auto store = Store::open(url());
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().code(), ES_FOREIGN_STORE);
  EXPECT_NE(store.error().message().find("global_position"), std::string_view::npos) << store.error().message();
}

TEST_F(Tables, AColumnOfAnotherType) {
  expect_refused("alter table events alter column payload type text", {"column payload", "is text, not json"});
  expect_refused("alter table events alter column event_id type text", {"column event_id", "is text, not uuid"});
  expect_refused("alter table events alter column version type text", {"column version", "is text, not integer"});
  expect_refused("alter table events alter column timestamp type timestamp",
                 {"column timestamp", "is timestamp without time zone, not timestamp with time zone"});
  expect_refused("alter table events alter column tenant_id type integer using null",
                 {"column tenant_id", "is integer, not uuid"});
}

TEST_F(Tables, WithoutTheKeysThatKeepWritersApart) {
  expect_refused("alter table events drop constraint uq_events_aggregate_version",
                 {"no unique key on (aggregate_id, aggregate_type, version)", "read_only"});
  expect_refused("alter table events drop constraint events_event_id_key", {"no unique key on (event_id)"});
  const std::string version = "alter table events drop constraint uq_events_aggregate_version; ";
  expect_refused(version + "create unique index on events (aggregate_id, aggregate_type, version) where version > 5",
                 {"no unique key"});
  expect_refused(version + "alter table events add unique (aggregate_id, aggregate_type, version) deferrable",
                 {"no unique key"});
  expect_refused(version + "create unique index on events (aggregate_id, aggregate_type, version, event_type)",
                 {"no unique key"});
  expect_refused(version + "create index on events (aggregate_id, aggregate_type, version)", {"no unique key"});
}

TEST_F(Tables, WithoutTheKeysTheyCanBeRead) {
  make_tables();
  sql().run("alter table events drop constraint uq_events_aggregate_version");
  const auto store = Store::open(url(), Options().read_only(true));
  ASSERT_TRUE(store.ok()) << store.error().message();
  EXPECT_EQ(store->head().value(), 0);
}

TEST_F(Tables, WhosePositionsAreNotDrawnInOrder) {
  expect_refused("alter table events alter column global_position set cache 20",
                 {"20 positions at a time", "ALTER SEQUENCE", "CACHE 1"});
  expect_refused("alter table events alter column global_position drop identity", {"global_position", "no sequence"});
}

TEST_F(Tables, OfANewerLibrary) {
  expect_refused("update eventsource_schema set schema_version = 2", {"schema version 2", "knows 1", "newer version"},
                 ES_SCHEMA_TOO_NEW);
}

TEST_F(Tables, WithoutIdentity) {
  const std::vector<std::string> words = {"eventsource_schema", "does not say who the store is"};
  expect_refused("delete from eventsource_schema", words, ES_CORRUPT_STORE);
  expect_refused("update eventsource_schema set schema_version = 0", words, ES_CORRUPT_STORE);
  expect_refused("update eventsource_schema set store_id = '00000000-0000-0000-0000-000000000000'", words,
                 ES_CORRUPT_STORE);
}

TEST_F(Tables, AnIdentityWithoutItsColumns) {
  make_tables();
  sql().run("alter table eventsource_schema drop column store_id");
  expect_no_open({ES_NOT_A_STORE, "", false, Outcome::kNotApplied, {"eventsource_schema", "no column store_id"}});
  sql().run("alter table eventsource_schema add column store_id text not null default 'me'");
  expect_no_open({ES_NOT_A_STORE, "", false, Outcome::kNotApplied, {"column store_id", "text, not uuid"}});
}

TEST_F(Tables, SnapshotsOfAnotherShape) {
  make_tables();
  sql().run("alter table snapshots drop column state");
  expect_no_open({ES_NOT_A_STORE, "", false, Outcome::kNotApplied, {".snapshots has no column state"}});
}

TEST_F(Tables, AView) {
  sql().run("create view events as select 1 as n");
  expect_no_open({ES_NOT_A_STORE, "", false, Outcome::kNotApplied, {".events is no table"}});
}

// Changed while the store is open.
TEST_F(Tables, ThatVanish) {
  const Store store = Store::open(url()).value();
  ASSERT_TRUE(append_one(store, 1).ok());
  sql().run("alter table events rename column payload to content");
  const Expected changed{ES_NOT_A_STORE, "42703", false, Outcome::kNotApplied, {"payload", "sql/postgres"}};
  expect_failure(append_one(store, 2), changed);
  expect_failure(store.read_log(), changed);
  sql().run("drop table events");
  const Expected gone{ES_NOT_A_STORE, "42P01", false, Outcome::kNotApplied, {"events", "all.sql"}};
  expect_failure(append_one(store, 3), gone);
  expect_failure(store.head(), gone);
}

class Encoding : public testing::TestWithParam<const char*> {};

TEST_P(Encoding, OtherThanUtf8IsRefused) {
  const std::string encoding = GetParam();
  const PostgresDatabase database("template template0 encoding '" + encoding + "' lc_collate 'C' lc_ctype 'C'");
  for (const bool read_only : {false, true}) {
    expect_failure(Store::open(database.url(), Options().read_only(read_only)),
                   {ES_NOT_A_STORE, "", false, Outcome::kNotApplied, {"encoded in " + encoding, "ENCODING 'UTF8'"}});
  }
  EXPECT_EQ(PostgresConnection(database.url()).run("select to_regclass('events')"), "");
}

INSTANTIATE_TEST_SUITE_P(Of, Encoding, testing::Values("LATIN1", "SQL_ASCII", "EUC_JP"),
                         [](const auto& encoding) { return std::string(encoding.param); });

}  // namespace
}  // namespace eventsource::test
