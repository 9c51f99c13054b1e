// What a store on a server tells in its log and counts: connections, the pool, what was made again.
#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "tests/postgres_errors/trouble.hpp"

namespace eventsource::test {
namespace {

using namespace std::chrono_literals;

class Told : public StoreTest {
 protected:
  void SetUp() override { make_tables(); }

  [[nodiscard]] Store open_told(Options options = {}) { return Store::open(url(), options.log(log_)).value(); }

  // The first record with this message among those that wait.
  std::optional<LogRecord> find(std::string_view message) {
    while (auto record = log_.take().value()) {
      EXPECT_EQ(record->json().find(kSecret), std::string_view::npos);
      if (record->message() == message) return record;
    }
    return std::nullopt;
  }

  void terminate(const std::string& condition = "true") {
    sql().run("select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = '" + name() +
              "' and pid <> pg_backend_pid() and " + condition);
  }

  static std::int64_t value(const Store& store, std::string_view name) { return store.metrics().value().value(name); }

 private:
  Log log_ = Log::create(LogLevel::kDebug).value();
};

TEST_F(Told, AConnectionThatIsOpenedLostAndClosed) {
  const Store store = open_told();
  const auto opened = find("connection opened");
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->logger(), "postgresql");
  EXPECT_EQ(std::string(*opened->field("pid")),
            std::to_string(sql().number("select pid from pg_stat_activity where application_name = '" + name() + "'")));
  EXPECT_EQ(value(store, "eventsource_connections"), 1);
  EXPECT_EQ(value(store, "eventsource_connections_idle"), 1);
  EXPECT_EQ(value(store, "eventsource_connections_in_use"), 0);
  terminate();
  await_connections(sql(), name(), 0);
  ASSERT_TRUE(append_one(store, 1));
  const auto lost = find("connection lost");
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->level(), LogLevel::kWarning);
  EXPECT_EQ(lost->field("pid"), opened->field("pid"));
  EXPECT_EQ(value(store, "eventsource_connections_lost_total"), 1);
  EXPECT_EQ(value(store, "eventsource_connections_opened_total"), 2);
  EXPECT_EQ(value(store, "eventsource_connections"), 1);
  ASSERT_TRUE(store.shutdown());
  EXPECT_TRUE(find("connection closed"));
  EXPECT_EQ(value(store, "eventsource_connections"), 0);
  EXPECT_EQ(value(store, "eventsource_connections_idle"), 0);
}

TEST_F(Told, AnAppendThatWasLostAtItsCommitAndFoundOut) {
  const Store store = open_told();
  sql().run(
      "create function wait() returns trigger language plpgsql as "
      "'begin perform pg_advisory_xact_lock(4712); return new; end'; "
      "create trigger wait before insert on events for each row execute function wait(); select "
      "pg_advisory_lock(4712)");
  const std::string waits = "wait_event = 'advisory'";
  auto appended = std::async(std::launch::async, [&] { return append_one(store, 1, {.timeout = 60s}); });
  await_connections(sql(), name(), 1, waits);
  EXPECT_EQ(value(store, "eventsource_calls"), 1);
  EXPECT_EQ(value(store, "eventsource_connections_in_use"), 1);
  const std::int64_t lost =
      sql().number("select pid from pg_stat_activity where application_name = '" + name() + "' and " + waits);
  terminate(waits);
  await_connections(sql(), name(), 1, waits);
  sql().run("select pg_advisory_unlock(4712)");
  const auto result = appended.get();
  ASSERT_TRUE(result) << result.error().message();
  // The process of the first try is known to be gone before another try tells anything.
  const auto ended = find("server process ended");
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->level(), LogLevel::kInfo);
  EXPECT_EQ(std::string(*ended->field("pid")), std::to_string(lost));
  const auto found = find("outcome found out");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->field("stored"), "true");
  EXPECT_EQ(value(store, "eventsource_resolved_outcomes_total"), 1);
  EXPECT_EQ(value(store, "eventsource_unknown_outcomes_total"), 0);
  EXPECT_EQ(value(store, "eventsource_calls"), 0);
}

// A trigger whose first failure is one that is made again.
TEST_F(Told, WhatWasMadeAgain) {
  const Store store = open_told();
  sql().run(
      "create sequence turns; create function clash() returns trigger language plpgsql as "
      "'begin if nextval(''turns'') = 1 then raise serialization_failure; end if; return new; end'; "
      "create trigger clash before insert on events for each row execute function clash()");
  ASSERT_TRUE(append_one(store, 1));
  const auto again = find("made again");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->level(), LogLevel::kDebug);
  EXPECT_EQ(again->field("sqlstate"), "40001");
  EXPECT_EQ(value(store, "eventsource_retries_total"), 1);
}

