// Which appends share a commit, and what becomes of each.
#include <new>

#include "tests/runtime/group_commit_fixture.hpp"

namespace eventsource::core::test_group_commit {
namespace {

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
}  // namespace eventsource::core::test_group_commit
