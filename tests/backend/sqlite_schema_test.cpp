// The file as it is documented: tables, columns, marks and views, looked at with plain SQL.
#include "tests/backend/sqlite_fixture.hpp"

namespace eventsource::core::sqlite {
namespace {

std::string columns_of(Sql3& sql, const std::string& table) {
  return sql.text("SELECT group_concat(name || ' ' || type, ', ') FROM pragma_table_info('" + table + "')");
}

TEST(SqliteSchema, HasTheGuidesTablesWithOurTypes) {
  const TempFolder folder;
  open_store(folder.file());
  Sql3 sql(folder.file());
  EXPECT_EQ(
      columns_of(sql, "events"),
      "global_position INTEGER, event_id BLOB, aggregate_id BLOB, aggregate_type TEXT, event_type TEXT, tenant_id "
      "BLOB, actor_id TEXT, version INTEGER, timestamp INTEGER, created_at INTEGER, payload TEXT");
  EXPECT_EQ(columns_of(sql, "snapshots"),
            "id INTEGER, aggregate_id BLOB, aggregate_type TEXT, version INTEGER, schema_version INTEGER, created_at "
            "INTEGER, state TEXT");
  EXPECT_EQ(columns_of(sql, "eventsource_schema"),
            "id INTEGER, store_id BLOB, schema_version INTEGER, created_at INTEGER");
  EXPECT_EQ(
      sql.text("SELECT group_concat(name, ' ') FROM (SELECT name FROM sqlite_master WHERE type IN ('table', 'view') "
               "AND name NOT LIKE 'sqlite_%' ORDER BY name)"),
      "events events_text eventsource_schema snapshots snapshots_text");
  EXPECT_EQ(sql.number("SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND strict = 1"), 3);
  EXPECT_EQ(sql.number("PRAGMA user_version"), kSchemaVersion);
  EXPECT_EQ(sql.number("PRAGMA application_id"), 0x65736462);  // "esdb"
  EXPECT_EQ(sql.text("PRAGMA journal_mode"), "wal");
}

TEST(SqliteSchema, TheIdentityIsInItsTable) {
  const TempFolder folder;
  const Uuid id = open_store(folder.file())->identity().id;
  std::string hex = format_uuid(id);
  std::erase(hex, '-');
  Sql3 sql(folder.file());
  EXPECT_EQ(sql.text("SELECT lower(hex(store_id)) FROM eventsource_schema"), hex);
  EXPECT_EQ(sql.number("SELECT schema_version FROM eventsource_schema"), kSchemaVersion);
}

TEST(SqliteSchema, TheStatementsMakeTheSameTables) {
  const TempFolder folder;
  open_store(folder.file());
  Sql3 made(folder.file());
  Sql3 by_hand(folder.file("by_hand.db"));
  by_hand.run(schema_sql().data());
  const std::string all = "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_master ORDER BY name)";
  EXPECT_EQ(by_hand.text(all), made.text(all));
  EXPECT_EQ(by_hand.number("PRAGMA application_id"), made.number("PRAGMA application_id"));
}

TEST(SqliteSchema, RefusesWhatNoEventCanBe) {
  const TempFolder folder;
  open_store(folder.file());
  Sql3 sql(folder.file());
  const auto insert = [&](const std::string& event_id, const std::string& version) {
    return sql.try_run(
        "INSERT INTO events (event_id, aggregate_id, aggregate_type, event_type, version, timestamp, created_at, "
        "payload) "
        "VALUES (" +
        event_id + ", randomblob(16), 'Order', 'Placed', " + version + ", 0, 0, '{}')");
  };
  EXPECT_EQ(insert("randomblob(16)", "1"), SQLITE_OK);
  EXPECT_EQ(insert("randomblob(15)", "1"), SQLITE_CONSTRAINT);
  EXPECT_EQ(insert("'not an id, but long'", "1"), SQLITE_CONSTRAINT);
  EXPECT_EQ(insert("randomblob(16)", "0"), SQLITE_CONSTRAINT);
  EXPECT_EQ(insert("randomblob(16)", "2147483648"), SQLITE_CONSTRAINT);
}

TEST(SqliteSchema, TheViewsShowIdsAndTimesAsText) {
  const TempFolder folder;
  const Uuid tenant = id_of(0xABCDEF);
  {
    const auto store = open_store(folder.file());
    ASSERT_TRUE(append(*store, {{.id = 7, .stream = 8, .tenant_id = tenant, .occurred_at = 1'700'000'000'123'456},
                                {.id = 9, .stream = 10, .occurred_at = -1}})
                    .ok());
    ASSERT_TRUE(store->save_snapshot({"Order", id_of(8)}, {3, 2, -1'000'001, "[1]"}, call_of()).ok());
  }
  Sql3 sql(folder.file());
  EXPECT_EQ(sql.text("SELECT event_id FROM events_text WHERE global_position = 1"), format_uuid(id_of(7)));
  EXPECT_EQ(sql.text("SELECT aggregate_id FROM events_text WHERE global_position = 1"), format_uuid(id_of(8)));
  EXPECT_EQ(sql.text("SELECT tenant_id FROM events_text WHERE global_position = 1"), format_uuid(tenant));
  EXPECT_EQ(sql.number("SELECT tenant_id IS NULL FROM events_text WHERE global_position = 2"), 1);
  EXPECT_EQ(sql.text("SELECT timestamp FROM events_text WHERE global_position = 1"), "2023-11-14T22:13:20.123456Z");
  EXPECT_EQ(sql.text("SELECT timestamp FROM events_text WHERE global_position = 2"), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(sql.text("SELECT created_at FROM events_text WHERE global_position = 1"), "2023-11-14T22:13:21.000000Z");
  EXPECT_EQ(sql.text("SELECT aggregate_id || created_at || state FROM snapshots_text"),
            format_uuid(id_of(8)) + "1969-12-31T23:59:58.999999Z[1]");
}

TEST(SqliteSchema, ADeletedNewestEventLeavesItsPositionToNobody) {
  const TempFolder folder;
  {
    const auto store = open_store(folder.file());
    ASSERT_TRUE(append(*store, {{.id = 1}, {.id = 2}}).ok());
  }
  Sql3(folder.file()).run("DELETE FROM events WHERE global_position = 2");
  const auto store = open_store(folder.file());
  EXPECT_EQ(store->head(call_of()).value(), 1);
  const auto outcome = append(*store, {{.id = 3}});
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome.value().positions, std::vector<std::int64_t>{3});
}

}  // namespace
}  // namespace eventsource::core::sqlite
