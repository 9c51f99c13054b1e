// Byte classes and word-at-a-time searches shared by the files of core/base/json.
// Thread rule: pure functions, callable from any thread.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace eventsource::core::json {

// RFC 8259 white space; a BOM, NBSP, VT and FF are none.
[[nodiscard]] inline bool is_space(char c) noexcept {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

[[nodiscard]] inline const char* skip_space(const char* at, const char* end) noexcept {
  while (at != end && is_space(*at)) ++at;
  return at;
}

[[nodiscard]] inline bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

// Value of a hex digit of either case, or -1.
[[nodiscard]] inline int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

[[nodiscard]] inline bool is_high_surrogate(std::uint32_t unit) noexcept {
  return (unit & 0xFC00U) == 0xD800U;
}
[[nodiscard]] inline bool is_low_surrogate(std::uint32_t unit) noexcept {
  return (unit & 0xFC00U) == 0xDC00U;
}

// Reads four hex digits at `at` into `unit`. Gives the first byte that is no hex digit (`end` when
// the text stops), or nullptr when all four are there.
[[nodiscard]] inline const char* read_hex4(const char* at, const char* end, std::uint32_t& unit) noexcept {
  unit = 0;
  for (int i = 0; i < 4; ++i, ++at) {
    if (at == end) return end;
    const int value = hex_value(*at);
    if (value < 0) return at;
    unit = unit << 4U | static_cast<std::uint32_t>(value);
  }
  return nullptr;
}

namespace words {

constexpr std::uint64_t kOnes = 0x0101010101010101U;
constexpr std::uint64_t kHighBits = 0x8080808080808080U;

[[nodiscard]] inline std::uint64_t load(const char* at) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  // The searches want the first byte lowest.
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

// Marks the high bit of bytes below `limit` (<= 0x80). The lowest mark is exact, which is all the
// searches use: a borrow can only spoil bytes above a true hit.
[[nodiscard]] inline std::uint64_t below(std::uint64_t word, std::uint64_t limit) noexcept {
  return (word - kOnes * limit) & ~word & kHighBits;
}
[[nodiscard]] inline std::uint64_t equal(std::uint64_t word, char c) noexcept {
  return below(word ^ (kOnes * static_cast<unsigned char>(c)), 1);
}

[[nodiscard]] inline const char* first_mark(const char* at, std::uint64_t marks) noexcept {
  return at + (static_cast<unsigned>(std::countr_zero(marks)) >> 3U);
}

}  // namespace words

// First byte of a string body that needs a look: quote, backslash, control, or non-ASCII.
[[nodiscard]] inline const char* find_special(const char* at, const char* end) noexcept {
  for (; end - at >= 8; at += 8) {
    const std::uint64_t word = words::load(at);
    const std::uint64_t marks =
        (words::below(word, 0x20) | words::equal(word, '"') | words::equal(word, '\\') | (word & words::kHighBits));
    if (marks != 0) return words::first_mark(at, marks);
  }
  for (; at != end; ++at) {
    const auto c = static_cast<unsigned char>(*at);
    if (c < 0x20U || c >= 0x80U || c == '"' || c == '\\') return at;
  }
  return end;
}

// First quote or backslash.
[[nodiscard]] inline const char* find_quote(const char* at, const char* end) noexcept {
  for (; end - at >= 8; at += 8) {
    const std::uint64_t word = words::load(at);
    const std::uint64_t marks = words::equal(word, '"') | words::equal(word, '\\');
    if (marks != 0) return words::first_mark(at, marks);
  }
  while (at != end && *at != '"' && *at != '\\') ++at;
  return at;
}

}  // namespace eventsource::core::json
