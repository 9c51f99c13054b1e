#include "core/postgres/url_query.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/postgres/conninfo.hpp"
#include "core/postgres/url_check.hpp"

namespace eventsource::core::postgres {
namespace {

// asyncpg's values of `ssl`, by what they do there. libpq alone would take ssl=true for require, asyncpg and JDBC
// check the certificate and the host: the stricter meaning, so that no URL brought along loses its protection.
constexpr std::pair<std::string_view, std::string_view> kSslModes[] = {
    {"disable", "disable"},         {"allow", "allow"},
    {"prefer", "prefer"},           {"require", "require"},
    {"verify-ca", "verify-ca"},     {"verify_ca", "verify-ca"},
    {"verify-full", "verify-full"}, {"verify_full", "verify-full"},
    {"true", "verify-full"},        {"false", "disable"},
};

// SQLAlchemy's own, about its client alone: not shown either, they mean nothing here.
constexpr std::string_view kIgnored[] = {"async_fallback", "prepared_statement_cache_size"};

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

// Nothing for a % that is not followed by two digits, and for %00, which no C string can hold.
std::optional<std::string> decode(std::string_view text, UrlDialect dialect) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && dialect == UrlDialect::kSqlalchemy) {
      plain += ' ';
    } else if (text[i] != '%') {
      plain += text[i];
    } else {
      if (text.size() - i < 3) return std::nullopt;
      const std::optional<int> high = hex_digit(text[i + 1]);
      const std::optional<int> low = hex_digit(text[i + 2]);
      if (!high || !low || *high + *low == 0) return std::nullopt;
      plain += static_cast<char>(*high * 16 + *low);
      i += 2;
    }
  }
  return plain;
}

