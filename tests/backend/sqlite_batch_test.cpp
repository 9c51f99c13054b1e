// Batches of appends in one transaction.
#include "tests/backend/sqlite_fixture.hpp"
#include "tests/runtime/batches.hpp"

namespace eventsource::core::sqlite {
namespace {

TEST(SqliteBatch, HasTheResultsOfSingleAppends) {
  const TempFolder folder;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const auto backend = as_backend(open_store(folder.file("batch" + std::to_string(seed) + ".db")));
    RandomBatches batches(seed);
    for (int round = 0; round < 60 && !testing::Test::HasFailure(); ++round) batches.compare(*backend);
    EXPECT_EQ(batches.alone(), 0) << "a transaction tells of each append what became of it";
  }
}

}  // namespace
}  // namespace eventsource::core::sqlite
