#include "tests/support/postgres_connection.hpp"

#include <memory>
#include <stdexcept>

namespace test_support {
namespace {

using Answer = std::unique_ptr<PGresult, decltype(&PQclear)>;

bool went_well(const Answer& answer) {
  const ExecStatusType status = PQresultStatus(answer.get());
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

// The server's notices are not for the output of a test.
void ignore_notice(void* /*unused*/, const PGresult* /*unused*/) {}

}  // namespace

PostgresConnection::PostgresConnection(const std::string& url) : connection_(PQconnectdb(url.c_str())) {
  if (PQstatus(connection_) != CONNECTION_OK) {
    const std::string why = PQerrorMessage(connection_);
    PQfinish(connection_);
    throw std::runtime_error("a test cannot connect to its server: " + why);
  }
  PQsetNoticeReceiver(connection_, ignore_notice, nullptr);
}

PostgresConnection::~PostgresConnection() {
  PQfinish(connection_);
}

std::string PostgresConnection::run(const std::string& sql) {
  const Answer answer(PQexec(connection_, sql.c_str()), PQclear);
  if (!went_well(answer)) throw std::runtime_error(PQerrorMessage(connection_) + ("in: " + sql));
  if (PQntuples(answer.get()) == 0 || PQnfields(answer.get()) == 0) return "";
  return {PQgetvalue(answer.get(), 0, 0), static_cast<std::size_t>(PQgetlength(answer.get(), 0, 0))};
}

std::int64_t PostgresConnection::number(const std::string& sql) {
  return std::stoll(run(sql));
}

std::string PostgresConnection::failure(const std::string& sql) {
  const Answer answer(PQexec(connection_, sql.c_str()), PQclear);
  if (went_well(answer)) return "";
  const char* const state = PQresultErrorField(answer.get(), PG_DIAG_SQLSTATE);
  return state == nullptr ? PQerrorMessage(connection_) : state;
}

}  // namespace test_support
