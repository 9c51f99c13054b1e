// SQLite's usual files, with a say of the test in two moments. One at a time, before any file is opened.
#pragma once

#include <functional>
#include <map>
#include <sqlite3.h>

namespace test_support {

// While it lives, files that are opened ask here. A code that is not SQLITE_OK is the result, and nothing is done.
class HookedDisk {
 public:
  HookedDisk() {
    instance_ = this;
    vfs_ = *usual_;
    vfs_.zName = "hooked";
    vfs_.xOpen = &open;
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~HookedDisk() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(usual_, 1);
    instance_ = nullptr;
  }
  HookedDisk(const HookedDisk&) = delete;
  HookedDisk& operator=(const HookedDisk&) = delete;

  std::function<int()> on_open = [] { return SQLITE_OK; };  // before a file is opened
  std::function<int()> on_sync = [] { return SQLITE_OK; };  // before a file that was opened reaches the disk

 private:
  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    if (const int code = instance_->on_open(); code != SQLITE_OK) return code;
    const int code = usual_->xOpen(usual_, name, file, flags, out_flags);
    if (code != SQLITE_OK || file->pMethods == nullptr) return code;
    Methods& methods = methods_[file->pMethods];
    methods = {*file->pMethods, file->pMethods};
    methods.hooked.xSync = &sync;
    file->pMethods = &methods.hooked;
    return code;
  }
  static int sync(sqlite3_file* file, int flags) {
    const int code = instance_ == nullptr ? SQLITE_OK : instance_->on_sync();
    return code != SQLITE_OK ? code : reinterpret_cast<const Methods*>(file->pMethods)->usual->xSync(file, flags);
  }

  // A file's methods, and those that they stand for: a database's are not its log's.
  struct Methods {
    sqlite3_io_methods hooked;
    const sqlite3_io_methods* usual;
  };

  static inline sqlite3_vfs* const usual_ = sqlite3_vfs_find(nullptr);
  static inline std::map<const sqlite3_io_methods*, Methods> methods_;
  static inline HookedDisk* instance_ = nullptr;
  sqlite3_vfs vfs_{};
};

}  // namespace test_support
