// A server that is stopped and started again under load, of calls that wait and of calls that are started: every answer is
// true, and callers go on without a restart. EVENTSOURCE_SEED=n repeats a run.
#include <atomic>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/started/caller.hpp"
#include "tests/started/place.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/rounds.hpp"

namespace started_test {
namespace {

constexpr int kThreads = 4;
constexpr int kInFlight = 32;

// Callers that append until they are stopped, half of them by started calls.
class Load {
 public:
  Load(es_store* store, std::uint32_t seed) {
    for (std::uint32_t n = 0; n < kThreads; ++n) {
      callers_.push_back(std::make_unique<Caller>(store, n + 1, seed));
      callers_.back()->set_limits(500);
    }
    for (std::uint32_t n = 0; n < kThreads; ++n) threads_.emplace_back([this, n] { work(n); });
  }
  ~Load() { stop(); }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  // Each thread has so many more stored.
  void wait_for(int more) {
    for (std::uint32_t n = 0; n < kThreads; ++n) {
      const int before = stored_[n];
      while (stored_[n] < before + more) std::this_thread::yield();
    }
  }
  void stop() {
    stopped_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  [[nodiscard]] std::vector<const Caller*> callers() const {
    std::vector<const Caller*> all;
    for (const auto& caller : callers_) all.push_back(caller.get());
    return all;
  }
  void learn() {
    for (const auto& caller : callers_) {
      caller->set_limits(60'000);
      caller->learn();
    }
  }

 private:
  void work(std::uint32_t n) {
    Caller& caller = *callers_[n];
    while (!stopped_) {
      if (n % 2 == 0) {
        caller.start(kInFlight / 2);
        caller.take(kInFlight / 2);
      } else {
        caller.append();
      }
      stored_[n] = caller.stored();
    }
    caller.take();
  }

  std::vector<std::unique_ptr<Caller>> callers_;
  std::atomic<int> stored_[kThreads] = {};
  std::atomic<bool> stopped_ = false;
  std::vector<std::thread> threads_;
};

class Restarted : public testing::TestWithParam<const char*> {};

TEST_P(Restarted, UnderLoadEveryAnswerIsTrue) {
  if (!Place::is_there("postgresql")) GTEST_SKIP() << "no server";
  const std::uint32_t seed = test_support::seed();
  SCOPED_TRACE("EVENTSOURCE_SEED=" + std::to_string(seed));
  // No test pulls the plug: what a stopped server has written is in the system's cache.
  test_support::PostgresServer server({.conf = {"fsync=off"}});
  const std::string url = server.url();
  es_options* options = nullptr;
  ASSERT_EQ(es_options_new(&options, nullptr), ES_OK);
  // Each more would be opened and closed again, which is most of the work then.
  ASSERT_EQ(es_options_set(options, "max_overflow", 12, "0", 1, nullptr), ES_OK);
  es_store* store = nullptr;
  ASSERT_EQ(es_store_open(ES_ABI_VERSION, url.data(), url.size(), options, nullptr, &store, nullptr), ES_OK);
  es_options_close(&options);
  Load load(store, seed);
  for (int round = 0; round < test_support::rounds(2); ++round) {
    load.wait_for(10);
    const std::string mode = GetParam();
    if (mode == "kill") {
      server.kill();
      server.start();
    } else {
      server.restart(mode);
    }
  }
  load.wait_for(10);
  load.stop();
  EXPECT_EQ(defects(url, load.callers()), "");
  load.learn();
  EXPECT_EQ(defects(url, load.callers()), "");
  for (const Caller* caller : load.callers()) {
    EXPECT_EQ(caller->unknown(), 0);
    for (const auto& [status, count] : caller->statuses()) {
      const bool is_expected = status == ES_OK || status == ES_VERSION_CONFLICT || status == ES_TIMEOUT ||
                               status == ES_UNAVAILABLE || status == ES_BUSY;
      EXPECT_TRUE(is_expected) << caller->first_message(status);
    }
  }
  es_store_close(&store);
}

INSTANTIATE_TEST_SUITE_P(By, Restarted, testing::Values("fast", "immediate", "kill"),
                         [](const auto& mode) { return std::string(mode.param); });

}  // namespace
}  // namespace started_test
