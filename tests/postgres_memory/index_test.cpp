// Making an index on PostgreSQL while memory runs out at each of its allocations: it is there as it was told, and the session
// with its lock and its settings is nobody else's afterwards. One thread.
#include <chrono>

#include "tests/postgres_memory/out_of_memory.hpp"

namespace postgres_memory_test {
namespace {

constexpr std::string_view kIndex = "idx_events_timestamp";

// Longer than a server takes to see that a client has gone.
constexpr std::chrono::seconds kPatience{20};

constexpr long kStride = 8;

class IndexOutOfMemory : public OutOfMemory {
 protected:
  [[nodiscard]] bool has_index() {
    return sql_.number("select count(*) from pg_index where indexrelid = to_regclass('" + std::string(kIndex) +
                       "') and indisvalid") == 1;
  }
  // Whether nobody makes an index any more, or keeps others from it.
  [[nodiscard]] bool is_free() {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (sql_.number("select count(*) from pg_locks where locktype = 'advisory'") != 0) {
      if (std::chrono::steady_clock::now() > until) return false;
    }
    return true;
  }
};

TEST_P(IndexOutOfMemory, LeavesNoSessionOfABuildToTheNextCall) {
  int32_t made = 0;
  const auto add = [&](es_error** err) {
    return es_store_index_add(store_, kIndex.data(), kIndex.size(), nullptr, &made, err);
  };
  const auto check = [&](es_status status, std::int32_t outcome) {
    if (status == ES_OK) {
      EXPECT_TRUE(has_index());
    }
    EXPECT_TRUE(is_free()) << "a session of the pool still has the lock of a build";
    if (status != ES_OK && outcome == ES_OUTCOME_NOT_APPLIED) {
      EXPECT_FALSE(has_index());
    }
    sql_.run("drop index if exists " + std::string(kIndex));
    expect_well();
  };
  each(add, check, Lack::kMayBeUnknown, kStride);
}

INSTANTIATE_TEST_SUITE_P(When, IndexOutOfMemory, testing::ValuesIn(kAllWays),
                         [](const auto& how) { return std::string(how.param.name); });

}  // namespace
}  // namespace postgres_memory_test
