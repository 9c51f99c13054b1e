// Started calls end exactly once each, with their tag, whatever happens meanwhile: cancels, timeouts, a shutdown, closed
// handles, a closed queue, from eight threads. What was acknowledged is stored once. EVENTSOURCE_SEED=n repeats a run.
#include <array>
#include <atomic>
#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/started/metric.hpp"
#include "tests/started/place.hpp"
#include "tests/support/rounds.hpp"

namespace started_test {
namespace {

constexpr int kThreads = 8;
constexpr int kCallsEach = 400;
constexpr std::size_t kCalls = std::size_t{kThreads} * kCallsEach;

enum class Ending { kNone, kShutdown, kStartedShutdown, kImpatientShutdown, kClose, kQueue };

const char* name_of(Ending ending) {
  switch (ending) {
    case Ending::kNone:
      return "nothing";
    case Ending::kShutdown:
      return "shutdown";
    case Ending::kStartedShutdown:
      return "started_shutdown";
    case Ending::kImpatientShutdown:
      return "impatient_shutdown";
    case Ending::kClose:
      return "close";
    case Ending::kQueue:
      return "closed_queue";
  }
  return "";
}

// The id of the event that a call appends.
std::array<std::uint8_t, 16> event_id(std::size_t tag) {
  std::array<std::uint8_t, 16> id{1};
  for (std::size_t i = 0; i < 8; ++i) id[8 + i] = static_cast<std::uint8_t>((tag + 1) >> (8 * (7 - i)));
  return id;
}

struct Seen {
  std::atomic<int> accepted{0};
  std::atomic<int> ended{0};
  std::atomic<int> patient{0};       // an append that was accepted and that nothing limits
  std::atomic<int> acknowledged{0};  // as an append that is stored
  std::atomic<int> not_applied{0};   // as one that is not
};

class ExactlyOnce : public testing::TestWithParam<std::tuple<std::string, Ending, int>> {
 protected:
  void SetUp() override {
    if (!Place::is_there(std::get<0>(GetParam()))) GTEST_SKIP() << "no server";
    seed_ = test_support::seed() + static_cast<std::uint32_t>(std::get<2>(GetParam()));
    ASSERT_EQ(es_queue_new(&queue_, nullptr), ES_OK);
    store_ = place_.open();
  }
  void TearDown() override {
    es_queue_close(&queue_);
    es_store_close(&store_);
  }

  [[nodiscard]] Ending ending() const { return std::get<1>(GetParam()); }

  // A caller, which takes over `store` and `queue`: starts calls of all kinds, with every limit.
  void start_calls(int thread, es_store* store, es_queue* queue) {
    std::mt19937 random(seed_ + static_cast<std::uint32_t>(thread));
    for (int n = 0; n < kCallsEach; ++n) {
      const auto tag = static_cast<std::size_t>(thread * kCallsEach + n);
      if (is_queue_given_up_) es_queue_close(&queue);
      es_cancel* cancel = nullptr;
      es_call* call = make_call(random, &cancel);
      const bool is_append = random() % 2 == 0;
      const es_status status =
          is_append ? start_append(store, tag, call, queue) : start_read(store, tag, call, queue, random);
      if (queue == nullptr) {
        EXPECT_EQ(status, ES_INVALID_ARGUMENT);
      } else {
        EXPECT_TRUE(status == ES_OK || status == ES_CLOSED || status == ES_BUSY) << es_status_name(status);
      }
      if (status == ES_OK) {
        seen_[tag].accepted = 1;
        seen_[tag].patient = is_append && call == nullptr ? 1 : 0;
        ++accepted_;
      }
      if (cancel != nullptr && random() % 2 == 0) es_cancel_fire(cancel);
      es_call_close(&call);
      es_cancel_close(&cancel);
      ++made_;
    }
    es_queue_close(&queue);
    es_store_close(&store);
  }

  // NULL for a call without limits.
  static es_call* make_call(std::mt19937& random, es_cancel** cancel) {
    if (random() % 3 == 0) return nullptr;
    es_call* call = nullptr;
    EXPECT_EQ(es_call_new(&call, nullptr), ES_OK);
    constexpr std::int64_t kTimeouts[] = {0, 1, 5, 50, -1};
    if (random() % 2 == 0) {
      EXPECT_EQ(es_call_set_timeout(call, kTimeouts[random() % 5], nullptr), ES_OK);
    }
    if (random() % 3 == 0) {
      EXPECT_EQ(es_cancel_new(cancel, nullptr), ES_OK);
      EXPECT_EQ(es_call_set_cancel(call, *cancel, nullptr), ES_OK);
    }
    return call;
  }

