// URLs of stores on PostgreSQL: what libpq is given, what is shown, what is refused, and that no password shows.
#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "core/base/utf8.hpp"
#include "core/postgres/url.hpp"

namespace eventsource::core::postgres {
namespace {

using Values = std::map<std::string, std::string>;

// What every URL gets besides what it says.
Values with_defaults(Values values) {
  values.emplace("client_encoding", "UTF8");
  values.emplace("fallback_application_name", "eventsource");
  return values;
}

Values values_of(const ConnectionUrl& url) {
  Values values;
  for (const Parameter& parameter : url.parameters) {
    EXPECT_TRUE(values.emplace(parameter.key, parameter.value).second) << parameter.key << " is there twice";
  }
  return values;
}

std::string refusal(std::string_view url) {
  const auto parsed = parse_url(url);
  EXPECT_FALSE(parsed.ok()) << url;
  if (parsed.ok()) return {};
  EXPECT_EQ(parsed.error().code(), ES_INVALID_URL) << url;
  return parsed.error().message();
}

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// All unreserved characters stay, as in Python's quote(text, safe="").
std::string percent(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      result += c;
    } else {
      result += '%';
      result += kHex[byte / 16];
      result += kHex[byte % 16];
    }
  }
  return result;
}

// Every byte as %XX.
std::string percent_all(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    result += '%';
    result += kHex[byte / 16];
    result += kHex[byte % 16];
  }
  return result;
}

struct Form {
  std::string url;
  Values values;
  std::string shown;  // empty: the URL itself
};

void PrintTo(const Form& form, std::ostream* out) {
  *out << form.url;
}

class PostgresUrlForms : public testing::TestWithParam<Form> {};

TEST_P(PostgresUrlForms, AreParsedAndShown) {
  const Form& form = GetParam();
  const auto parsed = parse_url(form.url);
  ASSERT_TRUE(parsed.ok()) << parsed.error().message();
  EXPECT_EQ(values_of(parsed.value()), with_defaults(form.values));
  EXPECT_EQ(parsed.value().shown, form.shown.empty() ? form.url : form.shown);
}

TEST_P(PostgresUrlForms, TheShownUrlIsTheSameStoreWithoutItsPasswords) {
  const Form& form = GetParam();
  const std::string shown = parse_url(form.url).value().shown;
  const auto again = parse_url(shown);
  ASSERT_TRUE(again.ok()) << shown;
  EXPECT_EQ(again.value().shown, shown);
  Values values = with_defaults(form.values);
  values.erase("password");
  values.erase("sslpassword");
  if (holds(form.url, "password=")) return;  // what comes after it is hidden as well
  EXPECT_EQ(values_of(again.value()), values);
}

