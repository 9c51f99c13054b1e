#include "core/store/url.hpp"

#include <utility>

#include "eventsource/limits.h"

#include "core/base/utf8.hpp"

namespace eventsource::core {
namespace {

constexpr std::string_view kMemory = "memory:";
constexpr std::string_view kSqlite = "sqlite:///";

// The URL may hold a password where it is wrong: no message repeats it.
Error invalid(const std::string& why) {
  return Error(ES_INVALID_URL, "the store URL is not understood: " + why +
                                   ". Known are memory:, sqlite:///PATH (sqlite:////PATH for an absolute one) and "
                                   "postgresql://USER@HOST/DATABASE");
}

}  // namespace

Result<StoreUrl> parse_url(std::string_view url) {
  if (url.size() > ES_URL_BYTES_MAX) return invalid("it is longer than " + std::to_string(ES_URL_BYTES_MAX) + " bytes");
  if (!valid_utf8(url) || url.find('\0') != std::string_view::npos) return invalid("it is no valid text");
  if (postgres::is_postgres_url(url)) {
    ASSIGN_OR_RETURN(postgres::ConnectionUrl connection, postgres::parse_url(url));
    std::string shown = connection.shown;
    return StoreUrl{StoreUrl::Kind::kPostgres, std::move(shown), {}, std::move(connection)};
  }
  if (url == kMemory) return StoreUrl{StoreUrl::Kind::kMemory, std::string(url), {}, {}};
  if (url.starts_with(kMemory)) return invalid("nothing may follow memory:");
  if (!url.starts_with(kSqlite)) return invalid("it starts with no known scheme");
  const std::string_view path = url.substr(kSqlite.size());
  if (path.empty()) return invalid("it names no file");
  if (path == ":memory:") return invalid("a store in memory is memory:");
  return StoreUrl{StoreUrl::Kind::kSqlite, std::string(url), std::string(path), {}};
}

}  // namespace eventsource::core
