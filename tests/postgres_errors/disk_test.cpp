// A server whose disk is full: nothing is stored, the error says so, and it goes on when there is room.
#include <filesystem>
#include <fstream>
#include <sys/mount.h>
#include <unistd.h>

#include "tests/postgres_errors/trouble.hpp"

namespace eventsource::test {
namespace {

// A small disk that all processes see, for the server to keep a table on.
class SmallDisk {
 public:
  SmallDisk() {
    std::string folder = (std::filesystem::temp_directory_path() / "eventsource_disk_XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) return;
    folder_ = folder;
    is_mounted_ = mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=2m") == 0;
  }
  ~SmallDisk() {
    if (is_mounted_) umount2(folder_.c_str(), MNT_DETACH);
    std::filesystem::remove_all(folder_);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  [[nodiscard]] bool is_mounted() const { return is_mounted_; }
  [[nodiscard]] const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
  bool is_mounted_ = false;
};

TEST(Disk, AFullOneStoresNothingAndGoesOnWhenThereIsRoom) {
  const SmallDisk disk;
  if (!disk.is_mounted()) GTEST_SKIP() << "no right to mount a small disk";
  PostgresServer server({.conf = {"fsync=off"}});
  std::filesystem::create_directory(disk.folder() + "/space");
  std::ofstream(disk.folder() + "/filler") << std::string(256 * 1'024, 'x');
  ASSERT_EQ(chown((disk.folder() + "/space").c_str(), server.uid(), server.gid()), 0);
  PostgresConnection sql(server.url());
  sql.run("create tablespace small location '" + disk.folder() + "/space'");
  const Store store = Store::open(server.url()).value();
  sql.run("alter table events set tablespace small");
  const std::string data = "{\"a\":\"" + std::string(1'500, 'a') + "\"}";
  std::int64_t stored = 0;
  Error error;
  while (error.code() == ES_OK && stored < 100'000) {
    Append append;
    append.stream("Thing", numbered(1), ExpectedVersion::any());
    for (int i = 0; i < 10; ++i) append.event("Filled", data);
    const auto appended = store.append(append);
    if (appended.ok()) stored += 10;
    error = appended.error();
  }
  check_error(error, {ES_STORAGE_FULL, "53100", true, Outcome::kNotApplied, {"No space left", "Make room"}});
  EXPECT_GT(stored, 10);
  EXPECT_EQ(store.count().value_or(-1), stored);
  EXPECT_EQ(store.stream_version("Thing", numbered(1)).value_or(-1), stored);
  std::filesystem::remove(disk.folder() + "/filler");
  const auto appended = append_one(store, 2);
  EXPECT_TRUE(appended.ok()) << appended.error().message();
  EXPECT_EQ(store.count().value_or(-1), stored + 1);
}

}  // namespace
}  // namespace eventsource::test
