// Appends in flight over connections that break, at every message of the conversation in turn: every answer is true, each
// call ends once, and the store goes on. EVENTSOURCE_SEED=n repeats a run.
#include <algorithm>
#include <functional>
#include <gtest/gtest.h>
#include <initializer_list>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/started/caller.hpp"
#include "tests/started/metric.hpp"
#include "tests/started/place.hpp"
#include "tests/support/proxy.hpp"
#include "tests/support/rounds.hpp"

namespace started_test {
namespace {

using test_support::Break;
using test_support::Direction;
using test_support::Proxy;

// Many more than one batch of an idle store takes at once, and so many that a second batch is worthwhile.
constexpr int kInFlight = 16;
constexpr int kInFlightOfTwo = 48;

// Enough to be part of a batch.
constexpr std::int64_t kShortMs = 100;

// Enough for everything.
constexpr std::int64_t kLongMs = 60'000;
constexpr std::int64_t kWithoutLimit = -1;

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
  using Work = std::function<void()>;

  void SetUp() override {
    if (!Place::is_there("postgresql")) GTEST_SKIP() << "no server";
  }
  void TearDown() override { es_store_close(&store_); }

  // A store with no more connections than these, so that much the same messages come each time.
  void open(const std::string& connections) {
    es_store_close(&store_);
    es_options* options = nullptr;
    ASSERT_EQ(es_options_new(&options, nullptr), ES_OK);
    ASSERT_EQ(es_options_set(options, "pool_size", 9, connections.data(), connections.size(), nullptr), ES_OK);
    ASSERT_EQ(es_options_set(options, "max_overflow", 12, "0", 1, nullptr), ES_OK);
    const std::string url = proxy_.url(place_.url());
    ASSERT_EQ(es_store_open(ES_ABI_VERSION, url.data(), url.size(), options, nullptr, &store_, nullptr), ES_OK);
    es_options_close(&options);
  }

  // Opens it again for these callers.
  [[nodiscard]] Work renewing(const std::string& connections, std::vector<Caller*> callers) {
    return [this, connections, callers = std::move(callers)] {
      open(connections);
      for (Caller* caller : callers) caller->use(store_);
    };
  }

  [[nodiscard]] Break how() const { return std::get<0>(GetParam()); }
  [[nodiscard]] Direction direction() const { return std::get<1>(GetParam()); }

  // Whether it gets on only when somebody stops the statement, or at release().
  [[nodiscard]] bool stands_still() const { return how() == Break::kDelay || how() == Break::kHold; }

  [[nodiscard]] static bool is_long() { return test_support::rounds(1) > 1; }

  // How often one conversation breaks: once, and in the long form more and more often. Callers take seconds to give up each
  // time that it is held.
  [[nodiscard]] int most_times() const { return how() == Break::kHold ? 1 : test_support::rounds(1); }

  // Breaks one conversation after the other, each at a later message, until one is through before that: at every message
  // in the long form, at one in `step` in the short one. `talk` makes a conversation, `check` looks at what was told, and
  // `renew` opens the store again: a connection prepares its statements in its first conversation alone.
  void break_each(std::uint32_t step, const Work& renew, const Work& talk, const Work& check) {
    renew();
    static_cast<void>(proxy_.take_seen(direction()));
    talk();
    const std::string whole = proxy_.take_seen(direction());
    if (is_long()) step = 1;
    if (how() == Break::kHold && !is_long()) {
      break_one(static_cast<std::uint32_t>(whole.size()), renew, talk, check);
      return;
    }
    for (int times = 1; times <= most_times(); ++times) {
      const std::string before = proxy_.broken();
      int last = 0;
      auto message = static_cast<int>(1 + (seed_ + static_cast<std::uint32_t>(times)) % step);
      for (;; message += static_cast<int>(step)) {
        // Later on the same store has to get over one after the other.
        if (times == 1) renew();
        if (!break_at(message, times, talk, check)) break;
        ASSERT_FALSE(HasFailure()) << "at message " << message << ", " << times << " times";
        last = message;
      }
      if (times == 1) expect_all(whole, last + static_cast<int>(step), proxy_.broken().substr(before.size()));
    }
  }

  Proxy proxy_;
  Place place_{"postgresql"};
  es_store* store_ = nullptr;
  const std::uint32_t seed_ = test_support::seed();

 private:
  // At any message of a conversation that has about so many.
  void break_one(std::uint32_t messages, const Work& renew, const Work& talk, const Work& check) {
    auto message = static_cast<int>(1 + seed_ % messages);
    renew();
    while (!break_at(message, 1, talk, check)) message = (message + 1) / 2;
  }

  // False when the conversation was through before the first break.
  bool break_at(int message, int times, const Work& talk, const Work& check) {
    const int before = proxy_.faults();
    proxy_.break_at(how(), direction(), message, times);
    talk();
    const bool has_broken = proxy_.faults() > before;
    proxy_.break_at(how(), direction(), message, 0);
    proxy_.release();
    check();
    return has_broken;
  }

