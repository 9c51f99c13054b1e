// A disk that loses its power: what SQLite has written since the last sync of a file may be there afterwards, or not, or in
// part. While it lives, files that this process opens through SQLite lie on it; they can be read as ever, and `leave` gives
// what would be left of them if the power went now. One at a time; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <sqlite3.h>
#include <string>
#include <vector>

namespace started_test {

class Disk {
 public:
  explicit Disk(std::uint32_t seed);
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  // From now on it says that it has synced, and has not.
  void lie();

  // In the middle of the so-many-th write or sync from now the power is cut: what is left goes to the folder `to`, and
  // `then` is called, on the thread that writes. Everything goes on: the next one can be set.
  void cut_at(int moment, const std::string& to, std::function<void()> then);

 private:
  static constexpr std::int64_t kIsTruncate = -1;

  struct Change {
    std::int64_t offset;  // or kIsTruncate
    std::int64_t size;
    std::string bytes;
  };
  struct File {
    std::string synced;
    std::vector<Change> changes;  // since then
    bool is_known = false;        // its folder was synced since it was made
    bool is_deleted = false;      // and its folder was not synced since
  };
  struct Methods {
    sqlite3_io_methods own;
    const sqlite3_io_methods* usual;
  };

  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags);
  static int remove(sqlite3_vfs*, const char* name, int sync_folder);
  static int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset);
  static int truncate(sqlite3_file* file, sqlite3_int64 size);
  static int sync(sqlite3_file* file, int flags);
  static int close(sqlite3_file* file);
  static const sqlite3_io_methods* usual(sqlite3_file* file) {
    return reinterpret_cast<const Methods*>(file->pMethods)->usual;
  }

  void added(sqlite3_file* file, Change change);
  void sync_folder();
  void moment_passed();
  void leave(const std::string& to);
  [[nodiscard]] std::string left_of(const File& file);
  void survive(std::string& content, const Change& change, bool may_tear);
  static void apply(std::string& content, const Change& change);

  static inline Disk* instance_ = nullptr;
  static inline sqlite3_vfs* const usual_ = sqlite3_vfs_find(nullptr);
  // They outlive the disk, as files do that are still open at its end.
  static inline std::map<const sqlite3_io_methods*, Methods> methods_;

  sqlite3_vfs vfs_{};
  std::mutex mutex_;
  std::mt19937 random_;
  bool lies_ = false;
  std::map<std::string, File> files_;
  std::map<sqlite3_file*, std::string> open_;
  int moments_ = 0;  // until the power is cut; 0: it is not
  std::string to_;
  std::function<void()> then_;
};

}  // namespace started_test
