// As many calls in flight as a store takes, from eight threads, behind a database that is held: their time comes, a storm of
// cancels, and handles are closed meanwhile. Each ends once, and every answer is true. EVENTSOURCE_SEED=n repeats a run.
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
      proxy_->break_at(Break::kDelay, Direction::kToServer, 1);
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

  // A quarter has a time, a half is cancelled, the rest is patient.
  void set_limits(Caller& caller, int thread) const {
    if (thread % 4 == 0) return caller.set_limits(80);
    if (thread % 4 == 1) return caller.set_limits(60'000);
    caller.set_limits(60'000, cancels_[thread % 2]);
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
  std::barrier all(kThreads + 1);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread, own = es_store_retain(store_)]() mutable {
      Caller& caller = *callers[static_cast<std::size_t>(thread)];
      set_limits(caller, thread);
      caller.start(kEach);
      all.arrive_and_wait();  // all are in flight
      all.arrive_and_wait();
      if (thread % 4 >= 2) es_cancel_fire(cancels_[thread % 2]);
      caller.take(kEach / 2);
      es_store_close(&own);
      caller.take();
    });
  }
  all.arrive_and_wait();
  late.start(1);
  EXPECT_EQ(late.count(ES_BUSY), 1) << "one more than a store takes";
  all.arrive_and_wait();
  held.let_go();
  for (std::thread& thread : threads) thread.join();
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
  late.set_limits(60'000);
  for (int n = 0; n < 10; ++n) late.append();
  EXPECT_EQ(late.stored() + late.count(ES_VERSION_CONFLICT), 10);
  EXPECT_GT(late.stored(), 0);
}

INSTANTIATE_TEST_SUITE_P(Backend, Flood,
                         testing::Combine(testing::Values("memory", "sqlite", "postgresql"),
                                          testing::Range(0, test_support::rounds(1))),
                         [](const auto& test) {
                           return std::get<0>(test.param) + "_" + std::to_string(std::get<1>(test.param));
                         });

}  // namespace
}  // namespace started_test