const std::vector<Form> kForms = {
    {"postgresql://", {}, {}},
    {"postgres://", {}, {}},
    {"postgresql:///orders", {{"dbname", "orders"}}, {}},
    {"postgresql://db.example.org", {{"host", "db.example.org"}}, {}},
    {"postgresql://h/", {{"host", "h"}}, {}},
    {"postgresql://u@h:5433/d", {{"user", "u"}, {"host", "h"}, {"port", "5433"}, {"dbname", "d"}}, {}},
    {"postgresql://u:pw@h/d",
     {{"user", "u"}, {"password", "pw"}, {"host", "h"}, {"dbname", "d"}},
     "postgresql://u@h/d"},
    {"postgres://u:@h", {{"user", "u"}, {"host", "h"}}, "postgres://u@h"},
    {"postgresql://:pw@h", {{"password", "pw"}, {"host", "h"}}, "postgresql://h"},
    {"postgresql://u:pw@", {{"user", "u"}, {"password", "pw"}}, "postgresql://u@"},
    {"postgresql://u%40corp:p%40w@h/d%20x",
     {{"user", "u@corp"}, {"password", "p@w"}, {"host", "h"}, {"dbname", "d x"}},
     "postgresql://u%40corp@h/d%20x"},
    // Several hosts.
    {"postgresql://u@h1:1,h2:2,h3/d", {{"user", "u"}, {"host", "h1,h2,h3"}, {"port", "1,2,"}, {"dbname", "d"}}, {}},
    {"postgresql:///d?host=h1,h2&port=1,2", {{"host", "h1,h2"}, {"port", "1,2"}, {"dbname", "d"}}, {}},
    // SQLAlchemy's way of writing them.
    {"postgresql+asyncpg://u:pw@/d?host=h1:1&host=h2:2",
     {{"user", "u"}, {"password", "pw"}, {"host", "h1,h2"}, {"port", "1,2"}, {"dbname", "d"}},
     "postgresql+asyncpg://u@/d?host=h1:1&host=h2:2"},
    {"postgresql+psycopg2:///d?host=h1&host=h2:2", {{"host", "h1,h2"}, {"port", ",2"}, {"dbname", "d"}}, {}},
    {"postgresql+psycopg:///d?host=h1:7", {{"host", "h1"}, {"port", "7"}, {"dbname", "d"}}, {}},
    // IPv6.
    {"postgresql://[2001:db8::1]:5/d", {{"host", "2001:db8::1"}, {"port", "5"}, {"dbname", "d"}}, {}},
    {"postgresql://u:pw@[::1]/d",
     {{"user", "u"}, {"password", "pw"}, {"host", "::1"}, {"dbname", "d"}},
     "postgresql://u@[::1]/d"},
    {"postgresql://[fe80::1%25eth0],[::1]:6", {{"host", "fe80::1%eth0,::1"}, {"port", ",6"}}, {}},
    {"postgresql:///d?host=::1", {{"host", "::1"}, {"dbname", "d"}}, {}},
    // Unix sockets.
    {"postgresql://%2Fvar%2Frun%2Fpg/d", {{"host", "/var/run/pg"}, {"dbname", "d"}}, {}},
    {"postgresql://u@%2Ftmp:6000/d", {{"user", "u"}, {"host", "/tmp"}, {"port", "6000"}, {"dbname", "d"}}, {}},
    {"postgresql:///d?host=/var/run/pg&port=7", {{"host", "/var/run/pg"}, {"port", "7"}, {"dbname", "d"}}, {}},
    {"postgresql+asyncpg://u:pw@/d?host=/tmp/s",
     {{"user", "u"}, {"password", "pw"}, {"host", "/tmp/s"}, {"dbname", "d"}},
     "postgresql+asyncpg://u@/d?host=/tmp/s"},
    // A password that is in no command line.
    {"postgresql:///?service=orders", {{"service", "orders"}}, {}},
    {"postgresql://u@h/d?passfile=/home/u/.pass",
     {{"user", "u"}, {"host", "h"}, {"dbname", "d"}, {"passfile", "/home/u/.pass"}},
     {}},
    // Keywords.
    {"postgresql://h/d?", {{"host", "h"}, {"dbname", "d"}}, "postgresql://h/d"},
    {"postgresql://h?connect_timeout=10&&target_session_attrs=read-write&",
     {{"host", "h"}, {"connect_timeout", "10"}, {"target_session_attrs", "read-write"}},
     "postgresql://h?connect_timeout=10&target_session_attrs=read-write"},
    {"postgresql://h/d?options=-c%20search_path%3Dx",
     {{"host", "h"}, {"dbname", "d"}, {"options", "-c search_path=x"}},
     {}},
    {"postgresql+psycopg2://h/d?options=-csearch_path=x",
     {{"host", "h"}, {"dbname", "d"}, {"options", "-csearch_path=x"}},
     {}},
    {"postgresql://h/d?application_name=a+b", {{"host", "h"}, {"dbname", "d"}, {"application_name", "a+b"}}, {}},
    {"postgresql+psycopg://h/d?application_name=a+b",
     {{"host", "h"}, {"dbname", "d"}, {"application_name", "a b"}},
     {}},
    {"postgresql://h/d?%61pplication_name=%C3%A4",
     {{"host", "h"}, {"dbname", "d"}, {"application_name", "\u00e4"}},
     {}},
    {"postgresql://h?fallback_application_name=mine", {{"host", "h"}, {"fallback_application_name", "mine"}}, {}},
    {"postgresql://h?client_encoding=utf-8", {{"host", "h"}, {"client_encoding", "UTF8"}}, {}},
    // The query goes before the rest, as in libpq.
    {"postgresql://u:pw@h:1/d?user=v&password=qw&dbname=e",
     {{"user", "v"}, {"password", "qw"}, {"host", "h"}, {"port", "1"}, {"dbname", "e"}},
     "postgresql://u@h:1/d?user=v"},
    {"postgresql://h?sslmode=require&sslpassword=x&pass%77ord=y",
     {{"host", "h"}, {"sslmode", "require"}, {"sslpassword", "x"}, {"password", "y"}},
     "postgresql://h?sslmode=require"},
    // SQLAlchemy's own, without a meaning here.
    {"postgresql+asyncpg://h/d?prepared_statement_cache_size=0&async_fallback=true",
     {{"host", "h"}, {"dbname", "d"}},
     "postgresql+asyncpg://h/d"},
};

