#include "bench/libpq.hpp"

#include <cstdio>
#include <cstdlib>

namespace {

[[noreturn]] void fail(const PGconn* connection) {
  std::fprintf(stderr, "raw_postgres: %s", PQerrorMessage(connection));
  std::exit(1);
}

}  // namespace

Database::Database(const char* url) : connection_(PQconnectdb(url)) {
  if (PQstatus(connection_.get()) != CONNECTION_OK) fail(connection_.get());
}

Rows Database::checked(PGresult* result, ExecStatusType expected) {
  Rows rows(result);
  if (PQresultStatus(result) != expected) fail(connection_.get());
  return rows;
}

void Database::prepare(const char* name, const std::string& sql) {
  checked(PQprepare(connection_.get(), name, sql.c_str(), 0, nullptr), PGRES_COMMAND_OK);
}

Rows Database::execute(const char* name, std::span<const Field> parameters) {
  const int count = static_cast<int>(parameters.size());
  std::vector<const char*> values;
  std::vector<int> sizes;
  for (const Field& parameter : parameters) {
    values.push_back(parameter ? parameter->data() : nullptr);
    sizes.push_back(parameter ? static_cast<int>(parameter->size()) : 0);
  }
  const std::vector<int> formats(parameters.size(), 1);
  Rows rows(PQexecPrepared(connection_.get(), name, count, values.data(), sizes.data(), formats.data(), 1));
  const ExecStatusType status = PQresultStatus(rows.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) fail(connection_.get());
  return rows;
}

void Database::copy_in(const std::string& sql, const std::string& bytes) {
  PGconn* const connection = connection_.get();
  checked(PQexec(connection, sql.c_str()), PGRES_COPY_IN);
  if (PQputCopyData(connection, bytes.data(), static_cast<int>(bytes.size())) != 1) fail(connection);
  if (PQputCopyEnd(connection, nullptr) != 1) fail(connection);
  checked(PQgetResult(connection), PGRES_COMMAND_OK);
  while (const Rows more{PQgetResult(connection)}) {
  }
}

std::size_t Database::copy_out(const std::string& sql) {
  PGconn* const connection = connection_.get();
  checked(PQexec(connection, sql.c_str()), PGRES_COPY_OUT);
  std::size_t messages = 0;
  char* bytes = nullptr;
  while (PQgetCopyData(connection, &bytes, 0) > 0) {
    ++messages;
    PQfreemem(bytes);
  }
  checked(PQgetResult(connection), PGRES_COMMAND_OK);
  // The last message is the trailer; the header comes with the first row.
  return messages - 1;
}

Field field(const PGresult* rows, int row, int column) {
  if (PQgetisnull(rows, row, column) != 0) return std::nullopt;
  return Field(std::in_place, PQgetvalue(rows, row, column), static_cast<std::size_t>(PQgetlength(rows, row, column)));
}

void put_field(std::string& out, const Field& field) {
  put_number(out, field ? static_cast<std::int32_t>(field->size()) : std::int32_t{-1});
  if (field) out += *field;
}

void put_array(std::string& out, Oid type, std::size_t count) {
  constexpr std::int32_t kDimensions = 1;
  constexpr std::int32_t kMayHaveNulls = 1;
  constexpr std::int32_t kFirstIndex = 1;
  put_number(out, kDimensions);
  put_number(out, kMayHaveNulls);
  put_number(out, type);
  put_number(out, static_cast<std::int32_t>(count));
  put_number(out, kFirstIndex);
}
