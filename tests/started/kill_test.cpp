// A process that is killed in the middle of its batches: what it was told of is there, each append as a whole or not at all.
// EVENTSOURCE_SEED=n repeats a run.
#include <csignal>
#include <gtest/gtest.h>
#include <random>
#include <sched.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "tests/started/caller.hpp"
#include "tests/started/place.hpp"
#include "tests/started/report.hpp"
#include "tests/support/rounds.hpp"

namespace started_test {
namespace {

using test_support::Comparison;

constexpr int kInFlight = 64;
constexpr std::uint32_t kMostTold = 600;

// The process: appends until it is killed.
[[noreturn]] void append_for_ever(const Place& place, std::uint32_t number, std::uint32_t seed, int descriptor) {
  Caller caller(place.open(), number, seed);
  caller.set_limits(60'000);
  caller.report_to(descriptor);
  for (;;) {
    caller.start(kInFlight / 2);
    caller.take(kInFlight / 2);
  }
}

class Killed : public testing::TestWithParam<std::string> {
 protected:
  // Kills a process at a moment of chance, and adds what it said.
  void kill_one(std::uint32_t number, std::uint32_t seed, std::mt19937& random) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
      close(ends[0]);
      append_for_ever(place_, number, seed, ends[1]);
    }
    close(ends[1]);
    const std::size_t before = report_.stored();
    const std::size_t moment = before + 1 + random() % kMostTold;
    bool is_killed = false;
    while (read_more(ends[0])) {
      if (is_killed || report_.stored() < moment) continue;
      for (auto pause = random() % 200; pause > 0; --pause) sched_yield();
      is_killed = kill(child, SIGKILL) == 0;
    }
    close(ends[0]);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "it ended by itself";
  }

  bool read_more(int from) {
    char piece[4'096];
    const ssize_t got = read(from, &piece[0], sizeof piece);
    if (got <= 0) return false;
    report_.read({&piece[0], static_cast<std::size_t>(got)});
    return true;
  }

  void expect_true() {
    // It opens what the killed process left, and makes it whole.
    es_store* store = place_.open();
    std::int64_t count = 0;
    EXPECT_EQ(es_store_count(store, nullptr, nullptr, &count, nullptr), ES_OK);
    Comparison comparison;
    if (GetParam() == "sqlite") {
      EXPECT_EQ(see_file(comparison, place_.file()), "");
    } else {
      comparison.see_table(place_.url());
    }
    es_store_close(&store);
    report_.tell(comparison);
    const std::vector<std::string> found = comparison.finish();
    EXPECT_EQ(found.size(), 0U) << found.front();
    EXPECT_GE(count, static_cast<std::int64_t>(report_.stored()));
  }

  Place place_{GetParam()};
  Report report_;
};

TEST_P(Killed, InTheMiddleOfBatchesNothingIsLostOrTorn) {
  if (!Place::is_there(GetParam())) GTEST_SKIP() << "no server";
  const std::uint32_t seed = test_support::seed();
  SCOPED_TRACE("EVENTSOURCE_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  const int rounds = test_support::rounds(6);
  for (int round = 1; round <= rounds && !HasFatalFailure(); ++round) {
    kill_one(static_cast<std::uint32_t>(round), seed, random);
    if (round % 2 == 0 || round == rounds) expect_true();
    ASSERT_FALSE(HasFailure()) << "in round " << round;
  }
}

INSTANTIATE_TEST_SUITE_P(Backend, Killed, testing::Values("sqlite", "postgresql"),
                         [](const auto& backend) { return backend.param; });

}  // namespace
}  // namespace started_test
