// Spare objects: given back, not too many, and each with one thread at a time.
#include "core/base/spare.hpp"

#include <atomic>
#include <gtest/gtest.h>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace eventsource::core {
namespace {

TEST(Spare, GivesBackWhatItGot) {
  static Spare<int> spare;
  EXPECT_EQ(spare.take(), nullptr);
  spare.give(std::make_unique<int>(7));
  const std::unique_ptr<int> taken = spare.take();
  EXPECT_EQ(taken != nullptr ? *taken : 0, kKeepsSpare ? 7 : 0);
  EXPECT_EQ(spare.take(), nullptr);
}

TEST(Spare, FreesWhatIsTooMany) {
  struct Counted {
    explicit Counted(int& of) : alive(of) { ++alive; }
    ~Counted() { --alive; }
    int& alive;
  };
  static Spare<Counted, 2> spare;
  int alive = 0;
  for (int i = 0; i < 5; ++i) spare.give(std::make_unique<Counted>(alive));
  EXPECT_EQ(alive, kKeepsSpare ? 2 : 0);
  while (spare.take() != nullptr) {
  }
  EXPECT_EQ(alive, 0);
}

// Each object is with one thread at a time: nobody finds another's mark in it.
TEST(Spare, IsNeverWithTwoThreads) {
  static Spare<std::atomic<int>> spare;
  std::atomic<int> met = 0;
  {
    std::vector<std::jthread> threads;
    for (int mark = 1; mark <= 4; ++mark) {
      threads.emplace_back([&met, mark] {
        for (int i = 0; i < 20'000; ++i) {
          std::unique_ptr<std::atomic<int>> object = spare.take();
          if (object == nullptr) object = std::make_unique<std::atomic<int>>(0);
          if (object->exchange(mark) != 0) ++met;
          if (object->exchange(0) != mark) ++met;
          spare.give(std::move(object));
        }
      });
    }
  }
  EXPECT_EQ(met, 0);
  while (spare.take() != nullptr) {
  }
}

}  // namespace
}  // namespace eventsource::core
