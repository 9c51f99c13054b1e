// Which appends share a commit and what becomes of each, over a backend that holds every append until the test lets it go.
#include "core/runtime/group_commit.hpp"

#include <atomic>
#include <deque>
#include <future>
#include <gtest/gtest.h>
#include <map>
#include <new>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/backend/blocking_backend.hpp"
#include "core/base/out_of_memory.hpp"

namespace eventsource::core {
namespace {

// An append of one event to the stream with this number, named by its type.
struct Append {
  explicit Append(std::string type, std::uint8_t stream = 0, std::int64_t expected = ES_ANY)
      : name(std::move(type)), streams(1) {
    streams[0].name = {"Order", {}};
    streams[0].name.aggregate_id.bytes[15] = stream;
    streams[0].expected_version = expected;
    prepared.streams = streams;
    prepared.events.resize(1);
    prepared.events[0].event_type = name;
  }

  std::string name;
  std::vector<StreamInput> streams;
  PreparedAppend prepared;
};

std::string name_of(const PreparedAppend& append) {
  return std::string(append.events.front().event_type);
}

AppendOutcome stored() {
  AppendOutcome outcome;
  outcome.positions = {1};
  return outcome;
}

// What another try tells of an append that a lost one may have written.
class LostTry final : public Doubt {
 public:
  explicit LostTry(Result<AppendOutcome> told) : told_(std::move(told)) {}

  Task<Result<AppendOutcome>> resolve(const PreparedAppend& append, const Call&) const override {
    resolved = name_of(append);
    if (told_.ok()) co_return stored();
    co_return told_.error();
  }

  mutable std::string resolved;

 private:
  const Result<AppendOutcome> told_;
};

// What it is asked to write, one line each; "a" for a single append, "a+b" for a batch. Each waits for its release.
class Held final : public BlockingBackend {
 public:
  explicit Held(Gathering gathering) : gathering_(gathering) {}

  using Judge = std::function<void(std::span<BatchItem>, Status&)>;
  // How the batch with these names ends; without a judge everything is stored.
  std::map<std::string, Judge> judges;
  std::set<std::string> endless;          // batches that only the end of their call ends
  std::map<std::string, Error> refusals;  // of single appends
  std::atomic<bool> is_open = false;      // nothing waits for a release
  std::atomic<int> appends = 0;           // that were stored meanwhile

  const char* kind() const override { return "held"; }
  const StoreIdentity& identity() const override { return identity_; }
  Gathering gathering() const override { return gathering_; }

  Result<AppendOutcome> append(const PreparedAppend& append, const Call& call) override {
    const std::string name = name_of(append);
    RETURN_IF_ERROR(call.check());
    if (is_open) ++appends;
    if (is_open) return stored();
    wait_for_release(name);
    const auto refusal = refusals.find(name);
    if (refusal != refusals.end()) return refusal->second;
    return stored();
  }

  Status append_batch(std::span<BatchItem> items, const Call& call) override {
    if (is_open) {
      for (BatchItem& item : items) item.outcome = stored();
      appends += static_cast<int>(items.size());
      return {};
    }
    std::string names;
    for (const BatchItem& item : items) names += (names.empty() ? "" : "+") + name_of(*item.append);
    if (endless.contains(names)) return wait_for_end(names, call);
    wait_for_release(names);
    Status status;
    if (const auto judge = judges.find(names); judge != judges.end()) {
      judge->second(items, status);
    } else {
      for (BatchItem& item : items) item.outcome = stored();
    }
    return status;
  }

