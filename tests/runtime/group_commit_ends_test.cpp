// Calls that end before their append, in the queue and in a batch.
#include <random>
#include <thread>

#include "tests/core/fake_environment.hpp"
#include "tests/runtime/group_commit_fixture.hpp"

namespace eventsource::core::test_group_commit {
namespace {

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

// Where each caller has little time they still share their commits: one at a time few would get to their end.
TEST_F(GroupCommitTest, ThoseWithLittleTimeShareACommitToo) {
  FakeEnvironment environment;  // time stands still
  environment_ = &environment;
  open(kOne);
  CallOptions options;
  options.timeout_ms = 10;
  const Append a("a", 1), b("b", 2), c("c", 3);
  auto first = hold(a);
  auto second = start(b, options);
  auto third = start(c, options);
  held_->release("a");
  held_->release("b+c");
  EXPECT_TRUE(first.get().ok() && second.get().ok() && third.get().ok());
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

}  // namespace
}  // namespace eventsource::core::test_group_commit
