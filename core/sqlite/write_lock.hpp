// Watches over SQLite's write lock on a store: whether this process still holds it when it commits, and until it has.
// A WriteLockWatch belongs to whoever has borrowed the writing connection. Construction and destruction: any thread.
//
// POSIX locks belong to the process, and all of its locks on a file go when it closes any descriptor of that file. A
// second copy of SQLite in the process (in a driver or a language's own module) that opens and closes the store does just
// that, and its close may even remove the write-ahead log: a COMMIT then succeeds and its rows are lost. Nothing tells
// SQLite; the operating system knows.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/fork.hpp"

namespace eventsource::core::sqlite {

struct WatchedFile;

class WriteLockWatch {
 public:
  // `path`: the store's file as SQLite names it (sqlite3_db_filename).
  explicit WriteLockWatch(const std::string& path);
  ~WriteLockWatch();
  WriteLockWatch(const WriteLockWatch&) = delete;
  WriteLockWatch& operator=(const WriteLockWatch&) = delete;

  // Whether this process holds the write lock, on the file that others see. Ask while a write transaction is open.
  [[nodiscard]] bool is_held();
  // Whether it has lost no lock on that file since is_held() said true: ask after the commit, which gives the write lock back.
  [[nodiscard]] bool was_kept() const;

 private:
  [[nodiscard]] bool is_in_place() const;

  const std::uint64_t born_ = fork_generation();
  std::string shm_path_;
  WatchedFile* file_ = nullptr;
  std::uint64_t losses_ = 0;  // of the file, when it was held
};

}  // namespace eventsource::core::sqlite
