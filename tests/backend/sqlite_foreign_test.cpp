// Files of eventsource-py: refused for writing with the command that converts them, readable read-only.
#include "eventsource/page.h"

#include "tests/backend/sqlite_fixture.hpp"

namespace eventsource::core::sqlite {
namespace {

constexpr const char* kEvents = R"sql(
CREATE TABLE IF NOT EXISTS events (
  global_position INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id TEXT NOT NULL UNIQUE,
  aggregate_id TEXT NOT NULL,
  aggregate_type TEXT NOT NULL,
  event_type TEXT NOT NULL,
  tenant_id TEXT,
  actor_id TEXT,
  version INTEGER NOT NULL,
  timestamp TEXT NOT NULL,
  payload TEXT NOT NULL,
  created_at TEXT NOT NULL DEFAULT (datetime('now')),
  UNIQUE (aggregate_id, aggregate_type, version)
);
)sql";

constexpr const char* kRows = R"sql(
INSERT INTO events VALUES
  (3, '00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-0000000000aa', 'Order', 'Placed', NULL, NULL, 1,
   '2025-12-15T10:00:00.5+02:00', '{"event_id": "00000000-0000-4000-8000-000000000001", "total": 5}', '2025-12-15 09:00:00'),
  (5, '00000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-0000000000aa', 'Order', 'Paid',
   '00000000-0000-4000-8000-0000000000ff', 'ann', 2,
   '2025-12-15T10:00:00+00:00', '{}', '2025-12-15T09:00:01+00:00'),
  (6, '00000000-0000-4000-8000-000000000003', '00000000-0000-4000-8000-0000000000bb', 'Basket', 'Made', 'acme', NULL, 1,
   '2025-12-15T10:00:00', '{}', '2025-12-15 09:00:02');
)sql";

constexpr const char* kSnapshots = R"sql(
CREATE TABLE snapshots (
  id INTEGER PRIMARY KEY AUTOINCREMENT, aggregate_id TEXT NOT NULL, aggregate_type TEXT NOT NULL, version INTEGER NOT NULL,
  schema_version INTEGER NOT NULL DEFAULT 1, state TEXT NOT NULL, created_at TEXT NOT NULL DEFAULT (datetime('now')),
  UNIQUE (aggregate_id, aggregate_type));
INSERT INTO snapshots (aggregate_id, aggregate_type, version, schema_version, state, created_at)
  VALUES ('00000000-0000-4000-8000-0000000000aa', 'Order', 2, 4, '{"total": 5}', '1970-01-01 00:00:01');
)sql";

Uuid uuid(std::string_view text) {
  Uuid id;
  EXPECT_TRUE(parse_uuid(text, id));
  return id;
}

class SqliteForeign : public ::testing::TestWithParam<const char*> {
 protected:
  SqliteForeign() : path_(folder_.file("old.db")) {
    Sql3 sql(path_);
    sql.run(std::string("PRAGMA journal_mode = ") + GetParam());
    sql.run(kEvents);
    sql.run(kRows);
  }

  const TempFolder folder_;
  const std::string path_;
};

TEST_P(SqliteForeign, IsRefusedWithTheCommandAndUnchanged) {
  const std::string before = bytes_of(path_);
  const auto store = try_open(path_);
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().code(), ES_FOREIGN_STORE);
  EXPECT_EQ(detail(store.error(), "path"), path_);
  EXPECT_NE(store.error().message().find("import " + path_), std::string::npos) << store.error().message();
  EXPECT_EQ(bytes_of(path_), before);
  EXPECT_EQ(files_in(folder_.path()), 1) << "something was left beside it";
}