  // The breaks went further than through the first exchange, and in the long form left out no kind of message that it has.
  void expect_all(const std::string& whole, int reached, const std::string& broken) const {
    const std::string exchange = whole.substr(0, whole.find(direction() == Direction::kToServer ? 'S' : 'Z') + 1);
    ASSERT_GT(exchange.size(), 4u) << whole << " is no conversation";
    EXPECT_GT(reached, std::ssize(exchange)) << "of " << whole;
    for (const char kind : exchange) {
      if (is_long()) {
        EXPECT_NE(broken.find(kind), std::string::npos) << kind << " of " << exchange << " is not in " << broken;
      }
    }
  }
};

// The statuses beside these that a caller was given.
std::string others_than(const Caller& caller, std::initializer_list<es_status> expected) {
  std::string others;
  for (const auto& [status, count] : caller.statuses()) {
    if (std::ranges::find(expected, status) != expected.end()) continue;
    others += std::to_string(count) + " times " + es_status_name(status) + ": " + caller.first_message(status) + "\n";
  }
  return others;
}

TEST_P(Broken, AtEveryMessageEveryAnswerIsTrue) {
  SCOPED_TRACE("EVENTSOURCE_SEED=" + std::to_string(seed_));
  open("1");
  Caller caller(store_, 1, seed_);
  const auto talk = [&] {
    // What stands still comes when the callers stop the statement, or when they have gone; what is lost they can get over.
    caller.set_limits(stands_still() ? kShortMs : kLongMs);
    caller.start(kInFlight);
    caller.take();
  };
  const auto check = [&] {
    EXPECT_EQ(defects(place_.url(), {&caller}), "");
    caller.set_limits(kLongMs);
    caller.learn();
    caller.append();
    EXPECT_EQ(caller.unknown(), 0);
  };
  break_each(how() == Break::kCut ? 1 : how() == Break::kDelay ? 3 : 2, renewing("1", {&caller}), talk, check);
  EXPECT_EQ(defects(place_.url(), {&caller}), "");
  EXPECT_EQ(others_than(caller, {ES_OK, ES_VERSION_CONFLICT, ES_TIMEOUT, ES_UNAVAILABLE, ES_BUSY}), "");
}

// One batch breaks while another is under way.
TEST_P(Broken, OfTwoBatchesEveryAnswerIsTrue) {
  SCOPED_TRACE("EVENTSOURCE_SEED=" + std::to_string(seed_));
  open("2");
  Caller caller(store_, 1, seed_);
  const auto talk = [&] {
    caller.set_limits(stands_still() ? kShortMs : kLongMs);
    caller.start(kInFlightOfTwo);
    caller.take();
  };
  const auto check = [&] {
    EXPECT_EQ(defects(place_.url(), {&caller}), "");
    caller.set_limits(kLongMs);
    caller.learn();
    EXPECT_EQ(caller.unknown(), 0);
  };
  int most_at_work = 0;
  for (int talks = 0; talks < 50 && most_at_work < 2; ++talks) {
    talk();
    most_at_work = proxy_.take_most_at_work();
  }
  ASSERT_EQ(most_at_work, 2) << "batches on the wire";
  break_each(5, renewing("2", {&caller}), talk, check);
  EXPECT_EQ(others_than(caller, {ES_OK, ES_VERSION_CONFLICT, ES_TIMEOUT, ES_UNAVAILABLE, ES_BUSY}), "");
}

// One caller has little time, and shares batches with others who have all the time in the world.
TEST_P(Broken, OnlyWhoseTimeIsOverIsToldSo) {
  SCOPED_TRACE("EVENTSOURCE_SEED=" + std::to_string(seed_));
  open("1");
  Caller hasty(store_, 1, seed_);
  Caller patient(store_, 2, seed_);
  patient.set_limits(kWithoutLimit);
  const auto talk = [&] {
    hasty.set_limits(kShortMs);
    patient.start(kInFlight / 2);
    hasty.start(1);
    patient.start(kInFlight / 2);
    hasty.take();
    // A batch of the patient alone is in no hurry.
    proxy_.release();
    patient.take();
  };
  const auto check = [&] {
    EXPECT_EQ(defects(place_.url(), {&hasty, &patient}), "");
    EXPECT_EQ(patient.unknown(), 0);
    EXPECT_EQ(others_than(patient, {ES_OK, ES_VERSION_CONFLICT}), "");
    hasty.set_limits(kLongMs);
    hasty.learn();
  };
  // One of the patient sets out at once, and all the others have one batch.
  bool is_shared = false;
  for (int talks = 0; talks < 50 && !is_shared; ++talks) {
    const std::int64_t batches = metric(store_, "eventsource_batches_total");
    const std::int64_t appends = metric(store_, "eventsource_batched_appends_total");
    talk();
    is_shared = metric(store_, "eventsource_batches_total") == batches + 2 &&
                metric(store_, "eventsource_batched_appends_total") == appends + kInFlight + 1;
  }
  ASSERT_TRUE(is_shared) << "the hasty one shares no batch";
  break_each(4, renewing("1", {&hasty, &patient}), talk, check);
  EXPECT_EQ(defects(place_.url(), {&hasty, &patient}), "");
  // It may have no time left to find out what became of it.
  EXPECT_EQ(others_than(hasty, {ES_OK, ES_VERSION_CONFLICT, ES_TIMEOUT, ES_BUSY, ES_UNAVAILABLE}), "");
  if (how() == Break::kDelay) {
    EXPECT_GT(hasty.count(ES_TIMEOUT), 0);
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
