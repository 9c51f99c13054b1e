// Disks that are full or fail: what was acknowledged is stored, once, and what was not is said.
#include <filesystem>
#include <fstream>
#include <sched.h>
#include <sys/mount.h>
#include <utility>

#include "tests/backend/sqlite_fixture.hpp"
#include "tests/runtime/batches.hpp"
#include "tests/support/hooked_disk.hpp"

namespace eventsource::core::sqlite {
namespace {

constexpr int kCannotMount = 77;

// A disk that files fail to reach when the test says so.
class FailingDisk : public test_support::HookedDisk {
 public:
  FailingDisk() {
    on_sync = [this] {
      if (failures == 0) return SQLITE_OK;
      --failures;
      ++failed;
      return code;
    };
  }

  int failures = 0;               // how many of the next fsyncs fail
  int code = SQLITE_IOERR_FSYNC;  // with this
  int failed = 0;                 // how many have
};

// Mounts a disk that belongs to this process alone, a child. False when that is not allowed.
bool mount_disk(const std::string& folder, const char* size) {
  const int spaces = geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS;
  if (unshare(spaces) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  return mount("tmpfs", folder.c_str(), "tmpfs", 0, size) == 0;
}

// Appends until there is no room: how many events were stored.
std::uint64_t fill(BlockingBackend& store, const std::string& path) {
  std::uint64_t stored = 0;
  for (;;) {
    const std::string members = "\"a\":\"" + std::string(20'000, 'a') + "\"";
    const auto outcome = append(store, {{.id = stored + 1, .members = members}});
    if (outcome.ok()) {
      ++stored;
      continue;
    }
    EXPECT_EQ(outcome.error().code(), ES_STORAGE_FULL) << outcome.error().message();
    EXPECT_EQ(detail(outcome.error(), "path"), path);
    EXPECT_TRUE(outcome.error().is_retryable());
    EXPECT_EQ(outcome.error().outcome(), ES_OUTCOME_NOT_APPLIED);
    EXPECT_GT(stored, 3U);
    return stored;
  }
}

int fill_a_disk(const std::string& folder) {
  if (!mount_disk(folder, "size=512k")) return kCannotMount;
  const std::string path = folder + "/store.db";
  const std::string filler = folder + "/filler";
  std::ofstream(filler) << std::string(64 * 1'024, 'x');
  const auto store = open_store(path);
  const std::uint64_t stored = fill(*store, path);
  EXPECT_EQ(read_all(*store).size(), stored);
  std::filesystem::remove(filler);
  EXPECT_TRUE(append(*store, {{.id = stored + 1}}).ok()) << "with room again it goes on";
  EXPECT_EQ(read_all(*store).size(), stored + 1);
  return ::testing::Test::HasFailure() ? 1 : 0;
}

TEST(SqliteDisk, AFullDiskStoresNothingAndGoesOnWhenThereIsRoom) {
  const TempFolder folder;
  const int status = in_child([&] { return fill_a_disk(folder.path()); });
  if (status == kCannotMount) GTEST_SKIP() << "no right to mount a small disk";
  EXPECT_EQ(status, 0);
}

int shut_down_on_a_full_disk(const std::string& folder) {
  if (!mount_disk(folder, "size=512k")) return kCannotMount;
  const std::string path = folder + "/store.db";
  std::uint64_t stored = 0;
  {
    const auto store = open_store(path);
    stored = fill(*store, path);
    const Status status = store->shutdown();
    if (status.ok()) return 2;
    EXPECT_EQ(status.error().code(), ES_IO_ERROR);
    EXPECT_EQ(status.error().outcome(), ES_OUTCOME_APPLIED);
    EXPECT_FALSE(status.error().is_retryable());
    EXPECT_EQ(detail(status.error(), "path"), path);
    EXPECT_NE(status.error().message().find("every acknowledged event is stored"), std::string::npos)
        << status.error().message();
  }
  EXPECT_EQ(mount("tmpfs", folder.c_str(), "tmpfs", MS_REMOUNT, "size=4m"), 0);
  const auto store = open_store(path);
  EXPECT_EQ(read_all(*store).size(), stored);
  EXPECT_TRUE(store->shutdown().ok());
  EXPECT_EQ(files_in(folder), 1);
  return ::testing::Test::HasFailure() ? 1 : 0;
}

TEST(SqliteDisk, AShutdownOnAFullDiskLosesNothing) {
  const TempFolder folder;
  const int status = in_child([&] { return shut_down_on_a_full_disk(folder.path()); });
  if (status == kCannotMount) GTEST_SKIP() << "no right to mount a small disk";
  EXPECT_EQ(status, 0);
}

TEST(SqliteDisk, AFullDiskTakesNoNewStore) {
  const TempFolder folder;
  const int status = in_child([&] {
    if (!mount_disk(folder.path(), "size=64k")) return kCannotMount;
    std::ofstream(folder.file("filler")) << std::string(std::size_t{60} * 1'024, 'x');
    const auto store = try_open(folder.file());
    EXPECT_EQ(store.ok() ? ES_OK : store.error().code(), ES_STORAGE_FULL);
    std::filesystem::remove(folder.file("filler"));
    return ::testing::Test::HasFailure() ? 1 : 0;
  });
  if (status == kCannotMount) GTEST_SKIP() << "no right to mount a small disk";
  EXPECT_EQ(status, 0);
}

class SqliteCommit : public ::testing::TestWithParam<int> {
 protected:
  SqliteCommit() : path_(folder_.file()) {
    disk_.code = GetParam();
    store_ = open_store(path_);
    EXPECT_TRUE(append(*store_, {{.id = 1}}).ok());
  }

  void expect_stored(std::size_t events) {
    EXPECT_EQ(read_all(*store_).size(), events);
    store_ = open_store(path_);
    EXPECT_EQ(read_all(*store_).size(), events);
    EXPECT_EQ(Sql3(path_).text("PRAGMA integrity_check"), "ok");
  }

  const TempFolder folder_;
  const std::string path_;
  FailingDisk disk_;
  std::unique_ptr<BlockingBackend> store_;
};

TEST_P(SqliteCommit, ThatFailsOnceIsMadeAgain) {
  disk_.failures = 1;
  const auto outcome = append(*store_, {{.id = 2}, {.id = 3}}, 1);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message();
  EXPECT_EQ(disk_.failed, 1) << "the disk was not asked: the test shows nothing";
  EXPECT_EQ(outcome.value().positions, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(outcome.value().versions, (std::vector<std::int64_t>{2, 3}));
  ASSERT_TRUE(append(*store_, {{.id = 4}}, 3).ok());
  expect_stored(4);
}

// As if the commit had taken effect: by the time of the fresh look the events are there.
TEST_P(SqliteCommit, ThatTookEffectAlthoughItFailedHasItsFirstResult) {
  const auto other = open_store(path_);
  disk_.failures = 1;
  bool is_time = true;
  disk_.on_open = [&] {
    if (disk_.failed == 1 && std::exchange(is_time, false)) {
      EXPECT_TRUE(append(*other, {{.id = 2}, {.id = 3}}, 1).ok());
    }
    return SQLITE_OK;
  };
  const auto outcome = append(*store_, {{.id = 2}, {.id = 3}}, 1);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message();
  EXPECT_EQ(disk_.failed, 1);
  EXPECT_EQ(outcome.value().positions, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(outcome.value().versions, (std::vector<std::int64_t>{2, 3}));
  expect_stored(3);
}

TEST_P(SqliteCommit, OfABatchThatFailsOnceIsMadeAgainAndEachAppendIsCounted) {
  const auto telemetry = std::make_shared<Telemetry>(nullptr, system_environment());
  Settings settings;
  settings.telemetry = telemetry;
  store_ = open_store(path_, settings);
  const Batch stored(std::vector<Event>{{.id = 2}});
  const Batch refused(std::vector<Event>{{.id = 1, .stream = 2}});
  BatchItem items[2];
  items[0].append = &stored.prepared();
  items[1].append = &refused.prepared();
  disk_.failures = 1;
  ASSERT_TRUE(store_->append_batch(items, Call(system_environment(), {}, 10'000)).ok());
  EXPECT_EQ(disk_.failed, 1) << "the disk was not asked: the test shows nothing";
  EXPECT_TRUE(items[0].outcome.value().ok());
  EXPECT_EQ(items[1].outcome.value().error().code(), ES_DUPLICATE_EVENT);
  EXPECT_EQ(telemetry->metrics.resolved_outcomes.value(), 2);
  expect_stored(2);
}

// Another writer came first at the fresh look: the batch is refused as any other, and is known not to be there.
TEST_P(SqliteCommit, ThatLostItsVersionMeanwhileIsAConflict) {
  const auto other = open_store(path_);
  disk_.failures = 1;
  bool is_time = true;
  disk_.on_open = [&] {
    if (disk_.failed == 1 && std::exchange(is_time, false)) {
      EXPECT_TRUE(append(*other, {{.id = 9}}, 1).ok());
    }
    return SQLITE_OK;
  };
  const auto outcome = append(*store_, {{.id = 2}}, 1);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), ES_VERSION_CONFLICT) << outcome.error().message();
  EXPECT_EQ(outcome.error().outcome(), ES_OUTCOME_NOT_APPLIED);
  expect_stored(2);
}

TEST_P(SqliteCommit, ThatFailsForGoodIsUnknownAndCanBeMadeLater) {
  const auto expect_unknown = [](const Result<AppendOutcome>& outcome) {
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().code(), ES_IO_ERROR) << outcome.error().message();
    EXPECT_EQ(outcome.error().outcome(), ES_OUTCOME_UNKNOWN);
    EXPECT_FALSE(outcome.error().is_retryable());
    EXPECT_EQ(outcome.error().message().find("nothing was written"), std::string::npos) << outcome.error().message();
  };
  disk_.failures = 1'000;
  expect_unknown(append(*store_, {{.id = 2}}, 1));
  disk_.failures = 1;
  disk_.on_open = [&] { return disk_.failures == 0 ? SQLITE_CANTOPEN : SQLITE_OK; };
  expect_unknown(append(*store_, {{.id = 2}}, 1));
  disk_.on_open = [] { return SQLITE_OK; };
  disk_.failures = 0;
  ASSERT_TRUE(append(*store_, {{.id = 2}}, 1).ok());
  expect_stored(2);
}

INSTANTIATE_TEST_SUITE_P(Failure, SqliteCommit, ::testing::Values(SQLITE_IOERR_FSYNC, SQLITE_IOERR_NOMEM),
                         [](const auto& code) { return code.param == SQLITE_IOERR_NOMEM ? "Memory" : "Disk"; });

}  // namespace
}  // namespace eventsource::core::sqlite
