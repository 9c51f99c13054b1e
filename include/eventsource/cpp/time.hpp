// Times: microseconds since 1970 UTC, as <chrono> has them, and their text.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "eventsource/cpp/result.hpp"
#include "eventsource/json.h"

namespace eventsource {

// Time::max() and Time::min() stand for stored times after the year 9999 and before the year 1.
using Time = std::chrono::sys_time<std::chrono::microseconds>;

[[nodiscard]] constexpr Time time_from_micros(std::int64_t micros) noexcept {
  return Time(std::chrono::microseconds(micros));
}
[[nodiscard]] constexpr std::int64_t to_micros(Time time) noexcept {
  return time.time_since_epoch().count();
}

// From RFC 3339 text with an offset. ES_INVALID_TIME.
inline Result<Time> parse_time(std::string_view text) {
  std::int64_t micros = 0;
  Error error;
  detail::check(error, es_time_parse, text.data(), text.size(), &micros);
  if (error.code() != ES_OK) return error;
  return time_from_micros(micros);
}

// As 2013-02-08T09:53:00.000000Z. ES_INVALID_TIME outside the years 1 to 9999.
inline Result<std::string> format_time(Time time) {
  std::string text(ES_TIME_TEXT_BYTES, '\0');
  Error error;
  detail::check(error, es_time_format, to_micros(time), text.data());
  if (error.code() != ES_OK) return error;
  return text;
}

}  // namespace eventsource
