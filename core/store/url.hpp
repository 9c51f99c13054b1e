// Store URLs (store.h).
// Pure functions: any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace eventsource::core {

struct StoreUrl {
  enum class Kind { kMemory, kSqlite };
  Kind kind = Kind::kMemory;
  std::string path;  // of an SQLite file
};

// ES_INVALID_URL.
[[nodiscard]] Result<StoreUrl> parse_url(std::string_view url);

}  // namespace eventsource::core
