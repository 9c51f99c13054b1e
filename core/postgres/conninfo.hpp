// libpq's own parser of connection strings, and what it knows of its keywords.
// Pure functions: any thread.
#pragma once

#include <libpq-fe.h>
#include <memory>
#include <string_view>

namespace eventsource::core::postgres {

struct ConninfoDeleter {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
// Ends with a row without keyword.
using Conninfo = std::unique_ptr<PQconninfoOption, ConninfoDeleter>;

// Null when libpq does not understand the text; what it says of it may hold a password, and is dropped.
[[nodiscard]] Conninfo parse_conninfo(const char* text);

// Null when libpq has no such keyword.
[[nodiscard]] const PQconninfoOption* find_keyword(const Conninfo& options, std::string_view keyword);

[[nodiscard]] bool is_secret(const PQconninfoOption& option);

}  // namespace eventsource::core::postgres
