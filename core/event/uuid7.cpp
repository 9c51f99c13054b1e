#include "core/event/uuid7.hpp"

namespace eventsource::core {

std::uint64_t uuid7_step(std::int64_t wall_us) noexcept {
  const auto us = static_cast<std::uint64_t>(wall_us < 0 ? 0 : wall_us);
  return (us / 1000 << 12) + us % 1000 * 4096 / 1000;
}

Uuid make_uuid7(std::uint64_t step, std::uint64_t random) noexcept {
  const std::uint64_t high = step >> 12 << 16 | 0x7000U | (step & 0xfffU);
  const std::uint64_t low = (random & 0x3fffffffffffffffU) | 0x8000000000000000U;
  Uuid id;
  for (unsigned i = 0; i < 8; ++i) {
    id.bytes[i] = static_cast<std::uint8_t>(high >> (56 - 8 * i));
    id.bytes[8 + i] = static_cast<std::uint8_t>(low >> (56 - 8 * i));
  }
  return id;
}

}  // namespace eventsource::core
