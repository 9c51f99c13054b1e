// UTF-8: validity and length in code points.
// Thread rule: pure functions, callable from any thread.
#include "core/base/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace eventsource::core {

bool valid_utf8(std::string_view text) noexcept {
  constexpr std::uint64_t kHighBits = 0x8080808080808080U;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    while (end - at >= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, at, sizeof word);
      if ((word & kHighBits) != 0) break;
      at += 8;
    }
    while (at != end && static_cast<unsigned char>(*at) < 0x80U) ++at;
    while (at != end && static_cast<unsigned char>(*at) >= 0x80U) {
      const std::size_t length = utf8_sequence(at, end);
      if (length == 0) return false;
      at += length;
    }
  }
  return true;
}

std::size_t code_points(std::string_view text) noexcept {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1U : 0U;
  return count;
}

}  // namespace eventsource::core
