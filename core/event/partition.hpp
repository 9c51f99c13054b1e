// Into which part of n an aggregate falls: PostgreSQL's uuid_hash_extended with seed 0, computed here so that SQLite and
// memory agree with what a PostgreSQL server filters by. Equal on PostgreSQL 13 to 18.
// Pure function: any thread.
#pragma once

#include <cstdint>

#include "core/base/uuid.hpp"

namespace eventsource::core {

[[nodiscard]] std::uint64_t uuid_hash(const Uuid& id) noexcept;

// 0 <= result < n.
[[nodiscard]] inline std::int32_t partition_of(const Uuid& id, std::int32_t n) noexcept {
  return static_cast<std::int32_t>((uuid_hash(id) & 0x7fffffffffffffffU) % static_cast<std::uint64_t>(n));
}

}  // namespace eventsource::core
