// A store on PostgreSQL whose calls run out of memory, and a look at what is stored.
// One thread; what fails may be the allocation of any.
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <gtest/gtest.h>
#include <ostream>
#include <random>
#include <span>
#include <string>

#include "eventsource/eventsource.h"

#include "tests/failing_new/failing_new.hpp"
#include "tests/support/postgres_connection.hpp"
#include "tests/support/postgres_place.hpp"
#include "tests/support/rounds.hpp"

namespace postgres_memory_test {

inline constexpr std::array<uint8_t, 16> kStream = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
inline constexpr long kMostAllocations = 100'000;

struct How {
  const char* name;
  bool all_fail;  // from one allocation on; or only that one
  bool is_first;  // the call is the first of its kind on its connection
};

inline constexpr How kAllWays[] = {{"OneFailsInAFirstCall", false, true},
                                   {"OneFailsLater", false, false},
                                   {"AllFailInAFirstCall", true, true},
                                   {"AllFailLater", true, false}};

inline void PrintTo(const How& how, std::ostream* out) {
  *out << how.name;
}

// What a call may tell when one allocation has failed.
enum class Lack { kIsGotOver, kMayBeUnknown };

class OutOfMemory : public testing::TestWithParam<How> {
 protected:
  void SetUp() override { open(); }
  void TearDown() override { es_store_close(&store_); }

  void open() {
    es_store_close(&store_);
    const std::string url = schema_.url();
    es_error* error = nullptr;
    ASSERT_EQ(es_store_open(ES_ABI_VERSION, url.data(), url.size(), nullptr, nullptr, &store_, &error), ES_OK)
        << es_error_message(error);
  }

  // An append of the event with this number, which may be made although memory is out.
  static es_append* make(std::uint32_t number, std::span<const uint8_t, 16> stream = kStream) {
    const failing_new::Pause pause;
    std::array<uint8_t, 16> id = {};
    for (std::size_t i = 0; i < 4; ++i) id[i] = static_cast<uint8_t>(number >> (24 - 8 * i));
    es_append* append = nullptr;
    EXPECT_EQ(es_append_new(&append, nullptr), ES_OK);
    EXPECT_EQ(es_append_stream(append, "Order", 5, stream.data(), ES_ANY, nullptr), ES_OK);
    EXPECT_EQ(es_append_event(append, "Placed", 6, "{}", 2, nullptr), ES_OK);
    EXPECT_EQ(es_append_set_event_id(append, id.data(), nullptr), ES_OK);
    return append;
  }
  es_status append(std::uint32_t number, int64_t& version, es_error** err) {
    es_append* append = make(number);
    es_append_result* result = nullptr;
    const es_status status = es_store_append(store_, append, nullptr, &result, err);
    failing_new::stop();
    version = status == ES_OK ? es_append_result_versions(result)[0] : 0;
    es_append_result_close(&result);
    es_append_close(&append);
    return status;
  }
  // The version of the event in the table, 0 where it is not.
  int64_t stored(std::uint32_t number) {
    char id[64];
    static_cast<void>(std::snprintf(&id[0], sizeof id, "%08x-0000-0000-0000-000000000000", number));
    return sql_.number("select coalesce(max(version), 0) from events where event_id = '" + std::string(&id[0]) + "'");
  }

  // Of kStream.
  int64_t stored_version() {
    return sql_.number(
        "select coalesce(max(version), 0) from events where aggregate_id = '01020304-0506-0708-090a-0b0c0d0e0f10'");
  }

  // From one allocation that fails to the next: the one behind it, or in `make test` one of so many.
  long step(long stride) { return test_support::rounds(1) > 1 ? 1 : 1 + static_cast<long>(random_()) % stride; }

  // Makes `call` with its first, second, … allocation failing, until it needs no more; in `make test` with one in `stride`, at the
  // most. `check` is told what it said.
  void each(const std::function<es_status(es_error**)>& call,
            const std::function<void(es_status, std::int32_t outcome)>& check, Lack one = Lack::kIsGotOver,
            long stride = 1) {
    for (long n = 0; n < kMostAllocations; n += step(stride)) {
      SCOPED_TRACE("EVENTSOURCE_SEED=" + std::to_string(test_support::seed()) + ", allocation " + std::to_string(n));
      if (GetParam().is_first) open();
      es_error* error = nullptr;
      failing_new::arm(n, GetParam().all_fail);
      const es_status status = call(&error);
      const bool failed = failing_new::stop();
      const std::int32_t outcome = es_error_outcome(error);
      SCOPED_TRACE("told: " + std::to_string(status) + " " + es_error_message(error));
      if (status != ES_OK) unknown_ += outcome == ES_OUTCOME_UNKNOWN ? 1 : 0;
      // One lack of memory is got over, or it has done nothing.
      EXPECT_TRUE(GetParam().all_fail || one == Lack::kMayBeUnknown || outcome == ES_OUTCOME_NOT_APPLIED);
      es_error_close(&error);
      check(status, outcome);
      if (!failed || HasFailure()) return;
    }
    FAIL() << "it never had enough memory";
  }

  // On a connection that has all its statements nothing needs memory once the COMMIT is sent.
  void expect_unknown_only_without_any_memory() const {
    if (GetParam().is_first) {
      EXPECT_EQ(unknown_ > 0, GetParam().all_fail);
    }
    if (!GetParam().all_fail) {
      EXPECT_EQ(unknown_, 0);
    }
  }

  // The next calls on the store have their own answers. An append whose outcome is unknown may be stored meanwhile.
  void expect_well() {
    int64_t version = 0;
    es_error* error = nullptr;
    const int64_t before = stored_version();
    ASSERT_EQ(es_store_stream_version(store_, "Order", 5, kStream.data(), nullptr, &version, &error), ES_OK)
        << es_error_message(error);
    EXPECT_GE(version, before);
    EXPECT_LE(version, stored_version());
    int64_t next = 0;
    ASSERT_EQ(append(++number_, next, &error), ES_OK) << es_error_message(error);
    EXPECT_EQ(next, stored(number_));
    EXPECT_GT(next, version);
  }

  test_support::PostgresSchema schema_;
  test_support::PostgresConnection sql_{schema_.url()};
  std::mt19937 random_{static_cast<std::mt19937::result_type>(test_support::seed())};
  es_store* store_ = nullptr;
  std::uint32_t number_ = 0;
  int unknown_ = 0;
};

}  // namespace postgres_memory_test
