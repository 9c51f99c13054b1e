// Connections and servers that go away: what was acknowledged is there, once, and no call says what is not so.
#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <thread>

#include "tests/postgres_errors/trouble.hpp"

namespace eventsource::test {
namespace {

using namespace std::chrono_literals;

class Lost : public StoreTest {
 protected:
  void SetUp() override { make_tables(); }

  std::string others(const std::string& condition = "true") {
    return " from pg_stat_activity where application_name = '" + name() + "' and pid <> pg_backend_pid() and " +
           condition;
  }
  void terminate() {
    sql().run("select count(pg_terminate_backend(pid))" + others());
    await_connections(sql(), name(), 0);
  }
};

TEST_F(Lost, BetweenCallsIsNotNoticed) {
  const Store store = Store::open(url()).value();
  terminate();
  const auto appended = append_one(store, 1);
  EXPECT_TRUE(appended.ok()) << appended.error().message();
  terminate();
  EXPECT_TRUE(store.head().ok());
  terminate();
  EXPECT_EQ(store.read_log().value().size(), 1U);
  terminate();
  EXPECT_TRUE(store.save_snapshot("Thing", numbered(1), 1, 1, "{}").ok());
  terminate();
  const auto at_once = append_one(store, 2, {.timeout = 0ms});
  EXPECT_TRUE(at_once.ok()) << at_once.error().message();
  terminate();
  EXPECT_TRUE(append_many(store, 3, 9, 3).ok());
  EXPECT_EQ(stored(), 9);
}

TEST_F(Lost, BetweenCallsManyAtOnce) {
  const Store store = Store::open(url()).value();
  for (std::uint32_t round = 0; round < 5; ++round) {
    std::vector<std::future<std::string>> calls;
    for (std::uint32_t n = 1; n <= 8; ++n) {
      calls.push_back(std::async(std::launch::async, [&store, id = round * 8 + n] {
        const auto appended = append_one(store, id);
        return std::string(appended.ok() ? "" : appended.error().message());
      }));
    }
    for (auto& call : calls) EXPECT_EQ(call.get(), "");
    terminate();
  }
  EXPECT_EQ(stored(), 40);
}

// The trigger waits for a lock of the test's: the call is in the middle of its statement.
TEST_F(Lost, DuringAnAppendItIsMadeAgainAndStoredOnce) {
  const Store store = Store::open(url()).value();
  sql().run(
      "create function wait() returns trigger language plpgsql as "
      "'begin perform pg_advisory_xact_lock(4711); return new; end'; "
      "create trigger wait before insert on events for each row execute function wait(); select "
      "pg_advisory_lock(4711)");
  auto appended = std::async(std::launch::async, [&] { return append_many(store, 1, 3, 2, {.timeout = 60s}); });
  const std::string waits = "wait_event = 'advisory'";
  for (int round = 0; round < 3; ++round) {
    await_connections(sql(), name(), 1, waits);
    sql().run("select count(pg_terminate_backend(pid))" + others(waits));
  }
  await_connections(sql(), name(), 1, waits);
  sql().run("select pg_advisory_unlock(4711)");
  const auto result = appended.get();
  ASSERT_TRUE(result.ok()) << result.error().message();
  EXPECT_EQ(result->known_count(), 0U);
  EXPECT_EQ(stored(), 3);
}

TEST_F(Lost, DuringAReadItIsMadeAgain) {
  const Store store = Store::open(url()).value();
  ASSERT_TRUE(append_many(store, 1, 20, 2).ok());
  PostgresConnection holder(url());
  holder.run("set application_name = 'holder'; begin; lock table events in access exclusive mode");
  auto read = std::async(std::launch::async, [&] { return store.read_log({}, {.timeout = 60s}); });
  await_connections(sql(), name(), 1, "wait_event_type = 'Lock'");
  sql().run("select count(pg_terminate_backend(pid))" + others("wait_event_type = 'Lock'"));
  await_connections(sql(), name(), 1, "wait_event_type = 'Lock'");
  holder.run("commit");
  const auto page = read.get();
  ASSERT_TRUE(page.ok()) << page.error().message();
  EXPECT_EQ(page->size(), 20U);
}

// ---- A server that comes and goes. ----

TEST(Restart, BetweenCallsIsNotNoticed) {
  PostgresServer server({.conf = {"fsync=off"}});
  const Store store = Store::open(server.url()).value();
  std::uint32_t n = 0;
  for (const char* const mode : {"fast", "immediate"}) {
    server.restart(mode);
    const auto appended = append_one(store, ++n);
    EXPECT_TRUE(appended.ok()) << mode << ": " << appended.error().message();
    server.restart(mode);
    EXPECT_EQ(store.head().value_or(-1), n) << mode;
  }
  EXPECT_EQ(store.count().value_or(-1), n);
}

TEST(Restart, AStoppedServerIsUnavailable) {
  PostgresServer server({.conf = {"fsync=off"}});
  const Store store = Store::open(server.url()).value();
  ASSERT_TRUE(append_one(store, 1).ok());
  server.stop();
  // The idle connection is tried before it is used, so that nothing is sent whose outcome is not known.
  const Expected gone{ES_UNAVAILABLE, "", true, Outcome::kNotApplied, {"Check host and port"}};
  expect_failure(append_one(store, 2), gone);
  expect_failure(store.head(), gone);
  server.start();
  EXPECT_EQ(append_one(store, 2)->known_count(), 0U);
  EXPECT_EQ(store.count().value_or(-1), 2);
}

// Writers that go on whatever they are told, while the server is restarted. Each keeps what it was told of each event.
class Writers {
 public:
  explicit Writers(const Store& store) {
    for (std::uint32_t writer = 0; writer < kWriters; ++writer) {
      threads_.emplace_back([this, &store, writer] { write(store, writer); });
    }
  }
  // What became of each event, by its id's number: its position, 0 when it was not written, -1 when that is not known.
  std::map<std::uint32_t, std::int64_t> stop() {
    stop_ = true;
    std::map<std::uint32_t, std::int64_t> all;
    for (std::thread& thread : threads_) thread.join();
    for (const auto& told : told_) all.insert(told.begin(), told.end());
    return all;
  }
  [[nodiscard]] std::uint32_t acknowledged() const { return acknowledged_; }

