// What the tests of errors share: stores on a server, small appends, and what every error has to say.
// Each is used by the thread of its test.
#pragma once

#include <functional>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

#include "eventsource/eventsource.hpp"

#include "tests/support/postgres_connection.hpp"
#include "tests/support/postgres_place.hpp"
#include "tests/support/postgres_server.hpp"

namespace eventsource::test {

using test_support::PostgresConnection;
using test_support::PostgresDatabase;
using test_support::PostgresOptions;
using test_support::PostgresSchema;
using test_support::PostgresServer;
using test_support::test_server_url;
using test_support::with_parameter;

// Never in any text.
inline constexpr std::string_view kSecret = "s3cret-of-the-tests";

struct Expected {
  es_status code = ES_OK;
  std::string_view sqlstate = {};
  bool retryable = false;
  Outcome outcome = Outcome::kNotApplied;
  std::vector<std::string> words = {};  // each is in the message
};

void check_error(const Error& error, const Expected& expected);

template <class T>
void expect_failure(const Result<T>& result, const Expected& expected) {
  ASSERT_FALSE(result.ok()) << "it succeeded";
  check_error(result.error(), expected);
}

// The same server, database and parameters for another user.
[[nodiscard]] std::string as_user(const std::string& url, const std::string& user);

// Waits until it holds; a failure of the test when it never does.
void await(const char* what, const std::function<bool()>& holds);
// Waits until the server has as many connections named `application` that `condition` (SQL on pg_stat_activity) is true of.
void await_connections(PostgresConnection& admin, const std::string& application, int count,
                       const std::string& condition = "true");

[[nodiscard]] Uuid numbered(std::uint32_t n);
// One event {"n": n} with id n, in a stream of its own.
Result<AppendResult> append_one(const Store& store, std::uint32_t n, const Call& call = {});
// Events with ids `first` to `last`, each in another stream than those before and after it, of `streams`.
Result<AppendResult> append_many(const Store& store, std::uint32_t first, std::uint32_t last, std::uint32_t streams,
                                 const Call& call = {});

// A store in a schema of its own, whose connections have a name of their own. They are all gone at the end.
class StoreTest : public testing::Test {
 protected:
  StoreTest();
  void TearDown() override;

  [[nodiscard]] std::string url() const;
  // The same as another role: made at first use, may use the schema, dropped with the test.
  [[nodiscard]] std::string role_url();
  [[nodiscard]] const std::string& name() const { return schema_.name(); }
  // A name in quotes is not needed: it has letters, digits and underscores.
  [[nodiscard]] std::string role() const { return name() + "_role"; }
  // In the schema, as the superuser.
  [[nodiscard]] PostgresConnection& sql() { return sql_; }
  [[nodiscard]] std::int64_t stored() { return sql_.number("select count(*) from events"); }

  // The tables of a new store, made by the engine and left alone.
  void make_tables();
  // They refuse an open for writing.
  void expect_no_open(const Expected& expected, const Options& options = {});

 private:
  PostgresSchema schema_;
  PostgresConnection sql_;
  bool has_role_ = false;
};

}  // namespace eventsource::test
