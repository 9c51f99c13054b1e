// The options of a store: one table that the C ABI, the documentation and the bindings are made from, and their values.
// Values; any thread may read the table.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "eventsource/limits.h"

#include "core/base/result.hpp"
#include "core/log/log.hpp"
#include "core/postgres/pool_settings.hpp"

namespace eventsource::core {

// What a store was opened with.
struct Settings {
  bool create = true;
  bool read_only = false;
  std::int64_t busy_timeout_ms = 5000;
  bool synchronous_full = true;
  std::int64_t page_bytes = ES_PAGE_BYTES_DEFAULT;
  std::int64_t max_event_bytes = ES_EVENT_BYTES_DEFAULT;
  std::int64_t max_append_events = ES_APPEND_EVENTS_DEFAULT;
  std::int64_t slow_call_ms = 0;
  std::shared_ptr<Log> log;  // where the store tells what it does; empty: nowhere
  postgres::PoolSettings pool;
  std::int64_t max_in_flight = ES_IN_FLIGHT_DEFAULT;
};

// One row of the table. Texts are literals, since the C ABI hands them out.
struct OptionRow {
  const char* name;
  const char* type;  // options.h: "bool", "integer" or "choice:…"
  const char* default_value;
  const char* meaning;
  Status (*set)(const OptionRow& row, std::string_view value, Settings& settings);
  std::int64_t lowest;  // of an integer
  std::int64_t highest;
};

[[nodiscard]] std::span<const OptionRow> option_table();

// Sets one option by its name; `settings` is unchanged after an error.
[[nodiscard]] Status set_option(std::string_view name, std::string_view value, Settings& settings);

}  // namespace eventsource::core