  // Until it is asked to write this.
  void expect(const std::string& what) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return under_way_.contains(what); });
  }
  void release(const std::string& what) {
    expect(what);
    const std::lock_guard lock(mutex_);
    under_way_[what] = true;
    changed_.notify_all();
  }
  [[nodiscard]] std::vector<std::string> written() {
    const std::lock_guard lock(mutex_);
    return written_;
  }

  Result<ReadEnd> read_stream(const StreamQuery&, const Call&, PageBuilder&) override { return unused(); }
  Result<ReadEnd> read_log(const LogQuery&, const Call&, PageBuilder&) override { return unused(); }
  Result<ReadEnd> read_event(const Uuid&, const Call&, PageBuilder&) override { return unused(); }
  Result<std::int64_t> head(const Call&) override { return unused(); }
  Result<std::int64_t> stream_version(const StreamName&, const Call&) override { return unused(); }
  Result<std::int64_t> count(const Filter&, const Call&) override { return unused(); }
  Result<bool> save_snapshot(const StreamName&, const Snapshot&, const Call&) override { return unused(); }
  Result<std::optional<Snapshot>> load_snapshot(const StreamName&, const Call&) override { return unused(); }
  Result<bool> delete_snapshot(const StreamName&, const Call&) override { return unused(); }
  Result<Inspection> inspect(const Call&) override { return unused(); }
  Status shutdown() override { return {}; }

 private:
  static Error unused() { return Error(ES_INTERNAL, "the test does not use this"); }

  Status wait_for_end(const std::string& names, const Call& call) {
    {
      const std::lock_guard lock(mutex_);
      written_.push_back(names);
      under_way_.emplace(names, false);
      changed_.notify_all();
    }
    while (call.check().ok()) call.environment().pause_us(1'000);
    const std::lock_guard lock(mutex_);
    under_way_.erase(names);
    return call.check();
  }

  void wait_for_release(const std::string& what) {
    std::unique_lock lock(mutex_);
    written_.push_back(what);
    under_way_.emplace(what, false);
    changed_.notify_all();
    changed_.wait(lock, [&] { return under_way_.at(what); });
    under_way_.erase(what);
  }

  const Gathering gathering_;
  const StoreIdentity identity_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, bool> under_way_;  // true: released
  std::vector<std::string> written_;
};

class GroupCommitTest : public testing::Test {
 protected:
  using Outcome = Result<AppendOutcome>;

  void open(Gathering gathering) {
    auto held = std::make_unique<Held>(gathering);
    held_ = held.get();
    backend_ = as_backend(std::move(held));
    group_ = std::make_unique<GroupCommit>(*backend_, telemetry_);
  }

  // On a thread of its own. Returns once it stands in the queue or has set out.
  std::future<Outcome> start(const Append& append, const CallOptions& options = {}, std::int64_t busy_ms = 60'000) {
    const std::size_t before = group_->entered();
    auto outcome = std::async(std::launch::async, [this, &append, options, busy_ms] {
      return now(group_->append(append.prepared, Call(system_environment(), options, busy_ms)));
    });
    while (group_->entered() == before) std::this_thread::yield();
    return outcome;
  }

  // The same for one that sets out, and is under way until it is released.
  std::future<Outcome> hold(const Append& append) {
    auto outcome = start(append);
    held_->expect(append.name);
    return outcome;
  }

  Held* held_ = nullptr;
  std::unique_ptr<Backend> backend_;
  Telemetry telemetry_{nullptr, system_environment()};
  std::unique_ptr<GroupCommit> group_;
};

using Lines = std::vector<std::string>;
constexpr Gathering kOne{1, 1, 100, 1'000'000};

TEST_F(GroupCommitTest, WhatComesMeanwhileSharesTheNextCommit) {
  open(kOne);
  const Append a("a", 1), b("b", 2), c("c", 3);
  auto first = hold(a);
  auto second = start(b);
  auto third = start(c);
  held_->release("a");
  EXPECT_TRUE(first.get().ok());
  held_->release("b+c");
  EXPECT_TRUE(second.get().ok());
  EXPECT_TRUE(third.get().ok());
  EXPECT_EQ(held_->written(), (Lines{"a", "b+c"}));
}

TEST_F(GroupCommitTest, ARefusedItemFailsNoneOfItsNeighbours) {
  open(kOne);
  held_->judges["b+c+d"] = [](std::span<BatchItem> items, Status&) {
    items[0].outcome = stored();
    items[2].outcome = stored();
  };
  held_->refusals.emplace("c", Error(ES_VERSION_CONFLICT, "c"));
  const Append a("a", 1), b("b", 2), c("c", 3), d("d", 4);
  auto first = hold(a);
  auto second = start(b);
  auto third = start(c);
  auto fourth = start(d);
  held_->release("a");
  held_->release("b+c+d");
  EXPECT_TRUE(second.get().ok());
  EXPECT_TRUE(fourth.get().ok()) << "while the refused one is still on its way";
  held_->release("c");
  EXPECT_EQ(third.get().error().code(), ES_VERSION_CONFLICT);
  EXPECT_TRUE(first.get().ok());
}

