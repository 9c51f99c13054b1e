// Uuid: 16 bytes in the order of their text. A plain value.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

#include "eventsource/cpp/result.hpp"
#include "eventsource/json.h"

namespace eventsource {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  // From 36 characters (any letter case) or 32 hex digits. ES_INVALID_ID.
  static Result<Uuid> parse(std::string_view text) {
    Uuid id;
    Error error;
    detail::check(error, es_uuid_parse, text.data(), text.size(), id.bytes.data());
    if (error.code() != ES_OK) return error;
    return id;
  }

  // A new UUIDv7: ids sort by the time they were made.
  static Result<Uuid> v7() {
    Uuid id;
    Error error;
    detail::check(error, es_uuid_new, id.bytes.data());
    if (error.code() != ES_OK) return error;
    return id;
  }

  static Uuid from_bytes(const std::uint8_t* bytes) noexcept {
    Uuid id;
    std::memcpy(id.bytes.data(), bytes, id.bytes.size());
    return id;
  }

  [[nodiscard]] const std::uint8_t* data() const noexcept { return bytes.data(); }
  [[nodiscard]] bool is_nil() const noexcept { return *this == Uuid{}; }

  // The 36 characters, in lower case.
  [[nodiscard]] std::string to_string() const {
    std::string text(ES_UUID_TEXT_BYTES, '\0');
    es_uuid_format(bytes.data(), text.data());
    return text;
  }

  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

// Arrays of ids in pages and results are viewed in place.
static_assert(sizeof(Uuid) == 16 && alignof(Uuid) == 1);

}  // namespace eventsource

template <>
struct std::hash<eventsource::Uuid> {
  // Folds both halves: the first is time in a UUIDv7, the second random.
  std::size_t operator()(const eventsource::Uuid& id) const noexcept {
    std::uint64_t halves[2];
    std::memcpy(halves, id.data(), sizeof(halves));
    return static_cast<std::size_t>((halves[0] * 0x9e3779b97f4a7c15u) ^ halves[1]);
  }
};
