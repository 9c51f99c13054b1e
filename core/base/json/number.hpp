// JSON numbers: grammar, and the range PostgreSQL's numeric can hold.
// Thread rule: pure functions, callable from any thread.
#pragma once

#include <cstddef>

namespace eventsource::core::json {

struct NumberScan {
  const char* end;  // behind the number, or the byte that breaks the grammar
  bool well_formed;
  bool in_range;            // PostgreSQL's numeric (and so jsonb) holds it without loss
  std::size_t written_out;  // bytes without an exponent, as jsonb gives it back; 0 if it is not in range
};

// Reads the number at `at`, which is a digit or a minus sign before `end`.
[[nodiscard]] NumberScan scan_number(const char* at, const char* end) noexcept;

}  // namespace eventsource::core::json
