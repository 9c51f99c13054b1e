// Work that is done aside (core/base/wait.hpp, core/runtime/errands.hpp): what its call has given up never begins, and does
// not pile up.
#include <atomic>
#include <condition_variable>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <mutex>
#include <new>

#include "core/base/wait.hpp"
#include "core/runtime/errands.hpp"
#include "tests/core/fake_environment.hpp"

namespace eventsource::core {
namespace {

// Keeps the work until the test does it.
class Later final : public Scheduler {
 public:
  void put_aside(Wait&) override { FAIL() << "nothing waits here"; }
  void wake(Wait&) noexcept override {}
  void run_aside(Errand, std::function<void()> given, std::weak_ptr<const void>) override { work = std::move(given); }

  std::function<void()> work;
};

// Has no memory for the time.
class Out final : public Environment {
 public:
  std::int64_t wall_us() override { return 1; }
  std::int64_t steady_us() override {
    if (is_out) throw std::bad_alloc();
    return 1;
  }
  Status random(std::span<std::uint8_t>) override { return {}; }
  void pause_us(std::int64_t) override {}

  bool is_out = false;
};

TEST(Aside, WhatRanOutOfMemoryBeforeItBeganNeverBegins) {
  Later later;
  Out environment;
  CallOptions options;
  options.timeout_ms = 10;
  options.scheduler = &later;
  const Call call(environment, options, 10);
  int done = 0;
  const std::function<Status(const Call&)> work = [&done](const Call&) -> Status {
    ++done;
    return {};
  };
  environment.is_out = true;
  EXPECT_THROW(static_cast<void>(now(aside(call, Scheduler::Errand::kRead, work))), std::bad_alloc);
  ASSERT_TRUE(later.work);
  later.work();
  EXPECT_EQ(done, 0);
}

TEST(Errands, WhatHasNoOwnerAnyMoreDoesNotPileUp) {
  std::mutex mutex;
  std::condition_variable changed;
  bool may_go_on = false;
  std::atomic<int> done{0};
  const auto owner = std::make_shared<int>();
  const auto held = std::make_shared<int>();
  Errands errands;
  errands.run(
      Scheduler::Errand::kWrite,
      [&] {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return may_go_on; });
      },
      owner);
  constexpr int kGivenUp = 10'000;
  for (int n = 0; n < kGivenUp; ++n) {
    errands.run(Scheduler::Errand::kWrite, [held] {}, std::make_shared<int>());
    if (n % 1'000 == 0) errands.run(Scheduler::Errand::kWrite, [&done] { ++done; }, owner);
  }
  EXPECT_LT(held.use_count(), 200);
  std::unique_lock lock(mutex);
  errands.run(
      Scheduler::Errand::kWrite,
      [&] {
        const std::lock_guard last(mutex);
        ++done;
        changed.notify_all();
      },
      owner);
  may_go_on = true;
  changed.notify_all();
  changed.wait(lock, [&] { return done == 11; });
}

}  // namespace
}  // namespace eventsource::core
