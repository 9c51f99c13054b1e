// Another copy of SQLite in the process opens and closes the file in the middle of a batch, again and again, and the process is
// killed at last: what was told is there. A batch that has lost its lock says so. EVENTSOURCE_SEED=n repeats a run.
#include <cstring>
#include <gtest/gtest.h>
#include <random>
#include <sqlite3.h>
#include <string>
#include <unistd.h>

#include "tests/started/caller.hpp"
#include "tests/started/place.hpp"
#include "tests/started/report.hpp"
#include "tests/support/other_sqlite.hpp"
#include "tests/support/rounds.hpp"

namespace started_test {
namespace {

constexpr int kInFlight = 32;
constexpr std::uint32_t kMostTold = 600;
constexpr int kMostRows = 200;

// The first visit comes before so many are told of.
constexpr int kLeastTold = 100;

void say(int report, const char* line) {
  if (write(report, line, std::strlen(line)) < 0) throw std::runtime_error("nobody reads the report");
}

// Visits a file whenever so many events were written, in the middle of the transaction, on its thread.
class Visitor {
 public:
  Visitor(std::string file, std::uint32_t seed, int report)
      : file_(std::move(file)), random_(seed), report_(report), events_(kLeastTold / 2) {
    instance_ = this;
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(&watch));
  }

 private:
  static int watch(sqlite3* database, char**, const sqlite3_api_routines*) {
    sqlite3_update_hook(database, &on_row, nullptr);
    return SQLITE_OK;
  }
  static void on_row(void*, int, const char*, const char* table, sqlite3_int64) {
    if (std::strcmp(table, "events") != 0 || --instance_->events_ > 0) return;
    instance_->events_ = 1 + static_cast<int>(instance_->random_() % kMostRows);
    instance_->other_.visit(instance_->file_);
    say(instance_->report_, "visited\n");
  }

  static inline Visitor* instance_ = nullptr;
  std::string file_;
  std::mt19937 random_;
  int report_;
  int events_;
  test_support::OtherSqlite other_;
};

void append_for_ever(const Place& place, std::uint32_t number, std::uint32_t seed, int report) {
  const Visitor visitor(place.file(), seed + number, report);
  es_store* store = place.open();
  Caller caller(store, number, seed);
  caller.set_limits(60'000);
  caller.report_to(report);
  for (int unsafe = 0;;) {
    caller.start(kInFlight / 2);
    caller.take(kInFlight / 2);
    if (caller.count(ES_UNSAFE_STORE) == unsafe) continue;
    say(report, "unsafe\n");
    // As the error says.
    caller.take();
    unsafe = caller.count(ES_UNSAFE_STORE);
    es_store_close(&store);
    store = place.open();
    caller.use(store);
  }
}

TEST(OtherCopy, InTheMiddleOfBatchesNothingThatWasToldIsLost) {
  const std::uint32_t seed = test_support::seed();
  SCOPED_TRACE("EVENTSOURCE_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  const Place place("sqlite");
  Report report;
  for (int round = 1; round <= test_support::rounds(6); ++round) {
    const auto work = [&](int descriptor) {
      append_for_ever(place, static_cast<std::uint32_t>(round), seed, descriptor);
    };
    ASSERT_EQ(kill_after(kLeastTold + random() % kMostTold, work, report, random), "");
    ASSERT_EQ(defects(place.url(), report), "") << "in round " << round;
    EXPECT_GE(report.count("visited"), round);
    EXPECT_GE(report.count("unsafe"), round);
  }
}

}  // namespace
}  // namespace started_test
