#include "core/postgres/url_check.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string_view>

#include "core/base/utf8.hpp"

namespace eventsource::core::postgres {
namespace {

constexpr std::string_view kSslModes[] = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"};

bool is_port(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number >= 1 && number <= 65'535;
}

// A user with a password but no host would be a host and its port.
Status check_ports(std::string_view ports) {
  while (!ports.empty()) {
    const std::size_t end = std::min(ports.find(','), ports.size());
    if (end != 0 && !is_port(ports.substr(0, end))) {
      return invalid_url("a port is no number from 1 to 65535; after a password comes @");
    }
    ports.remove_prefix(std::min(end + 1, ports.size()));
  }
  return {};
}

// libpq may take a name of this form for a whole connection string, with a password of its own.
Status check_database(std::string_view name) {
  if (name.find('=') == std::string_view::npos && name.find("://") == std::string_view::npos) return {};
  return invalid_url("the name of the database holds = or ://");
}

Status check_encoding(std::string_view name) {
  std::string letters;
  for (const char c : name) {
    if (c != '-' && c != '_') letters += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  if (letters == "utf8" || letters == "unicode") return {};
  return invalid_url("parameter client_encoding is always UTF8 here: leave it out");
}

}  // namespace

Error invalid_url(const std::string& why) {
  return Error(ES_INVALID_URL, "the store URL is not understood: " + why +
                                   ". A URL of PostgreSQL is postgresql://USER:PASSWORD@HOST:PORT/DATABASE, of which "
                                   "all but postgresql:// may be left out, and then ?KEYWORD=VALUE&… of libpq");
}

bool is_control(char c) {
  return (c >= 0 && c < ' ') || c == '\x7f';
}

Status check_parameter(const Parameter& parameter, const PQconninfoOption& keyword) {
  const auto& [key, value] = parameter;
  // The server's and libpq's messages repeat all but passwords, and messages are text.
  if (!is_secret(keyword) && (!valid_utf8(value) || std::ranges::any_of(value, is_control))) {
    return invalid_url(key + " is no valid text");
  }
  if (key == "port") return check_ports(value);
  if (key == "dbname") return check_database(value);
  if (key == "client_encoding") return check_encoding(value);
  if (key == "replication") return invalid_url("parameter replication: a store needs an ordinary connection");
  if (key == "sslmode" && std::ranges::find(kSslModes, value) == std::end(kSslModes)) {
    return invalid_url("parameter sslmode is disable, allow, prefer, require, verify-ca or verify-full");
  }
  return {};
}

}  // namespace eventsource::core::postgres
