// UTF-8: validity and length in code points.
// Thread rule: pure functions, callable from any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace eventsource::core {

// True for well-formed UTF-8 as Unicode and PostgreSQL define it: no overlong form, no encoded
// surrogate, nothing above U+10FFFF. NUL and a leading BOM are ordinary code points here.
[[nodiscard]] bool valid_utf8(std::string_view text) noexcept;

// Number of code points of valid UTF-8. For other bytes: the number of non-continuation bytes.
[[nodiscard]] std::size_t code_points(std::string_view text) noexcept;

// Length (2 to 4) of the well-formed multi-byte sequence that starts at `at`, or 0 if there is
// none. Reads nothing at or beyond `end`. `at` must be before `end`; an ASCII byte gives 0.
[[nodiscard]] inline std::size_t utf8_sequence(const char* at, const char* end) noexcept {
  const auto byte = [at](std::size_t i) { return static_cast<unsigned char>(at[i]); };
  const auto continues = [&byte](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const auto left = static_cast<std::size_t>(end - at);
  const unsigned char lead = byte(0);
  if (lead < 0xC2U || lead > 0xF4U || left < 2 || !continues(1)) return 0;
  if (lead < 0xE0U) return 2;
  if (left < 3 || !continues(2)) return 0;
  if (lead < 0xF0U) {
    const bool overlong = lead == 0xE0U && byte(1) < 0xA0U;
    const bool surrogate = lead == 0xEDU && byte(1) > 0x9FU;
    return overlong || surrogate ? 0 : 3;
  }
  if (left < 4 || !continues(3)) return 0;
  const bool overlong = lead == 0xF0U && byte(1) < 0x90U;
  const bool too_high = lead == 0xF4U && byte(1) > 0x8FU;
  return overlong || too_high ? 0 : 4;
}

}  // namespace eventsource::core