TEST_F(GroupCommitTest, ABatchThatFailsIsMadeInHalvesUntilTheGuiltyOneIsByItself) {
  open(kOne);
  const auto fails = [](std::span<BatchItem>, Status& status) { status = Error(ES_BUSY, "locked"); };
  held_->judges["b+c+d+e"] = fails;
  held_->judges["b+c"] = fails;
  held_->refusals.emplace("c", Error(ES_BUSY, "locked"));
  const Append a("a", 1), b("b", 2), c("c", 3), d("d", 4), e("e", 5);
  std::vector<std::future<Outcome>> ends;
  ends.push_back(hold(a));
  for (const Append* append : {&b, &c, &d, &e}) ends.push_back(start(*append));
  for (const char* const step : {"a", "b+c+d+e", "b+c", "d+e"}) held_->release(step);
  EXPECT_TRUE(ends[3].get().ok());
  EXPECT_TRUE(ends[4].get().ok());
  held_->release("b");
  held_->release("c");
  EXPECT_TRUE(ends[1].get().ok());
  EXPECT_EQ(ends[2].get().error().code(), ES_BUSY);
}

TEST_F(GroupCommitTest, WhatNoItemIsToBlameForIsToldToAll) {
  open(kOne);
  held_->judges["b+c"] = [](std::span<BatchItem>, Status& status) { status = Error(ES_UNAVAILABLE, "no server"); };
  const Append a("a", 1), b("b", 2), c("c", 3);
  auto first = hold(a);
  auto second = start(b);
  auto third = start(c);
  held_->release("a");
  held_->release("b+c");
  EXPECT_EQ(second.get().error().code(), ES_UNAVAILABLE);
  EXPECT_EQ(third.get().error().code(), ES_UNAVAILABLE);
}

TEST_F(GroupCommitTest, AnAppendToAStreamThatIsUnderWayWaitsForIt) {
  open({2, 1, 100, 1'000'000});
  const Append a("a", 1), same("same", 1), other("other", 2);
  auto first = hold(a);
  auto second = start(same);
  auto third = start(other);
  held_->release("other");
  EXPECT_TRUE(third.get().ok()) << "while the stream of the first is under way";
  EXPECT_EQ(held_->written(), (Lines{"a", "other"}));
  held_->release("a");
  held_->release("same");
  EXPECT_TRUE(second.get().ok());
  EXPECT_TRUE(first.get().ok());
}

TEST_F(GroupCommitTest, ASecondBatchSetsOutOnlyWhenItIsWorthwhile) {
  open({2, 3, 100, 1'000'000});
  const Append a("a", 1), b("b", 2), c("c", 3), d("d", 4);
  auto first = hold(a);
  auto second = start(b);
  auto third = start(c);
  EXPECT_EQ(held_->written(), Lines{"a"});
  auto fourth = start(d);
  held_->release("b+c+d");
  EXPECT_TRUE(second.get().ok() && third.get().ok() && fourth.get().ok());
  held_->release("a");
  EXPECT_TRUE(first.get().ok());
}

TEST_F(GroupCommitTest, ABatchHasNoMoreThanItMay) {
  open({1, 1, 2, 1'000'000});
  const Append a("a", 1), b("b", 2), c("c", 3), d("d", 4);
  auto first = hold(a);
  auto second = start(b);
  auto third = start(c);
  auto fourth = start(d);
  for (const char* const step : {"a", "b+c", "d"}) held_->release(step);
  EXPECT_TRUE(first.get().ok() && second.get().ok() && third.get().ok() && fourth.get().ok());
}

TEST_F(GroupCommitTest, ACancelledAppendLeavesTheQueue) {
  open(kOne);
  const Append a("a", 1), b("b", 2), c("c", 3);
  auto first = hold(a);
  CallOptions options;
  options.cancel = std::make_shared<CancelFlag>();
  auto second = start(b, options);
  auto third = start(c);
  options.cancel->raise();
  EXPECT_EQ(second.get().error().code(), ES_CANCELLED) << "while the first is still under way";
  held_->release("a");
  held_->release("c");
  EXPECT_TRUE(first.get().ok() && third.get().ok());
}

TEST_F(GroupCommitTest, AnAppendWhoseTimeIsOverLeavesTheQueue) {
  open(kOne);
  const Append a("a", 1), b("b", 2);
  auto first = hold(a);
  CallOptions options;
  options.timeout_ms = 60;
  EXPECT_EQ(start(b, options).get().error().code(), ES_BUSY);
  held_->release("a");
  EXPECT_TRUE(first.get().ok());
  EXPECT_EQ(held_->written(), Lines{"a"});
}

