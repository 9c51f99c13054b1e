// The databases that this process has open, for its children to let go of.
// Any thread, inside of a NoFork that covers the opening or the closing as well: no fork comes between the two.
//
// SQLite keeps in memory which locks the process holds. A child inherits that table and none of the locks: a store that it
// opens on the same file takes locks for its own that it has not, the parent folds in and removes a log that the child is
// writing to, and of 600 acknowledged rows some 590 are lost without an error anywhere. So each inherited file is closed in
// the child, below its connection, which empties the table; the connection is never used again and never closed.
#pragma once

#include <sqlite3.h>
#include <vector>

#include "core/base/fork.hpp"
#include "core/base/mutex.hpp"

namespace eventsource::core::sqlite {

class OpenFiles final : public ForkParticipant {
 public:
  static OpenFiles& instance();

  void add(sqlite3* database);
  void remove(sqlite3* database) noexcept;

  void before_fork() noexcept override;
  void after_fork_in_parent() noexcept override;
  void after_fork_in_child() noexcept override;

 private:
  OpenFiles();

  // Of SQLite itself: what closing a file locks. Our own calls are outside at a fork, those of others who use SQLite in this
  // process (a language's own module) are not.
  sqlite3_mutex* const files_mutex_;
  sqlite3_mutex* const memory_mutex_;

  Mutex mutex_;
  std::vector<sqlite3*> databases_ GUARDED_BY(mutex_);
};

}  // namespace eventsource::core::sqlite
