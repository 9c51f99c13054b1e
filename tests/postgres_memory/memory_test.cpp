// Calls on PostgreSQL that run out of memory at each of their allocations: what they tell is what is stored, and the next
// call is none the worse for it. One thread.
#include <map>

#include "tests/postgres_memory/out_of_memory.hpp"

namespace postgres_memory_test {
namespace {

TEST_P(OutOfMemory, AnAppendIsStoredAsItIsTold) {
  std::map<std::uint32_t, int64_t> told;  // 0: not written
  int64_t version = 0;
  ASSERT_EQ(append(++number_, version, nullptr), ES_OK);
  each([&](es_error** err) { return append(++number_, version, err); },
       [&](es_status status, std::int32_t outcome) {
         const std::uint32_t number = number_;
         const bool is_known = status == ES_OK || outcome == ES_OUTCOME_NOT_APPLIED;
         if (is_known) told[number] = version;
         if (is_known) {
           EXPECT_EQ(stored(number), version);
         }
         expect_well();
         if (is_known) {
           EXPECT_EQ(stored(number), version) << "after the next call";
         }
       });
  for (const auto& [number, version_told] : told) EXPECT_EQ(stored(number), version_told) << "in the end";
  expect_unknown_only_without_any_memory();
}

TEST_P(OutOfMemory, AReadLeavesNothingToTheNextCall) {
  int64_t version = 0;
  for (int i = 0; i < 3; ++i) ASSERT_EQ(append(++number_, version, nullptr), ES_OK);
  es_page* page = nullptr;
  each([&](es_error** err) { return es_store_read_log(store_, nullptr, nullptr, &page, err); },
       [&](es_status status, std::int32_t outcome) {
         EXPECT_TRUE(status == ES_OK || status == ES_OUT_OF_MEMORY);
         EXPECT_EQ(outcome, ES_OUTCOME_NOT_APPLIED);
         if (status == ES_OK) {
           EXPECT_EQ(es_page_count(page), sql_.number("select count(*) from events"));
         }
         es_page_close(&page);
         expect_well();
       });
}

TEST_P(OutOfMemory, ASnapshotIsStoredAsItIsTold) {
  const auto saved = [&] { return sql_.number("select coalesce(max(version), 0) from snapshots"); };
  int64_t next = 1;
  each(
      [&](es_error** err) {
        return es_store_save_snapshot(store_, "Order", 5, kStream.data(), ++next, 1, "{}", 2, nullptr, nullptr, err);
      },
      [&](es_status status, std::int32_t outcome) {
        const bool is_refused = status != ES_OK && outcome == ES_OUTCOME_NOT_APPLIED;
        for (int look = 0; look < 2; ++look) {
          if (status == ES_OK) {
            EXPECT_EQ(saved(), next);
          }
          if (is_refused) {
            EXPECT_LT(saved(), next);
          }
          if (look == 0) expect_well();
        }
      });
  expect_unknown_only_without_any_memory();
}

INSTANTIATE_TEST_SUITE_P(When, OutOfMemory, testing::ValuesIn(kAllWays),
                         [](const auto& how) { return std::string(how.param.name); });

}  // namespace
}  // namespace postgres_memory_test
