#include "core/postgres/server_process.hpp"

#include <algorithm>

#include "core/base/wait.hpp"
#include "core/postgres/connection.hpp"
#include "core/postgres/transaction_settings.hpp"

namespace eventsource::core::postgres {
namespace {

// Between two looks whether a process is gone.
constexpr std::int64_t kLookAgainUs = 2'000;

// A role that may not see the process finds a null time.
constexpr StatementView kWho{"",
                             "SELECT pid, (extract(epoch FROM backend_start) * 1000000)::int8, "
                             "(extract(epoch FROM pg_postmaster_start_time()) * 1000000)::int8 FROM pg_stat_activity "
                             "WHERE pid = pg_backend_pid()"};

// Every role may end its own processes. The row is there until the process has left its transaction.
constexpr StatementView kEnd{
    "es_end_process",
    "SELECT server.started_us, ("
    "  SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1::int8 "
    "  AND (extract(epoch FROM backend_start) * 1000000)::int8 = $2::int8 "
    "  AND server.started_us = $3::int8) "
    "FROM (SELECT (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::int8 AS started_us) server"};

// Whether a server that was started at another time than that of the process is the same, started again since: then none
// of its processes from before is left.
bool is_successor(const Connection& connection, std::int64_t started_us, const ServerProcess& process) {
  return connection.address() == process.address && started_us > process.started_us;
}

}  // namespace

Result<ServerProcess> server_process_now(Connection& connection, const Call& call) {
  ServerProcess process;
  Parameters shown;
  shown.add(std::int64_t{connection.shown_pid()});
  const Parameters none;
  const auto see = [&process, &connection](const Row& row) {
    // A pooler shows its clients a process id of its own making, and may give them another process each time.
    process.is_shared = row.integer(0) != connection.shown_pid();
    if (process.is_shared || row.is_null(1)) return true;
    process.pid = row.integer(0);
    process.started_us = row.integer(1);
    process.server_started_us = row.integer(2);
    return true;
  };
  const Step steps[] = {{session_settings(), shown, nullptr}, {kWho, none, see}};
  RETURN_IF_ERROR(connection.transact_now(Access::kRead, steps, call));
  process.address = connection.address();
  return process;
}

Task<Result<bool>> end_process(Connection& connection, const ServerProcess& process, const Call& call) {
  if (process.pid == 0) co_return false;
  Parameters parameters;
  parameters.add(process.pid);
  parameters.add(process.started_us);
  parameters.add(process.server_started_us);
  for (;;) {
    std::int64_t server_started_us = 0;
    bool is_there = false;
    const Step step{kEnd, parameters, [&](const Row& row) {
                      server_started_us = row.integer(0);
                      is_there = !row.is_null(1);
                      return true;
                    }};
    CO_RETURN_IF_ERROR(co_await connection.transact(Access::kRead, {&step, 1}, call));
    if (server_started_us != process.server_started_us) co_return is_successor(connection, server_started_us, process);
    if (!is_there) co_return true;
    if (!call.may_wait()) co_return false;
    CO_RETURN_IF_ERROR(co_await pause(call, std::min(kLookAgainUs, call.wait_left_us())));
  }
}

}  // namespace eventsource::core::postgres
