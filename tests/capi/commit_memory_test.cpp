// Memory that runs out when the COMMIT on a SQLite file has failed, or has succeeded without its lock: what was committed may be
// stored, and is never told as "nothing was written". One thread.
#include <array>
#include <fcntl.h>
#include <functional>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>
#include <utility>

#include "eventsource/eventsource.h"

#include "tests/failing_new/failing_new.hpp"
#include "tests/support/hooked_disk.hpp"
#include "tests/support/temp_folder.hpp"

namespace {

using test_support::HookedDisk;

constexpr std::array<uint8_t, 16> kStream = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
constexpr long kMostAllocations = 10'000;

// A new file each time: after such a commit a store is not used any more.
class CommitMemory : public testing::Test {
 protected:
  // An append, with `at_sync` happening when its commit reaches the disk and the allocation `n` failing: whether it failed.
  bool append(long n, const std::function<int(const std::string&)>& at_sync) {
    HookedDisk disk;
    const std::string path = folder_.file(std::to_string(n));
    es_store* store = nullptr;
    const std::string url = "sqlite:///" + path;
    EXPECT_EQ(es_store_open(ES_ABI_VERSION, url.data(), url.size(), nullptr, nullptr, &store, nullptr), ES_OK);
    es_append* append = nullptr;
    EXPECT_EQ(es_append_new(&append, nullptr), ES_OK);
    EXPECT_EQ(es_append_stream(append, "Order", 5, kStream.data(), ES_ANY, nullptr), ES_OK);
    EXPECT_EQ(es_append_event(append, "Placed", 6, "{}", 2, nullptr), ES_OK);
    bool was_synced = false;
    disk.on_sync = [&] {
      const failing_new::Pause pause;
      return std::exchange(was_synced, true) ? SQLITE_OK : at_sync(path);
    };
    es_error* error = nullptr;
    es_append_result* result = nullptr;
    failing_new::arm(n);
    const es_status status = es_store_append(store, append, nullptr, &result, &error);
    const bool failed = failing_new::stop();
    // The store finds out by itself, given the memory for it.
    if (was_synced && status != ES_OK) {
      EXPECT_EQ(es_error_outcome(error), ES_OUTCOME_UNKNOWN) << es_error_message(error);
    }
    es_error_close(&error);
    es_append_result_close(&result);
    es_append_close(&append);
    disk.on_sync = [] { return SQLITE_OK; };
    int64_t head = 0;
    if (status == ES_OK) {
      EXPECT_EQ(es_store_head(store, nullptr, &head, nullptr), ES_OK);
      EXPECT_EQ(head, 1) << "it was told as stored";
    }
    es_store_close(&store);
    return failed;
  }

  void fail_each_allocation(const std::function<int(const std::string&)>& at_sync) {
    for (long n = 0; n < kMostAllocations; ++n) {
      SCOPED_TRACE("allocation " + std::to_string(n));
      if (!append(n, at_sync) || HasFailure()) return;
    }
    FAIL() << "there was never enough memory";
  }

  const test_support::TempFolder folder_;
};

TEST_F(CommitMemory, ACommitThatDidNotReachTheDisk) {
  fail_each_allocation([](const std::string&) { return SQLITE_IOERR_FSYNC; });
}

TEST_F(CommitMemory, ACommitThatLostItsLock) {
  fail_each_allocation([](const std::string& path) {
    const int descriptor = ::open((path + "-shm").c_str(), O_RDWR | O_CLOEXEC);
    if (descriptor >= 0) close(descriptor);
    return SQLITE_OK;
  });
}

}  // namespace
