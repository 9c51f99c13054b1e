// libpq with results that are checked, and PostgreSQL's binary forms. A failure ends the program.
#pragma once

#include <cstdint>
#include <libpq-fe.h>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

// A value as it is sent and received; nothing stands for NULL.
using Field = std::optional<std::string>;
using Fields = std::vector<Field>;

struct Clear {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using Rows = std::unique_ptr<PGresult, Clear>;

class Database {
 public:
  explicit Database(const char* url);

  void prepare(const char* name, const std::string& sql);
  // Binary both ways.
  Rows execute(const char* name, std::span<const Field> parameters);
  // COPY … FROM STDIN of all bytes at once.
  void copy_in(const std::string& sql, const std::string& bytes);
  // COPY … TO STDOUT: how many rows came.
  std::size_t copy_out(const std::string& sql);

 private:
  struct Finish {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
  };

  Rows checked(PGresult* result, ExecStatusType expected);

  std::unique_ptr<PGconn, Finish> connection_;
};

Field field(const PGresult* rows, int row, int column);

// In network order.
template <typename Integer>
void put_number(std::string& out, Integer number) {
  for (int shift = static_cast<int>(sizeof number) * 8 - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(static_cast<std::uint64_t>(number) >> shift & 0xFFU));
  }
}
template <typename Integer>
Field number(Integer value) {
  Field field(std::in_place);
  put_number(*field, value);
  return field;
}

// A length and the bytes: an element of an array, a column of a COPY.
void put_field(std::string& out, const Field& field);
// The start of an array with one dimension.
void put_array(std::string& out, Oid type, std::size_t count);
