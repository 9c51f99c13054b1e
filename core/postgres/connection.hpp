// A connection to a PostgreSQL server, and transactions on it.
// One thread at a time. What ends with _now blocks it: its call is one that waits on that thread.
#pragma once

#include <cstdint>
#include <functional>
#include <libpq-fe.h>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/call.hpp"
#include "core/base/fork.hpp"
#include "core/base/result.hpp"
#include "core/base/task.hpp"
#include "core/log/telemetry.hpp"
#include "core/postgres/open_sessions.hpp"
#include "core/postgres/parameters.hpp"
#include "core/postgres/row.hpp"
#include "core/postgres/server_process.hpp"
#include "core/postgres/url.hpp"

namespace eventsource::core::postgres {

class Progress;
struct Destination;

// What the log calls this folder.
inline constexpr const char* kLogger = "postgresql";

// A statement that a connection with a session of its own prepares when it first runs it. Without a name it is prepared each
// time. The texts are somebody else's: the program's own of a fixed statement, which no end of the process takes away from
// a thread that goes on.
struct StatementView {
  const char* name;
  const char* text;
};

// One that is put together.
struct Statement {
  std::string name;
  std::string text;

  operator StatementView() const& { return {name.c_str(), text.c_str()}; }
  operator StatementView() && = delete;
};

enum class Access { kRead, kWrite };

// Gets a row; false when no more are wanted.
using See = std::function<bool(const Row&)>;

// One statement of a transaction.
struct Step {
  StatementView statement;
  const Parameters& parameters;
  See see;
  bool streamed = false;  // rows come one by one, so that a large result is never in memory as a whole
};

class Connection {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Connection>> open_now(const ConnectionUrl& url,
                                                                    const std::shared_ptr<Telemetry>& telemetry,
                                                                    const Call& call);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The steps in one transaction and one round trip. Reads look at one snapshot; writes have READ COMMITTED, a commit that
  // waits for the disk. Both wait for a lock no longer than the call may. All that whatever the defaults of server,
  // database and role are.
  //
  // An error has the SQLSTATE; its outcome is ES_OUTCOME_UNKNOWN where a write's connection was lost on the way, or its
  // answer for want of memory. std::bad_alloc says that nothing was written, unless it is OutcomeUnknown.
  [[nodiscard]] Task<Status> transact(Access access, std::span<const Step> steps, const Call& call);
  [[nodiscard]] Status transact_now(Access access, std::span<const Step> steps, const Call& call);

  // One statement outside of a transaction, for those that refuse to be in one: as the session's settings are, and without
  // any limit but the call's. Errors as of transact with Access::kWrite.
  [[nodiscard]] Status run_alone_now(const std::string& statement, const Call& call);

  // False once the server is out of reach, or the state of the session is not known.
  [[nodiscard]] bool is_usable() const;
  // Of a connection that nobody uses: the server has sent something, which may be that it has ended the session.
  [[nodiscard]] bool has_input() const;
  // Of the steady clock: when it was opened, and last used.
  [[nodiscard]] std::int64_t opened_us() const { return opened_us_; }
  [[nodiscard]] std::int64_t used_us() const { return used_us_; }

  [[nodiscard]] int server_version() const { return PQserverVersion(connection_.get()); }
  // Who carries out what is sent. Stays as it is when the connection is lost.
  [[nodiscard]] const ServerProcess& process() const { return process_; }
  // Which of the hosts of the URL this is, as libpq reached it.
  [[nodiscard]] std::string address() const;
  // False behind a pooler that may give each transaction another of the server's processes: nothing is prepared or set for
  // longer than a transaction. So it is until the first look has told.
  [[nodiscard]] bool has_session() const { return has_session_; }
  // The process id that was shown to libpq.
  [[nodiscard]] int shown_pid() const { return PQbackendPID(connection_.get()); }

 private:
  struct Finish {
    Finish() noexcept : born(fork_generation()) {}
    void operator()(PGconn* connection) const noexcept { OpenSessions::instance().finish(connection, born); }
    std::uint64_t born;
  };
  struct Clear {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
  };
  using ResultPointer = std::unique_ptr<PGresult, Clear>;

  class Exchange;

  Connection(std::unique_ptr<PGconn, Finish> connection, std::string shown, std::shared_ptr<Telemetry> telemetry)
      : connection_(std::move(connection)), shown_(std::move(shown)), telemetry_(std::move(telemetry)) {}

  [[nodiscard]] static std::unique_ptr<Connection> begin(const std::vector<Parameter>& parameters,
                                                         const std::string& shown,
                                                         const std::shared_ptr<Telemetry>& telemetry);
  // A connection to the first of the addresses that lets us in, as libpq's rules say.
  [[nodiscard]] static Result<std::unique_ptr<Connection>> connect_now(Destination destination,
                                                                       const std::string& shown,
                                                                       const std::shared_ptr<Telemetry>& telemetry,
                                                                       const Call& call);
  // False when an address has had its time. `tried`, for messages, is the URL and what became of others.
  [[nodiscard]] Result<bool> establish_now(Progress& progress, const std::string& tried, const Call& call);
  void tell_opened() noexcept;
  // Once, when the server or the network has ended it.
  void tell_lost(const Error& error) noexcept;
  [[nodiscard]] Task<bool> roll_back(const Call& call);

  std::unique_ptr<PGconn, Finish> connection_;
  const std::string shown_;  // the URL, for messages
  const std::shared_ptr<Telemetry> telemetry_;
  std::int64_t pid_ = 0;  // as it was told; 0: it was not
  bool was_lost_ = false;
  ServerProcess process_;
  bool has_session_ = false;
  std::set<std::string, std::less<>> prepared_;
  std::int64_t lock_timeout_ms_ = -1;  // of the session, for reads; -1: not known
  std::int64_t opened_us_ = 0;
  std::int64_t used_us_ = 0;
  bool broken_ = false;  // or in the middle of an exchange
};

}  // namespace eventsource::core::postgres
