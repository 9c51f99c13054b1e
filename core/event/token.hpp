// Position tokens: a store's identity and a position in at most 64 bytes of text.
// Pure functions: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/base/uuid.hpp"

namespace eventsource::core {

// "es1." + 32 hex digits of the store's id + "." + the position.
[[nodiscard]] std::string make_token(const Uuid& store_id, std::int64_t position);
// The same in place of what `out` holds: no allocation where it has room for ES_TOKEN_BYTES_MAX bytes.
void write_token(std::string& out, const Uuid& store_id, std::int64_t position);

// ES_INVALID_TOKEN when it has not the form of a token, whatever store made it.
[[nodiscard]] Status check_token(std::string_view token);

// The position, or ES_INVALID_TOKEN: malformed, or of another store.
[[nodiscard]] Result<std::int64_t> read_token(std::string_view token, const Uuid& store_id);

}  // namespace eventsource::core
