#include "core/event/partition.hpp"

#include <bit>
#include <cstring>

namespace eventsource::core {
namespace {

// Bob Jenkins' lookup3 (public domain), for a key of exactly 16 bytes.
struct Lookup3 {
  std::uint32_t a;
  std::uint32_t b;
  std::uint32_t c;

  void mix() noexcept {
    a -= c, a ^= std::rotl(c, 4), c += b;
    b -= a, b ^= std::rotl(a, 6), a += c;
    c -= b, c ^= std::rotl(b, 8), b += a;
    a -= c, a ^= std::rotl(c, 16), c += b;
    b -= a, b ^= std::rotl(a, 19), a += c;
    c -= b, c ^= std::rotl(b, 4), b += a;
  }

  void finish() noexcept {
    c ^= b, c -= std::rotl(b, 14);
    a ^= c, a -= std::rotl(c, 11);
    b ^= a, b -= std::rotl(a, 25);
    c ^= b, c -= std::rotl(b, 16);
    a ^= c, a -= std::rotl(c, 4);
    b ^= a, b -= std::rotl(a, 14);
    c ^= b, c -= std::rotl(b, 24);
  }
};

}  // namespace

std::uint64_t uuid_hash(const Uuid& id) noexcept {
  static_assert(std::endian::native == std::endian::little, "pages and hashes are little-endian");
  std::uint32_t words[4];
  std::memcpy(words, id.bytes.data(), sizeof words);
  // The start value of PostgreSQL's hash_bytes_extended for 16 bytes; seed 0 leaves it as it is.
  constexpr std::uint32_t kStart = 0x9e3779b9U + 16U + 3923095U;
  Lookup3 state{kStart + words[0], kStart + words[1], kStart + words[2]};
  state.mix();
  state.a += words[3];
  state.finish();
  return static_cast<std::uint64_t>(state.b) << 32 | state.c;
}

}  // namespace eventsource::core
