// Tells what an SQLite file holds, without changing it.
// Used by the thread that opens the file.
#pragma once

#include <cstdint>

#include "core/base/call.hpp"
#include "core/base/result.hpp"
#include "core/base/uuid.hpp"
#include "core/sqlite/connection.hpp"

namespace eventsource::core::sqlite {

enum class FileKind {
  kEmpty,       // no table, and nobody's mark
  kStore,       // ours, of this schema or an older one, restored from a dump too
  kForeign,     // eventsource-py's
  kForeignOld,  // eventsource-py's before 0.3.1, without a global position
  kSomethingElse,
};

struct Recognised {
  FileKind kind = FileKind::kSomethingElse;
  Uuid store_id;                    // of kStore
  std::int32_t schema_version = 0;  // of kStore
  bool has_snapshots = true;
};

// ES_SCHEMA_TOO_NEW, ES_NOT_A_STORE (no SQLite file), ES_CORRUPT_STORE, and what a read can meet. One look: it waits for
// others, but may run inside a transaction too.
[[nodiscard]] Result<Recognised> recognise(Connection& connection, const Call& call);

}  // namespace eventsource::core::sqlite
