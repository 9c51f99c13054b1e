// What a store counts of calls that were started, and of a file that somebody else has locked.
#include <array>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "tests/started/metric.hpp"
#include "tests/started/place.hpp"

namespace started_test {
namespace {

constexpr std::array<std::uint8_t, 16> kId = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

// A call may wait so long.
es_status append(es_store* store, std::int64_t timeout_ms) {
  es_append* append = nullptr;
  es_call* call = nullptr;
  EXPECT_EQ(es_append_new(&append, nullptr), ES_OK);
  EXPECT_EQ(es_append_stream(append, "Order", 5, kId.data(), ES_ANY, nullptr), ES_OK);
  EXPECT_EQ(es_append_event(append, "Placed", 6, "{}", 2, nullptr), ES_OK);
  EXPECT_EQ(es_call_new(&call, nullptr), ES_OK);
  EXPECT_EQ(es_call_set_timeout(call, timeout_ms, nullptr), ES_OK);
  const es_status status = es_store_append(store, append, call, nullptr, nullptr);
  es_call_close(&call);
  es_append_close(&append);
  return status;
}

class Counted : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(es_queue_new(&queue_, nullptr), ES_OK); }
  void TearDown() override { es_queue_close(&queue_); }

  // Takes so many completions, and frees them.
  void take(std::size_t wanted) {
    for (std::size_t taken = 0; taken < wanted; ++taken) {
      ASSERT_EQ(es_queue_wait(queue_, 60'000, nullptr), ES_OK);
      es_completion* done = nullptr;
      std::size_t count = 0;
      ASSERT_EQ(es_queue_take(queue_, &done, 1, &count, nullptr), ES_OK);
      es_completion_close(&done);
    }
  }

  es_queue* queue_ = nullptr;
};

TEST_F(Counted, CallsInFlightUntilTheirCompletionsAreTaken) {
  const Place place("memory");
  es_store* store = place.open();
  for (std::int64_t tag = 0; tag < 3; ++tag) {
    ASSERT_EQ(es_store_start_head(store, nullptr, queue_, tag, nullptr), ES_OK);
  }
  EXPECT_EQ(metric(store, "eventsource_calls_in_flight"), 3);
  // Nobody takes them: a shutdown waits for the calls and leaves their completions.
  ASSERT_EQ(es_store_shutdown(store, -1, nullptr), ES_OK);
  EXPECT_EQ(metric(store, "eventsource_calls_in_flight"), 3);
  EXPECT_EQ(metric(store, "eventsource_waiting_completions"), 3);
  EXPECT_EQ(metric(store, "eventsource_calls"), 0);
  take(1);
  EXPECT_EQ(metric(store, "eventsource_calls_in_flight"), 2);
  EXPECT_EQ(metric(store, "eventsource_waiting_completions"), 2);
  // What waits in a queue goes with it.
  es_queue_close(&queue_);
  EXPECT_EQ(metric(store, "eventsource_calls_in_flight"), 0);
  EXPECT_EQ(metric(store, "eventsource_waiting_completions"), 0);
  es_store_close(&store);
}

TEST_F(Counted, ACompletionThatOutlivesItsStore) {
  const Place place("memory");
  es_store* store = place.open();
  ASSERT_EQ(es_store_start_head(store, nullptr, queue_, 1, nullptr), ES_OK);
  es_store_close(&store);
  take(1);
}

TEST_F(Counted, AFileThatSomebodyElseHasLocked) {
  const Place place("sqlite");
  es_store* store = place.open();
  ASSERT_EQ(append(store, 60'000), ES_OK);
  EXPECT_EQ(metric(store, "eventsource_lock_waits_total"), 0);
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(place.file().c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  EXPECT_EQ(append(store, 0), ES_BUSY);
  EXPECT_EQ(metric(store, "eventsource_busy_total"), 1);
  EXPECT_EQ(metric(store, "eventsource_lock_waits_total"), 1);
  EXPECT_EQ(append(store, 20), ES_BUSY);
  EXPECT_EQ(metric(store, "eventsource_busy_total"), 2);
  EXPECT_EQ(metric(store, "eventsource_lock_waits_total"), 2);
  ASSERT_EQ(sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr), SQLITE_OK);
  EXPECT_EQ(append(store, 60'000), ES_OK);
  EXPECT_EQ(metric(store, "eventsource_lock_waits_total"), 2);
  sqlite3_close(other);
  es_store_close(&store);
}

}  // namespace
}  // namespace started_test
