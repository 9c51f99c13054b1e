// UUIDv7 for events whose caller brings no id: they sort by time, so that an index grows at its end.
// Pure function over what it is given: any thread.
#pragma once

#include <cstdint>

#include "core/base/uuid.hpp"

namespace eventsource::core {

// RFC 9562 version 7 with 12 bits of the millisecond's fraction (method 3 of its section 6.2). `nth` moves the time by as
// many of these steps (about 0.25 µs), so that the ids of one append rise in its order. `random`: 62 bits are used.
[[nodiscard]] Uuid make_uuid7(std::int64_t wall_us, std::uint64_t nth, std::uint64_t random) noexcept;

}  // namespace eventsource::core
