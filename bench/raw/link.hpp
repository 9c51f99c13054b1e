// One connection of libpq that sends a prepared statement in a transaction without waiting for the answer. A failure ends
// the program. Used by one thread.
#pragma once

#include <cstddef>
#include <libpq-fe.h>
#include <memory>
#include <string>

#include "bench/raw/values.hpp"

struct Clear {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using Rows = std::unique_ptr<PGresult, Clear>;

class Link {
 public:
  enum class Transaction {
    kAutocommit,  // the statement by itself
    kSettings,    // BEGIN, the settings of the transaction, the statement and COMMIT, in one round trip
  };

  Link(const std::string& url, Transaction transaction);

  void prepare(const char* name, const char* sql);

  void send(const char* name, const Values& values);
  // Takes what has come; true once that is all. Its rows are those of the statement.
  bool receive();
  [[nodiscard]] const PGresult* rows() const noexcept { return rows_.get(); }
  [[nodiscard]] int socket() const noexcept { return PQsocket(connection_.get()); }

  // Sends a statement by itself and waits for its rows.
  const PGresult* execute(const char* name, const Values& values);

 private:
  struct Finish {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
  };

  void run(const char* sql);
  void send_one(const char* name, const Values& values);
  void take(PGresult* result);

  std::unique_ptr<PGconn, Finish> connection_;
  Transaction transaction_;
  Rows rows_;
  int answers_ = 0;  // to the statements of this transaction
};
