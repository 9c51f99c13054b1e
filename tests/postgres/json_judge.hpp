// What the server says to texts as jsonb and json, and what its columns give back for those that it takes.
// Throws std::runtime_error when the server does not answer. Used by one thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "tests/support/postgres_connection.hpp"

namespace postgres_test {

struct Judgement {
  std::string refusal;       // SQLSTATE and message of `text`::jsonb; "" when it is taken
  std::string json_refusal;  // the same for json, asked only where jsonb takes it
  std::string json;          // what a json column gives back
  std::string jsonb;         // what a jsonb column gives back

  [[nodiscard]] bool taken() const { return refusal.empty(); }
};

class JsonJudge {
 public:
  // The runner's server.
  JsonJudge();

  // In the order of `texts`, which are any bytes.
  [[nodiscard]] std::vector<Judgement> judge(std::span<const std::string> texts);

  [[nodiscard]] int server_version() const;  // 150014

 private:
  void judge_batch(std::span<const std::string> texts, std::vector<Judgement>& judgements);

  test_support::PostgresConnection connection_;
};

}  // namespace postgres_test
