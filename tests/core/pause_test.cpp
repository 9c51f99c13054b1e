// A pause of a call (core/base/wait.hpp) ends with its time, or as soon as the call is cancelled.
#include <chrono>
#include <future>
#include <gtest/gtest.h>
#include <memory>
#include <optional>

#include "core/base/wait.hpp"
#include "core/runtime/loop.hpp"
#include "tests/core/fake_environment.hpp"

namespace eventsource::core {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kPauseUs = 60'000'000;
// A busy machine has time, and less than the pause.
constexpr auto kSoon = 20s;

CallOptions with_cancel() {
  CallOptions options;
  options.cancel = std::make_shared<CancelFlag>();
  return options;
}

// The system's time, and word of each pause.
class Watched final : public Environment {
 public:
  std::int64_t wall_us() override { return system_environment().wall_us(); }
  std::int64_t steady_us() override { return system_environment().steady_us(); }
  Status random(std::span<std::uint8_t> bytes) override { return system_environment().random(bytes); }
  void pause_us(std::int64_t us) override {
    if (!std::exchange(has_begun_, true)) begun.set_value();
    system_environment().pause_us(us);
  }

  std::promise<void> begun;

 private:
  bool has_begun_ = false;
};

TEST(Pause, IsOfTheTimeThatATestMoves) {
  for (const CallOptions& options : {CallOptions(), with_cancel()}) {
    FakeEnvironment environment;
    const std::int64_t start_us = environment.steady;
    EXPECT_TRUE(now(pause(Call(environment, options, 5000), kPauseUs + 1)).ok());
    EXPECT_EQ(environment.steady - start_us, kPauseUs + 1);
    EXPECT_EQ(environment.paused, kPauseUs + 1);
  }
}

TEST(Pause, OfACancelledCallTakesNoTime) {
  FakeEnvironment environment;
  const CallOptions options = with_cancel();
  options.cancel->raise();
  EXPECT_TRUE(now(pause(Call(environment, options, 5000), kPauseUs)).ok());
  EXPECT_EQ(environment.paused, 0);
}

TEST(Pause, OfABlockingCallEndsWhenItIsCancelled) {
  Watched environment;
  const CallOptions options = with_cancel();
  const Call call(environment, options, 5000);
  auto paused = std::async(std::launch::async, [&] { return now(pause(call, kPauseUs)).ok(); });
  environment.begun.get_future().wait();
  options.cancel->raise();
  EXPECT_EQ(paused.wait_for(kSoon), std::future_status::ready);
}

// What the test waits for outlives the loop.
struct Paused {
  Task<bool> pause_now(CallOptions options, Scheduler& scheduler) {
    options.scheduler = &scheduler;
    const Call call(system_environment(), options, 5000);
    begun.set_value();
    const Status status = co_await pause(call, kPauseUs);
    ended.set_value();
    co_return status.ok();
  }

  std::promise<void> begun;
  std::promise<void> ended;
  std::optional<Task<bool>> task;
};

class PausingJob final : public Job {
 public:
  PausingJob(Paused& paused, CallOptions options) : paused_(paused), options_(std::move(options)) {}
  void run(std::unique_ptr<Job>, Scheduler* scheduler) noexcept override {
    paused_.task.emplace(paused_.pause_now(options_, *scheduler));
  }

 private:
  Paused& paused_;
  const CallOptions options_;
};

TEST(Pause, OfAStartedCallEndsWhenItIsCancelled) {
  const CallOptions options = with_cancel();
  Paused paused;
  Loop loop(system_environment());
  ASSERT_TRUE(loop.submit(std::make_unique<PausingJob>(paused, options)).ok());
  paused.begun.get_future().wait();
  options.cancel->raise();
  auto ended = paused.ended.get_future();
  EXPECT_EQ(ended.wait_for(kSoon), std::future_status::ready);
  ended.wait();
  loop.stop();
}

}  // namespace
}  // namespace eventsource::core