TEST_F(GroupCommitTest, ADoubtIsResolvedByItself) {
  open(kOne);
  const auto written = std::make_shared<const LostTry>(stored());
  const auto lost = std::make_shared<const LostTry>(Error(ES_UNAVAILABLE, "lost").outcome(ES_OUTCOME_UNKNOWN));
  held_->judges["b+c+d"] = [&](std::span<BatchItem> items, Status&) {
    items[0].doubt = written;
    items[1].doubt = lost;
    items[2].outcome = stored();
  };
  const Append a("a", 1), b("b", 2), c("c", 3), d("d", 4);
  auto first = hold(a);
  auto second = start(b);
  auto third = start(c);
  auto fourth = start(d);
  for (const char* const step : {"a", "b+c+d"}) held_->release(step);
  EXPECT_TRUE(second.get().ok());
  EXPECT_EQ(written->resolved, "b");
  EXPECT_EQ(third.get().error().outcome(), ES_OUTCOME_UNKNOWN);
  EXPECT_EQ(lost->resolved, "c");
  EXPECT_TRUE(fourth.get().ok());
  EXPECT_EQ(held_->written(), (Lines{"a", "b+c+d"}));
}

TEST_F(GroupCommitTest, ADoubtOutlivesWhatBecomesOfTheOtherHalf) {
  open(kOne);
  const auto written = std::make_shared<const LostTry>(stored());
  held_->judges["b+c+d+e"] = [](std::span<BatchItem>, Status& status) { status = Error(ES_CONSTRAINT, "one of them"); };
  held_->judges["b+c"] = [&](std::span<BatchItem> items, Status&) {
    for (BatchItem& item : items) item.doubt = written;
  };
  held_->judges["d+e"] = [](std::span<BatchItem>, Status&) { throw std::bad_alloc(); };
  const Append a("a", 1), b("b", 2), c("c", 3), d("d", 4), e("e", 5);
  std::vector<std::future<Outcome>> ends;
  ends.push_back(hold(a));
  for (const Append* append : {&b, &c, &d, &e}) ends.push_back(start(*append));
  for (const char* const step : {"a", "b+c+d+e", "b+c", "d+e"}) held_->release(step);
  EXPECT_TRUE(ends[1].get().ok());
  EXPECT_TRUE(ends[2].get().ok());
  EXPECT_THROW(static_cast<void>(ends[3].get()), std::bad_alloc);
  EXPECT_THROW(static_cast<void>(ends[4].get()), std::bad_alloc);
}

TEST_F(GroupCommitTest, OneThatIsCancelledInABatchEndsAndTheOthersAreMadeAgain) {
  open(kOne);
  held_->endless = {"b+c+d"};
  const Append a("a", 1), b("b", 2), c("c", 3), d("d", 4);
  CallOptions options;
  options.cancel = std::make_shared<CancelFlag>();
  auto first = hold(a);
  auto second = start(b);
  auto third = start(c, options);
  auto fourth = start(d);
  held_->release("a");
  held_->expect("b+c+d");
  options.cancel->raise();
  held_->release("b+d");
  EXPECT_EQ(third.get().error().code(), ES_CANCELLED);
  EXPECT_TRUE(second.get().ok() && fourth.get().ok());
}

TEST_F(GroupCommitTest, ALeaderThatIsCancelledEndsAndTheOthersAreMadeAgain) {
  open(kOne);
  held_->endless = {"b+c+d"};
  const Append a("a", 1), b("b", 2), c("c", 3), d("d", 4);
  CallOptions options;
  options.cancel = std::make_shared<CancelFlag>();
  auto first = hold(a);
  auto second = start(b, options);
  auto third = start(c);
  auto fourth = start(d);
  held_->release("a");
  held_->expect("b+c+d");
  options.cancel->raise();
  held_->release("c+d");
  EXPECT_EQ(second.get().error().code(), ES_CANCELLED);
  EXPECT_TRUE(third.get().ok() && fourth.get().ok());
}

TEST_F(GroupCommitTest, ADeadlineInABatchEndsOneAndTheOthersAreMadeAgain) {
  open(kOne);
  held_->endless = {"b+c+d"};
  const Append a("a", 1), b("b", 2), c("c", 3), d("d", 4);
  CallOptions options;
  options.timeout_ms = 1'000;
  auto first = hold(a);
  auto second = start(b);
  auto third = start(c, options);
  auto fourth = start(d);
  held_->release("a");
  held_->release("b+d");
  EXPECT_EQ(third.get().error().code(), ES_TIMEOUT);
  EXPECT_TRUE(second.get().ok() && fourth.get().ok());
}

