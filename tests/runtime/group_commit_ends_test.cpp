// Calls that end before their append, in the queue and in a batch.
#include <random>
#include <thread>

#include "tests/core/fake_environment.hpp"
#include "tests/runtime/group_commit_fixture.hpp"

namespace eventsource::core::test_group_commit {
namespace {

class GroupCommitEndsTest : public GroupCommitTest {
 protected:
  // b, c and d share a batch, in the middle of which the call of one ends: that one is told so, and the others are made again.
  void end_in_a_batch(std::size_t which, const CallOptions& options, const std::string& others, es_status told) {
    open(kOne);
    held_->endless = {"b+c+d"};
    const Append a("a", 1), all[] = {Append("b", 2), Append("c", 3), Append("d", 4)};
    auto first = hold(a);
    std::vector<std::future<Outcome>> ends;
    for (const Append& append : all) ends.push_back(start(append, ends.size() == which ? options : CallOptions()));
    held_->release("a");
    if (options.cancel != nullptr) {
      held_->expect("b+c+d");
      options.cancel->raise();
    }
    held_->release(others);
    EXPECT_EQ(ends[which].get().error().code(), told);
    for (auto& end : ends) EXPECT_TRUE(!end.valid() || end.get().ok());
  }

  static CallOptions with_cancel() {
    CallOptions options;
    options.cancel = std::make_shared<CancelFlag>();
    return options;
  }
  static CallOptions with_timeout(std::int64_t ms) {
    CallOptions options;
    options.timeout_ms = ms;
    return options;
  }
};

TEST_F(GroupCommitEndsTest, ACancelledAppendLeavesTheQueue) {
  open(kOne);
  const Append a("a", 1), b("b", 2), c("c", 3);
  auto first = hold(a);
  const CallOptions options = with_cancel();
  auto second = start(b, options);
  auto third = start(c);
  options.cancel->raise();
  EXPECT_EQ(second.get().error().code(), ES_CANCELLED) << "while the first is still under way";
  held_->release("a");
  held_->release("c");
  EXPECT_TRUE(first.get().ok() && third.get().ok());
}

TEST_F(GroupCommitEndsTest, AnAppendWhoseTimeIsOverLeavesTheQueue) {
  open(kOne);
  const Append a("a", 1), b("b", 2);
  auto first = hold(a);
  const CallOptions options = with_timeout(60);
  EXPECT_EQ(start(b, options).get().error().code(), ES_BUSY);
  held_->release("a");
  EXPECT_TRUE(first.get().ok());
  EXPECT_EQ(held_->written(), Lines{"a"});
}

TEST_F(GroupCommitEndsTest, OneThatIsCancelledInABatchEndsAndTheOthersAreMadeAgain) {
  end_in_a_batch(1, with_cancel(), "b+d", ES_CANCELLED);
}

TEST_F(GroupCommitEndsTest, ALeaderThatIsCancelledEndsAndTheOthersAreMadeAgain) {
  end_in_a_batch(0, with_cancel(), "c+d", ES_CANCELLED);
}

// Where each caller has little time they still share their commits: one at a time few would get to their end.
TEST_F(GroupCommitEndsTest, ThoseWithLittleTimeShareACommitToo) {
  FakeEnvironment environment;  // time stands still
  environment_ = &environment;
  open(kOne);
  const CallOptions options = with_timeout(10);
  const Append a("a", 1), b("b", 2), c("c", 3);
  auto first = hold(a);
  auto second = start(b, options);
  auto third = start(c, options);
  held_->release("a");
  held_->release("b+c");
  EXPECT_TRUE(first.get().ok() && second.get().ok() && third.get().ok());
}

TEST_F(GroupCommitEndsTest, ADeadlineInABatchEndsOneAndTheOthersAreMadeAgain) {
  end_in_a_batch(1, with_timeout(1'000), "b+d", ES_TIMEOUT);
}

TEST_F(GroupCommitEndsTest, AnExhaustedPoolIsToldAtOnceToThoseWithoutATimeout) {
  open(kOne);
  held_->judges["b+c+d"] = [](std::span<BatchItem>, Status& status) { status = Error(ES_TIMEOUT, "exhausted"); };
  const Append a("a", 1), b("b", 2), c("c", 3), d("d", 4);
  const CallOptions options = with_timeout(600'000);
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

TEST_F(GroupCommitEndsTest, WhoWaitsForNoLockHasItsTurnAllTheSame) {
  open(kOne);
  const Append a("a", 1), b("b", 2), c("c", 3);
  auto first = hold(a);
  auto second = start(b, {}, 0);
  auto third = start(c, {}, 0);
  held_->release("a");
  held_->release("b+c");
  EXPECT_TRUE(second.get().ok() && third.get().ok());
}

// An append that is cancelled in the moment in which a batch takes it is written or not, and is told which.
TEST_F(GroupCommitEndsTest, ACancelThatComesWithTheBatchIsTooLateOrInTime) {
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
        const CallOptions options = with_cancel();
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

}  // namespace
}  // namespace eventsource::core::test_group_commit
