// The SQLite backend on a file of its own: what is written is there, in its order, as the schema says.
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
  for (const std::size_t page_events : {1, 2, 100}) {
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

}  // namespace
}  // namespace eventsource::core::sqlite
