// Calls that a lock, a trigger or a limit of the server holds up: they end in time, with nothing stored, and no statement is
// left running.
#include <chrono>
#include <future>
#include <thread>

#include "tests/postgres_errors/trouble.hpp"

namespace eventsource::test {
namespace {

using namespace std::chrono_literals;

// What a call that a lock holds up waits in: a backend that is found like this.
constexpr const char* kWaitsForLock = "wait_event_type = 'Lock'";
constexpr const char* kSleeps = "wait_event = 'PgSleep'";

class Waiting : public StoreTest {
 protected:
  void SetUp() override { make_tables(); }

  // Every insert takes for ever.
  void make_inserts_sleep() {
    sql().run(
        "create function doze() returns trigger language plpgsql as "
        "'begin perform pg_sleep(1000); return new; end'; "
        "create trigger doze before insert on events for each row execute function doze()");
  }
  void let_inserts_pass() { sql().run("drop trigger doze on events"); }

  // After a call that failed: the server does nothing more of it, and the store works.
  void expect_over(const Store& store, std::int64_t stored_before) {
    await_connections(sql(), name(), 0, "state <> 'idle'");
    EXPECT_EQ(stored(), stored_before);
    const auto appended = append_one(store, 4'000'000);
    EXPECT_TRUE(appended.ok()) << appended.error().message();
    EXPECT_EQ(stored(), stored_before + 1);
  }
};

TEST_F(Waiting, ALockedTableIsBusyWithinTheTimeOfTheStore) {
  const Store store = Store::open(url(), Options().busy_timeout(200ms)).value();
  sql().run("begin; lock table events in access exclusive mode");
  const auto start = std::chrono::steady_clock::now();
  const Expected busy{ES_BUSY, "55P03", true, Outcome::kNotApplied, {"lock timeout", "nothing was written", "Try again"}};
  expect_failure(append_one(store, 1), busy);
  expect_failure(append_many(store, 2, 9, 3), busy);
  expect_failure(store.head(), busy);
  expect_failure(store.read_log(), busy);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 20s);
  sql().run("commit");
  expect_over(store, 0);
}

TEST_F(Waiting, ALockedTableIsBusyWithinTheTimeOfTheCall) {
  const Store store = Store::open(url()).value();
  sql().run("begin; lock table events in access exclusive mode");
  const Expected busy{ES_BUSY, "55P03", true, Outcome::kNotApplied, {"lock timeout"}};
  for (const auto timeout : {0ms, 100ms, 1'000ms}) {
    SCOPED_TRACE(timeout.count());
    expect_failure(append_one(store, 1, {.timeout = timeout}), busy);
    expect_failure(store.head({.timeout = timeout}), busy);
  }
  sql().run("commit");
  expect_over(store, 0);
}

// The same id in a transaction that has not ended: only its end tells whether it is a duplicate.
TEST_F(Waiting, ALockedRowIsBusy) {
  const Store store = Store::open(url(), Options().busy_timeout(200ms)).value();
  sql().run(
      "begin; insert into events (event_id, aggregate_id, aggregate_type, event_type, version, timestamp, payload) "
      "values ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000009', 'Thing', 'Counted', 1, "
      "now(), '{}')");
  expect_failure(append_one(store, 1), {ES_BUSY, "55P03", true, Outcome::kNotApplied, {"lock timeout"}});
  sql().run("rollback");
  expect_over(store, 0);
}

TEST_F(Waiting, ADeadlineEndsTheStatement) {
  const Store store = Store::open(url()).value();
  make_inserts_sleep();
  const Expected late{ES_TIMEOUT, "", true, Outcome::kNotApplied, {"150 ms", "nothing was written"}};
  expect_failure(append_one(store, 1, {.timeout = 150ms}), late);
  expect_failure(append_many(store, 2, 9, 3, {.timeout = 150ms}), late);
  await_connections(sql(), name(), 0, "state <> 'idle'");
  // A cancel that comes late would end what such a connection does next.
  await_connections(sql(), name(), 0);
  let_inserts_pass();
  expect_over(store, 0);
}

TEST_F(Waiting, ACancelEndsTheStatement) {
  const Store store = Store::open(url()).value();
  make_inserts_sleep();
  const Cancel cancel = Cancel::create().value();
  auto appended = std::async(std::launch::async, [&] { return append_many(store, 1, 3, 2, {.cancel = cancel}); });
  await_connections(sql(), name(), 1, kSleeps);
  cancel.fire();
  expect_failure(appended.get(), {ES_CANCELLED, "", false, Outcome::kNotApplied, {"cancelled", "nothing was written"}});
  await_connections(sql(), name(), 0, "state <> 'idle'");
  let_inserts_pass();
  expect_over(store, 0);
}

TEST_F(Waiting, ACancelEndsTheWaitForALock) {
  const Store store = Store::open(url()).value();
  sql().run("begin; lock table events in access exclusive mode");
  const Cancel cancel = Cancel::create().value();
  const Call call{.timeout = -1ms, .cancel = cancel};
  auto appended = std::async(std::launch::async, [&] { return append_one(store, 1, call); });
  auto read = std::async(std::launch::async, [&] { return store.read_log({}, call); });
  // pg_stat_activity needs no lock on the table.
  await_connections(sql(), name(), 2, kWaitsForLock);
  cancel.fire();
  const Expected cancelled{ES_CANCELLED, "", false, Outcome::kNotApplied, {"cancelled"}};
  expect_failure(appended.get(), cancelled);
  expect_failure(read.get(), cancelled);
  sql().run("commit");
  expect_over(store, 0);
}

// -1 waits without limit, whatever lock_timeout the role has.
TEST_F(Waiting, WithoutALimitALockIsWaitedFor) {
  make_tables();
  sql().run("alter role " + (static_cast<void>(role_url()), role()) +
            " set lock_timeout = '10ms'; grant select, insert on " + "events, eventsource_schema to " + role());
  const Store store = Store::open(role_url()).value();
  sql().run("begin; lock table events in access exclusive mode");
  const Call call{.timeout = -1ms};
  auto appended = std::async(std::launch::async, [&] { return append_one(store, 1, call); });
  auto head = std::async(std::launch::async, [&] { return store.head(call); });
  await_connections(sql(), name(), 2, kWaitsForLock);
  await_connections(sql(), name(), 2,
                    std::string(kWaitsForLock) + " and query_start < clock_timestamp() - '50ms'::interval");
  sql().run("commit");
  EXPECT_TRUE(appended.get().ok());
  EXPECT_TRUE(head.get().ok());
}

// A build waits for whoever writes, however short the time for a lock is.
TEST_F(Waiting, AnIndexIsWaitedFor) {
  const Store store = Store::open(url(), Options().busy_timeout(20ms)).value();
  sql().run("begin; lock table events in share mode");
  auto made = std::async(std::launch::async, [&] { return store.add_index("idx_events_event_type"); });
  await_connections(sql(), name(), 1,
                    std::string(kWaitsForLock) + " and query_start < clock_timestamp() - '100ms'::interval");
  sql().run("commit");
  const auto result = made.get();
  ASSERT_TRUE(result.ok()) << result.error().message();
  EXPECT_TRUE(result.value());
}

TEST_F(Waiting, AStatementTimeoutOfTheRoleIsNamed) {
  const std::string url = role_url();
  sql().run("grant select, insert on events, eventsource_schema to " + role() + "; alter role " + role() +
            " set statement_timeout = '100ms'");
  const Store store = Store::open(url).value();
  make_inserts_sleep();
  const Expected late{ES_TIMEOUT, "57014", true, Outcome::kNotApplied, {"statement timeout", "statement_timeout"}};
  expect_failure(append_one(store, 1), late);
  expect_failure(append_many(store, 1, 5, 2), late);
  let_inserts_pass();
  expect_over(store, 0);
}

TEST_F(Waiting, ASessionThatWasIdleForTooLongIsReplaced) {
  if (sql().number("show server_version_num") < 140'000) GTEST_SKIP() << "idle_session_timeout came with 14";
  const std::string url = role_url();
  sql().run("grant select, insert on events, eventsource_schema to " + role() + "; alter role " + role() +
            " set idle_session_timeout = '100ms'");
  const Store store = Store::open(url).value();
  for (std::uint32_t n = 1; n <= 5; ++n) {
    await_connections(sql(), name(), 0);
    const auto appended = append_one(store, n);
    EXPECT_TRUE(appended.ok()) << appended.error().message();
    await_connections(sql(), name(), 0);
    EXPECT_TRUE(store.head().ok());
  }
  EXPECT_EQ(stored(), 5);
}

}  // namespace
}  // namespace eventsource::test
