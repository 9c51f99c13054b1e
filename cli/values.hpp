// Values of options and of output as numbers, ids and times.
// Thread rule: pure functions; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "eventsource/eventsource.hpp"

namespace eventsource::cli {

// `what` names the option or argument in the message. All throw Failure(kExitUsage).
std::int64_t whole_number(std::string_view what, const std::string& text, std::int64_t lowest, std::int64_t highest);
// Refuses an empty name.
void check_name_argument(std::string_view what, const std::string& text);
Uuid uuid_argument(std::string_view what, const std::string& text);
Time time_argument(std::string_view what, const std::string& text);

// 262200 as "262,200".
std::string with_commas(std::int64_t number);

// Bytes as "1.4 MiB".
std::string with_unit(std::int64_t bytes);

// A stored time as RFC 3339 text with six digits; what is out of range as "infinity" and "-infinity".
std::string time_text(Time time);

// The same for people: without zeros at the end of the fraction.
std::string short_time_text(Time time);

}  // namespace eventsource::cli
