// A plain connection to PostgreSQL beside the code under test. Throws std::runtime_error with the server's words.
// Used by one thread.
#pragma once

#include <cstdint>
#include <libpq-fe.h>
#include <string>

namespace test_support {

class PostgresConnection {
 public:
  explicit PostgresConnection(const std::string& url);
  ~PostgresConnection();
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;

  // One statement or several; the last one's first value, "" when there is none.
  std::string run(const std::string& sql);
  [[nodiscard]] std::int64_t number(const std::string& sql);
  // Its SQLSTATE when it fails, "" when it does not.
  [[nodiscard]] std::string failure(const std::string& sql);

  [[nodiscard]] PGconn* handle() const { return connection_; }

 private:
  PGconn* connection_ = nullptr;
};

}  // namespace test_support
