// A process that is killed in the middle of its batches: what it was told of is there, each append as a whole or not at all.
// EVENTSOURCE_SEED=n repeats a run.
#include <gtest/gtest.h>
#include <random>
#include <string>

#include "tests/started/caller.hpp"
#include "tests/started/place.hpp"
#include "tests/started/report.hpp"
#include "tests/support/rounds.hpp"

namespace started_test {
namespace {

constexpr int kInFlight = 64;
constexpr std::uint32_t kMostTold = 600;

class Killed : public testing::TestWithParam<std::string> {};

TEST_P(Killed, InTheMiddleOfBatchesNothingIsLostOrTorn) {
  if (!Place::is_there(GetParam())) GTEST_SKIP() << "no server";
  const std::uint32_t seed = test_support::seed();
  SCOPED_TRACE("EVENTSOURCE_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  const Place place(GetParam());
  Report report;
  for (int round = 1; round <= test_support::rounds(6); ++round) {
    const auto append_for_ever = [&](int descriptor) {
      Caller caller(place.open(), static_cast<std::uint32_t>(round), seed);
      caller.set_limits(60'000);
      caller.report_to(descriptor);
      for (;;) {
        caller.start(kInFlight / 2);
        caller.take(kInFlight / 2);
      }
    };
    ASSERT_EQ(kill_after(1 + random() % kMostTold, append_for_ever, report, random), "");
    ASSERT_EQ(defects(place.url(), report), "") << "in round " << round;
  }
}

INSTANTIATE_TEST_SUITE_P(Backend, Killed, testing::Values("sqlite", "postgresql"),
                         [](const auto& backend) { return backend.param; });

}  // namespace
}  // namespace started_test
