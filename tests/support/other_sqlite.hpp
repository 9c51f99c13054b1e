// A second copy of SQLite in the process, as a driver or a language's own module brings it: it knows nothing of the locks that
// the first one holds, and when it closes a file they are gone. Throws std::runtime_error. Used by one thread.
#pragma once

#include <dlfcn.h>
#include <sqlite3.h>
#include <stdexcept>
#include <string>

namespace test_support {

class OtherSqlite {
 public:
  OtherSqlite() : library_(dlmopen(LM_ID_NEWLM, "libsqlite3.so.0", RTLD_NOW | RTLD_LOCAL)) {
    if (library_ == nullptr) throw std::runtime_error(dlerror());
    load(open_, "sqlite3_open");
    load(exec_, "sqlite3_exec");
    load(close_, "sqlite3_close");
    if (open_ == &sqlite3_open) throw std::runtime_error("it is the same copy of SQLite");
  }

  // Opens the file, reads and closes it.
  void visit(const std::string& path) const {
    sqlite3* database = nullptr;
    const bool is_well = open_(path.c_str(), &database) == SQLITE_OK &&
                         exec_(database, "SELECT count(*) FROM events", nullptr, nullptr, nullptr) == SQLITE_OK;
    if (close_(database) != SQLITE_OK || !is_well) throw std::runtime_error("the other copy cannot read " + path);
  }

 private:
  template <typename Function>
  void load(Function*& function, const char* name) {
    function = reinterpret_cast<Function*>(dlsym(library_, name));
    if (function == nullptr) throw std::runtime_error(std::string("no ") + name);
  }

  void* library_;
  decltype(sqlite3_open)* open_ = nullptr;
  decltype(sqlite3_exec)* exec_ = nullptr;
  decltype(sqlite3_close)* close_ = nullptr;
};

}  // namespace test_support
