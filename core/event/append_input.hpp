// An append as it travels down: what the caller said, then the same with defaults filled in and documents made.
// Values that borrow their texts; used by the thread that makes the call.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/event/stream.hpp"

namespace eventsource::core {

struct StreamInput {
  StreamName name;
  std::int64_t expected_version = ES_ANY;
};

// An event as the caller gave it; nothing is checked yet.
struct EventInput {
  std::uint32_t stream = 0;  // index into AppendInput::streams
  std::int32_t event_version = 1;
  std::string_view event_type;
  std::string_view data;
  std::optional<Uuid> event_id;
  std::optional<std::int64_t> occurred_at;
  std::optional<Uuid> tenant_id;
  std::optional<Uuid> correlation_id;
  std::optional<Uuid> causation_id;
  std::optional<std::string_view> actor_id;
  std::optional<std::string_view> metadata;  // absent: {}
  // What a packed record says of its stream, so that it is checked in its turn; absent: as the stream has it.
  std::optional<std::int64_t> expected_version;
};

struct AppendInput {
  std::vector<StreamInput> streams;  // in the order in which they first appear, each once
  std::vector<EventInput> events;
  bool skip_duplicates = false;
};

// An event that a backend stores. The document is `head`, the event's version in decimal, `tail`: the version is known
// only inside the transaction that writes it.
struct PreparedEvent {
  std::uint32_t stream = 0;
  Uuid event_id;
  std::string_view event_type;
  std::int64_t occurred_at = 0;
  std::optional<Uuid> tenant_id;
  std::optional<std::string_view> actor_id;
  std::string_view head;
  std::string_view tail;
  std::string_view members;  // what is inside the braces of the user's data; part of `tail`
};

// A checked append. `text` owns what the events borrow.
struct PreparedAppend {
  std::span<const StreamInput> streams;
  std::vector<PreparedEvent> events;
  bool skip_duplicates = false;
  std::int64_t stored_at = 0;
  std::string text;
};

// What a backend did.
struct AppendOutcome {
  std::vector<std::int64_t> positions;  // per event, in the caller's order
  std::vector<std::int64_t> versions;
  std::vector<std::uint8_t> known;            // 1: was stored before
  std::vector<std::int64_t> stream_versions;  // per stream, see es_append_result_stream_versions
};

}  // namespace eventsource::core
