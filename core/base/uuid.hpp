// UUIDs as 16 bytes, and their text.
// Thread rule: plain values and pure functions, usable from any thread.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace eventsource::core {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};  // in text order

  [[nodiscard]] bool is_nil() const noexcept { return *this == Uuid{}; }
  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

struct UuidHash {
  [[nodiscard]] std::size_t operator()(const Uuid& id) const noexcept {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, id.bytes.data(), sizeof high);
    std::memcpy(&low, id.bytes.data() + sizeof high, sizeof low);
    // Ids made in a row differ in few bits of any place: shifts and multiplications in turn bring
    // each into all bits, so that they spread over buckets of any number.
    std::uint64_t mixed = high ^ (low * 0x9E3779B97F4A7C15U);
    mixed = (mixed ^ mixed >> 32U) * 0xD6E8FEB86659FD93U;
    mixed = (mixed ^ mixed >> 32U) * 0xD6E8FEB86659FD93U;
    mixed ^= mixed >> 32U;
    return static_cast<std::size_t>(mixed);
  }
};

constexpr std::size_t kUuidTextSize = 36;

// Reads 36 characters with hyphens or 32 hex digits without, letters of either case. Braces,
// "urn:uuid:" and hyphens in other places are refused. `out` changes on success only.
[[nodiscard]] bool parse_uuid(std::string_view text, Uuid& out) noexcept;

// Lower-case, with hyphens.
void append_uuid(std::string& out, const Uuid& id);
[[nodiscard]] std::string format_uuid(const Uuid& id);
void write_uuid(char (&text)[kUuidTextSize], const Uuid& id) noexcept;

}  // namespace eventsource::core
