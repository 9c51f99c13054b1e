// The SQLite backend on a file of its own: what is written is there, in its order, as the schema says.
#include <algorithm>
#include <filesystem>

#include "tests/backend/sqlite_fixture.hpp"

namespace eventsource::core::sqlite {
namespace {

TEST(SqliteStore, IsMadeOnceAndKeepsItsIdentity) {
  const TempFolder folder;
  const auto first = open_store(folder.file());
  EXPECT_TRUE(first->identity().was_created);
  EXPECT_FALSE(first->identity().id.is_nil());
  EXPECT_EQ(first->identity().schema_version, kSchemaVersion);
  const auto second = open_store(folder.file());
  EXPECT_FALSE(second->identity().was_created);
  EXPECT_EQ(second->identity().id, first->identity().id);
}

TEST(SqliteStore, AppendedEventsComeBackInOrder) {
  const TempFolder folder;
  {
    const auto store = open_store(folder.file());
    const auto outcome = append(*store, {{.id = 1, .stream = 1, .members = R"("a": 1e2 )"},
                                         {.id = 2, .stream = 2, .members = "", .event_type = "Paid", .actor_id = "ann"},
                                         {.id = 3, .stream = 1, .tenant_id = std::nullopt, .occurred_at = -1}});
    ASSERT_TRUE(outcome.ok()) << outcome.error().message();
    EXPECT_EQ(outcome.value().positions, (std::vector<std::int64_t>{1, 2, 3}));
    EXPECT_EQ(outcome.value().versions, (std::vector<std::int64_t>{1, 1, 2}));
    EXPECT_EQ(outcome.value().stream_versions, (std::vector<std::int64_t>{2, 1}));
  }
  const auto store = open_store(folder.file());
  for (const std::size_t page_events : {1U, 2U, 100U}) {
    const auto events = read_all(*store, page_events);
    ASSERT_EQ(events.size(), 3U);
    EXPECT_EQ(events[0].event_id, id_of(1));
    EXPECT_TRUE(events[0].document.ends_with(R"("metadata":{},"a": 1e2 })")) << events[0].document;
    EXPECT_NE(events[2].document.find(R"("aggregate_version":2,)"), std::string::npos);
    EXPECT_EQ(events[1].actor_id, "ann");
    EXPECT_EQ(events[1].event_type, "Paid");
    EXPECT_EQ(events[1].aggregate_id, id_of(2));
    EXPECT_EQ(events[2].occurred_at, -1);
    EXPECT_EQ(events[2].stored_at, 1'700'000'001'000'000);
    const auto backward = read_all(*store, page_events, true);
    ASSERT_EQ(backward.size(), 3U);
    EXPECT_EQ(backward[0].position, 3);
    EXPECT_EQ(backward[2].position, 1);
  }
  const auto stream = read_one_stream(*store, {.stream = 1});
  ASSERT_EQ(stream.size(), 2U);
  EXPECT_EQ(stream[1].version, 2);
}

TEST(SqliteStore, AStreamIsReadByItsVersions) {
  const TempFolder folder;
  const auto store = open_store(folder.file());
  std::vector<Event> events;
  for (std::uint64_t i = 1; i <= 5; ++i) events.push_back({.id = i});
  events.push_back({.id = 6, .aggregate_type = "Basket"});
  ASSERT_TRUE(append(*store, events).ok());
  const auto middle = read_one_stream(*store, {}, {.stream = {}, .from_version = 2, .to_version = 4});
  ASSERT_EQ(middle.size(), 3U);
  EXPECT_EQ(middle.front().version, 2);
  const auto backward = read_one_stream(*store, {}, {.stream = {}, .backward = true});
  ASSERT_EQ(backward.size(), 5U);
  EXPECT_EQ(backward.front().version, 5);
  EXPECT_EQ(store->stream_version({"Order", id_of(1)}, call_of()).value(), 5);
  EXPECT_EQ(store->stream_version({"Basket", id_of(1)}, call_of()).value(), 1);
  EXPECT_EQ(store->stream_version({"Basket", id_of(2)}, call_of()).value(), 0);
}

TEST(SqliteStore, CountsWhatAFilterPasses) {
  const TempFolder folder;
  const auto store = open_store(folder.file());
  ASSERT_TRUE(append(*store, {{.id = 1, .tenant_id = id_of(9)},
                              {.id = 2, .stream = 2, .event_type = "Paid"},
                              {.id = 3, .stream = 3, .event_type = "Paid", .occurred_at = 5}})
                  .ok());
  EXPECT_EQ(store->count({}, call_of()).value(), 3);
  Filter filter;
  filter.event_types = {"Paid", "Shipped"};
  EXPECT_EQ(store->count(filter, call_of()).value(), 2);
  filter.occurred_to = 6;
  EXPECT_EQ(store->count(filter, call_of()).value(), 1);
  filter = {};
  filter.tenant_id = id_of(9);
  EXPECT_EQ(store->count(filter, call_of()).value(), 1);
}

TEST(SqliteStore, ASnapshotIsReplacedOnlyByANewerOne) {
  const TempFolder folder;
  const auto store = open_store(folder.file());
  const StreamName stream{"Order", id_of(1)};
  const auto save = [&](std::int32_t schema_version, std::int64_t version) {
    const Snapshot snapshot{version, schema_version, 7, std::to_string(version)};
    return store->save_snapshot(stream, snapshot, call_of()).value();
  };
  EXPECT_FALSE(store->load_snapshot(stream, call_of()).value());
  EXPECT_TRUE(save(2, 10));
  EXPECT_FALSE(save(2, 10)) << "the same";
  EXPECT_FALSE(save(2, 9));
  EXPECT_FALSE(save(1, 99)) << "an older form, however new";
  EXPECT_TRUE(save(2, 11));
  EXPECT_TRUE(save(3, 1)) << "a newer form, however old";
  const auto stored = store->load_snapshot(stream, call_of()).value();
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->schema_version, 3);
  EXPECT_EQ(stored->version, 1);
  EXPECT_EQ(stored->created_at, 7);
  EXPECT_EQ(stored->state, "1");
  EXPECT_FALSE(store->load_snapshot({"Basket", id_of(1)}, call_of()).value());
  EXPECT_TRUE(store->delete_snapshot(stream, call_of()).value());
  EXPECT_FALSE(store->delete_snapshot(stream, call_of()).value());
}

TEST(SqliteStore, AnInspectionCountsTypesInTheOrderOfTheirBytes) {
  const TempFolder folder;
  const auto store = open_store(folder.file());
  EXPECT_EQ(store->inspect(call_of()).value().first_position, 0);
  ASSERT_TRUE(append(*store, {{.id = 1, .aggregate_type = "z"},
                              {.id = 2, .aggregate_type = "\xC3\xA4"},
                              {.id = 3, .event_type = "b", .aggregate_type = "Z"},
                              {.id = 4, .event_type = "B", .aggregate_type = "Z"},
                              {.id = 5, .event_type = "b", .aggregate_type = "Z"}})
                  .ok());
  ASSERT_TRUE(store->save_snapshot({"z", id_of(1)}, {1, 1, 0, "{}"}, call_of()).value());
  const Inspection inspection = store->inspect(call_of()).value();
  EXPECT_EQ(inspection.events, 5);
  EXPECT_EQ(inspection.streams, 3);
  EXPECT_EQ(inspection.snapshots, 1);
  EXPECT_EQ(inspection.first_position, 1);
  EXPECT_EQ(inspection.last_position, 5);
  EXPECT_EQ(inspection.file_bytes, static_cast<std::int64_t>(std::filesystem::file_size(folder.file())));
  EXPECT_EQ(inspection.wal_bytes, static_cast<std::int64_t>(std::filesystem::file_size(folder.file() + "-wal")));
  std::string types;
  for (const TypeCount& type : inspection.types) {
    types += type.aggregate_type + "/" + type.event_type + "=" + std::to_string(type.events) + " ";
  }
  EXPECT_EQ(types, "Z/B=1 Z/b=2 z/Placed=1 \xC3\xA4/Placed=1 ");
}

// An open read would keep the log from being folded in, and it would grow for ever.
TEST(SqliteStore, AReadLeavesNothingOpen) {
  const TempFolder folder;
  const auto store = open_store(folder.file());
  std::vector<Event> events;
  for (std::uint64_t i = 1; i <= 500; ++i) events.push_back({.id = i});
  ASSERT_TRUE(append(*store, events).ok());
  PageBuilder page({10, 1'000'000, ES_CONTENT_DOCUMENT});
  EXPECT_FALSE(store->read_log({}, call_of(), page).value().is_end);
  page.clear();
  EXPECT_FALSE(store->read_stream({.stream = {"Order", id_of(1)}}, call_of(), page).value().is_end);
  page.clear();
  EXPECT_TRUE(store->read_event(id_of(1), call_of(), page).ok());
  EXPECT_EQ(store->stream_version({"Order", id_of(1)}, call_of()).value(), 500);
  Sql3 other(folder.file());
  EXPECT_EQ(other.text("PRAGMA wal_checkpoint(TRUNCATE)"), "0") << "a reader was in the way";
  EXPECT_EQ(std::filesystem::file_size(folder.file() + "-wal"), 0U);
}

TEST(SqliteStore, TheLogStaysSmallWhileEventsAreReadAndWritten) {
  const TempFolder folder;
  const auto store = open_store(folder.file());
  const std::string members = "\"a\":\"" + std::string(50'000, 'x') + "\"";
  std::uintmax_t most = 0;
  for (std::uint64_t i = 1; i <= 600; ++i) {
    ASSERT_TRUE(append(*store, {{.id = i, .members = members}}).ok());
    PageBuilder page({1, 1'000'000, ES_CONTENT_DOCUMENT});
    ASSERT_TRUE(store->read_log({.after = {}, .backward = true, .filter = {}}, call_of(), page).ok());
    most = std::max(most, std::filesystem::file_size(folder.file() + "-wal"));
  }
  EXPECT_LT(most, 8'000'000U) << "of 30 MB written";
}

TEST(SqliteStore, AShutdownPutsEverythingIntoTheFile) {
  const TempFolder folder;
  const auto store = open_store(folder.file());
  ASSERT_TRUE(append(*store, {{.id = 1}, {.id = 2}}).ok());
  ASSERT_TRUE(store->shutdown().ok());
  EXPECT_EQ(files_in(folder.path()), 1);
  EXPECT_EQ(read_all(*open_store(folder.file())).size(), 2U);
}

TEST(SqliteStore, AShutdownBesideAnotherReaderLosesNothing) {
  const TempFolder folder;
  const auto store = open_store(folder.file());
  ASSERT_TRUE(append(*store, {{.id = 1}}).ok());
  Sql3 reader(folder.file());
  reader.run("BEGIN");
  EXPECT_EQ(reader.number("SELECT count(*) FROM events"), 1);
  ASSERT_TRUE(append(*store, {{.id = 2}}).ok());
  EXPECT_TRUE(store->shutdown().ok());
  reader.run("COMMIT");
  EXPECT_EQ(reader.number("SELECT count(*) FROM events"), 2);
}

TEST(SqliteStore, SynchronousIsWhatTheSettingSays) {
  const TempFolder folder;
  for (const bool full : {true, false}) {
    std::int64_t seen = -1;
    // Asked of the writing connection itself, while it writes.
    WhenRowsAreWritten hook([&](sqlite3* writer) {
      sqlite3_stmt* statement = nullptr;
      sqlite3_prepare_v2(writer, "PRAGMA synchronous", -1, &statement, nullptr);
      if (sqlite3_step(statement) == SQLITE_ROW) seen = sqlite3_column_int64(statement, 0);
      sqlite3_finalize(statement);
    });
    const auto store = open_store(folder.file(full ? "full" : "normal"), {.synchronous_full = full});
    ASSERT_TRUE(append(*store, {{.id = 1}}).ok());
    EXPECT_EQ(seen, full ? 2 : 1);
  }
}

}  // namespace
}  // namespace eventsource::core::sqlite
