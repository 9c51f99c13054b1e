// How much one statement may send.
// Pure functions.
#pragma once

#include <cstddef>
#include <string>

#include "eventsource/limits.h"

#include "core/base/result.hpp"
#include "core/postgres/parameters.hpp"

namespace eventsource::core::postgres {

// The server takes no message and no array of 1 GiB or more, and says so by closing the connection, after all of it was
// sent. ES_LIMIT_EXCEEDED (detail "limit").
[[nodiscard]] Status check_size(const Parameters& parameters, const std::string& shown,
                                std::size_t most = ES_POSTGRESQL_APPEND_BYTES_MAX);

}  // namespace eventsource::core::postgres