INSTANTIATE_TEST_SUITE_P(All, PostgresUrlForms, testing::ValuesIn(kForms));

TEST(PostgresUrl, IsToldFromOthers) {
  for (const char* url : {"postgresql:", "postgres://", "postgresql+x://", "postgres:/h", "postgresql+"}) {
    EXPECT_TRUE(is_postgres_url(url)) << url;
  }
  for (const char* url : {"", "postgresql", "memory:", "sqlite:///postgresql://", "postgresqlx://", "PostgreSQL://"}) {
    EXPECT_FALSE(is_postgres_url(url)) << url;
  }
}

TEST(PostgresUrl, SslOfAsyncpgIsTheSslmodeOfTheSameProtection) {
  const std::map<std::string, std::string> modes = {
      {"disable", "disable"},         {"allow", "allow"},
      {"prefer", "prefer"},           {"require", "require"},
      {"verify-ca", "verify-ca"},     {"verify_ca", "verify-ca"},
      {"verify-full", "verify-full"}, {"verify_full", "verify-full"},
      {"true", "verify-full"},        {"false", "disable"},
  };
  for (const auto& [ssl, sslmode] : modes) {
    for (const std::string scheme : {"postgresql+asyncpg://", "postgresql://"}) {
      const std::string url = scheme + "u:pw@h/d?ssl=" + ssl;
      const auto parsed = parse_url(url);
      ASSERT_TRUE(parsed.ok()) << url;
      EXPECT_EQ(values_of(parsed.value()).at("sslmode"), sslmode) << url;
      EXPECT_FALSE(values_of(parsed.value()).contains("ssl")) << url;
      EXPECT_EQ(parsed.value().shown, scheme + "u@h/d?ssl=" + ssl);
      EXPECT_TRUE(parse_url(url + "&sslmode=" + sslmode).ok()) << "they agree";
      const std::string other = sslmode == "require" ? "prefer" : "require";
      EXPECT_TRUE(holds(refusal(url + "&sslmode=" + other), "contradict")) << url;
      EXPECT_TRUE(holds(refusal(scheme + "h?sslmode=" + other + "&ssl=" + ssl), "contradict")) << url;
    }
  }
}

// Without either, libpq's default stays, which is asyncpg's as well.
TEST(PostgresUrl, WithoutSslThereIsNoSslmode) {
  EXPECT_FALSE(values_of(parse_url("postgresql+asyncpg://h/d").value()).contains("sslmode"));
}

TEST(PostgresUrl, RefusalsSayWhatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> refusals = {
      {"postgresql:h", "postgresql://"},
      {"postgresql:/h/d", "postgresql://"},
      {"postgresql+pg8000://h/d", "postgresql+psycopg2://"},
      {"postgresql://a@b@c/d", "%40"},
      {"postgresql://u:a/b@h/d", "%2F"},
      {"postgresql://u:a?b@h/d", "%3F"},
      {"postgresql://h/d?user=a@b", "%40"},
      {"postgresql://u:50%@h", "%25"},
      {"postgresql://u:p%00w@h", "%25"},
      {"postgresql://[::1", "brackets"},
      {"postgresql://[::1]x/d", "brackets"},
      {"postgresql://::1/d", "port"},
      {"postgresql://u:secret/d", "port"},
      {"postgresql://h:0", "65535"},
      {"postgresql://h:65536", "65535"},
      {"postgresql://h1:1,h2:x", "65535"},
      {"postgresql:///d?port=x", "port"},
      {"postgresql://h/d d", "%20"},
      {"postgresql://h/d\n", "control"},
      {"postgresql://h/d?application_name=%0a", "application_name"},
      {"postgresql://h/%ff", "dbname"},
      {"postgresql://h/d?connect_timeout", "number 1 has no ="},
      {"postgresql://h/d?connect_timeout=1&x", "number 2 has no ="},
      {"postgresql://h/d?options=-csearch_path=x", "%3D"},
      {"postgresql://h/d?user=%zz", "%25"},
      {"postgresql://h/d?user=%00", "%25"},
      {"postgresql://h/d?sslmod=require", "parameter sslmod is none"},
      {"postgresql://h/d?SSLMODE=require", "parameter SSLMODE is none"},
      {"postgresql://h/d?a%20b=x", "parameter number 1 is none"},
      {"postgresql://h/d?prepared_statement_cache_size=0", "parameter prepared_statement_cache_size is none"},
      {"postgresql+asyncpg://h/d?command_timeout=5", "parameter command_timeout is none"},
      {"postgresql+asyncpg://h/d?direct_tls=true", "parameter direct_tls is none"},
      {"postgresql://h/d?replication=database", "replication"},
      {"postgresql://h/d?client_encoding=LATIN1", "client_encoding"},
      {"postgresql://h/d?client_encoding=auto", "client_encoding"},
      {"postgresql://h/d?sslmode=no", "verify-full"},
      {"postgresql://h/d?sslmode=", "verify-full"},
      {"postgresql://h/d?ssl=1", "verify-full"},
      {"postgresql://h/d?ssl=", "verify-full"},
      {"postgresql://h/d?ssl=require&ssl=require", "twice"},
      {"postgresql://h/d?sslmode=require&sslmode=disable", "sslmode is there twice"},
      {"postgresql://h/d?host=h1:1&host=h2:2&port=3", "leave one out"},
      {"postgresql://h/d?host=h1,h2&host=h3", "host"},
      {"postgresql:///host%3Dh", "database"},
      {"postgresql:///?dbname=postgresql://h", "database"},
  };
  for (const auto& [url, part] : refusals) EXPECT_TRUE(holds(refusal(url), part)) << url << "\n" << refusal(url);
}

