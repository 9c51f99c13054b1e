// Calls on PostgreSQL that were started, one and so many that they share batches, while memory runs out at each of their
// allocations: each ends once, and what it tells is what is stored. One thread, beside the store's own.
// EVENTSOURCE_SEED=n repeats a run.
#include <random>
#include <vector>

#include "tests/postgres_memory/out_of_memory.hpp"
#include "tests/support/rounds.hpp"

namespace postgres_memory_test {
namespace {

// Enough for a batch, beside the one that sets out at once.
constexpr std::size_t kBatch = 12;

// Of the allocations of a batch one in so many fails in `make test`, at the most; every one in the long form.
constexpr long kLongestStride = 32;

// Longer than any of these calls takes, with memory or without.
constexpr std::int64_t kPatienceMs = 60'000;

struct Told {
  std::uint32_t number = 0;
  es_status status = ES_OK;
  std::int32_t outcome = ES_OUTCOME_NOT_APPLIED;
  std::int64_t version = 0;
  std::string message;

  [[nodiscard]] bool is_known() const { return status == ES_OK || outcome == ES_OUTCOME_NOT_APPLIED; }
};

class StartedOutOfMemory : public OutOfMemory {
 protected:
  void SetUp() override {
    ASSERT_EQ(es_queue_new(&queue_, nullptr), ES_OK);
    OutOfMemory::SetUp();
  }
  void TearDown() override {
    es_queue_close(&queue_);
    OutOfMemory::TearDown();
  }

  // Starts appends, each to a stream of its own, with the n-th allocation failing, and waits until all have ended.
  std::vector<Told> append(std::size_t appends, long n) {
    std::vector<Told> told(appends);
    std::vector<es_append*> made;
    for (std::size_t i = 0; i < appends; ++i) {
      std::array<std::uint8_t, 16> stream = kStream;
      stream[15] = static_cast<std::uint8_t>(100 + i);
      told[i].number = ++number_;
      made.push_back(make(number_, stream));
    }
    std::vector<es_completion*> done(appends + 1);
    std::size_t started = 0;
    failing_new::arm(n, GetParam().all_fail);
    for (std::size_t i = 0; i < appends; ++i) {
      es_error* error = nullptr;
      told[i].status = es_store_start_append(store_, made[i], nullptr, queue_, static_cast<std::int64_t>(i), &error);
      told[i].outcome = es_error_outcome(error);
      if (told[i].status == ES_OK) ++started;
      es_error_close(&error);
    }
    take(done, started);
    has_failed_ = failing_new::stop();
    EXPECT_EQ(es_queue_wait(queue_, 0, nullptr), ES_TIMEOUT) << "one more than were started";
    for (std::size_t i = 0; i < started; ++i) note(told, done[i]);
    for (es_append*& append : made) es_append_close(&append);
    return told;
  }

  // Memory is out until the last of them has ended.
  void take(std::vector<es_completion*>& done, std::size_t started) {
    for (std::size_t taken = 0, count = 0; taken < started; taken += count) {
      ASSERT_EQ(es_queue_wait(queue_, kPatienceMs, nullptr), ES_OK) << started - taken << " did not end";
      ASSERT_EQ(es_queue_take(queue_, &done[taken], done.size() - taken, &count, nullptr), ES_OK);
    }
  }

  static void note(std::vector<Told>& told, es_completion*& done) {
    Told& one = told.at(static_cast<std::size_t>(es_completion_tag(done)));
    one.status = es_completion_status(done);
    one.outcome = es_error_outcome(es_completion_error(done));
    one.message = es_error_message(es_completion_error(done));
    es_append_result* result = es_completion_take_append_result(done);
    if (one.status == ES_OK) one.version = es_append_result_versions(result)[0];
    es_append_result_close(&result);
    es_completion_close(&done);
  }

  void expect_stored(const std::vector<Told>& told, const char* when) {
    for (const Told& one : told) {
      SCOPED_TRACE(std::string(when) + ", append " + std::to_string(one.number) +
                   " was told: " + es_status_name(one.status) + " " + one.message);
      if (one.is_known()) {
        EXPECT_EQ(stored(one.number), one.version);
      }
      // One lack of memory is got over, or it has done nothing.
      EXPECT_TRUE(GetParam().all_fail || one.outcome == ES_OUTCOME_NOT_APPLIED);
      unknown_ += one.is_known() ? 0 : 1;
    }
  }

  // With each allocation failing, or one in `stride`, until none is left.
  void each_append(std::size_t appends, long stride) {
    SCOPED_TRACE("EVENTSOURCE_SEED=" + std::to_string(test_support::seed()));
    std::vector<Told> all;
    for (long n = 0; n < kMostAllocations; n += step(stride)) {
      SCOPED_TRACE("allocation " + std::to_string(n));
      if (GetParam().is_first) open();
      const std::vector<Told> told = append(appends, n);
      expect_stored(told, "at once");
      expect_well();
      expect_stored(told, "after the next call");
      all.insert(all.end(), told.begin(), told.end());
      if (!has_failed_ || HasFailure()) break;
    }
    EXPECT_FALSE(has_failed_ && !HasFailure()) << "it never had enough memory";
    expect_stored(all, "in the end");
  }

  es_queue* queue_ = nullptr;
  bool has_failed_ = false;
};

TEST_P(StartedOutOfMemory, AnAppendIsStoredAsItIsTold) {
  each_append(1, 1);
}

TEST_P(StartedOutOfMemory, EachAppendOfABatchIsStoredAsItIsTold) {
  each_append(kBatch, kLongestStride);
}

TEST_P(StartedOutOfMemory, AReadLeavesNothingToTheNextCall) {
  for (int i = 0; i < 3; ++i) static_cast<void>(append(1, kMostAllocations));
  es_completion* done = nullptr;
  const auto read = [&](es_error** err) {
    const es_status refused = es_store_start_read_log(store_, nullptr, nullptr, queue_, 1, err);
    const es_status waited = refused == ES_OK ? es_queue_wait(queue_, kPatienceMs, nullptr) : ES_OK;
    failing_new::stop();
    EXPECT_EQ(waited, ES_OK) << "it did not end";
    if (refused != ES_OK || waited != ES_OK) return refused;
    std::size_t count = 0;
    EXPECT_EQ(es_queue_take(queue_, &done, 1, &count, nullptr), ES_OK);
    *err = es_completion_take_error(done);
    return es_completion_status(done);
  };
  const auto check = [&](es_status status, std::int32_t outcome) {
    EXPECT_TRUE(status == ES_OK || status == ES_OUT_OF_MEMORY);
    EXPECT_EQ(outcome, ES_OUTCOME_NOT_APPLIED);
    if (status == ES_OK) {
      es_page* page = es_completion_take_page(done);
      EXPECT_EQ(es_page_count(page), sql_.number("select count(*) from events"));
      es_page_close(&page);
    }
    es_completion_close(&done);
    expect_well();
  };
  each(read, check);
}

INSTANTIATE_TEST_SUITE_P(When, StartedOutOfMemory, testing::ValuesIn(kAllWays),
                         [](const auto& how) { return std::string(how.param.name); });

}  // namespace
}  // namespace postgres_memory_test
