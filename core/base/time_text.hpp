// Times as text: RFC 3339 to and from microseconds since 1970-01-01T00:00:00Z.
// Thread rule: pure functions, callable from any thread. No locale, no time zone database.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace eventsource::core {

constexpr std::int64_t kTimeMin = -62'135'596'800'000'000;  // 0001-01-01T00:00:00.000000Z
constexpr std::int64_t kTimeMax = 253'402'300'799'999'999;  // 9999-12-31T23:59:59.999999Z

// Marks for what a foreign writer put outside of kTimeMin to kTimeMax.
constexpr std::int64_t kTimeInfinity = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kTimeMinusInfinity = std::numeric_limits<std::int64_t>::min();

[[nodiscard]] constexpr bool time_in_range(std::int64_t us) noexcept {
  return us >= kTimeMin && us <= kTimeMax;
}

constexpr std::size_t kTimeTextSize = 27;

// Writes YYYY-MM-DDTHH:MM:SS.ffffffZ. Throws std::out_of_range unless time_in_range(us): the
// caller checks.
void write_time(char (&text)[kTimeTextSize], std::int64_t us);
void append_time(std::string& out, std::int64_t us);

// Reads YYYY-MM-DD, T or space, HH:MM:SS, up to nine digits of fraction, and an offset: Z, +HH,
// +HHMM, +HH:MM or +HH:MM:SS, below 24 hours (- likewise); letters in either case.
//   - Digits behind the sixth are cut off, not rounded: a time never moves into the next second.
//   - Second 60 (without a fraction) is the next minute's second 0, and 24:00:00 the next day's
//     midnight, as PostgreSQL has it.
//   - A time without an offset is refused, and so is one that is out of range as UTC.
[[nodiscard]] std::optional<std::int64_t> parse_time(std::string_view text) noexcept;

// As parse_time, for documents of other writers. A time without an offset is read as UTC.
// `infinity`, `-infinity`, and times out of range (years of up to six digits; a year BC is marked
// by " BC" at the end, as PostgreSQL writes it) give the marks kTimeInfinity and
// kTimeMinusInfinity.
[[nodiscard]] std::optional<std::int64_t> parse_foreign_time(std::string_view text) noexcept;

}  // namespace eventsource::core
