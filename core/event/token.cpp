#include "core/event/token.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "eventsource/limits.h"

#include "core/base/defect.hpp"

namespace eventsource::core {
namespace {

constexpr std::string_view kPrefix = "es1.";
constexpr std::size_t kIdDigits = 32;

struct Token {
  Uuid store_id;
  std::int64_t position = 0;
};

Result<Token> parse(std::string_view text) {
  const Error malformed(ES_INVALID_TOKEN, "this is no position token: pass one exactly as an append or a page gave it");
  if (text.size() > ES_TOKEN_BYTES_MAX || !text.starts_with(kPrefix)) return malformed;
  text.remove_prefix(kPrefix.size());
  Token token;
  if (text.size() < kIdDigits + 2 || !parse_uuid(text.substr(0, kIdDigits), token.store_id) || text[kIdDigits] != '.') {
    return malformed;
  }
  text.remove_prefix(kIdDigits + 1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), token.position);
  if (error != std::errc() || end != text.data() + text.size() || token.position < 0) return malformed;
  return token;
}

}  // namespace

void write_token(std::string& out, const Uuid& store_id, std::int64_t position) {
  constexpr char kHex[] = "0123456789abcdef";
  char text[ES_TOKEN_BYTES_MAX];
  char* at = std::copy(kPrefix.begin(), kPrefix.end(), &text[0]);
  for (const std::uint8_t byte : store_id.bytes) {
    *at++ = kHex[byte >> 4];
    *at++ = kHex[byte & 15];
  }
  *at++ = '.';
  at = std::to_chars(at, std::end(text), position).ptr;
  out.assign(&text[0], at);
}

std::string make_token(const Uuid& store_id, std::int64_t position) {
  std::string token;
  write_token(token, store_id, position);
  return token;
}

Status check_token(std::string_view token) {
  return parse(token).status();
}

Result<std::int64_t> read_token(std::string_view token, const Uuid& store_id) {
  ASSIGN_OR_RETURN(const Token parsed, parse(token));
  if (!ES_DEFECT(any_token) && parsed.store_id != store_id) {
    return Error(ES_INVALID_TOKEN, "the token is of store " + format_uuid(parsed.store_id) + ", this is store " +
                                       format_uuid(store_id) + ": a position means nothing in another store");
  }
  return parsed.position;
}

}  // namespace eventsource::core
