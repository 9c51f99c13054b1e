// What SQLite's result codes mean to a caller.
// Pure functions on a connection that the thread has borrowed.
#pragma once

#include <sqlite3.h>
#include <string>

#include "core/base/result.hpp"

namespace eventsource::core::sqlite {

// Another connection is in the way: the same step may succeed a moment later.
[[nodiscard]] bool is_busy(int code);

// The error for a step that failed with `code`. `doing` completes "SQLite failed to …". Throws std::bad_alloc when memory
// ran out.
[[nodiscard]] Error error_of(sqlite3* database, int code, const std::string& path, const std::string& doing);

// The same for a COMMIT: whether it took effect is unknown where the disk or the memory failed.
[[nodiscard]] Error commit_error_of(sqlite3* database, int code, const std::string& path);

// The same for folding in the write-ahead log at the end: where the disk failed, nothing is lost.
[[nodiscard]] Error fold_error_of(sqlite3* database, int code, const std::string& path);

// A unique key refused an event that a look did not find.
[[nodiscard]] Error key_is_damaged(const std::string& path);

}  // namespace eventsource::core::sqlite
