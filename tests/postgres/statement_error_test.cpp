// What a refusal of the server means, on results of a real one.
#include <gtest/gtest.h>
#include <memory>
#include <string>

#include "core/postgres/error.hpp"
#include "tests/support/postgres_connection.hpp"
#include "tests/support/postgres_place.hpp"

namespace postgres_test {
namespace {

using eventsource::core::Error;
using test_support::PostgresConnection;

Error error_of(const std::string& sql) {
  const PostgresConnection connection(test_support::test_server_url());
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.handle(), sql.c_str()), PQclear);
  return eventsource::core::postgres::statement_error(result.get(), "the store");
}

TEST(StatementError, OfAPoolerThatMixesUpPreparedStatements) {
  for (const char* sql : {"execute es_commit", "prepare p as select 1; prepare p as select 1"}) {
    const Error error = error_of(sql);
    EXPECT_EQ(error.code(), ES_NOT_A_STORE) << error.message();
    EXPECT_FALSE(error.is_retryable());
    EXPECT_NE(error.message().find("direct connection"), std::string::npos) << error.message();
    EXPECT_NE(error.message().find("max_prepared_statements"), std::string::npos) << error.message();
  }
}

}  // namespace
}  // namespace postgres_test