  static es_status start_append(es_store* store, std::size_t tag, const es_call* call, es_queue* queue) {
    es_append* append = nullptr;
    EXPECT_EQ(es_append_new(&append, nullptr), ES_OK);
    std::array<std::uint8_t, 16> stream{7};
    stream[15] = static_cast<std::uint8_t>(tag % 32);
    EXPECT_EQ(es_append_stream(append, "Order", 5, stream.data(), ES_ANY, nullptr), ES_OK);
    EXPECT_EQ(es_append_event(append, "Placed", 6, "{}", 2, nullptr), ES_OK);
    EXPECT_EQ(es_append_set_event_id(append, event_id(tag).data(), nullptr), ES_OK);
    const es_status status = es_store_start_append(store, append, call, queue, static_cast<std::int64_t>(tag), nullptr);
    es_append_close(&append);
    return status;
  }

  static es_status start_read(es_store* store, std::size_t tag, const es_call* call, es_queue* queue,
                              std::mt19937& random) {
    const auto number = static_cast<std::int64_t>(tag);
    const std::array<std::uint8_t, 16> stream{7};
    switch (random() % 4) {
      case 0:
        return es_store_start_head(store, call, queue, number, nullptr);
      case 1:
        return es_store_start_read_stream(store, "Order", 5, stream.data(), nullptr, call, queue, number, nullptr);
      case 2:
        return es_store_start_load_snapshot(store, "Order", 5, stream.data(), call, queue, number, nullptr);
      default:
        return es_store_start_count(store, nullptr, call, queue, number, nullptr);
    }
  }

  // Takes completions until every accepted call has ended, or nobody wants to hear of them. Takes over `queue`.
  void drain(es_queue* queue) {
    std::array<es_completion*, 16> done{};
    while (!is_queue_given_up_ && (!are_all_made_ || ended_ != accepted_)) {
      static_cast<void>(es_queue_wait(queue, 1, nullptr));
      std::size_t count = 0;
      ASSERT_EQ(es_queue_take(queue, done.data(), done.size(), &count, nullptr), ES_OK);
      for (std::size_t i = 0; i < count; ++i) note(done[i]);
    }
    es_queue_close(&queue);
  }

  void note(es_completion* done) {
    const es_status status = es_completion_status(done);
    EXPECT_EQ(es_error_code(es_completion_error(done)), status);
    if (es_completion_kind(done) == ES_CALL_SHUTDOWN) {
      EXPECT_EQ(status, ES_OK);
      shutdown_ended_ = true;
    } else {
      const auto tag = static_cast<std::size_t>(es_completion_tag(done));
      ASSERT_LT(tag, kCalls);
      ++seen_[tag].ended;
      if (es_completion_kind(done) == ES_CALL_APPEND && status == ES_OK) {
        es_append_result* result = es_completion_take_append_result(done);
        EXPECT_EQ(es_append_result_count(result), 1u);
        es_append_result_close(&result);
        ++seen_[tag].acknowledged;
      } else if (es_completion_kind(done) == ES_CALL_APPEND) {
        // By its word; where the connection was lost it is unknown.
        if (es_error_outcome(es_completion_error(done)) == ES_OUTCOME_NOT_APPLIED) ++seen_[tag].not_applied;
      }
      ++ended_;
    }
    es_completion_close(&done);
  }

  void end_the_store() {
    // When a part of the calls was made.
    while (made_ < static_cast<int>(kCalls / 3)) std::this_thread::yield();
    switch (ending()) {
      case Ending::kNone:
        return;
      case Ending::kShutdown:
        EXPECT_EQ(es_store_shutdown(store_, -1, nullptr), ES_OK);
        return;
      case Ending::kStartedShutdown:
        EXPECT_EQ(es_store_start_shutdown(store_, -1, queue_, -1, nullptr), ES_OK);
        return;
      case Ending::kImpatientShutdown: {
        const es_status status = es_store_shutdown(store_, 0, nullptr);
        EXPECT_TRUE(status == ES_OK || status == ES_TIMEOUT) << es_status_name(status);
        return;
      }
      case Ending::kClose:
        es_store_close(&store_);
        return;
      case Ending::kQueue:
        // Each thread closes its handle; whoever is last ends the queue.
        is_queue_given_up_ = true;
        es_queue_close(&queue_);
        return;
    }
  }

