// The options of the pool, each seen to act from another session of the server.
#include <atomic>
#include <chrono>
#include <future>
#include <thread>

#include "tests/postgres_errors/trouble.hpp"

namespace eventsource::test {
namespace {

using namespace std::chrono_literals;

class Pool : public StoreTest {
 protected:
  void SetUp() override { make_tables(); }

  [[nodiscard]] std::int64_t connections() {
    return sql().number("select count(*) from pg_stat_activity where application_name = '" + name() + "'");
  }
  // The process that serves the store's only connection.
  [[nodiscard]] std::int64_t process() {
    return sql().number("select coalesce(max(pid), 0) from pg_stat_activity where application_name = '" + name() + "'");
  }

  static Options of_size(std::int64_t size, std::int64_t overflow) {
    Options options;
    options.set("pool_size", std::to_string(size)).set("max_overflow", std::to_string(overflow));
    return options;
  }
};

TEST_F(Pool, NeverHasMoreConnectionsThanItMay) {
  const Store store = Store::open(url(), of_size(2, 1)).value();
  std::atomic<bool> is_over = false;
  std::atomic<int> calls = 0;
  std::vector<std::thread> threads;
  for (std::uint32_t i = 0; i < 12; ++i) {
    threads.emplace_back([&, i] {
      for (std::uint32_t n = 1; !is_over; ++n) {
        EXPECT_TRUE(n % 3 == 0 ? append_one(store, i * 100'000 + n).ok() : store.head().ok());
        ++calls;
      }
    });
  }
  std::int64_t most = 0;
  while (calls < 600) most = std::max(most, connections());
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most, 2 + 1 + 1) << "one more is the store's own";
  EXPECT_GT(most, 1) << "otherwise nothing was tested";
  // What was more than pool_size is closed when it comes back.
  await_connections(sql(), name(), 2);
}

TEST_F(Pool, SaysThatItIsExhausted) {
  const Store store = Store::open(url(), of_size(1, 0).set("pool_timeout_ms", "100")).value();
  sql().run("begin; lock table events in access exclusive mode");
  auto holder = std::async(std::launch::async, [&] { return append_one(store, 1); });
  await_connections(sql(), name(), 1, "wait_event_type = 'Lock'");
  const Expected exhausted{ES_TIMEOUT, "", true, Outcome::kNotApplied, {"connection pool exhausted", "pool_size"}};
  expect_failure(store.head(), exhausted);
  expect_failure(store.head({.timeout = 50ms}), exhausted);
  sql().run("commit");
  const auto held = holder.get();
  EXPECT_TRUE(held.ok()) << held.error().message();
  EXPECT_EQ(store.head().value_or(-1), 1);
}

TEST_F(Pool, ReplacesConnectionsThatAreOld) {
  const Store kept = Store::open(url(), of_size(1, 0).set("pool_recycle_ms", "0")).value();
  const std::int64_t first = process();
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(kept.head().ok());
  EXPECT_EQ(process(), first) << "0 is for ever";
  ASSERT_TRUE(kept.shutdown(10s).ok());
  await_connections(sql(), name(), 0);

  const Store store = Store::open(url(), of_size(1, 0).set("pool_recycle_ms", "1")).value();
  const std::int64_t before = process();
  await("another process", [&] { return store.head().ok() && process() != before; });
  await_connections(sql(), name(), 1);
}

// An append whose connection was lost has to find out what became of it, and to end the process. None was lost here: the
// ping noticed.
TEST_F(Pool, NoticesAConnectionThatTheServerEnded) {
  const Store store = Store::open(url(), of_size(1, 0)).value();
  for (std::uint32_t n = 1; n <= 5; ++n) {
    ASSERT_TRUE(append_one(store, n).ok());
    sql().run("select pg_terminate_backend(pid) from pg_stat_activity where application_name = '" + name() + "'");
    await_connections(sql(), name(), 0);
    const auto next = append_one(store, 100 + n, {.timeout = 20s});
    ASSERT_TRUE(next.ok()) << next.error().message();
    EXPECT_EQ(connections(), 1) << "the store's own connection was not needed";
  }
}

TEST_F(Pool, WithoutAPingALostConnectionIsGotOver) {
  const Store store = Store::open(url(), of_size(1, 0).set("pool_pre_ping", "false")).value();
  ASSERT_TRUE(append_one(store, 1).ok());
  sql().run("select pg_terminate_backend(pid) from pg_stat_activity where application_name = '" + name() + "'");
  await_connections(sql(), name(), 0);
  const auto next = append_one(store, 2, {.timeout = 20s});
  ASSERT_TRUE(next.ok()) << next.error().message();
  EXPECT_EQ(connections(), 2) << "it asked for the lost one over the store's own connection";
}

}  // namespace
}  // namespace eventsource::test
