// As many calls in flight as a store takes, from eight threads, behind a database that is held until the time of some has
// come, others were cancelled in a storm, and the pool was exhausted; handles are closed meanwhile. Each call ends once, and
// every answer is true. EVENTSOURCE_SEED=n repeats a run.
#include <barrier>
#include <gtest/gtest.h>
#include <memory>
#include <sqlite3.h>
#include <string>
#include <thread>
#include <vector>

#include "tests/started/caller.hpp"
#include "tests/started/place.hpp"
#include "tests/support/proxy.hpp"
#include "tests/support/rounds.hpp"

namespace started_test {
namespace {

using test_support::Break;
using test_support::Direction;
using test_support::Proxy;

constexpr int kThreads = 8;
constexpr int kEach = ES_IN_FLIGHT_DEFAULT / kThreads;

// Keeps a database from its writers: the write lock of a file, or a server that hears nothing.
class Held {
 public:
  Held(const Place& place, Proxy* proxy) : proxy_(proxy) {
    if (proxy_ != nullptr) {
      proxy_->break_at(Break::kHold, Direction::kToServer, 1);
    } else if (place.is_durable()) {
      EXPECT_EQ(sqlite3_open(place.file().c_str(), &file_), SQLITE_OK);
      EXPECT_EQ(sqlite3_exec(file_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
    }
  }
  ~Held() { sqlite3_close(file_); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

  void let_go() {
    if (proxy_ != nullptr) proxy_->release();
    if (file_ != nullptr) {
      EXPECT_EQ(sqlite3_exec(file_, "ROLLBACK", nullptr, nullptr, nullptr), SQLITE_OK);
    }
  }

 private:
  Proxy* proxy_;
  sqlite3* file_ = nullptr;
};

class Flood : public testing::TestWithParam<std::tuple<std::string, int>> {
 protected:
  void SetUp() override {
    if (!Place::is_there(backend())) GTEST_SKIP() << "no server";
    std::string url = place_.url();
    if (backend() == "postgresql") {
      proxy_ = std::make_unique<Proxy>();
      url = proxy_->url(url);
    }
    es_options* options = nullptr;
    ASSERT_EQ(es_options_new(&options, nullptr), ES_OK);
    // Soon exhausted, and said so.
    for (const auto& [key, value] :
         {std::pair<std::string, std::string>("pool_size", "1"), {"max_overflow", "0"}, {"pool_timeout_ms", "200"}}) {
      ASSERT_EQ(es_options_set(options, key.data(), key.size(), value.data(), value.size(), nullptr), ES_OK);
    }
    ASSERT_EQ(es_store_open(ES_ABI_VERSION, url.data(), url.size(), options, nullptr, &store_, nullptr), ES_OK);
    es_options_close(&options);
    for (es_cancel*& cancel : cancels_) ASSERT_EQ(es_cancel_new(&cancel, nullptr), ES_OK);
  }
  void TearDown() override {
    for (es_cancel*& cancel : cancels_) es_cancel_close(&cancel);
    es_store_close(&store_);
  }

  [[nodiscard]] static const std::string& backend() { return std::get<0>(GetParam()); }

  // A quarter has a time, a half is cancelled; the rest waits for a connection as long as the pool lets it.
  static bool is_hasty(int thread) { return thread % 4 == 0; }
  static bool is_cancelled(int thread) { return thread % 4 >= 2; }
  static bool has_no_limit(int thread) { return thread % 4 == 1; }

  void set_limits(Caller& caller, int thread) const {
    if (is_hasty(thread)) caller.set_limits(80);
    if (is_cancelled(thread)) caller.set_limits(60'000, cancels_[thread % 2]);
  }

  // What a caller hears while the database is held: that its time is over, that it was cancelled, that the pool is exhausted.
  void take_first(Caller& caller, int thread) const {
    if (is_hasty(thread)) caller.take(kEach - 2);
    if (is_cancelled(thread)) caller.take_until(ES_CANCELLED);
    if (has_no_limit(thread) && proxy_ != nullptr) caller.take_until(ES_TIMEOUT);
  }

  // In memory nothing is held: a call may be over before it is cancelled.
  void expect_first(const Caller& caller, int thread) const {
    if (!place_.is_durable()) return;
    if (is_hasty(thread)) {
      // Who waits for a lock alone is told that it is busy.
      EXPECT_GT(caller.count(ES_TIMEOUT) + caller.count(ES_BUSY), 0) << "thread " << thread;
    }
    if (is_cancelled(thread)) {
      EXPECT_GT(caller.count(ES_CANCELLED), 0) << "thread " << thread;
    } else {
      EXPECT_EQ(caller.count(ES_CANCELLED), 0) << "thread " << thread;
    }
    if (has_no_limit(thread) && proxy_ != nullptr) {
      EXPECT_NE(caller.first_message(ES_TIMEOUT).find("connection pool exhausted"), std::string::npos)
          << "thread " << thread << ": " << caller.first_message(ES_TIMEOUT);
    }
  }

  // One that waits for the database, in front of all others.
  void wait_until_held(Caller& first) const {
    first.set_limits(60'000);
    first.start(1);
    while (proxy_ != nullptr && proxy_->faults() == 0) std::this_thread::yield();
  }

  const Place place_{backend()};
  std::unique_ptr<Proxy> proxy_;
  es_store* store_ = nullptr;
  es_cancel* cancels_[2] = {};
};

TEST_P(Flood, OfCallsEndsOnceWithTheTruth) {
  SCOPED_TRACE("EVENTSOURCE_SEED=" + std::to_string(test_support::seed()));
  const std::uint32_t seed = test_support::seed() + static_cast<std::uint32_t>(std::get<1>(GetParam()));
  std::vector<std::unique_ptr<Caller>> callers;
  for (std::uint32_t n = 0; n <= kThreads; ++n) callers.push_back(std::make_unique<Caller>(store_, n + 1, seed));
  Caller& late = *callers.back();
  Held held(place_, proxy_.get());
  wait_until_held(late);
  std::barrier all(kThreads + 1);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread, own = es_store_retain(store_)]() mutable {
      Caller& caller = *callers[static_cast<std::size_t>(thread)];
      set_limits(caller, thread);
      caller.start(thread == 0 ? kEach - 1 : kEach);
      all.arrive_and_wait();  // all are in flight
      all.arrive_and_wait();
      if (is_cancelled(thread)) es_cancel_fire(cancels_[thread % 2]);
      take_first(caller, thread);
      all.arrive_and_wait();
      caller.take(kEach / 2);
      es_store_close(&own);
      caller.take();
    });
  }
  all.arrive_and_wait();
  late.start(1);
  EXPECT_EQ(late.count(ES_BUSY), 1) << "one more than a store takes";
  all.arrive_and_wait();
  all.arrive_and_wait();  // each has heard of it
  held.let_go();
  for (std::thread& thread : threads) thread.join();
  late.take();
  for (int thread = 0; thread < kThreads; ++thread) {
    expect_first(*callers[static_cast<std::size_t>(thread)], thread);
  }
  std::vector<const Caller*> told;
  for (const auto& caller : callers) told.push_back(caller.get());
  for (const Caller* caller : told) {
    for (const auto& [status, count] : caller->statuses()) {
      const bool is_expected = status == ES_OK || status == ES_VERSION_CONFLICT || status == ES_TIMEOUT ||
                               status == ES_BUSY || status == ES_CANCELLED;
      EXPECT_TRUE(is_expected) << caller->first_message(status);
    }
    for (const std::string& complaint : caller->complaints()) ADD_FAILURE() << complaint;
  }
  if (place_.is_durable()) {
    EXPECT_EQ(defects(place_.url(), told), "");
  }
  // The store goes on; one of them may expect a version that is past.
  const int before = late.stored() + late.count(ES_VERSION_CONFLICT);
  for (int n = 0; n < 10; ++n) late.append();
  EXPECT_EQ(late.stored() + late.count(ES_VERSION_CONFLICT), before + 10);
}

INSTANTIATE_TEST_SUITE_P(Backend, Flood,
                         testing::Combine(testing::Values("memory", "sqlite", "postgresql"),
                                          testing::Range(0, test_support::rounds(1))),
                         [](const auto& test) {
                           return std::get<0>(test.param) + "_" + std::to_string(std::get<1>(test.param));
                         });

}  // namespace
}  // namespace started_test
