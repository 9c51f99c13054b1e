// One row of a result in PostgreSQL's binary form.
// Borrows the result that it is of; used by one thread.
#pragma once

#include <cstdint>
#include <libpq-fe.h>
#include <optional>
#include <string_view>

#include "core/base/uuid.hpp"

namespace eventsource::core::postgres {

class Row {
 public:
  Row(const PGresult* result, int row) : result_(result), row_(row) {}

  [[nodiscard]] bool is_null(int column) const { return PQgetisnull(result_, row_, column) != 0; }
  // int2, int4 or int8, whichever the column has; 0 for null.
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] bool boolean(int column) const;
  // Microseconds since 1970; out of the years 1 to 9999 the marks of time_text.hpp.
  [[nodiscard]] std::int64_t time(int column) const;
  [[nodiscard]] Uuid id(int column) const;
  // Text, varchar, json, and jsonb, whose binary form has one byte in front.
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] bool is_uuid(int column) const;

 private:
  [[nodiscard]] std::string_view bytes(int column) const;

  const PGresult* result_;
  int row_;
};

}  // namespace eventsource::core::postgres
