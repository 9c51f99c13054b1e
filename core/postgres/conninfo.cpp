#include "core/postgres/conninfo.hpp"

#include <algorithm>
#include <array>
#include <new>

namespace eventsource::core::postgres {

Conninfo parse_conninfo(const char* text) {
  char* message = nullptr;
  Conninfo options(PQconninfoParse(text, &message));
  const bool out_of_memory = options == nullptr && message == nullptr;
  PQfreemem(message);
  if (out_of_memory) throw std::bad_alloc();
  return options;
}

const PQconninfoOption* find_keyword(const Conninfo& options, std::string_view keyword) {
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->keyword == keyword) return option;
  }
  return nullptr;
}

bool is_secret(const PQconninfoOption& option) {
  // Newer libpqs have secrets that they do not mark as such.
  constexpr std::array<std::string_view, 5> kSecrets = {"password", "sslpassword", "oauth_client_secret",
                                                        "scram_client_key", "scram_server_key"};
  const bool is_marked = option.dispchar != nullptr && option.dispchar[0] == '*';
  return is_marked || std::ranges::find(kSecrets, option.keyword) != kSecrets.end();
}

}  // namespace eventsource::core::postgres
