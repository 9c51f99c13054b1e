#include "core/postgres/url.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/base/utf8.hpp"
#include "core/postgres/conninfo.hpp"
#include "core/postgres/url_check.hpp"
#include "core/postgres/url_query.hpp"

namespace eventsource::core::postgres {
namespace {

struct Scheme {
  std::string_view text;
  UrlDialect dialect;
};
constexpr Scheme kSchemes[] = {
    {"postgresql://", UrlDialect::kLibpq},
    {"postgres://", UrlDialect::kLibpq},
    {"postgresql+asyncpg://", UrlDialect::kSqlalchemy},
    {"postgresql+psycopg://", UrlDialect::kSqlalchemy},
    {"postgresql+psycopg2://", UrlDialect::kSqlalchemy},
};

// What follows the scheme, as it is written.
struct Pieces {
  std::string_view user;       // without the password
  std::string_view hosts;      // with their ports
  std::string_view path;       // with its slash
  std::string_view authority;  // user, password, hosts and path: what libpq parses
  std::string_view query;      // without the question mark
};

// libpq would end a password at its first @, SQLAlchemy a user at the first slash or question mark, and what is left
// of the password would be the name of a host, to be looked up and shown: where two readings are possible, none is
// taken.
Result<Pieces> split(std::string_view rest) {
  const std::size_t first = std::min(rest.find_first_of("/?@"), rest.size());
  const bool has_user = first < rest.size() && rest[first] == '@';
  if (rest.find('@', has_user ? first + 1 : 0) != std::string_view::npos) {
    return invalid_url(
        "there is more than one @, or one after a / or ?; inside a user, a password or a value @ is written %40, / is "
        "%2F, ? is %3F and % is %25");
  }
  Pieces pieces;
  const std::size_t hosts = has_user ? first + 1 : 0;
  if (has_user) pieces.user = rest.substr(0, std::min(rest.find(':'), first));
  const std::size_t query = std::min(rest.find('?', hosts), rest.size());
  pieces.authority = rest.substr(0, query);
  const std::size_t path = std::min(pieces.authority.find('/', hosts), query);
  pieces.hosts = pieces.authority.substr(hosts, path - hosts);
  pieces.path = pieces.authority.substr(path);
  if (query < rest.size()) pieces.query = rest.substr(query + 1);
  // user:/pass?word without its @ and host.
  if (!has_user && (pieces.hosts.ends_with(':') || pieces.hosts.find(":,") != std::string_view::npos)) {
    return invalid_url("after a : there is no port; after a password comes @ and then the host, which may be left out");
  }
  return pieces;
}

std::string shown(const Scheme& scheme, const Pieces& pieces, const std::string& query) {
  std::string text(scheme.text);
  if (!pieces.user.empty()) text.append(pieces.user) += '@';
  return text.append(pieces.hosts).append(pieces.path).append(query);
}

Parameter* find(std::vector<Parameter>& parameters, std::string_view key) {
  const auto found = std::ranges::find(parameters, key, &Parameter::key);
  return found == parameters.end() ? nullptr : &*found;
}

void set(std::vector<Parameter>& parameters, Parameter given) {
  Parameter* const there = find(parameters, given.key);
  if (there == nullptr) {
    parameters.push_back(std::move(given));
  } else {
    *there = std::move(given);
  }
}

Result<std::vector<Parameter>> parse_authority(std::string_view authority) {
  const Conninfo options = parse_conninfo(("postgresql://" + std::string(authority)).c_str());
  if (options == nullptr) {
    return invalid_url(
        "its user, password, host or database can't be read; a % is followed by two hexadecimal digits (%25 is % "
        "itself), an IPv6 address stands in brackets");
  }
  std::vector<Parameter> parameters;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    parameters.push_back({option->keyword, option->val});
    RETURN_IF_ERROR(check_parameter(parameters.back(), *option));
  }
  return parameters;
}

}  // namespace

bool is_postgres_url(std::string_view url) {
  const std::string_view start = url.substr(0, url.find_first_of(":+"));
  return start.size() < url.size() && (start == "postgresql" || start == "postgres");
}

Result<ConnectionUrl> parse_url(std::string_view url) {
  const auto* const scheme =
      std::ranges::find_if(kSchemes, [url](const Scheme& known) { return url.starts_with(known.text); });
  if (scheme == std::end(kSchemes)) {
    return invalid_url(
        "it starts with none of postgresql://, postgres://, postgresql+asyncpg://, postgresql+psycopg:// and "
        "postgresql+psycopg2://");
  }
  if (!valid_utf8(url)) return invalid_url("it is no valid text");
  if (std::ranges::any_of(url, [](char c) { return c == ' ' || is_control(c); })) {
    return invalid_url("it holds a space or a control character; a space is written %20");
  }
  ASSIGN_OR_RETURN(const Pieces pieces, split(url.substr(scheme->text.size())));
  ConnectionUrl connection;
  // Before the query: its messages may name a parameter, once it is sure where the password ends.
  ASSIGN_OR_RETURN(connection.parameters, parse_authority(pieces.authority));
  ASSIGN_OR_RETURN(UrlQuery query, parse_url_query(pieces.query, scheme->dialect));
  // As in libpq, the query goes before the rest.
  for (Parameter& parameter : query.parameters) set(connection.parameters, std::move(parameter));
  set(connection.parameters, {"client_encoding", "UTF8"});
  if (find(connection.parameters, "fallback_application_name") == nullptr) {
    set(connection.parameters, {"fallback_application_name", "eventsource"});
  }
  connection.shown = shown(*scheme, pieces, query.shown);
  return connection;
}

}  // namespace eventsource::core::postgres
