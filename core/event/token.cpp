#include "core/event/token.hpp"

#include <charconv>

#include "eventsource/limits.h"

namespace eventsource::core {
namespace {

constexpr std::string_view kPrefix = "es1.";
constexpr std::size_t kIdDigits = 32;

}  // namespace

std::string make_token(const Uuid& store_id, std::int64_t position) {
  std::string token(kPrefix);
  for (const std::uint8_t byte : store_id.bytes) {
    constexpr char kHex[] = "0123456789abcdef";
    token.push_back(kHex[byte >> 4]);
    token.push_back(kHex[byte & 15]);
  }
  token.push_back('.');
  token.append(std::to_string(position));
  return token;
}

Result<std::int64_t> read_token(std::string_view token, const Uuid& store_id) {
  const Error malformed(ES_INVALID_TOKEN, "this is no position token: pass one exactly as an append or a page gave it");
  if (token.size() > ES_TOKEN_BYTES_MAX || !token.starts_with(kPrefix)) return malformed;
  token.remove_prefix(kPrefix.size());
  Uuid id;
  if (token.size() < kIdDigits + 2 || !parse_uuid(token.substr(0, kIdDigits), id) || token[kIdDigits] != '.') {
    return malformed;
  }
  token.remove_prefix(kIdDigits + 1);
  std::int64_t position = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), position);
  if (error != std::errc() || end != token.data() + token.size() || position < 0) return malformed;
  if (id != store_id) {
    return Error(ES_INVALID_TOKEN, "the token is of store " + format_uuid(id) + ", this is store " +
                                       format_uuid(store_id) + ": a position means nothing in another store");
  }
  return position;
}

}  // namespace eventsource::core