TEST_F(GroupCommitTest, AnExhaustedPoolIsToldAtOnceToThoseWithoutATimeout) {
  open(kOne);
  held_->judges["b+c+d"] = [](std::span<BatchItem>, Status& status) { status = Error(ES_TIMEOUT, "exhausted"); };
  const Append a("a", 1), b("b", 2), c("c", 3), d("d", 4);
  CallOptions options;
  options.timeout_ms = 600'000;
  auto first = hold(a);
  auto second = start(b);
  auto third = start(c, options);
  auto fourth = start(d);
  for (const char* const step : {"a", "b+c+d", "c"}) held_->release(step);
  EXPECT_EQ(second.get().error().code(), ES_TIMEOUT);
  EXPECT_TRUE(third.get().ok()) << "it had more time";
  EXPECT_EQ(fourth.get().error().code(), ES_TIMEOUT);
  EXPECT_EQ(held_->written(), (Lines{"a", "b+c+d", "c"}));
}

TEST_F(GroupCommitTest, AHeldStreamHoldsUpNoOther) {
  open({2, 1, 100, 1'000'000});
  const Append held("held", 1), other("other", 2);
  std::deque<Append> same;
  for (int i = 0; i < 100; ++i) same.emplace_back("same", 1);
  std::vector<std::future<Outcome>> ends;
  ends.push_back(hold(held));
  for (const Append& append : same) ends.push_back(start(append));
  auto free = start(other);
  held_->release("other");
  EXPECT_TRUE(free.get().ok());
  held_->is_open = true;
  held_->release("held");
  for (auto& end : ends) EXPECT_TRUE(end.get().ok());
  EXPECT_EQ(held_->written(), (Lines{"held", "other"})) << "the others came to an open door";
}

TEST_F(GroupCommitTest, ThoseOfALockedStreamWaitForTheFirstOfThem) {
  open(kOne);
  const auto locked = [](std::span<BatchItem>, Status& status) { status = Error(ES_BUSY, "locked"); };
  held_->judges["b+c+d"] = locked;
  held_->judges["c+d"] = locked;
  held_->refusals.emplace("b", Error(ES_BUSY, "locked"));
  const Append a("a", 1), b("b", 2), c("c", 2), d("d", 2);
  auto first = hold(a);
  auto second = start(b);
  auto third = start(c);
  auto fourth = start(d);
  for (const char* const step : {"a", "b+c+d", "c+d"}) held_->release(step);
  held_->expect("b");
  EXPECT_EQ(held_->written().back(), "b") << "and no other";
  held_->judges.erase("c+d");
  held_->release("b");
  held_->release("c+d");
  EXPECT_EQ(second.get().error().code(), ES_BUSY);
  EXPECT_TRUE(third.get().ok() && fourth.get().ok());
}

TEST_F(GroupCommitTest, NobodyWaitsLongForALoneOne) {
  open(kOne);
  const Append a("a", 1), b("b", 2), c("c", 3), d("d", 4);
  auto first = hold(a);
  CallOptions options;
  options.cancel = std::make_shared<CancelFlag>();
  auto second = start(b, options);
  auto third = start(c);
  auto fourth = start(d);
  options.cancel->raise();
  held_->release("c+d");
  EXPECT_TRUE(third.get().ok() && fourth.get().ok()) << "while the first is still under way";
  EXPECT_EQ(second.get().error().code(), ES_CANCELLED);
  held_->release("a");
  EXPECT_TRUE(first.get().ok());
}

TEST_F(GroupCommitTest, NeitherDoesOneThatComesBackIntoTheQueue) {
  open(kOne);
  held_->judges["b+c"] = [](std::span<BatchItem> items, Status&) { items[1].outcome = stored(); };
  const Append a("a", 1), b("b", 2), c("c", 3), same("same", 2), lone("lone", 4);
  auto first = hold(a);
  auto second = start(b);
  auto third = start(c);
  for (const char* const step : {"a", "b+c"}) held_->release(step);
  EXPECT_TRUE(first.get().ok() && third.get().ok());
  held_->expect("b");
  auto waits = start(same);
  auto stuck = hold(lone);
  held_->release("b");
  EXPECT_TRUE(second.get().ok());
  held_->release("same");
  EXPECT_TRUE(waits.get().ok()) << "while the lone one is still under way";
  held_->release("lone");
  EXPECT_TRUE(stuck.get().ok());
}

