// UUIDs as 16 bytes, and their text.
// Thread rule: plain values and pure functions, usable from any thread.
#include "core/base/uuid.hpp"

namespace eventsource::core {
namespace {

constexpr std::uint8_t kNoDigit = 0xFF;

// The value of each byte as a hex digit, or kNoDigit.
constexpr std::array<std::uint8_t, 256> kHexValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::uint8_t i = 0; i < 10; ++i) values[static_cast<std::size_t>('0' + i)] = i;
  for (std::uint8_t i = 0; i < 6; ++i) {
    const auto value = static_cast<std::uint8_t>(10 + i);
    values[static_cast<std::size_t>('a' + i)] = value;
    values[static_cast<std::size_t>('A' + i)] = value;
  }
  return values;
}();

// Both hex digits of each byte.
constexpr std::array<std::array<char, 2>, 256> kHexPairs = [] {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i] = {kDigits[i >> 4U], kDigits[i & 0xFU]};
  return pairs;
}();

// Where the digits of each byte are in the text with hyphens.
constexpr std::array<std::uint8_t, 16> kPlaces = {0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};

}  // namespace

bool parse_uuid(std::string_view text, Uuid& out) noexcept {
  const bool hyphens = text.size() == kUuidTextSize;
  if (!hyphens && text.size() != 32) return false;
  if (hyphens && (text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-')) {
    return false;
  }
  Uuid id;
  unsigned bad = 0;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    const std::size_t place = hyphens ? kPlaces[i] : 2 * i;
    const unsigned high = kHexValues[static_cast<unsigned char>(text[place])];
    const unsigned low = kHexValues[static_cast<unsigned char>(text[place + 1])];
    bad |= high | low;  // digits are below 16, kNoDigit is not
    id.bytes[i] = static_cast<std::uint8_t>(high << 4U | low);
  }
  if (bad > 0xFU) return false;
  out = id;
  return true;
}

void write_uuid(char (&text)[kUuidTextSize], const Uuid& id) noexcept {
  text[8] = text[13] = text[18] = text[23] = '-';
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    std::memcpy(&text[kPlaces[i]], kHexPairs[id.bytes[i]].data(), 2);
  }
}

void append_uuid(std::string& out, const Uuid& id) {
  char text[kUuidTextSize];
  write_uuid(text, id);
  out.append(text, sizeof text);
}

std::string format_uuid(const Uuid& id) {
  std::string text;
  append_uuid(text, id);
  return text;
}

}  // namespace eventsource::core