 private:
  static constexpr std::uint32_t kWriters = 4;

  void write(const Store& store, std::uint32_t writer) {
    for (std::uint32_t n = writer * 1'000'000 + 1; !stop_; ++n) {
      const auto appended = append_one(store, n, {.timeout = 300ms});
      if (appended.ok()) {
        EXPECT_EQ(appended->versions()[0], 1);
        told_[writer][n] = appended->first_position();
        ++acknowledged_;
        continue;
      }
      const Error& error = appended.error();
      // Busy is the queue of appends, behind one that waits for the server.
      EXPECT_TRUE(error.code() == ES_UNAVAILABLE || error.code() == ES_TIMEOUT || error.code() == ES_BUSY)
          << error.name() << error.message();
      EXPECT_TRUE(error.retryable()) << error.message();
      told_[writer][n] = error.outcome() == Outcome::kUnknown ? -1 : 0;
    }
  }

  std::atomic<bool> stop_ = false;
  std::atomic<std::uint32_t> acknowledged_ = 0;
  std::map<std::uint32_t, std::int64_t> told_[kWriters];
  std::vector<std::thread> threads_;
};

class RestartDuringAppends : public testing::TestWithParam<const char*> {};

TEST_P(RestartDuringAppends, EveryAcknowledgedEventIsThereOnce) {
  // No test pulls the plug: what a killed server has written is in the system's cache.
  PostgresServer server({.conf = {"fsync=off"}});
  const Store store = Store::open(server.url()).value();
  Writers writers(store);
  for (int round = 0; round < 4; ++round) {
    const std::uint32_t before = writers.acknowledged();
    await("some appends", [&] { return writers.acknowledged() > before + 50; });
    if (std::string_view(GetParam()) == "kill") {
      server.kill();
      server.start();
    } else {
      server.restart(GetParam());
    }
  }
  const std::uint32_t before = writers.acknowledged();
  await("appends after the last restart", [&] { return writers.acknowledged() > before + 50; });
  const auto told = writers.stop();
  PostgresConnection sql(server.url());
  EXPECT_EQ(sql.number("select count(*) - count(distinct event_id) from events"), 0);
  std::map<Uuid, std::int64_t> stored;
  for (const Event& event : store.log()) stored[event.id()] = event.position();
  EXPECT_EQ(static_cast<std::int64_t>(stored.size()), sql.number("select count(*) from events"));
  std::size_t unknown = 0;
  for (const auto& [n, position] : told) {
    const auto found = stored.find(numbered(n));
    const std::int64_t at = found == stored.end() ? 0 : found->second;
    if (position == -1) {
      ++unknown;
    } else {
      EXPECT_EQ(at, position) << "event " << n;
    }
  }
  EXPECT_LE(stored.size(), told.size());
  RecordProperty("unknown", static_cast<int>(unknown));
}

INSTANTIATE_TEST_SUITE_P(By, RestartDuringAppends, testing::Values("fast", "immediate", "kill"),
                         [](const auto& mode) { return std::string(mode.param); });

}  // namespace
}  // namespace eventsource::test