TEST_F(GroupCommitTest, ABatchWaitsForFewLocks) {
  open(kOne);
  const auto locked = [](std::span<BatchItem>, Status& status) { status = Error(ES_BUSY, "locked"); };
  for (const char* const names : {"b+c+d+e+f+g+h+i", "b+c+d+e", "b+c"}) held_->judges[names] = locked;
  std::deque<Append> appends;
  for (const char* const name : {"a", "b", "c", "d", "e", "f", "g", "h", "i"}) {
    appends.emplace_back(name, static_cast<std::uint8_t>(appends.size()));
  }
  std::vector<std::future<Outcome>> ends;
  ends.push_back(hold(appends.front()));
  for (std::size_t i = 1; i < appends.size(); ++i) ends.push_back(start(appends[i]));
  for (const char* const step : {"a", "b+c+d+e+f+g+h+i", "b+c+d+e", "b+c"}) held_->release(step);
  for (std::size_t i = 1; i < appends.size(); ++i) held_->release(appends[i].name);
  for (auto& end : ends) EXPECT_TRUE(end.get().ok());
}

TEST_F(GroupCommitTest, WhoWaitsForNoLockHasItsTurnAllTheSame) {
  open(kOne);
  const Append a("a", 1), b("b", 2), c("c", 3);
  auto first = hold(a);
  auto second = start(b, {}, 0);
  auto third = start(c, {}, 0);
  held_->release("a");
  held_->release("b+c");
  EXPECT_TRUE(second.get().ok() && third.get().ok());
}

TEST_F(GroupCommitTest, WhatWasWrittenBeforeMemoryRanOutIsTold) {
  open(kOne);
  held_->judges["b+c+d+e"] = [](std::span<BatchItem>, Status& status) { status = Error(ES_BUSY, "locked"); };
  held_->judges["d+e"] = [](std::span<BatchItem>, Status&) { throw std::bad_alloc(); };
  const Append a("a", 1), b("b", 2), c("c", 3), d("d", 4), e("e", 5);
  std::vector<std::future<Outcome>> ends;
  ends.push_back(hold(a));
  for (const Append* append : {&b, &c, &d, &e}) ends.push_back(start(*append));
  for (const char* const step : {"a", "b+c+d+e", "b+c", "d+e"}) held_->release(step);
  EXPECT_TRUE(ends[1].get().ok());
  EXPECT_TRUE(ends[2].get().ok());
  EXPECT_THROW(static_cast<void>(ends[3].get()), std::bad_alloc);
  EXPECT_THROW(static_cast<void>(ends[4].get()), std::bad_alloc);
}

// An append that is cancelled in the moment in which a batch takes it is written or not, and is told which.
TEST_F(GroupCommitTest, ACancelThatComesWithTheBatchIsTooLateOrInTime) {
  open(kOne);
  held_->is_open = true;
  std::vector<std::thread> callers;
  std::atomic<int> told_stored = 0;
  constexpr int kCallers = 6;
  constexpr int kEach = 400;
  for (int caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&, caller] {
      std::mt19937 random(static_cast<unsigned>(caller));
      for (int i = 0; i < kEach; ++i) {
        const Append append("x", static_cast<std::uint8_t>(random() % 200));
        CallOptions options;
        options.cancel = std::make_shared<CancelFlag>();
        std::thread canceller([&, pauses = random() % 40] {
          for (unsigned n = 0; n < pauses; ++n) std::this_thread::yield();
          options.cancel->raise();
        });
        const Outcome outcome = now(group_->append(append.prepared, Call(system_environment(), options, 60'000)));
        if (outcome.ok()) {
          ++told_stored;
        } else {
          EXPECT_EQ(outcome.error().code(), ES_CANCELLED);
        }
        canceller.join();
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(told_stored, held_->appends);
}

TEST_F(GroupCommitTest, MemoryThatRanOutInABatchIsToldToAll) {
  open(kOne);
  held_->judges["b+c"] = [](std::span<BatchItem>, Status&) { throw OutcomeUnknown(); };
  const Append a("a", 1), b("b", 2), c("c", 3), d("d", 4);
  auto first = hold(a);
  auto second = start(b);
  auto third = start(c);
  held_->release("a");
  held_->expect("b+c");
  auto fourth = start(d);
  held_->release("b+c");
  EXPECT_THROW(static_cast<void>(second.get()), OutcomeUnknown);
  EXPECT_THROW(static_cast<void>(third.get()), OutcomeUnknown);
  held_->release("d");
  EXPECT_TRUE(fourth.get().ok()) << "the next one leads";
}

}  // namespace
}  // namespace eventsource::core