bool is_identifier(std::string_view text) {
  constexpr std::size_t kMostBytes = 63;
  return !text.empty() && text.size() <= kMostBytes && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

class QueryParser {
 public:
  explicit QueryParser(UrlDialect dialect) : dialect_(dialect) {}

  Status take(std::string_view item);
  Result<UrlQuery> finish() &&;

 private:
  [[nodiscard]] Result<Parameter> read(std::string_view item) const;
  Status take_ssl(const std::string& value);
  Status take_host(const std::string& value);
  Status add_hosts();
  Status add(Parameter given);
  [[nodiscard]] const Parameter* find(std::string_view key) const;
  void show(std::string_view item);
  // Of a parameter that libpq does not know, for a message.
  [[nodiscard]] std::string name(const std::string& key) const;

  const UrlDialect dialect_;
  const Conninfo keywords_ = parse_conninfo("");
  std::size_t count_ = 0;
  // A password with a raw & in it becomes parameters of its own: what comes after one may be a part of it.
  bool secret_seen_ = false;
  std::optional<std::string> ssl_;
  std::vector<std::string> hosts_;
  std::vector<std::string> ports_;  // as many; empty without one
  UrlQuery query_;
};

std::string QueryParser::name(const std::string& key) const {
  const bool may_be_named = !secret_seen_ && is_identifier(key);
  return may_be_named ? "parameter " + key : "its parameter number " + std::to_string(count_);
}

Result<Parameter> QueryParser::read(std::string_view item) const {
  const std::size_t equals = item.find('=');
  if (equals == std::string_view::npos) {
    return invalid_url("its parameter number " + std::to_string(count_) +
                       " has no =; an & inside a value is written %26");
  }
  std::optional<std::string> key = decode(item.substr(0, equals), dialect_);
  std::optional<std::string> value = decode(item.substr(equals + 1), dialect_);
  if (!key || !value) {
    return invalid_url("in its parameter number " + std::to_string(count_) +
                       " a % is not followed by two hexadecimal digits of a byte; % itself is written %25");
  }
  return Parameter{*std::move(key), *std::move(value)};
}

Status QueryParser::take(std::string_view item) {
  ++count_;
  ASSIGN_OR_RETURN(Parameter given, read(item));
  if (dialect_ == UrlDialect::kSqlalchemy && std::ranges::find(kIgnored, given.key) != std::end(kIgnored)) return {};
  if (given.key == "ssl") {
    show(item);
    return take_ssl(given.value);
  }
  const PQconninfoOption* const keyword = find_keyword(keywords_, given.key);
  if (keyword == nullptr) {
    return invalid_url(name(given.key) + " is none that this libpq knows: leave it out, or write the keyword of libpq");
  }
  // libpq takes no = inside a value; SQLAlchemy's users write options=-csearch_path=x.
  const bool may_hold_equals = dialect_ == UrlDialect::kSqlalchemy && (is_secret(*keyword) || given.key == "options");
  if (!may_hold_equals && std::ranges::count(item, '=') > 1) {
    return invalid_url("parameter " + given.key + " holds an =, which is written %3D");
  }
  secret_seen_ = secret_seen_ || is_secret(*keyword);
  show(item);
  if (given.key == "host") return take_host(given.value);
  return add(std::move(given));
}

Status QueryParser::take_ssl(const std::string& value) {
  if (ssl_) return invalid_url("parameter ssl is there twice");
  const auto* const mode = std::ranges::find(kSslModes, value, [](const auto& row) { return row.first; });
  if (mode == std::end(kSslModes)) {
    return invalid_url(
        "parameter ssl is disable, allow, prefer, require, verify-ca, verify-full, true (the same as verify-full) or "
        "false");
  }
  ssl_ = mode->second;
  return {};
}

// SQLAlchemy writes several hosts as host=A:5432&host=B:5432.
Status QueryParser::take_host(const std::string& value) {
  const std::size_t colon = value.find(':');
  const bool has_port = colon != std::string::npos && value.find(':', colon + 1) == std::string::npos &&
                        value.find_first_of(",/") == std::string::npos;
  hosts_.push_back(has_port ? value.substr(0, colon) : value);
  ports_.push_back(has_port ? value.substr(colon + 1) : std::string());
  return {};
}

Status QueryParser::add(Parameter given) {
  if (find(given.key) != nullptr) return invalid_url("parameter " + given.key + " is there twice");
  RETURN_IF_ERROR(check_parameter(given, *find_keyword(keywords_, given.key)));
  query_.parameters.push_back(std::move(given));
  return {};
}

const Parameter* QueryParser::find(std::string_view key) const {
  const auto found = std::ranges::find(query_.parameters, key, &Parameter::key);
  return found == query_.parameters.end() ? nullptr : &*found;
}

void QueryParser::show(std::string_view item) {
  if (secret_seen_) return;
  query_.shown += query_.shown.empty() ? "?" : "&";
  query_.shown += item;
}

std::string join(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) {
    if (&text != texts.data()) joined += ',';
    joined += text;
  }
  return joined;
}

Status QueryParser::add_hosts() {
  if (hosts_.empty()) return {};
  const auto is_no_host = [](const std::string& host) { return host.empty() || host.find(',') != std::string::npos; };
  // One alone is libpq's own and may be a list.
  if (hosts_.size() > 1 && std::ranges::any_of(hosts_, is_no_host)) {
    return invalid_url("parameter host is there more than once, and one of them is empty or a list");
  }
  RETURN_IF_ERROR(add({"host", join(hosts_)}));
  if (std::ranges::all_of(ports_, &std::string::empty)) return {};
  if (find("port") != nullptr) return invalid_url("ports are in parameter host and in parameter port: leave one out");
  return add({"port", join(ports_)});
}

Result<UrlQuery> QueryParser::finish() && {
  if (ssl_) {
    const Parameter* const sslmode = find("sslmode");
    if (sslmode == nullptr) {
      RETURN_IF_ERROR(add({"sslmode", *ssl_}));
    } else if (sslmode->value != *ssl_) {
      return invalid_url("parameters ssl and sslmode contradict each other: leave one out");
    }
  }
  RETURN_IF_ERROR(add_hosts());
  return std::move(query_);
}

}  // namespace

Result<UrlQuery> parse_url_query(std::string_view text, UrlDialect dialect) {
  QueryParser parser(dialect);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    if (end != 0) RETURN_IF_ERROR(parser.take(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::move(parser).finish();
}

}  // namespace eventsource::core::postgres
