// The tables of each backend, as statements.
// Pure function: any thread.
#pragma once

#include <string_view>

namespace eventsource::core {

// NUL-terminated and static; nullptr for a backend without tables and for names that are none.
[[nodiscard]] const char* schema_sql(std::string_view backend);

}  // namespace eventsource::core
