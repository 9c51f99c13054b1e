// Numbers, ids and times from text and back.
#include "cli/values.hpp"

#include <charconv>
#include <cstdio>

#include "cli/failure.hpp"

namespace eventsource::cli {

std::int64_t whole_number(std::string_view what, const std::string& text, std::int64_t lowest, std::int64_t highest) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::result_out_of_range && end == text.data() + text.size()) {
    throw Failure(kExitUsage, std::string(what) + " is too large: \"" + text + "\"");
  }
  if (error != std::errc() || end != text.data() + text.size() || number < lowest || number > highest) {
    std::string wants = " wants a whole number from " + std::to_string(lowest);
    if (highest != INT64_MAX) wants += " to " + std::to_string(highest);
    throw Failure(kExitUsage, std::string(what) + wants + ", not \"" + text + "\"");
  }
  return number;
}

void check_name_argument(std::string_view what, const std::string& text) {
  if (text.empty()) throw Failure(kExitUsage, std::string(what) + " wants a name, not an empty text");
}

Uuid uuid_argument(std::string_view what, const std::string& text) {
  const Result<Uuid> id = Uuid::parse(text);
  if (!id) throw Failure(kExitUsage, std::string(what) + " wants a UUID, not \"" + text + "\"");
  return *id;
}

Time time_argument(std::string_view what, const std::string& text) {
  const Result<Time> time = parse_time(text);
  if (!time) {
    throw Failure(kExitUsage,
                  std::string(what) +
                      " wants a time in the years 1 to 9999 with an offset, as 2013-02-08T09:53:00Z, not \"" + text +
                      "\"");
  }
  return *time;
}

std::string with_commas(std::int64_t number) {
  std::string text = std::to_string(number);
  const std::size_t sign = number < 0 ? 1 : 0;
  for (std::size_t at = text.size(); at > sign + 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

std::string with_unit(std::int64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + " bytes";
  static constexpr const char* kUnits[] = {"KiB", "MiB", "GiB", "TiB"};
  double amount = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; amount >= 1024 && unit + 1 < std::size(kUnits); ++unit) amount /= 1024;
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f %s", amount, kUnits[unit]);
  return text;
}

std::string time_text(Time time) {
  Result<std::string> text = format_time(time);
  if (text) return *std::move(text);
  return time > Time() ? "infinity" : "-infinity";
}

std::string short_time_text(Time time) {
  std::string text = time_text(time);
  if (!text.ends_with('Z')) return text;
  text.pop_back();
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text + "Z";
}

}  // namespace eventsource::cli
