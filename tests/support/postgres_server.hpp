// A PostgreSQL server of its own, for a test that needs other settings than the runner's server, or stops it. It is
// one of tests/support/postgres.py, which says what it is and that nothing of it is left behind.
// Throws std::runtime_error. Used by one thread.
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

#include "tests/support/keeper_process.hpp"

namespace test_support {

struct PostgresOptions {
  std::vector<std::string> conf = {};  // lines for postgresql.conf: "max_connections=5"
  std::vector<std::string> hba = {};   // lines of pg_hba.conf, before the usual ones
  bool start = true;
};

class PostgresServer {
 public:
  explicit PostgresServer(const PostgresOptions& options = {});
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  void start();
  // Returns while it may still refuse: it is starting up, or in recovery.
  void start_without_waiting();
  // "smart", "fast" or "immediate".
  void stop(const std::string& mode = "fast");
  void restart(const std::string& mode = "fast");
  // SIGKILL for all its processes at once.
  void kill();
  // SIGSTOP for all its processes: it is there, and answers nothing until thaw().
  void freeze();
  void thaw();

  // By the unix socket, where everybody is trusted.
  [[nodiscard]] std::string url(const std::string& database = "postgres", const std::string& user = "postgres") const;
  // By 127.0.0.1; the superuser's password is password().
  [[nodiscard]] std::string tcp_url(const std::string& password, const std::string& database = "postgres",
                                    const std::string& user = "postgres") const;

  [[nodiscard]] pid_t pid() const { return pid_; }  // 0 when it does not run
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] const std::string& password() const { return password_; }
  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] const std::string& data() const { return data_; }
  // Whom the server runs as.
  [[nodiscard]] uid_t uid() const { return uid_; }
  [[nodiscard]] gid_t gid() const { return gid_; }
  [[nodiscard]] std::string log_text() const;

  // A file of the cluster, owned by the server's user, readable by it alone.
  void write_file(const std::string& name, const std::string& content) const;

 private:
  void command(const std::string& line);
  void read_answer();

  KeeperProcess keeper_;
  pid_t pid_ = 0;
  int port_ = 0;
  uid_t uid_ = 0;
  gid_t gid_ = 0;
  std::string password_;
  std::string folder_;
  std::string data_;
  std::string log_;
};

}  // namespace test_support
