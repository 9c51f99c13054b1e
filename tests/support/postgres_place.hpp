// Empty places for stores on the server that a runner has beside it (POSTGRES in cmake/Runners.cmake). A schema costs
// some milliseconds and is for most tests; a database some ten, for those that need its own settings or encoding.
// Both throw std::runtime_error. Each object is used by one thread.
#pragma once

#include <string>

namespace test_support {

// The URL of the server's database postgres; "" where the runner has no server.
[[nodiscard]] std::string test_server_url();

// `url` with one more parameter; the value is percent-encoded here.
[[nodiscard]] std::string with_parameter(const std::string& url, const std::string& key, const std::string& value);

// A new schema in the database postgres, dropped at the end with what is in it. A store that still holds a table of it
// then is a mistake, and ends the program.
class PostgresSchema {
 public:
  // `sql` is run in it.
  explicit PostgresSchema(const std::string& sql = "");
  ~PostgresSchema();
  PostgresSchema(const PostgresSchema&) = delete;
  PostgresSchema& operator=(const PostgresSchema&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  // Its search_path is this schema alone.
  [[nodiscard]] std::string url() const;
  // The same by a role, a superuser, whose setting it is: for what takes no options. The role is made by the first call.
  [[nodiscard]] std::string role_url();

 private:
  std::string name_;
  bool has_role_ = false;
};

// A new database, dropped at the end, with those who are connected.
class PostgresDatabase {
 public:
  // `how` is for CREATE DATABASE: "template template0 encoding 'LATIN1'".
  explicit PostgresDatabase(const std::string& how = "");
  ~PostgresDatabase();
  PostgresDatabase(const PostgresDatabase&) = delete;
  PostgresDatabase& operator=(const PostgresDatabase&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::string url() const;

 private:
  std::string name_;
};

}  // namespace test_support
