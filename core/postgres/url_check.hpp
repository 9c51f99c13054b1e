// What a value may be that a URL gives to one of libpq's keywords.
// Pure functions: any thread.
#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/postgres/conninfo.hpp"
#include "core/postgres/url.hpp"

namespace eventsource::core::postgres {

// The message of an ES_INVALID_URL: `why` says what is wrong and what to write.
[[nodiscard]] Error invalid_url(const std::string& why);

[[nodiscard]] bool is_control(char c);

// ES_INVALID_URL.
[[nodiscard]] Status check_parameter(const Parameter& parameter, const PQconninfoOption& keyword);

}  // namespace eventsource::core::postgres