  // What nobody hears of runs to its end, and nothing is left of it.
  void expect_end_without_queue() {
    // In memory each may have been taken by then.
    if (place_.is_durable()) {
      EXPECT_LT(ended_, accepted_) << "nothing was in flight when the queue was closed";
    }
    EXPECT_EQ(es_store_shutdown(store_, -1, nullptr), ES_OK);
    EXPECT_EQ(metric(store_, "eventsource_calls_in_flight"), 0);
    EXPECT_EQ(metric(store_, "eventsource_waiting_completions"), 0);
    for (std::size_t tag = 0; tag < kCalls; ++tag) EXPECT_LE(seen_[tag].ended, seen_[tag].accepted) << "call " << tag;
  }

  // Each accepted call has ended, and nothing comes after.
  void expect_ends() {
    for (std::size_t tag = 0; tag < kCalls; ++tag) EXPECT_EQ(seen_[tag].ended, seen_[tag].accepted) << "call " << tag;
    EXPECT_EQ(es_queue_wait(queue_, 0, nullptr), ES_TIMEOUT);
  }

  // Every append is stored, or not, as its completion said, and where nobody heard of it as well. An id can't be stored twice.
  void expect_stored() {
    es_store* store = place_.open();
    for (std::size_t tag = 0; tag < kCalls; ++tag) {
      es_page* page = nullptr;
      const es_status found = es_store_read_event(store, event_id(tag).data(), 0, nullptr, &page, nullptr);
      es_page_close(&page);
      const bool is_to_be_stored = ending() == Ending::kQueue && seen_[tag].patient != 0;
      if (seen_[tag].acknowledged != 0 || is_to_be_stored) {
        EXPECT_EQ(found, ES_OK) << "call " << tag;
      }
      if (seen_[tag].not_applied != 0) {
        EXPECT_EQ(found, ES_EVENT_NOT_FOUND) << "call " << tag;
      }
      if (seen_[tag].accepted == 0) {
        EXPECT_EQ(found, ES_EVENT_NOT_FOUND) << "call " << tag;
      }
    }
    es_store_close(&store);
  }

  Place place_{std::get<0>(GetParam())};
  std::uint32_t seed_ = 0;
  es_store* store_ = nullptr;
  es_queue* queue_ = nullptr;
  std::vector<Seen> seen_ = std::vector<Seen>(kCalls);
  std::atomic<int> made_{0};
  std::atomic<int> accepted_{0};
  std::atomic<int> ended_{0};
  std::atomic<bool> are_all_made_{false};
  std::atomic<bool> shutdown_ended_{false};
  std::atomic<bool> is_queue_given_up_{false};
};

TEST_P(ExactlyOnce, WhateverHappens) {
  SCOPED_TRACE("EVENTSOURCE_SEED=" + std::to_string(test_support::seed()));
  std::vector<std::thread> drainers;
  for (int n = 0; n < 2; ++n) drainers.emplace_back([this, own = es_queue_retain(queue_)] { drain(own); });
  std::vector<std::thread> callers;
  for (int thread = 0; thread < kThreads; ++thread) {
    callers.emplace_back([this, thread, store = es_store_retain(store_), queue = es_queue_retain(queue_)] {
      start_calls(thread, store, queue);
    });
  }
  std::thread ender([this] { end_the_store(); });
  for (std::thread& caller : callers) caller.join();
  ender.join();
  are_all_made_ = true;
  for (std::thread& drainer : drainers) drainer.join();
  if (ending() == Ending::kStartedShutdown) {
    while (!shutdown_ended_) {
      ASSERT_EQ(es_queue_wait(queue_, -1, nullptr), ES_OK);
      es_completion* done = nullptr;
      std::size_t count = 0;
      ASSERT_EQ(es_queue_take(queue_, &done, 1, &count, nullptr), ES_OK);
      if (count == 1) note(done);
    }
  }
  ending() == Ending::kQueue ? expect_end_without_queue() : expect_ends();
  if (!place_.is_durable()) return;
  es_store_close(&store_);
  expect_stored();
}

INSTANTIATE_TEST_SUITE_P(Started, ExactlyOnce,
                         testing::Combine(testing::Values("memory", "sqlite", "postgresql"),
                                          testing::Values(Ending::kNone, Ending::kShutdown, Ending::kStartedShutdown,
                                                          Ending::kImpatientShutdown, Ending::kClose, Ending::kQueue),
                                          testing::Range(0, test_support::rounds(1))),
                         [](const auto& test) {
                           return std::get<0>(test.param) + "_" + name_of(std::get<1>(test.param)) + "_" +
                                  std::to_string(std::get<2>(test.param));
                         });

}  // namespace
}  // namespace started_test
