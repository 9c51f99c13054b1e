// The server's process behind a connection: who it is, and its end.
// Values; the functions use a connection, on the thread that it belongs to.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/call.hpp"
#include "core/base/result.hpp"
#include "core/base/task.hpp"

namespace eventsource::core::postgres {

class Connection;

// A process id comes back, the time of its start does not.
struct ServerProcess {
  std::int64_t pid = 0;  // 0: not known. It is shared, or the role may not see its own process
  std::int64_t started_us = 0;
  // Its server: two have seldom both the same.
  std::int64_t server_started_us = 0;
  std::string address;
  bool is_shared = false;  // a pooler is between, and may take another for the next transaction
};

// The process that serves `connection`, which is new; it gets the settings of its session. Blocks the thread.
[[nodiscard]] Result<ServerProcess> server_process_now(Connection& connection, const Call& call);

// Ends `process`, and returns when it is gone: what of its statements it has not carried out by then never happens. True
// also when it had gone before. False: that can't be told, as `connection` is one to another server, or it did not end in the
// time of the call.
[[nodiscard]] Task<Result<bool>> end_process(Connection& connection, const ServerProcess& process, const Call& call);

}  // namespace eventsource::core::postgres
