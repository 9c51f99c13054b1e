// A pgbouncer in transaction mode before the runner's server; tests/support/pooler.py says which, and that nothing of it is
// left behind. Throws std::runtime_error. Used by one thread.
#pragma once

#include <string>

#include "tests/support/keeper_process.hpp"

namespace test_support {

class Pooler {
 public:
  Pooler();

  // `url`, a URL of the runner's server, by way of the pooler. It takes no options: PostgresSchema::role_url() has none.
  [[nodiscard]] std::string url(const std::string& url) const;

 private:
  KeeperProcess process_;
  std::string folder_;
  std::string port_;
};

}  // namespace test_support
