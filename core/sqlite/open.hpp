// Opens a store in an SQLite file; the only way into this folder.
// Any thread. The Backend that comes out may be used by any number of threads.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/backend/blocking_backend.hpp"
#include "core/base/call.hpp"
#include "core/base/environment.hpp"
#include "core/base/result.hpp"
#include "core/log/telemetry.hpp"

namespace eventsource::core::sqlite {

struct Settings {
  bool create = true;
  bool read_only = false;
  bool synchronous_full = true;
  std::shared_ptr<Telemetry> telemetry = nullptr;  // empty: it tells nobody
};

// Errors as es_store_open. A file that is refused is not changed. A read-only open makes no store and changes none;
// it also reads the files of eventsource-py (identity: a nil id, schema version 0). `environment` outlives the Backend.
[[nodiscard]] Result<std::unique_ptr<BlockingBackend>> open(const std::string& path, const Settings& settings,
                                                            Environment& environment, const Call& call);

// The statements that make a store's tables, NUL-terminated.
[[nodiscard]] std::string_view schema_sql();

}  // namespace eventsource::core::sqlite
