// The name of a stream, and the special expected versions.
// Plain values: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "eventsource/append.h"

#include "core/base/uuid.hpp"

namespace eventsource::core {

// An aggregate: what a stream is the history of. Borrows the type's text.
struct StreamName {
  std::string_view aggregate_type;
  Uuid aggregate_id;

  friend bool operator==(const StreamName&, const StreamName&) = default;
};

struct StreamNameHash {
  [[nodiscard]] std::size_t operator()(const StreamName& name) const noexcept {
    return UuidHash{}(name.aggregate_id) ^ std::hash<std::string_view>{}(name.aggregate_type);
  }
};

// Whether a stream at `actual` meets an expected version (append.h).
[[nodiscard]] constexpr bool expectation_holds(std::int64_t expected, std::int64_t actual) {
  if (expected == ES_ANY) return true;
  if (expected == ES_STREAM_EXISTS) return actual > 0;
  return expected == actual;
}

// "Order 3f2a…" for messages.
[[nodiscard]] inline std::string describe(const StreamName& name) {
  return std::string(name.aggregate_type) + " " + format_uuid(name.aggregate_id);
}

}  // namespace eventsource::core
