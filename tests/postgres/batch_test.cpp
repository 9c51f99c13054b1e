// Batches of appends by one statement.
#include <gtest/gtest.h>

#include "core/postgres/open.hpp"
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

}  // namespace
}  // namespace eventsource::core
