// Opening, sharing, options, calls, snapshots and inspection.
#include <future>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "tests/cpp/stores.hpp"

namespace eventsource::test {
namespace {

static_assert(std::is_copy_constructible_v<Store> && std::is_nothrow_move_constructible_v<Store>);
static_assert(std::is_copy_constructible_v<Page> && std::is_nothrow_move_constructible_v<Page>);
static_assert(!std::is_copy_constructible_v<Append> && std::is_nothrow_move_constructible_v<Append>);
static_assert(!std::is_copy_constructible_v<AppendResult> && std::is_nothrow_move_constructible_v<AppendResult>);
static_assert(!std::is_copy_constructible_v<EventRange> && std::is_move_constructible_v<EventRange>);

using CppStoreTest = StoreTest;

TEST_P(CppStoreTest, OpensAndSaysWhatItIs) {
  const Store store = open();
  EXPECT_EQ(store.backend(), GetParam());
  EXPECT_EQ(store.url(), url());
  EXPECT_TRUE(store.was_created());
  EXPECT_EQ(store.schema_version(), es_schema_version());
  EXPECT_FALSE(store.id().value().is_nil());
  EXPECT_EQ(store.head().value(), 0);
  EXPECT_EQ(store.count().value(), 0);
}

TEST_P(CppStoreTest, CopiesAreTheSameStore) {
  Store first = open();
  const Store second = first;
  fill(first, "Order", numbered(1), 1, 1);
  EXPECT_EQ(second.head().value(), 1);
  EXPECT_EQ(second.id().value(), first.id().value());
  Store moved = std::move(first);
  EXPECT_EQ(moved.head().value(), 1);
  first = moved;
  EXPECT_EQ(first.head().value(), 1);
}

TEST_P(CppStoreTest, AMovedStoreIsAnErrorAndNoCrash) {
  Store store = open();
  const Store taken = std::move(store);
  EXPECT_EQ(store.head().error().code(), ES_INVALID_ARGUMENT);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(store.url(), "");
  EventRange events = store.log();
  EXPECT_EQ(events.next_page().error().code(), ES_INVALID_ARGUMENT);
}

TEST_P(CppStoreTest, ShutdownEndsEveryCopy) {
  const Store store = open();
  const Store copy = store;
  ASSERT_TRUE(store.shutdown());
  EXPECT_EQ(copy.head().error().code(), ES_CLOSED);
  EXPECT_EQ(copy.url(), url());
  EXPECT_TRUE(copy.shutdown());
  EXPECT_EQ(copy.shutdown(std::chrono::milliseconds(-2)).error().code(), ES_INVALID_ARGUMENT);
}

TEST_P(CppStoreTest, PagesOutliveTheStore) {
  Page page;
  {
    const Store store = open();
    fill(store, "Order", numbered(1), 1, 3);
    page = store.read_log({.content = Content::kData}).value();
    ASSERT_TRUE(store.shutdown());
  }
  ASSERT_EQ(page.size(), 3u);
  EXPECT_EQ(page[2].data(), R"({"n":3})");
  EXPECT_EQ(page[2].type(), "Counted");
}

TEST_P(CppStoreTest, ARangeHoldsItsStore) {
  auto events = [&] {
    const Store store = open();
    fill(store, "Order", numbered(1), 1, 3);
    return store.log({.page_events = 1});
  }();
  int count = 0;
  for (const Event& event : events) EXPECT_EQ(event.position(), ++count);
  EXPECT_EQ(count, 3);
}

TEST_P(CppStoreTest, OptionsAreCheckedAndReachTheStore) {
  EXPECT_EQ(Store::open(url(), Options().set("sped", "9")).error().code(), ES_UNKNOWN_OPTION);
  EXPECT_EQ(Store::open(url(), Options().page_bytes(1)).error().detail("option"), "page_bytes");
  EXPECT_EQ(Options().pool_size(0).error().detail("option"), "pool_size");
  EXPECT_EQ(Options().max_overflow(-1).error().detail("option"), "max_overflow");
  EXPECT_EQ(Options().pool_timeout(std::chrono::hours(25)).error().detail("option"), "pool_timeout_ms");
  EXPECT_EQ(Options().pool_recycle(std::chrono::hours(25)).error().detail("option"), "pool_recycle_ms");
  Options options;
  // The first error stays, whatever comes after it.
  options.set("create", "yes").set("sped", "9").create(true);
  EXPECT_FALSE(options.ok());
  EXPECT_EQ(options.error().detail("option"), "create");

  const Store store = open(Options()
                               .create(true)
                               .read_only(false)
                               .busy_timeout(std::chrono::seconds(1))
                               .synchronous(Synchronous::kNormal)
                               .page_bytes(4096)
                               .max_event_bytes(1024)
                               .max_append_events(2)
                               .pool_size(1)
                               .max_overflow(0)
                               .pool_timeout(std::chrono::seconds(1))
                               .pool_recycle(std::chrono::hours(1))
                               .pool_pre_ping(false));
  Append append;
  append.stream("Order", numbered(1), ExpectedVersion::any());
  append.event("A", "{}").event("B", "{}").event("C", "{}");
  const Error error = store.append(append).error();
  EXPECT_EQ(error.code(), ES_LIMIT_EXCEEDED);
  EXPECT_EQ(error.detail("limit"), "2");
  append.clear();
  append.stream("Order", numbered(1), ExpectedVersion::any()).event("A", "{\"a\":\"" + std::string(1024, 'a') + "\"}");
  EXPECT_EQ(store.append(append).error().detail("limit"), "1024");
}

TEST_P(CppStoreTest, UrlsThatAreNoneAreRefused) {
  EXPECT_EQ(Store::open("oracle:").error().code(), ES_INVALID_URL);
  EXPECT_EQ(Store::open("").error().code(), ES_INVALID_URL);
}

TEST_P(CppStoreTest, ACallWithATokenSeesTheAppend) {
  const Store store = open();
  const AppendResult result = fill(store, "Order", numbered(1), 1, 2);
  EXPECT_EQ(store.head({.token = std::string(result.token())}).value(), 2);
  EXPECT_EQ(store.head({.timeout = std::chrono::milliseconds(0), .token = std::string(result.token())}).value(), 2);
  EXPECT_EQ(store.head({.token = "nonsense"}).error().code(), ES_INVALID_TOKEN);
  EXPECT_EQ(store.head({.timeout = std::chrono::milliseconds(-2)}).error().code(), ES_INVALID_ARGUMENT);
  const Store other = Store::open("memory:").value();
  EXPECT_EQ(other.head({.token = std::string(result.token())}).error().code(), ES_INVALID_TOKEN);
}

TEST_P(CppStoreTest, ACancelledCallEnds) {
  const Store store = open();
  const Cancel cancel = Cancel::create().value();
  const Call call{.cancel = cancel};
  EXPECT_TRUE(store.head(call));
  std::thread([cancel] { cancel.fire(); }).join();
  EXPECT_EQ(store.head(call).error().code(), ES_CANCELLED);
  EventRange events = store.log({}, call);
  EXPECT_EQ(events.next_page().error().code(), ES_CANCELLED);
  Cancel().fire();
}

TEST_P(CppStoreTest, SnapshotsAreSavedLoadedAndDeleted) {
  const Store store = open();
  const Uuid id = numbered(1);
  EXPECT_EQ(store.load_snapshot("Order", id).error().code(), ES_SNAPSHOT_NOT_FOUND);
  EXPECT_TRUE(store.save_snapshot("Order", id, 7, 1, R"({"total": 1.10})").value());
  EXPECT_FALSE(store.save_snapshot("Order", id, 6, 1, "{}").value());
  const Snapshot snapshot = store.load_snapshot("Order", id).value();
  EXPECT_EQ(snapshot.version(), 7);
  EXPECT_EQ(snapshot.schema_version(), 1);
  EXPECT_EQ(snapshot.state(), R"({"total": 1.10})");
  EXPECT_GT(to_micros(snapshot.created_at()), 0);
  EXPECT_TRUE(store.delete_snapshot("Order", id).value());
  EXPECT_FALSE(store.delete_snapshot("Order", id).value());
}

TEST_P(CppStoreTest, InspectionCountsByType) {
  const Store store = open();
  fill(store, "Order", numbered(1), 1, 3);
  fill(store, "Basket", numbered(2), 1, 1);
  ASSERT_TRUE(store.save_snapshot("Order", numbered(1), 3, 1, "3"));
  const Inspection look = store.inspect().value();
  EXPECT_EQ(look.events(), 4);
  EXPECT_EQ(look.streams(), 2);
  EXPECT_EQ(look.snapshots(), 1);
  EXPECT_EQ(look.first_position(), 1);
  EXPECT_EQ(look.last_position(), 4);
  EXPECT_EQ(look.file_bytes() > 0, GetParam() == "sqlite");
  EXPECT_GE(look.wal_bytes(), 0);
  ASSERT_EQ(look.type_count(), 2u);
  EXPECT_EQ(look.type(0).aggregate_type, "Basket");
  EXPECT_EQ(look.type(1).aggregate_type, "Order");
  EXPECT_EQ(look.type(1).event_type, "Counted");
  EXPECT_EQ(look.type(1).events, 3);
}

TEST_P(CppStoreTest, FourThreadsUseOneStore) {
  constexpr int kThreads = 4;
  constexpr int kAppends = 50;
  const Store store = open();
  std::vector<std::future<int>> work;
  for (int t = 0; t < kThreads; ++t) {
    work.push_back(std::async(std::launch::async, [store, t] {
      int conflicts = 0;
      for (int n = 1; n <= kAppends; ++n) {
        // One stream for all, with the version as it was seen: who loses looks again.
        for (;;) {
          const std::int64_t version = store.stream_version("Shared", numbered(1)).value();
          Append append;
          append.stream("Shared", numbered(1), ExpectedVersion::exact(version)).event("Added", "{}");
          append.stream("Own", numbered(static_cast<std::uint32_t>(t) + 2), ExpectedVersion::exact(n - 1));
          append.event("Added", "{}");
          auto result = store.append(append);
          if (result) break;
          if (result.error().code() != ES_VERSION_CONFLICT) throw Exception(result.error());
          ++conflicts;
        }
        std::int64_t last = 0;
        for (const Event& event : store.log({.page_events = 7})) {
          if (event.position() <= last) throw std::logic_error("positions out of order");
          last = event.position();
        }
      }
      return conflicts;
    }));
  }
  for (auto& each : work) EXPECT_NO_THROW(each.get());
  EXPECT_EQ(store.stream_version("Shared", numbered(1)).value(), kThreads * kAppends);
  EXPECT_EQ(store.count().value(), 2 * kThreads * kAppends);
  std::int64_t version = 0;
  for (const Event& event : store.stream("Shared", numbered(1))) EXPECT_EQ(event.version(), ++version);
  EXPECT_EQ(version, kThreads * kAppends);
}

EVENTSOURCE_ON_EACH_BACKEND(CppStoreTest);

}  // namespace
}  // namespace eventsource::test
