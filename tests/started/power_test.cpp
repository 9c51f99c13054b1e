// Power cuts under load on SQLite: what was told by then is there afterwards, and the database is whole. With less than
// that (synchronous=normal, a disk that lies about its syncs) the same test finds what is lost. EVENTSOURCE_SEED=n repeats a run.
#include <atomic>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/started/caller.hpp"
#include "tests/started/disk.hpp"
#include "tests/started/place.hpp"
#include "tests/started/report.hpp"
#include "tests/support/rounds.hpp"

namespace started_test {
namespace {

constexpr int kInFlight = 32;

// Some commits; now and then as far as the log being folded in.
constexpr std::uint32_t kMostMoments = 600;

constexpr int kCuts = 10;

// A store on such a disk, whose power is cut again and again.
class PowerCuts {
 public:
  explicit PowerCuts(std::uint32_t seed) : seed_(seed), report_(memfd_create("report", MFD_CLOEXEC)) {
    EXPECT_EQ(fcntl(report_, F_SETFL, O_APPEND), 0);
  }
  ~PowerCuts() { close(report_); }
  PowerCuts(const PowerCuts&) = delete;
  PowerCuts& operator=(const PowerCuts&) = delete;

  // Appends until the power was cut kCuts times.
  void run(Disk& disk, const char* synchronous) {
    es_options* options = nullptr;
    ASSERT_EQ(es_options_new(&options, nullptr), ES_OK);
    ASSERT_EQ(es_options_set(options, "synchronous", 11, synchronous, strlen(synchronous), nullptr), ES_OK);
    es_store* store = place_.open(options);
    es_options_close(&options);
    Caller caller(store, 1, seed_);
    caller.set_limits(60'000);
    caller.report_to(report_);
    for (int cut = 0; cut < kCuts; ++cut) {
      disk.cut_at(static_cast<int>(1 + random_() % kMostMoments), folder_of(cut),
                  [this] { told_[cuts_++] = lseek(report_, 0, SEEK_END); });
      while (cuts_ == cut) {
        caller.start(kInFlight / 2);
        caller.take(kInFlight / 2);
      }
    }
    caller.take();
    es_store_close(&store);
    EXPECT_EQ(defects(place_.url(), {&caller}), "");
  }

  [[nodiscard]] std::string folder_of(int cut) const { return place_.folder() + "/" + std::to_string(cut); }

  // What is wrong with what a cut has left, "" when nothing is.
  [[nodiscard]] std::string find(int cut) const {
    std::string text(static_cast<std::size_t>(told_[cut]), '\0');
    EXPECT_EQ(pread(report_, text.data(), text.size(), 0), std::ssize(text));
    Report report;
    report.read(text);
    return defects("sqlite:///" + folder_of(cut) + "/events.db", report);
  }

 private:
  const Place place_{"sqlite"};
  std::uint32_t seed_;
  std::mt19937 random_{seed_};
  int report_;
  std::atomic<int> cuts_ = 0;
  off_t told_[kCuts] = {};
};

TEST(Power, CutsLoseNothingThatWasTold) {
  const std::uint32_t seed = test_support::seed();
  SCOPED_TRACE("EVENTSOURCE_SEED=" + std::to_string(seed));
  for (int round = 0; round < test_support::rounds(1) && !testing::Test::HasFailure(); ++round) {
    PowerCuts cuts(seed + static_cast<std::uint32_t>(round));
    {
      Disk disk(seed + static_cast<std::uint32_t>(round));
      cuts.run(disk, "full");
    }
    for (int cut = 0; cut < kCuts; ++cut) EXPECT_EQ(cuts.find(cut), "") << "cut " << cut << " of round " << round;
  }
}

// That the test is able to fail. Option synchronous=normal says what it does: the end is lost, and nothing else.
TEST(Power, CutsLoseTheEndWithSynchronousNormal) {
  const std::uint32_t seed = test_support::seed();
  SCOPED_TRACE("EVENTSOURCE_SEED=" + std::to_string(seed));
  PowerCuts cuts(seed);
  {
    Disk disk(seed);
    cuts.run(disk, "normal");
  }
  int losses = 0;
  for (int cut = 0; cut < kCuts; ++cut) {
    const std::string wrong = cuts.find(cut);
    if (!wrong.empty()) ++losses;
    for (const char* const other :
         {"hole", "double", "torn", "wrong", "inversion", "document", "untold", "malformed"}) {
      EXPECT_EQ(wrong.find(other), std::string::npos) << "cut " << cut << ": " << wrong;
    }
  }
  EXPECT_GT(losses, 0);
}

TEST(Power, CutsOfADiskThatLiesAreSeen) {
  const std::uint32_t seed = test_support::seed();
  SCOPED_TRACE("EVENTSOURCE_SEED=" + std::to_string(seed));
  PowerCuts cuts(seed);
  {
    Disk disk(seed);
    disk.lie();
    cuts.run(disk, "full");
  }
  int losses = 0;
  for (int cut = 0; cut < kCuts; ++cut) losses += cuts.find(cut).empty() ? 0 : 1;
  EXPECT_GT(losses, 0);
}

// A store that was just being made is made again, or is whole.
TEST(Power, CutsWhileAStoreIsMadeLeaveOneThatCanBeMade) {
  const std::uint32_t seed = test_support::seed();
  SCOPED_TRACE("EVENTSOURCE_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < test_support::rounds(10); ++round) {
    const Place place("sqlite");
    const std::string left = place.folder() + "/left";
    // It may be quicker.
    std::filesystem::create_directories(left);
    {
      Disk disk(seed + static_cast<std::uint32_t>(round));
      disk.cut_at(static_cast<int>(1 + random() % 60), left, [] {});
      es_store* store = place.open();
      es_store_close(&store);
    }
    EXPECT_EQ(defects("sqlite:///" + left + "/events.db", Report()), "") << "round " << round;
  }
}

}  // namespace
}  // namespace started_test
