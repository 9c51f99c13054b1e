// URLs of stores on PostgreSQL (store.h): libpq's own and SQLAlchemy's, as parameters for libpq.
// A password is part of many of them: no message and no shown URL has a byte of it, or of what could be one.
// Pure functions: any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace eventsource::core::postgres {

// One of libpq's keywords and its value.
struct Parameter {
  std::string key;
  std::string value;
};

struct ConnectionUrl {
  // For PQconnectStartParams with expand_dbname = 0; each keyword once.
  std::vector<Parameter> parameters;
  // The URL as it was written, without the password before the @, and without a password among the parameters and
  // those after it.
  std::string shown;
};

// Whether the URL means PostgreSQL, be it well formed or not.
[[nodiscard]] bool is_postgres_url(std::string_view url);

// ES_INVALID_URL.
[[nodiscard]] Result<ConnectionUrl> parse_url(std::string_view url);

}  // namespace eventsource::core::postgres
