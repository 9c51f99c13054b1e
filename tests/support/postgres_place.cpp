#include "tests/support/postgres_place.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string_view>
#include <unistd.h>

#include "tests/support/postgres_connection.hpp"

namespace test_support {
namespace {

// Other processes may use the server at the same time.
std::string new_name() {
  static std::atomic<int> count = 0;
  return "test_" + std::to_string(getpid()) + "_" + std::to_string(++count);
}

// A forked child leaves its parent's connection alone.
struct CloseOwn {
  pid_t owner = getpid();
  void operator()(const PostgresConnection* connection) const {
    if (owner == getpid()) delete connection;
  }
};

// Connected once a thread: a connection costs as much as a schema.
PostgresConnection& server() {
  static thread_local std::unique_ptr<PostgresConnection, CloseOwn> connection;
  const bool usable = connection != nullptr && connection.get_deleter().owner == getpid() &&
                      PQstatus(connection->handle()) == CONNECTION_OK;
  if (!usable) {
    connection = {new PostgresConnection(test_server_url()), CloseOwn{}};
    // A store that was left open is an error to be seen, not a test that hangs.
    connection->run("set lock_timeout = '30s'");
  }
  return *connection;
}

void drop(const std::string& what) {
  try {
    // A test may have ended all connections, this one too; that shows in the first use.
    static_cast<void>(server().failure("select 1"));
    server().run("drop " + what);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    std::abort();
  }
}

}  // namespace

std::string test_server_url() {
  const char* const url = std::getenv("EVENTSOURCE_TEST_POSTGRES");
  return url == nullptr ? "" : url;
}

std::string with_parameter(const std::string& url, const std::string& key, const std::string& value) {
  static constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/,";
  std::string result = url + (url.find('?') == std::string::npos ? '?' : '&') + key + '=';
  for (const char c : value) {
    char encoded[4];
    std::snprintf(encoded, sizeof encoded, "%%%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
    result += kPlain.find(c) == std::string_view::npos ? std::string(encoded) : std::string(1, c);
  }
  return result;
}

PostgresSchema::PostgresSchema(const std::string& sql) : name_(new_name()) {
  server().run("create schema " + name_ + "; set search_path = " + name_);
  if (!sql.empty()) server().run(sql);
}

PostgresSchema::~PostgresSchema() {
  drop("schema " + name_ + " cascade");
  if (has_role_) drop("role " + name_);
}

std::string PostgresSchema::url() const {
  return with_parameter(test_server_url(), "options", "-csearch_path=" + name_);
}

std::string PostgresSchema::role_url() {
  if (!has_role_) {
    server().run("create role " + name_ + " superuser login; alter role " + name_ + " set search_path = " + name_);
  }
  has_role_ = true;
  return with_parameter(test_server_url(), "user", name_);
}

PostgresDatabase::PostgresDatabase(const std::string& how) : name_(new_name()) {
  server().run("create database " + name_ + " " + how);
}

PostgresDatabase::~PostgresDatabase() {
  drop("database " + name_ + " with (force)");
}

std::string PostgresDatabase::url() const {
  std::string url = test_server_url();
  const std::size_t path = url.find('/', url.find("://") + 3) + 1;
  return url.replace(path, url.find('?', path) - path, name_);
}

}  // namespace test_support
