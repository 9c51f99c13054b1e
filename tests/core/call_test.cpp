// How long a call may take and wait, and that it can be stopped.
#include "core/base/call.hpp"

#include <gtest/gtest.h>

#include "tests/core/fake_environment.hpp"

namespace eventsource::core {
namespace {

CallOptions with_timeout(std::int64_t ms) {
  CallOptions options;
  options.timeout_ms = ms;
  return options;
}

TEST(Call, WithoutATimeoutWaitsForLocksAndThenRunsToItsEnd) {
  FakeEnvironment environment;
  const Call call(environment, {}, 5000);
  EXPECT_EQ(call.wait_left_us(), 5'000'000);
  environment.steady += 5'000'000;
  EXPECT_FALSE(call.may_wait());
  environment.steady += 1'000'000'000;
  EXPECT_TRUE(call.check().ok());
  EXPECT_EQ(call.busy("the lock").code(), ES_BUSY);
  EXPECT_TRUE(call.busy("the lock").is_retryable());
}

TEST(Call, ItsTimeoutEndsWaitingAndWork) {
  FakeEnvironment environment;
  const Call call(environment, with_timeout(100), 5000);
  environment.steady += 99'999;
  EXPECT_TRUE(call.check().ok());
  EXPECT_EQ(call.wait_left_us(), 1);
  environment.steady += 1;
  EXPECT_FALSE(call.may_wait());
  const Status status = call.check();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ES_TIMEOUT);
  EXPECT_TRUE(status.error().is_retryable());
  EXPECT_EQ(status.error().outcome(), ES_OUTCOME_NOT_APPLIED);
}

TEST(Call, ZeroDoesNotWaitButWorksForFiveSeconds) {
  FakeEnvironment environment;
  const Call call(environment, with_timeout(0), 60'000);
  EXPECT_FALSE(call.may_wait());
  EXPECT_EQ(call.lock_left_us(), 0);
  EXPECT_EQ(call.time_left_us(), 5'000'000);
  environment.steady += 4'999'999;
  EXPECT_TRUE(call.check().ok());
  environment.steady += 1;
  EXPECT_EQ(call.time_left_us(), 0);
  EXPECT_LE(call.deadline_us(), environment.steady);
  const Status status = call.check();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ES_TIMEOUT);
  EXPECT_TRUE(status.error().is_retryable());
  EXPECT_NE(status.error().message().find("timeout 0"), std::string::npos) << status.error().message();
}

TEST(Call, MinusOneAndHugeNumbersNeverEnd) {
  FakeEnvironment environment;
  for (const std::int64_t ms : {std::int64_t{-1}, std::numeric_limits<std::int64_t>::max()}) {
    const Call call(environment, with_timeout(ms), 5000);
    environment.steady += 1'000'000'000'000;
    EXPECT_TRUE(call.may_wait());
    EXPECT_TRUE(call.check().ok());
  }
}

TEST(Call, CanBeStoppedBeforeAndDuring) {
  FakeEnvironment environment;
  CallOptions options;
  options.cancel = std::make_shared<CancelFlag>();
  const Call call(environment, options, 5000);
  EXPECT_TRUE(call.may_wait());
  options.cancel->raise();
  EXPECT_FALSE(call.may_wait());
  const Status status = call.check();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ES_CANCELLED);
  EXPECT_FALSE(status.error().is_retryable());
  EXPECT_EQ(call.busy("the lock").code(), ES_CANCELLED);
}

TEST(Call, ATimeoutCountsFromTheStartOfACallThatWasStarted) {
  FakeEnvironment environment;
  CallOptions options = with_timeout(100);
  options.start_us = environment.steady;
  environment.steady += 99'999;
  EXPECT_EQ(Call(environment, options, 5000).wait_left_us(), 1);
  EXPECT_TRUE(Call(environment, options, 5000).check().ok());
  environment.steady += 1;
  EXPECT_EQ(Call(environment, options, 5000).check().error().code(), ES_TIMEOUT);
}

TEST(Call, WithoutATimeoutAStartedCallWaitsForItsTurnAndThenForLocks) {
  FakeEnvironment environment;
  CallOptions options;
  options.start_us = environment.steady;
  environment.steady += 1'000'000'000;
  EXPECT_EQ(Call(environment, options, 5000).wait_left_us(), 5'000'000);
}

TEST(Call, AStartedCallWithATimeoutOfZeroHasItsTurn) {
  FakeEnvironment environment;
  CallOptions options = with_timeout(0);
  options.start_us = environment.steady;
  environment.steady += 10'000'000;
  const Call call(environment, options, 5000);
  EXPECT_TRUE(call.check().ok());
  EXPECT_FALSE(call.may_wait());
  environment.steady += 5'000'000;
  EXPECT_EQ(call.check().error().code(), ES_TIMEOUT);
}

}  // namespace
}  // namespace eventsource::core
