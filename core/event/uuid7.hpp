// UUIDv7 for events whose caller brings no id: they sort by time, so that an index grows at its end.
// Pure function over what it is given: any thread.
#pragma once

#include <cstdint>

#include "core/base/uuid.hpp"

namespace eventsource::core {

// The time of an id: the milliseconds since 1970 in the upper bits and 4,096ths of one in the lower 12 (RFC 9562 version 7,
// method 3 of its section 6.2). A time before 1970 is its start.
[[nodiscard]] std::uint64_t uuid7_step(std::int64_t wall_us) noexcept;

// An id with this time. `random`: 62 bits are used.
[[nodiscard]] Uuid make_uuid7(std::uint64_t step, std::uint64_t random) noexcept;

}  // namespace eventsource::core
