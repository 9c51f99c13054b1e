// The SQLite backend's front door.
// Any thread; what it opens may be used by any number of threads.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/backend/backend.hpp"

namespace eventsource::core::sqlite {

struct Settings {
  bool create = true;
  bool read_only = false;
  bool synchronous_full = true;
};

// Opens the file, and makes it a store when it is not there or empty and `create` allows it. Errors as es_store_open.
[[nodiscard]] Result<std::unique_ptr<Backend>> open(const std::string& path, const Settings& settings,
                                                    Environment& environment, const Call& call);

// The statements that make the tables.
[[nodiscard]] std::string_view schema_sql();

}  // namespace eventsource::core::sqlite
