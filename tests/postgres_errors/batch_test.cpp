// What one append of a batch does to its neighbours, on a server: nothing. They have a cancel, a deadline or a lock of their own.
#include <chrono>
#include <future>
#include <thread>

#include "tests/postgres_errors/trouble.hpp"

namespace eventsource::test {
namespace {

using namespace std::chrono_literals;

class Batch : public StoreTest {
 protected:
  using Appended = std::future<Result<AppendResult>>;

  void SetUp() override { make_tables(); }

  // Inserts take for ever while the gate is closed.
  void close_gate() { sql().run("begin; lock table events in access exclusive mode"); }
  void open_gate() { sql().run("commit"); }

  // One is under way and waits for the gate; the others wait for their turn behind it, and make one batch.
  Appended start_first(const Store& store) {
    auto first = start(store, 1);
    await_connections(sql(), name(), 1, "wait_event_type = 'Lock'");
    return first;
  }
  Appended start(const Store& store, std::uint32_t n, const Call& call = {}) {
    return std::async(std::launch::async, [=] { return append_one(store, n, call); });
  }
  static void await_waiting(const Store& store, std::int64_t count) {
    await("appends that wait", [&] { return store.metrics().value().value("eventsource_waiting_appends") == count; });
  }
};

// It sleeps in the server with its batch.
TEST_F(Batch, ACancelEndsOneOfABatch) {
  const Store store = Store::open(url()).value();
  const Cancel cancel = Cancel::create().value();
  close_gate();
  auto first = start_first(store);
  std::vector<Appended> others;
  for (std::uint32_t n = 2; n < 8; ++n) others.push_back(start(store, n));
  await_waiting(store, 6);
  auto cancelled = start(store, 8, {.cancel = cancel});
  await_waiting(store, 7);
  sql().run(
      "create function doze() returns trigger language plpgsql as "
      "'begin if new.event_id = ''00000000-0000-0000-0000-000000000008'' then perform pg_sleep(1000); end if; "
      "return new; end'; "
      "create trigger doze before insert on events for each row execute function doze()");
  open_gate();
  EXPECT_TRUE(first.get().ok());
  await_connections(sql(), name(), 1, "wait_event = 'PgSleep'");
  cancel.fire();
  const auto outcome = cancelled.get();
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), ES_CANCELLED);
  EXPECT_EQ(outcome.error().outcome(), Outcome::kNotApplied);
  for (Appended& other : others) {
    const auto appended = other.get();
    EXPECT_TRUE(appended.ok()) << appended.error().message();
  }
  EXPECT_EQ(stored(), 7);
}

// Its batch fails as a whole, and is made again in parts.
TEST_F(Batch, ADeadlockOfOneIsCountedAndSeenByNobody) {
  const Store store = Store::open(url()).value();
  close_gate();
  auto first = start_first(store);
  std::vector<Appended> others;
  for (std::uint32_t n = 2; n < 8; ++n) others.push_back(start(store, n));
  await_waiting(store, 6);
  sql().run(
      "create sequence turns; create function clash() returns trigger language plpgsql as "
      "'begin if new.event_id = ''00000000-0000-0000-0000-000000000004'' and nextval(''turns'') = 1 then "
      "raise deadlock_detected; end if; return new; end'; "
      "create trigger clash before insert on events for each row execute function clash()");
  open_gate();
  EXPECT_TRUE(first.get().ok());
  for (Appended& other : others) {
    const auto appended = other.get();
    EXPECT_TRUE(appended.ok()) << appended.error().message();
  }
  EXPECT_EQ(stored(), 7);
  EXPECT_EQ(store.metrics().value().value("eventsource_retries_total"), 1);
}

TEST_F(Batch, AnExhaustedPoolIsWaitedForOnce) {
  const Store store =
      Store::open(url(), Options().set("pool_size", "1").set("max_overflow", "0").set("pool_timeout_ms", "500"))
          .value();
  close_gate();
  auto holder = start_first(store);
  const auto start_time = std::chrono::steady_clock::now();
  // A second batch sets out beside the first, and finds no connection.
  std::vector<Appended> others;
  for (std::uint32_t n = 2; n < 34; ++n) others.push_back(start(store, n));
  const Expected exhausted{ES_TIMEOUT, "", true, Outcome::kNotApplied, {"connection pool exhausted", "pool_size"}};
  for (Appended& other : others) expect_failure(other.get(), exhausted);
  EXPECT_LT(std::chrono::steady_clock::now() - start_time, 10s) << "half a second for each part of a batch is 16";
  open_gate();
  EXPECT_TRUE(holder.get().ok());
}

TEST_F(Batch, ADeadlineEndsOneThatWaitsForAConnection) {
  const Store store = Store::open(url(), Options().set("pool_size", "1").set("max_overflow", "0")).value();
  close_gate();
  auto holder = start_first(store);
  std::vector<Appended> others;
  for (std::uint32_t n = 2; n < 12; ++n) others.push_back(start(store, n));
  auto hasty = start(store, 12, {.timeout = 300ms});
  const auto outcome = hasty.get();
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().outcome(), Outcome::kNotApplied);
  EXPECT_EQ(holder.wait_for(0s), std::future_status::timeout) << "it ended while the pool was exhausted";
  open_gate();
  for (Appended& other : others) {
    const auto appended = other.get();
    EXPECT_TRUE(appended.ok()) << appended.error().message();
  }
  EXPECT_TRUE(holder.get().ok());
}

// Somebody else's transaction has taken the next version of a stream: the store's other streams go on, with the few
// connections that it has.
TEST_F(Batch, AHeldStreamHoldsUpNoOther) {
  const Store store = Store::open(url(), Options().set("pool_size", "2").set("max_overflow", "0")).value();
  const auto to_held = [&](std::uint32_t n) {
    return std::async(std::launch::async, [&store, n] {
      Append append;
      append.stream("Held", numbered(900), ExpectedVersion::any()).event("Counted", "{}").event_id(numbered(n));
      return store.append(append);
    });
  };
  sql().run(
      "begin; insert into events (event_id, aggregate_id, aggregate_type, event_type, version, timestamp, payload) "
      "values ('00000000-0000-0000-0000-000000000999', '00000000-0000-0000-0000-000000000384', 'Held', 'Counted', 1, "
      "now(), '{}')");
  std::vector<Appended> held;
  for (std::uint32_t n = 100; n < 140; ++n) held.push_back(to_held(n));
  await_connections(sql(), name(), 1, "wait_event_type = 'Lock'");
  for (std::uint32_t n = 1; n <= 20; ++n) {
    const auto appended = append_one(store, n, {.timeout = 3'000ms});
    EXPECT_TRUE(appended.ok()) << appended.error().message();
  }
  sql().run("commit");
  for (Appended& append : held) {
    const auto appended = append.get();
    EXPECT_TRUE(appended.ok()) << appended.error().message();
  }
}

}  // namespace
}  // namespace eventsource::test
