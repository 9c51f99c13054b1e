// Store URLs (store.h).
// Pure functions: any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/postgres/url.hpp"

namespace eventsource::core {

struct StoreUrl {
  enum class Kind { kMemory, kSqlite, kPostgres };
  Kind kind = Kind::kMemory;
  std::string shown;                   // the URL without any password
  std::string path;                    // of an SQLite file
  postgres::ConnectionUrl connection;  // of a PostgreSQL database
};

// ES_INVALID_URL.
[[nodiscard]] Result<StoreUrl> parse_url(std::string_view url);

}  // namespace eventsource::core