TEST(PostgresUrl, TextThatIsNoUtf8IsRefused) {
  refusal("postgresql://h/\xff");
  refusal(std::string_view("postgresql://h/a\0b", 18));
}

// No four bytes of the password that the text would not hold anyway.
void expect_no_trace(std::string_view text, std::string_view password, std::string_view url) {
  EXPECT_TRUE(valid_utf8(text));
  constexpr std::size_t kFragment = 4;
  for (std::size_t at = 0; at + kFragment <= password.size(); ++at) {
    EXPECT_FALSE(holds(text, password.substr(at, kFragment))) << url << "\nshows it: " << text;
  }
}

TEST(PostgresUrl, NoTextHoldsAPassword) {
  const std::vector<std::string> passwords = {
      "p@ss:w/rd?#%",
      "qwJZ7",
      "@QJZ7@qjz8",
      "QJZ7/qjz8",
      "QJZ7?qjz8=zqj9",
      "QJZ7&qjz8=zqj9",
      "QJZ7&sslmode=qjz8",
      "QJZ7&user=qjz8&port=5",
      "a=QJZ7&b",
      "QJZ7#qjz8",
      "QJZ7%qjz8",
      "QJZ7%40qjz8",
      "QJZ7%00qjz8",
      "[QJZ7]:qjz8",
      "QJZ7,qjz8",
      "QJZ7 qjz8\tzqj9",
      "QJZ7\nqjz8",
      "QJZ7\\qjz8'\"",
      "//QJZ7//qjz8",
      "?QJZ7=qjz8",
      "QJZ7@qjz8/zqj9",
      "QJZ7?qjz8@zqj9",
      "1234/QJZ7?qjz8@",
      "+QJZ7+qjz8",
      "\u00e4QJZ7\u00f6\u20ac",
      "QJZ7;qjz8",
      "QJZ7://qjz8",
      "postgresql://QJZ7",
      "QJZ7&qjz8",
      "QJZ7&=qjz8&password",
      "password=QJZ7&qjz8=",
      "QJZ7@[qjz8",
      "QJZ7@h:qjz8/d",
      "QJZ7&qjz8=zqj9&zqj9=1",
  };
  const std::vector<std::string> places = {
      "postgresql://us:PW@ho/db",
      "postgres://us:PW@h1:1,h2:2/db?sslmode=require",
      "postgresql+asyncpg://us:PW@ho/db?ssl=require",
      "postgresql+psycopg2://:PW@/db",
      "postgresql://us:PW@",
      "postgresql://us:PW",
      "postgresql://us:PW/db",
      "postgresql://us:PW@[::1]:5432/db?sslmod=x",
      "postgresql://us:PW@ho:port/db",
      "postgresql://ho/db?password=PW",
      "postgresql+asyncpg://ho/db?password=PW&ssl=require",
      "postgresql://ho/db?sslpassword=PW&sslmod=x",
      "postgresql://ho/db?password=PW&password=PW",
      "postgresql://us:PW@ho/db?password=PW&sslpassword=PW",
      "postgresql://ho/db?sslmode=require&p%61ss%77or%64=PW",
      "postgresql+psycopg://ho/db?sslp%61ssword=PW&x=1",
      "postgresql://ho/db?Password=PW",
      "postgresql://ho/db?pwd=PW",
      "postgresql://ho/db?sslmode=PW",
      "postgresql://ho/db?ssl=PW",
      "postgresql+PW://ho/db",
      "postgresql:us:PW@ho/db",
  };
  std::size_t shown = 0;
  for (const std::string& password : passwords) {
    for (const std::string& place : places) {
      for (const std::string& written : {password, percent(password), percent_all(password)}) {
        // With its @ and without a host it is the well-formed URL of another host.
        if (place.starts_with("postgresql://us:PW") && !holds(place, "@") && holds(written, "@")) continue;
        std::string url = place;
        for (std::size_t at = url.find("PW"); at != std::string::npos; at = url.find("PW", at + written.size())) {
          url.replace(at, 2, written);
        }
        const auto parsed = parse_url(url);
        const std::string& text = parsed.ok() ? parsed.value().shown : parsed.error().message();
        shown += parsed.ok() ? 1U : 0U;
        // What the messages and the place itself say is no trace.
        if (password != "postgresql://QJZ7" && !password.starts_with("password=") && !password.ends_with("password") &&
            !holds(password, "sslmode") && !holds(password, "user")) {
          expect_no_trace(text, password, url);
          expect_no_trace(text, written, url);
        }
        for (const char* part : {"QJZ7", "qjz8", "zqj9", "qwJZ", "w/rd", "rd?#"})
          EXPECT_FALSE(holds(text, part)) << url << "\n" << text;
      }
    }
  }
  EXPECT_GT(shown, 500U) << "the quoted ones are well-formed URLs";
}

