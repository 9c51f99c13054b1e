#include "core/store/settings.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>

#include "core/base/utf8.hpp"

namespace eventsource::core {
namespace {

// What the caller wrote, for a message, which is UTF-8 and ends at a NUL: nothing where it can't be shown.
std::string quoted(std::string_view text) {
  constexpr std::size_t kMostBytes = 64;
  const auto is_control = [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; };
  if (text.size() > kMostBytes || !valid_utf8(text) || std::ranges::any_of(text, is_control)) return {};
  return "\"" + std::string(text) + "\"";
}

Error bad_value(const OptionRow& row, std::string_view value, const std::string& wanted) {
  const std::string shown = quoted(value);
  return Error(ES_INVALID_ARGUMENT, "option " + std::string(row.name) + " can't be " +
                                        (shown.empty() ? "what was given" : shown) + ": " + wanted)
      .detail("option", row.name);
}

template <bool Settings::* Member>
Status set_bool(const OptionRow& row, std::string_view value, Settings& settings) {
  if (value != "true" && value != "false") return bad_value(row, value, "it is true or false");
  settings.*Member = value == "true";
  return {};
}

Status read_integer(const OptionRow& row, std::string_view value, std::int64_t& target) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error == std::errc::invalid_argument || end != value.data() + value.size()) {
    return bad_value(row, value, "it is a whole number");
  }
  if (error != std::errc() || number < row.lowest || number > row.highest) {
    const std::int64_t limit = error == std::errc() && number < row.lowest ? row.lowest : row.highest;
    return Error(ES_LIMIT_EXCEEDED, "option " + std::string(row.name) + " is out of its bounds: " +
                                        std::to_string(row.lowest) + " to " + std::to_string(row.highest))
        .detail("option", row.name)
        .detail("limit", limit);
  }
  target = number;
  return {};
}

template <std::int64_t Settings::* Member>
Status set_integer(const OptionRow& row, std::string_view value, Settings& settings) {
  return read_integer(row, value, settings.*Member);
}

template <bool postgres::PoolSettings::* Member>
Status set_pool_bool(const OptionRow& row, std::string_view value, Settings& settings) {
  if (value != "true" && value != "false") return bad_value(row, value, "it is true or false");
  settings.pool.*Member = value == "true";
  return {};
}

template <std::int64_t postgres::PoolSettings::* Member>
Status set_pool_integer(const OptionRow& row, std::string_view value, Settings& settings) {
  return read_integer(row, value, settings.pool.*Member);
}

Status set_synchronous(const OptionRow& row, std::string_view value, Settings& settings) {
  if (value != "full" && value != "normal") return bad_value(row, value, "it is full or normal");
  settings.synchronous_full = value == "full";
  return {};
}

constexpr OptionRow kOptions[] = {
    {"create", "bool", "true", "make the tables, and SQLite's file, where there are none", set_bool<&Settings::create>,
     0, 0},
    {"read_only", "bool", "false", "refuse every write; nothing is created or changed, create is ignored",
     set_bool<&Settings::read_only>, 0, 0},
    {"busy_timeout_ms", "integer", "5000",
     "how long a call without a timeout of its own waits for a lock, 0 to 86400000",
     set_integer<&Settings::busy_timeout_ms>, 0, 86'400'000},
    {"synchronous", "choice:full|normal", "full",
     "SQLite: full survives a power cut, normal only a crash of the process", set_synchronous, 0, 0},
    {"page_bytes", "integer", "4194304", "the size of a page unless a read says otherwise, 1 KiB to 1 GiB",
     set_integer<&Settings::page_bytes>, ES_PAGE_BYTES_MIN, ES_PAGE_BYTES_MAX},
    {"max_event_bytes", "integer", "16777216", "the largest stored document, 1024 to 268435455",
     set_integer<&Settings::max_event_bytes>, 1024, ES_EVENT_BYTES_MAX},
    {"max_append_events", "integer", "10000", "the most events in one append, up to 1000000",
     set_integer<&Settings::max_append_events>, 1, ES_APPEND_EVENTS_MAX},
    {"slow_call_ms", "integer", "0", "the log tells of calls that take at least this long, 0 for none, to 86400000",
     set_integer<&Settings::slow_call_ms>, 0, 86'400'000},
    {"pool_size", "integer", "5", "PostgreSQL: connections that are kept open, 1 to 1000",
     set_pool_integer<&postgres::PoolSettings::size>, 1, 1'000},
    {"max_overflow", "integer", "10", "PostgreSQL: more connections while they are needed, 0 to 1000",
     set_pool_integer<&postgres::PoolSettings::overflow>, 0, 1'000},
    {"pool_timeout_ms", "integer", "30000",
     "PostgreSQL: longest wait for a connection unless the call says, to 86400000",
     set_pool_integer<&postgres::PoolSettings::timeout_ms>, 0, 86'400'000},
    {"pool_recycle_ms", "integer", "1800000",
     "PostgreSQL: age at which a connection is replaced, 0 for never, to 86400000",
     set_pool_integer<&postgres::PoolSettings::recycle_ms>, 0, 86'400'000},
    {"pool_pre_ping", "bool", "true", "PostgreSQL: try a connection that may have been lost while it was idle",
     set_pool_bool<&postgres::PoolSettings::pre_ping>, 0, 0},
    {"max_in_flight", "integer", "10000", "the most started calls whose completions were not taken, 1 to 1000000",
     set_integer<&Settings::max_in_flight>, 1, ES_IN_FLIGHT_MAX},
};

}  // namespace

std::span<const OptionRow> option_table() {
  return kOptions;
}

Status set_option(std::string_view name, std::string_view value, Settings& settings) {
  for (const OptionRow& row : kOptions) {
    if (name == row.name) return row.set(row, value, settings);
  }
  const std::string shown = quoted(name);
  Error error(ES_UNKNOWN_OPTION, "this version has no option " +
                                     (shown.empty() ? std::string("of the name that was given") : shown) +
                                     ": es_option_at lists those there are, and options.h says what they mean");
  // Between its quotes.
  return std::move(error).detail("option", shown.empty() ? shown : shown.substr(1, shown.size() - 2));
}

}  // namespace eventsource::core
