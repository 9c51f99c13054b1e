// Appends that something holds, and those that must not be held up by them.
#include <deque>

#include "tests/runtime/group_commit_fixture.hpp"

namespace eventsource::core::test_group_commit {
namespace {

class GroupCommitLocksTest : public GroupCommitTest {
 protected:
  // These wait for stream 1, which somebody holds; an append to another stream passes them.
  void hold_up(const std::deque<Append>& waiting) {
    open({2, 1, 100, 1'000'000});
    const Append held("held", 1), other("other", 2);
    std::vector<std::future<Outcome>> ends;
    ends.push_back(hold(held));
    for (const Append& append : waiting) ends.push_back(start(append));
    auto free = start(other);
    held_->release("other");
    EXPECT_TRUE(free.get().ok());
    held_->is_open = true;
    held_->release("held");
    for (auto& end : ends) EXPECT_TRUE(end.get().ok());
  }
};

TEST_F(GroupCommitLocksTest, AHeldStreamHoldsUpNoOther) {
  std::deque<Append> same;
  for (int i = 0; i < 100; ++i) same.emplace_back("same", 1);
  hold_up(same);
  EXPECT_EQ(held_->written(), (Lines{"held", "other"})) << "the others came to an open door";
}

TEST_F(GroupCommitLocksTest, ThoseOfALockedStreamWaitForTheFirstOfThem) {
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

TEST_F(GroupCommitLocksTest, NobodyWaitsLongForALoneOne) {
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

TEST_F(GroupCommitLocksTest, NeitherDoesOneThatComesBackIntoTheQueue) {
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

TEST_F(GroupCommitLocksTest, ABatchWaitsForFewLocks) {
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

TEST_F(GroupCommitLocksTest, NorForASecondLoneOne) {
  open({2, 2, 2, 1'000'000});
  const Append a("a", 1), c("c", 3);
  Append b("b", 2);
  b.prepared.events.resize(2);
  auto first = hold(a);
  auto second = start(b);
  auto third = start(c);
  held_->expect("b");
  held_->release("a");
  held_->release("c");
  EXPECT_TRUE(third.get().ok()) << "while the second is still under way";
  held_->release("b");
  EXPECT_TRUE(first.get().ok() && second.get().ok());
}

TEST_F(GroupCommitLocksTest, ThoseOfSeveralStreamsThatWaitForAHeldOneHoldUpNoOther) {
  std::deque<Append> several;
  for (std::uint8_t stream = 100; stream < 200; ++stream) {
    several.emplace_back("several", std::initializer_list<std::uint8_t>{stream, 1});
  }
  hold_up(several);
}

}  // namespace
}  // namespace eventsource::core::test_group_commit
