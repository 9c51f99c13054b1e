#include "core/store/url.hpp"

#include "eventsource/limits.h"

#include "core/base/utf8.hpp"

namespace eventsource::core {
namespace {

constexpr std::string_view kMemory = "memory:";
constexpr std::string_view kSqlite = "sqlite:///";

// The URL may hold a password where it is wrong: no message repeats it.
Error invalid(const std::string& why) {
  return Error(ES_INVALID_URL, "the store URL is not understood: " + why +
                                   ". Known are memory: and sqlite:///PATH (sqlite:////PATH for an absolute one)");
}

}  // namespace

Result<StoreUrl> parse_url(std::string_view url) {
  if (url.size() > ES_URL_BYTES_MAX) return invalid("it is longer than " + std::to_string(ES_URL_BYTES_MAX) + " bytes");
  if (!valid_utf8(url) || url.find('\0') != std::string_view::npos) return invalid("it is no valid text");
  if (url == kMemory) return StoreUrl{StoreUrl::Kind::kMemory, {}};
  if (url.starts_with(kMemory)) return invalid("nothing may follow memory:");
  if (!url.starts_with(kSqlite)) return invalid("it starts with no known scheme");
  const std::string_view path = url.substr(kSqlite.size());
  if (path.empty()) return invalid("it names no file");
  if (path == ":memory:") return invalid("a store in memory is memory:");
  return StoreUrl{StoreUrl::Kind::kSqlite, std::string(path)};
}

}  // namespace eventsource::core
