// Packs the events of an append step as append.h describes it: header, records, names (each once), texts.
// Pure functions: any thread.
#pragma once

#include <cstddef>
#include <vector>

#include "tests/conformance/session_cpp/vector.hpp"

namespace conformance {

// An id of 16 bytes from its text, by this file's own reading.
[[nodiscard]] std::vector<std::uint8_t> uuid_bytes(const std::string& text);

// -2 to n, or one of "any", "exists", "no_stream".
[[nodiscard]] std::int64_t expected_version_of(const Json& value);

// The buffer, with the step's "patch" and "cut" applied.
[[nodiscard]] std::vector<std::byte> pack(const Json& step);

}  // namespace conformance
