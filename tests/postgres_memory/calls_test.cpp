// Every call on PostgreSQL that changes no event, with each of its allocations failing: it tells what is stored, or that memory
// is out, and the next call is none the worse for it. One thread. EVENTSOURCE_SEED=n repeats a run.
#include <string_view>
#include <vector>

#include "tests/postgres_memory/out_of_memory.hpp"

namespace postgres_memory_test {
namespace {

// Of the allocations of a call one in so many fails in `make test`, at the most; every one in the long form.
constexpr long kStride = 64;
constexpr long kStrideOfOpening = 128;

struct Call {
  std::string_view name;
  std::function<es_status(es_store*, es_error**)> make;
};

const std::vector<Call>& calls() {
  static const auto& all = *new std::vector<Call>{
      {"head",
       [](es_store* store, es_error** err) {
         int64_t position = 0;
         const es_status status = es_store_head(store, nullptr, &position, err);
         EXPECT_TRUE(status != ES_OK || position > 0);
         return status;
       }},
      {"count",
       [](es_store* store, es_error** err) {
         int64_t count = 0;
         const es_status status = es_store_count(store, nullptr, nullptr, &count, err);
         EXPECT_TRUE(status != ES_OK || count > 0);
         return status;
       }},
      {"read_stream",
       [](es_store* store, es_error** err) {
         es_page* page = nullptr;
         const es_status status = es_store_read_stream(store, "Order", 5, kStream.data(), nullptr, nullptr, &page, err);
         EXPECT_EQ(es_page_count(page) > 0, status == ES_OK);
         es_page_close(&page);
         return status;
       }},
      {"read_event",
       [](es_store* store, es_error** err) {
         constexpr std::array<uint8_t, 16> kFirst = {0, 0, 0, 1};
         es_page* page = nullptr;
         const es_status status = es_store_read_event(store, kFirst.data(), ES_CONTENT_DOCUMENT, nullptr, &page, err);
         EXPECT_EQ(es_page_count(page), status == ES_OK ? 1U : 0U);
         es_page_close(&page);
         return status;
       }},
      {"load_snapshot",
       [](es_store* store, es_error** err) {
         es_snapshot* snapshot = nullptr;
         const es_status status = es_store_load_snapshot(store, "Order", 5, kStream.data(), nullptr, &snapshot, err);
         EXPECT_EQ(es_snapshot_version(snapshot), status == ES_OK ? 1 : 0);
         es_snapshot_close(&snapshot);
         return status;
       }},
      {"inspect",
       [](es_store* store, es_error** err) {
         es_inspection* inspection = nullptr;
         const es_status status = es_store_inspect(store, nullptr, &inspection, err);
         EXPECT_EQ(es_inspection_events(inspection) > 0, status == ES_OK);
         es_inspection_close(&inspection);
         return status;
       }},
      {"index_list",
       [](es_store* store, es_error** err) {
         es_indexes* indexes = nullptr;
         const es_status status = es_store_index_list(store, nullptr, &indexes, err);
         es_indexes_close(&indexes);
         return status;
       }},
      {"id",
       [](es_store* store, es_error** err) {
         std::array<uint8_t, 16> id{};
         return es_store_id(store, id.data(), err);
       }},
      {"metrics",
       [](es_store* store, es_error** err) {
         es_metrics* metrics = nullptr;
         const es_status status = es_store_metrics(store, &metrics, err);
         es_metrics_close(&metrics);
         return status;
       }},
      {"append_packed of no buffer",
       [](es_store* store, es_error** err) {
         const es_status status = es_store_append_packed(store, "x", 1, nullptr, nullptr, err);
         return status == ES_INVALID_BUFFER ? ES_OK : status;
       }},
  };
  return all;
}

class CallsOutOfMemory : public OutOfMemory {
 protected:
  void SetUp() override {
    OutOfMemory::SetUp();
    int64_t version = 0;
    ASSERT_EQ(append(++number_, version, nullptr), ES_OK);
    save();
  }
  void save() {
    ASSERT_EQ(es_store_save_snapshot(store_, "Order", 5, kStream.data(), 1, 1, "{}", 2, nullptr, nullptr, nullptr),
              ES_OK);
  }
};

TEST_P(CallsOutOfMemory, ReadsTellWhatIsThere) {
  for (const Call& call : calls()) {
    SCOPED_TRACE(call.name);
    each([&](es_error** err) { return call.make(store_, err); },
         [&](es_status status, std::int32_t outcome) {
           EXPECT_TRUE(status == ES_OK || status == ES_OUT_OF_MEMORY) << es_status_name(status);
           EXPECT_EQ(outcome, ES_OUTCOME_NOT_APPLIED);
           expect_well();
         },
         Lack::kIsGotOver, kStride);
    if (HasFailure()) return;
  }
}

TEST_P(CallsOutOfMemory, ASnapshotIsDeletedAsItIsTold) {
  const auto snapshots = [&] { return sql_.number("select count(*) from snapshots"); };
  each(
      [&](es_error** err) {
        return es_store_delete_snapshot(store_, "Order", 5, kStream.data(), nullptr, nullptr, err);
      },
      [&](es_status status, std::int32_t outcome) {
        const int64_t left = snapshots();
        if (status == ES_OK) {
          EXPECT_EQ(left, 0);
        } else if (outcome == ES_OUTCOME_NOT_APPLIED) {
          EXPECT_EQ(left, 1);
        }
        expect_well();
        save();
      },
      // Made again, it would tell that there was none.
      Lack::kMayBeUnknown, kStride / 4);
}

TEST_P(CallsOutOfMemory, AShutdownIsMadeAgain) {
  each([&](es_error** err) { return es_store_shutdown(store_, -1, err); },
       [&](es_status status, std::int32_t) {
         EXPECT_TRUE(status == ES_OK || status == ES_OUT_OF_MEMORY) << es_status_name(status);
         EXPECT_EQ(es_store_shutdown(store_, -1, nullptr), ES_OK);
         open();
         expect_well();
       });
}

TEST_P(CallsOutOfMemory, AStoreIsOpenedAgain) {
  const std::string url = schema_.url();
  es_store* opened = nullptr;
  each(
      [&](es_error** err) {
        return es_store_open(ES_ABI_VERSION, url.data(), url.size(), nullptr, nullptr, &opened, err);
      },
      [&](es_status status, std::int32_t) {
        EXPECT_TRUE(status == ES_OK || status == ES_OUT_OF_MEMORY) << es_status_name(status);
        EXPECT_EQ(opened != nullptr, status == ES_OK);
        es_store_close(&opened);
      },
      Lack::kIsGotOver, kStrideOfOpening);
  expect_well();
}

INSTANTIATE_TEST_SUITE_P(When, CallsOutOfMemory, testing::ValuesIn(kAllWays),
                         [](const auto& how) { return std::string(how.param.name); });

}  // namespace
}  // namespace postgres_memory_test