TEST(PostgresUrl, AQuotedPasswordArrivesWhateverItHolds) {
  std::string password;
  for (int c = 1; c < 128; ++c) password += static_cast<char>(c);
  password += "\u00e4\u20ac\U0001F600";
  for (const std::string scheme : {"postgresql://", "postgresql+asyncpg://"}) {
    for (const std::string& written : {percent(password), percent_all(password)}) {
      for (const std::string& url : {scheme + "u:" + written + "@h/d", scheme + "u@h/d?password=" + written}) {
        const auto parsed = parse_url(url);
        ASSERT_TRUE(parsed.ok()) << parsed.error().message();
        EXPECT_EQ(values_of(parsed.value()).at("password"), password);
        EXPECT_EQ(parsed.value().shown, scheme + "u@h/d");
      }
    }
  }
}

// Wherever characters with a meaning are put into a URL, the marker in its password shows nowhere: a URL has one
// reading or none.
TEST(PostgresUrl, NoInsertionMakesAPasswordShow) {
  const std::random_device::result_type seed = 20'260'613;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto below = [&random](std::size_t end) { return static_cast<std::size_t>(random() % end); };
  constexpr std::string_view kMarker = "QJZ7";
  const std::vector<std::string> bases = {
      "postgresql://user:QJZ7@host:5432/db?sslmode=require",
      "postgresql+asyncpg://user:QJZ7@h1,h2/db?ssl=true&connect_timeout=3",
      "postgresql+psycopg2://user@host/db?password=QJZ7&application_name=a",
      "postgres://user:QJZ7@[::1]/db?sslpassword=QJZ7",
      "postgresql:///db?host=/tmp&password=QJZ7",
      "postgresql://user:xQJZ7y@%2Ftmp/db",
  };
  const std::vector<std::string> pieces = {"@",   "/",    "?",        "#",   "&",         "=",      "%",    "[",
                                           "]",   ":",    ",",        "+",   " ",         "%40",    "%2F",  "%00",
                                           "%zz", "\n",   "\\",       "://", "password=", ";",      "1",    "x=1",
                                           "&&",  "\x7f", "\xc3\xa4", "'",   "\"",        "&user=", "host="};
  std::size_t accepted = 0;
  for (int round = 0; round < 100'000; ++round) {
    std::string url = bases[below(bases.size())];
    // What stands before the scheme's end says that it is PostgreSQL at all; that is the caller's look.
    const std::size_t start = url.find("://") + 3;
    for (std::size_t count = 1 + below(3); count > 0; --count) {
      const std::size_t at = start + below(url.size() - start + 1);
      // Not into the marker, which would be a shorter one.
      const std::size_t marker = url.find(kMarker);
      if (at > marker && at < marker + kMarker.size()) continue;
      url.insert(at, pieces[below(pieces.size())]);
    }
    const auto parsed = parse_url(url);
    const std::string& text = parsed.ok() ? parsed.value().shown : parsed.error().message();
    ASSERT_FALSE(holds(text, kMarker)) << url << "\nshows it: " << text;
    accepted += parsed.ok() ? 1U : 0U;
  }
  EXPECT_GT(accepted, 5'000U);
  EXPECT_LT(accepted, 95'000U);
}

}  // namespace
}  // namespace eventsource::core::postgres