TEST_F(Told, ASnapshotThatWasSavedAgain) {
  const Store store = open_told();
  sql().run(
      "create sequence turns; create function clash() returns trigger language plpgsql as "
      "'begin if nextval(''turns'') <= 2 then raise deadlock_detected; end if; return new; end'; "
      "create trigger clash before insert on snapshots for each row execute function clash()");
  ASSERT_TRUE(store.save_snapshot("Order", numbered(1), 1, 1, "{}"));
  const auto again = find("made again");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->field("sqlstate"), "40P01");
  EXPECT_EQ(value(store, "eventsource_retries_total"), 2);
}

TEST_F(Told, CallsThatWaitForAConnection) {
  const Store store = open_told(std::move(Options().set("pool_size", "1").set("max_overflow", "0")));
  sql().run("begin; lock table events in access exclusive mode");
  auto holds = std::async(std::launch::async, [&] { return store.head({.timeout = 60s}); });
  await_connections(sql(), name(), 1, "wait_event_type = 'Lock'");
  auto waits = std::async(std::launch::async, [&] { return store.head({.timeout = 60s}); });
  await("a call waits", [&] { return value(store, "eventsource_connection_waiters") == 1; });
  EXPECT_EQ(value(store, "eventsource_connections_in_use"), 1);
  EXPECT_EQ(value(store, "eventsource_connections_idle"), 0);
  EXPECT_EQ(store.head({.timeout = 10ms}).error().code(), ES_TIMEOUT);
  sql().run("commit");
  EXPECT_TRUE(holds.get());
  EXPECT_TRUE(waits.get());
  EXPECT_EQ(value(store, "eventsource_connection_waiters"), 0);
  EXPECT_EQ(value(store, "eventsource_connections_in_use"), 0);
  EXPECT_EQ(value(store, "eventsource_connections_idle"), 1);
}

TEST_F(Told, ConnectionsThatAreReplacedForTheirAge) {
  const Store store = open_told(std::move(Options().set("pool_recycle_ms", "1")));
  await("one is replaced", [&] {
    EXPECT_TRUE(store.head());
    return value(store, "eventsource_connections_recycled_total") > 0;
  });
}

TEST_F(Told, AppendsThatShareACommit) {
  // One waits for the lock, however many are at work.
  const Store store = open_told(std::move(Options().set("pool_size", "1").set("max_overflow", "0")));
  sql().run("begin; lock table events in share row exclusive mode");
  std::vector<std::future<bool>> appends;
  for (std::uint32_t n = 1; n <= 40; ++n) {
    appends.push_back(std::async(std::launch::async, [&store, n] { return append_one(store, n).ok(); }));
  }
  await_connections(sql(), name(), 1, "wait_event_type = 'Lock'");
  sql().run("commit");
  for (auto& append : appends) EXPECT_TRUE(append.get());
  EXPECT_EQ(value(store, "eventsource_waiting_appends"), 0);
  EXPECT_GT(value(store, "eventsource_batches_total"), 0);
  EXPECT_GE(value(store, "eventsource_batched_appends_total"), 40);
}

TEST_F(Told, AServerThatIsNotThere) {
  PostgresServer server({.conf = {"fsync=off"}});
  const Store store = Store::open(server.url()).value();
  server.stop();
  EXPECT_EQ(store.head().error().code(), ES_UNAVAILABLE);
  EXPECT_EQ(value(store, "eventsource_unavailable_total"), 1);
}

// The log has the password of the URL nowhere, also where the server refuses it.
TEST_F(Told, NoPassword) {
  const Log log = Log::create(LogLevel::kTrace).value();
  const std::string with_password = with_parameter(url(), "password", std::string(kSecret));
  {
    const Store store = Store::open(with_password, Options().log(log)).value();
    ASSERT_TRUE(append_one(store, 1));
  }
  int records = 0;
  while (const auto record = log.take().value()) {
    EXPECT_EQ(record->json().find(kSecret), std::string_view::npos) << record->json();
    ++records;
  }
  EXPECT_GE(records, 4);
}

}  // namespace
}  // namespace eventsource::test
