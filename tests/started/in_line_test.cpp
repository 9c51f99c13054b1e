// Calls that wait for their turn: their time and their cancel hold there too, ten thousand fit, and a cancel ends a storm
// of them.
#include <array>
#include <gtest/gtest.h>
#include <map>
#include <sqlite3.h>
#include <string>
#include <vector>

#include "tests/started/place.hpp"

namespace started_test {
namespace {

constexpr std::array<std::uint8_t, 16> kId = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

// More than a store has threads.
constexpr int kMany = 20;

// Another writer, who holds the lock of a file: appends wait for it.
class Writer {
 public:
  explicit Writer(const std::string& file) {
    EXPECT_EQ(sqlite3_open(file.c_str(), &database_), SQLITE_OK);
    run("BEGIN IMMEDIATE");
  }
  ~Writer() { sqlite3_close(database_); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void let_go() { run("ROLLBACK"); }

 private:
  void run(const char* sql) { EXPECT_EQ(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr), SQLITE_OK); }

  sqlite3* database_ = nullptr;
};

class InLine : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(es_queue_new(&queue_, nullptr), ES_OK);
    ASSERT_EQ(es_call_new(&patient_, nullptr), ES_OK);
    ASSERT_EQ(es_call_set_timeout(patient_, -1, nullptr), ES_OK);
  }
  void TearDown() override {
    es_call_close(&patient_);
    es_queue_close(&queue_);
  }

  void start_append(es_store* store, std::int64_t tag, const es_call* call = nullptr) {
    es_append* append = nullptr;
    ASSERT_EQ(es_append_new(&append, nullptr), ES_OK);
    ASSERT_EQ(es_append_stream(append, "Order", 5, kId.data(), ES_ANY, nullptr), ES_OK);
    ASSERT_EQ(es_append_event(append, "Placed", 6, "{}", 2, nullptr), ES_OK);
    ASSERT_EQ(es_store_start_append(store, append, call, queue_, tag, nullptr), ES_OK);
    es_append_close(&append);
  }

  // Appends 0 to kMany - 1, which wait as long as they have to.
  void start_many(es_store* store) {
    for (std::int64_t tag = 0; tag < kMany; ++tag) start_append(store, tag, patient_);
  }

  // Takes completions until there are so many; tag -> status. Each tag once.
  std::map<std::int64_t, es_status> take(std::size_t wanted) {
    std::map<std::int64_t, es_status> statuses;
    while (statuses.size() < wanted) {
      EXPECT_EQ(es_queue_wait(queue_, -1, nullptr), ES_OK);
      std::array<es_completion*, 64> done{};
      std::size_t count = 0;
      EXPECT_EQ(es_queue_take(queue_, done.data(), done.size(), &count, nullptr), ES_OK);
      for (std::size_t i = 0; i < count; ++i) {
        const auto [place, is_new] = statuses.emplace(es_completion_tag(done[i]), es_completion_status(done[i]));
        EXPECT_TRUE(is_new) << "tag " << place->first << " a second time";
        es_completion_close(&done[i]);
      }
    }
    EXPECT_EQ(statuses.size(), wanted);
    return statuses;
  }

  es_queue* queue_ = nullptr;
  es_call* patient_ = nullptr;  // without limit
};

TEST_F(InLine, ATimeoutAndACancelHoldWhileAllThreadsAreAtWork) {
  const Place place("sqlite");
  es_store* store = place.open();
  Writer writer(place.file());
  start_many(store);

  es_call* hasty = nullptr;
  ASSERT_EQ(es_call_new(&hasty, nullptr), ES_OK);
  ASSERT_EQ(es_call_set_timeout(hasty, 20, nullptr), ES_OK);
  es_call* stopped = nullptr;
  es_cancel* cancel = nullptr;
  ASSERT_EQ(es_cancel_new(&cancel, nullptr), ES_OK);
  ASSERT_EQ(es_call_new(&stopped, nullptr), ES_OK);
  ASSERT_EQ(es_call_set_cancel(stopped, cancel, nullptr), ES_OK);
  start_append(store, 100, hasty);
  start_append(store, 101, stopped);
  es_cancel_fire(cancel);
  const auto ended = take(2);
  EXPECT_TRUE(ended.at(100) == ES_TIMEOUT || ended.at(100) == ES_BUSY) << es_status_name(ended.at(100));
  EXPECT_EQ(ended.at(101), ES_CANCELLED);

  writer.let_go();
  for (const auto& [tag, status] : take(kMany)) EXPECT_EQ(status, ES_OK) << tag;
  std::int64_t count = 0;
  EXPECT_EQ(es_store_count(store, nullptr, nullptr, &count, nullptr), ES_OK);
  EXPECT_EQ(count, kMany);
  es_call_close(&hasty);
  es_call_close(&stopped);
  es_cancel_close(&cancel);
  es_store_close(&store);
}

TEST_F(InLine, OneCancelEndsAStormOfCalls) {
  const Place place("sqlite");
  es_store* store = place.open();
  Writer writer(place.file());
  es_call* call = nullptr;
  es_cancel* cancel = nullptr;
  ASSERT_EQ(es_cancel_new(&cancel, nullptr), ES_OK);
  ASSERT_EQ(es_call_new(&call, nullptr), ES_OK);
  ASSERT_EQ(es_call_set_cancel(call, cancel, nullptr), ES_OK);
  ASSERT_EQ(es_call_set_timeout(call, -1, nullptr), ES_OK);
  constexpr int kStorm = 2'000;
  for (std::int64_t tag = 0; tag < kStorm; ++tag) start_append(store, tag, call);
  es_cancel_fire(cancel);
  for (const auto& [tag, status] : take(kStorm)) EXPECT_EQ(status, ES_CANCELLED) << tag;
  writer.let_go();
  std::int64_t count = 7;
  EXPECT_EQ(es_store_count(store, nullptr, nullptr, &count, nullptr), ES_OK);
  EXPECT_EQ(count, 0);
  es_call_close(&call);
  es_cancel_close(&cancel);
  es_store_close(&store);
}

