// Appends in flight over a connection that breaks, at every message of the conversation in turn: every answer is true, each
// call ends once, and the store goes on. EVENTSOURCE_SEED=n repeats a run.
#include <algorithm>
#include <gtest/gtest.h>
#include <string>

#include "tests/started/caller.hpp"
#include "tests/started/place.hpp"
#include "tests/support/proxy.hpp"
#include "tests/support/rounds.hpp"

namespace started_test {
namespace {

using test_support::Break;
using test_support::Direction;
using test_support::Proxy;

// Many more than one batch of an idle store takes at once.
constexpr int kInFlight = 16;

// Enough to be part of a batch.
constexpr std::int64_t kShortMs = 80;

const char* name_of(Break how) {
  switch (how) {
    case Break::kCut:
      return "Cut";
    case Break::kTear:
      return "Torn";
    case Break::kVanish:
      return "Vanished";
    case Break::kHalfClose:
      return "HalfClosed";
    case Break::kDelay:
      return "Delayed";
    case Break::kHold:
      return "Held";
  }
  return "";
}

class Broken : public testing::TestWithParam<std::tuple<Break, Direction>> {
 protected:
  void SetUp() override {
    if (!Place::is_there("postgresql")) GTEST_SKIP() << "no server";
    es_options* options = nullptr;
    ASSERT_EQ(es_options_new(&options, nullptr), ES_OK);
    // Of one connection, so that the same messages come each time.
    ASSERT_EQ(es_options_set(options, "pool_size", 9, "1", 1, nullptr), ES_OK);
    ASSERT_EQ(es_options_set(options, "max_overflow", 12, "0", 1, nullptr), ES_OK);
    const std::string url = proxy_.url(place_.url());
    ASSERT_EQ(es_store_open(ES_ABI_VERSION, url.data(), url.size(), options, nullptr, &store_, nullptr), ES_OK);
    es_options_close(&options);
  }
  void TearDown() override { es_store_close(&store_); }

  [[nodiscard]] Break how() const { return std::get<0>(GetParam()); }
  [[nodiscard]] Direction direction() const { return std::get<1>(GetParam()); }

  // Every message in the long form. Callers that have to give up what is held take seconds for it: one of them each time.
  [[nodiscard]] std::uint32_t step_of(int rounds) const {
    if (how() == Break::kHold) return 1'000;
    if (rounds > 1 || how() == Break::kCut) return 1;
    return how() == Break::kDelay ? 3 : 2;
  }

  // Breaks the conversation of so many appends at a message, and `times` in all at as many further ones. False when they
  // were through before the first.
  bool break_at(Caller& caller, int message, int times) {
    const int before = proxy_.faults();
    // What is delayed comes when the callers stop the statement, or when they have gone; what is lost they can get over.
    caller.set_limits(how() == Break::kDelay || how() == Break::kHold ? kShortMs : 60'000);
    proxy_.break_at(how(), direction(), message, times);
    caller.start(kInFlight);
    caller.take();
    const bool has_broken = proxy_.faults() > before;
    proxy_.break_at(how(), direction(), message, 0);
    proxy_.release();
    EXPECT_EQ(defects(place_.url(), {&caller}), "");
    caller.set_limits(60'000);
    caller.learn();
    caller.append();
    EXPECT_EQ(caller.unknown(), 0);
    return has_broken;
  }

  Place place_{"postgresql"};
  Proxy proxy_;
  es_store* store_ = nullptr;
};

TEST_P(Broken, AtEveryMessageEveryAnswerIsTrue) {
  const std::uint32_t seed = test_support::seed();
  SCOPED_TRACE("EVENTSOURCE_SEED=" + std::to_string(seed));
  Caller caller(store_, 1, seed);
  caller.start(kInFlight);
  caller.take();
  const int rounds = test_support::rounds(1);
  for (int times = 1; times <= rounds; ++times) {
    const std::uint32_t step = step_of(rounds);
    const std::uint32_t first = 1 + (seed + static_cast<std::uint32_t>(times)) % std::min(step, 20U);
    auto message = static_cast<int>(first);
    for (; break_at(caller, message, times); message += static_cast<int>(step)) {
      ASSERT_FALSE(HasFailure()) << "at message " << message << ", " << times << " times";
    }
    EXPECT_GT(message, 10) << "so few messages are no conversation";
  }
  EXPECT_EQ(defects(place_.url(), {&caller}), "");
  for (const auto& [status, count] : caller.statuses()) {
    const bool is_expected = status == ES_OK || status == ES_VERSION_CONFLICT || status == ES_TIMEOUT ||
                             status == ES_UNAVAILABLE || status == ES_BUSY;
    EXPECT_TRUE(is_expected) << caller.first_message(status);
    RecordProperty(es_status_name(status), count);
  }
}

INSTANTIATE_TEST_SUITE_P(Connections, Broken,
                         testing::Combine(testing::Values(Break::kCut, Break::kTear, Break::kVanish, Break::kHalfClose,
                                                          Break::kDelay, Break::kHold),
                                          testing::Values(Direction::kToServer, Direction::kToClient)),
                         [](const auto& test) {
                           return name_of(std::get<0>(test.param)) +
                                  std::string(std::get<1>(test.param) == Direction::kToServer ? "ToServer"
                                                                                              : "ToClient");
                         });

}  // namespace
}  // namespace started_test
