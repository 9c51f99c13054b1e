// Batches of appends by one statement.
#include <algorithm>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

#include "core/postgres/open.hpp"
#include "core/runtime/group_commit.hpp"
#include "tests/runtime/batches.hpp"
#include "tests/support/postgres_place.hpp"

namespace eventsource::core {
namespace {

TEST(PostgresBatch, HasTheResultsOfSingleAppends) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const test_support::PostgresSchema schema;
    const postgres::ConnectionUrl url = postgres::parse_url(schema.url()).value();
    const Call call(system_environment(), {}, 10'000);
    auto opened = postgres::open(url, {}, call);
    ASSERT_TRUE(opened.ok()) << opened.error().message();
    RandomBatches batches(seed);
    for (int round = 0; round < 120 && !testing::Test::HasFailure(); ++round) batches.compare(*opened.value());
    EXPECT_GT(batches.in_batches(), 100) << "otherwise nothing is tested";
  }
}

// Each by itself they lose races against each other until some give up.
TEST(PostgresBatch, FiftyCallersOnOneStreamAllHaveTheirTurn) {
  constexpr int kCallers = 50;
  constexpr int kEach = 12;
  const test_support::PostgresSchema schema;
  const Call call(system_environment(), {}, 10'000);
  const postgres::ConnectionUrl url = postgres::parse_url(schema.url()).value();
  auto opened = postgres::open(url, {}, call);
  ASSERT_TRUE(opened.ok()) << opened.error().message();
  Telemetry telemetry(nullptr, system_environment());
  GroupCommit group(*opened.value(), telemetry);
  std::vector<std::thread> callers;
  std::vector<std::vector<std::int64_t>> versions(kCallers);
  for (int caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&, caller] {
      for (int i = 0; i < kEach; ++i) {
        AppendInput input;
        input.streams.push_back({{"Order", Uuid{{1}}}, ES_ANY});
        EventInput event;
        event.event_type = "Placed";
        event.data = "{}";
        input.events.push_back(event);
        const auto prepared = prepare(input, Settings(), system_environment());
        const auto outcome = now(group.append(prepared.value(), Call(system_environment(), {}, 5'000)));
        ASSERT_TRUE(outcome.ok()) << outcome.error().message();
        versions[static_cast<std::size_t>(caller)].push_back(outcome.value().versions.front());
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  std::vector<std::int64_t> all;
  for (const auto& some : versions) {
    EXPECT_TRUE(std::ranges::is_sorted(some)) << "those of one caller are in its order";
    all.insert(all.end(), some.begin(), some.end());
  }
  std::ranges::sort(all);
  ASSERT_EQ(all.size(), std::size_t{kCallers * kEach});
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], static_cast<std::int64_t>(i) + 1);
}

}  // namespace
}  // namespace eventsource::core