TEST_F(InLine, AStoreThatIsClosedMakesItsCallsAllTheSame) {
  const Place place("sqlite");
  es_store* store = place.open();
  Writer writer(place.file());
  start_many(store);
  es_store_close(&store);
  writer.let_go();
  for (const auto& [tag, status] : take(kMany)) EXPECT_EQ(status, ES_OK) << tag;
  store = place.open();
  std::int64_t count = 0;
  EXPECT_EQ(es_store_count(store, nullptr, nullptr, &count, nullptr), ES_OK);
  EXPECT_EQ(count, kMany);
  es_store_close(&store);
}

TEST_F(InLine, AShutdownThatGivesUpLetsThemEnd) {
  const Place place("sqlite");
  es_store* store = place.open();
  Writer writer(place.file());
  start_many(store);
  EXPECT_EQ(es_store_shutdown(store, 1, nullptr), ES_TIMEOUT);
  ASSERT_EQ(es_store_start_shutdown(store, 1, queue_, 500, nullptr), ES_OK);
  EXPECT_EQ(take(1).at(500), ES_TIMEOUT);
  EXPECT_EQ(es_store_start_head(store, patient_, queue_, 7, nullptr), ES_CLOSED);
  ASSERT_EQ(es_store_start_shutdown(store, -1, queue_, 501, nullptr), ES_OK);
  writer.let_go();
  const auto ended = take(kMany + 1);
  for (const auto& [tag, status] : ended) EXPECT_EQ(status, ES_OK) << tag;
  es_store_close(&store);
}

// The end of a shutdown is the end of its calls: their completions are there, and a shutdown on seeing one finds none.
TEST_F(InLine, AfterAShutdownEveryCompletionIsThere) {
  for (int round = 0; round < 200; ++round) {
    const Place place("memory");
    es_store* store = place.open();
    for (std::int64_t tag = 0; tag < 10; ++tag) start_append(store, tag);
    ASSERT_EQ(es_store_shutdown(store, -1, nullptr), ES_OK);
    std::array<es_completion*, 11> done{};
    std::size_t count = 0;
    ASSERT_EQ(es_queue_take(queue_, done.data(), done.size(), &count, nullptr), ES_OK);
    ASSERT_EQ(count, 10u);
    for (std::size_t i = 0; i < count; ++i) es_completion_close(&done[i]);
    es_store_close(&store);
  }
}

TEST_F(InLine, ACallWhoseEndWasSeenHoldsUpNoShutdown) {
  for (int round = 0; round < 200; ++round) {
    const Place place("memory");
    es_store* store = place.open();
    start_append(store, 1);
    take(1);
    ASSERT_EQ(es_store_shutdown(store, 0, nullptr), ES_OK) << "round " << round;
    es_store_close(&store);
  }
}

TEST_F(InLine, TenThousandAreInFlightAndNoMore) {
  const Place place("memory");
  es_store* store = place.open();
  for (std::int64_t tag = 0; tag < ES_IN_FLIGHT_DEFAULT; ++tag) {
    ASSERT_EQ(es_store_start_head(store, nullptr, queue_, tag, nullptr), ES_OK);
  }
  EXPECT_EQ(es_store_start_head(store, nullptr, queue_, -1, nullptr), ES_BUSY);
  const auto ended = take(ES_IN_FLIGHT_DEFAULT);
  EXPECT_EQ(ended.rbegin()->first, ES_IN_FLIGHT_DEFAULT - 1);
  EXPECT_EQ(es_store_start_head(store, nullptr, queue_, -1, nullptr), ES_OK);
  EXPECT_EQ(take(1).at(-1), ES_OK);
  es_store_close(&store);
}

// Stores of all kinds of ends, opened and shut down by calls, on one queue.
TEST_F(InLine, StoresComeAndGoByCalls) {
  constexpr int kStores = 20;
  const Place place("sqlite");
  for (std::int64_t tag = 0; tag < kStores; ++tag) {
    ASSERT_EQ(es_store_start_open(ES_ABI_VERSION, place.url().data(), place.url().size(), nullptr, nullptr, queue_, tag,
                                  nullptr),
              ES_OK);
  }
  for (int n = 0; n < kStores; ++n) {
    ASSERT_EQ(es_queue_wait(queue_, -1, nullptr), ES_OK);
    es_completion* done = nullptr;
    std::size_t count = 0;
    ASSERT_EQ(es_queue_take(queue_, &done, 1, &count, nullptr), ES_OK);
    ASSERT_EQ(es_completion_status(done), ES_OK) << es_error_message(es_completion_error(done));
    es_store* store = es_completion_take_store(done);
    ASSERT_EQ(es_store_start_shutdown(store, -1, nullptr, 0, nullptr), ES_INVALID_ARGUMENT);
    ASSERT_EQ(es_store_shutdown(store, -1, nullptr), ES_OK);
    es_store_close(&store);
    es_completion_close(&done);
  }
}

}  // namespace
}  // namespace started_test
