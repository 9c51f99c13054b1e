// Disks that are full: what was acknowledged is stored, and what was not is said.
#include <filesystem>
#include <fstream>
#include <sched.h>
#include <sys/mount.h>

#include "tests/backend/sqlite_fixture.hpp"

namespace eventsource::core::sqlite {
namespace {

constexpr int kCannotMount = 77;

// Mounts a disk that belongs to this process alone, a child. False when that is not allowed.
bool mount_disk(const std::string& folder, const char* size) {
  const int spaces = geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS;
  if (unshare(spaces) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  return mount("tmpfs", folder.c_str(), "tmpfs", 0, size) == 0;
}

// Appends until there is no room: how many events were stored.
std::uint64_t fill(Backend& store, const std::string& path) {
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

}  // namespace
}  // namespace eventsource::core::sqlite