TEST_P(SqliteForeign, IsReadAsItIs) {
  const std::string before = bytes_of(path_);
  {
    const auto store = open_store(path_, {.read_only = true});
    EXPECT_TRUE(store->identity().id.is_nil());
    EXPECT_EQ(store->identity().schema_version, 0);
    EXPECT_EQ(store->head(call_of()).value(), 6);
    EXPECT_EQ(store->count({}, call_of()).value(), 3);
    const auto events = read_all(*store, 2);
    ASSERT_EQ(events.size(), 3U);
    EXPECT_EQ(events[0].position, 3);
    EXPECT_EQ(events[0].event_id, uuid("00000000-0000-4000-8000-000000000001"));
    EXPECT_EQ(events[0].aggregate_id, uuid("00000000-0000-4000-8000-0000000000aa"));
    EXPECT_EQ(events[0].occurred_at, 1'765'785'600'500'000);
    EXPECT_EQ(events[0].stored_at, 1'765'789'200'000'000);
    EXPECT_EQ(events[0].document, R"({"event_id": "00000000-0000-4000-8000-000000000001", "total": 5})");
    EXPECT_EQ(events[0].presence & ES_HAS_TENANT, 0U);
    EXPECT_EQ(events[0].flags, 0U);
    EXPECT_EQ(events[1].presence & ES_HAS_TENANT, ES_HAS_TENANT);
    EXPECT_EQ(events[1].actor_id, "ann");
    EXPECT_EQ(events[2].occurred_at, 1'765'792'800'000'000) << "no offset means UTC";
    EXPECT_EQ(events[2].presence & ES_HAS_TENANT, 0U);
    EXPECT_EQ(events[2].flags, ES_RECORD_FOREIGN_TENANT);
  }
  EXPECT_EQ(bytes_of(path_), before);
}

TEST_P(SqliteForeign, IsFoundByStreamAndById) {
  const auto store = open_store(path_, {.read_only = true});
  const StreamName stream{"Order", uuid("00000000-0000-4000-8000-0000000000aa")};
  EXPECT_EQ(store->stream_version(stream, call_of()).value(), 2);
  PageBuilder page({10, 1'000'000, ES_CONTENT_DATA});
  ASSERT_TRUE(store->read_stream({.stream = stream}, call_of(), page).ok());
  EXPECT_EQ(page.count(), 2U);
  const auto finished = page.finish({});
  EXPECT_EQ(*finished->text(finished->record(0)->data), R"({"total":5})");
  ASSERT_TRUE(store->read_event(uuid("00000000-0000-4000-8000-000000000003"), call_of(), page).ok());
  EXPECT_EQ(page.count(), 1U);
}

TEST_P(SqliteForeign, SnapshotsAreReadWhereThereAreAny) {
  const StreamName stream{"Order", uuid("00000000-0000-4000-8000-0000000000aa")};
  {
    const auto store = open_store(path_, {.read_only = true});
    EXPECT_EQ(store->load_snapshot(stream, call_of()).value(), std::nullopt);
    EXPECT_EQ(store->inspect(call_of()).value().snapshots, 0);
  }
  Sql3(path_).run(kSnapshots);
  const auto store = open_store(path_, {.read_only = true});
  const auto snapshot = store->load_snapshot(stream, call_of()).value();
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->version, 2);
  EXPECT_EQ(snapshot->schema_version, 4);
  EXPECT_EQ(snapshot->state, R"({"total": 5})");
  EXPECT_EQ(snapshot->created_at, 1'000'000);
  EXPECT_EQ(store->inspect(call_of()).value().snapshots, 1);
}

TEST_P(SqliteForeign, RefusesEveryWrite) {
  const auto store = open_store(path_, {.read_only = true});
  EXPECT_EQ(append(*store, {{.id = 1}}).error().code(), ES_READ_ONLY);
  EXPECT_EQ(store->save_snapshot({"Order", id_of(1)}, {1, 1, 0, "{}"}, call_of()).error().code(), ES_READ_ONLY);
  EXPECT_EQ(store->delete_snapshot({"Order", id_of(1)}, call_of()).error().code(), ES_READ_ONLY);
}

TEST_P(SqliteForeign, ARowThatCannotBeReadIsNamed) {
  Sql3(path_).run("UPDATE events SET timestamp = 'yesterday' WHERE global_position = 5");
  const auto store = open_store(path_, {.read_only = true});
  PageBuilder page({10, 1'000'000, ES_CONTENT_COLUMNS});
  const auto end = store->read_log({}, call_of(), page);
  ASSERT_FALSE(end.ok());
  EXPECT_EQ(end.error().code(), ES_CORRUPT_STORE);
  EXPECT_NE(end.error().message().find("position 5"), std::string::npos) << end.error().message();
}

INSTANTIATE_TEST_SUITE_P(JournalModes, SqliteForeign, ::testing::Values("wal", "delete"));

TEST(SqliteForeignOld, TablesWithoutAPositionAreNotReadEither) {
  const TempFolder folder;
  Sql3(folder.file())
      .run(
          "CREATE TABLE events (event_id TEXT PRIMARY KEY, aggregate_id TEXT NOT NULL, aggregate_type TEXT NOT NULL, "
          "event_type "
          "TEXT NOT NULL, tenant_id TEXT, actor_id TEXT, version INTEGER NOT NULL, timestamp TEXT NOT NULL, payload "
          "TEXT NOT "
          "NULL, created_at TEXT NOT NULL)");
  for (const bool read_only : {false, true}) {
    const auto store = try_open(folder.file(), {.read_only = read_only});
    ASSERT_FALSE(store.ok());
    EXPECT_EQ(store.error().code(), ES_FOREIGN_STORE);
  }
}

}  // namespace
}  // namespace eventsource::core::sqlite
