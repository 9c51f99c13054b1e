// One event as a line of NDJSON (docs/format.md, export lines): taken apart and written.
// Thread rule: functions are pure; an ObjectScan is used by one thread.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "eventsource/eventsource.hpp"

namespace eventsource::cli {

// What an append takes of an event. Texts are borrowed.
struct EventInput {
  Uuid event_id;
  Uuid aggregate_id;
  std::string_view aggregate_type;
  std::string_view event_type;
  std::int32_t event_version = 1;
  Time occurred_at;
  std::optional<Uuid> tenant_id = {};
  std::optional<std::string_view> actor_id = {};
  std::optional<Uuid> correlation_id = {};
  std::optional<Uuid> causation_id = {};
  std::string_view metadata;  // raw JSON; empty: none
  std::string_view payload;   // raw JSON
};

// Takes a line apart in one pass. The event's texts point into `line`, or into `texts` where escapes had to be undone.
// Payload and metadata are not looked into: the append does that. Throws Failure(kExitRefused) with what is wrong.
EventInput parse_event_line(std::string_view line, std::deque<std::string>& texts);

// Follows a JSON object over lines: white space inside a payload may hold line ends.
class ObjectScan {
 public:
  // The next line; whether the object goes on behind it.
  bool goes_on(std::string_view line);

 private:
  std::size_t depth_ = 0;
};

// Appends the line, its end included. `full` adds version, global_position and stored_at. The event was read with
// ENVELOPE and DATA; a broken document has no payload.
void append_event_line(std::string& out, const Event& event, bool full);

}  // namespace eventsource::cli
