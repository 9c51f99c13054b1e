// What the engine sets for its transactions, whatever the defaults of server, database and role are.
// Fixed texts; any thread may read them.
#pragma once

#include "core/postgres/connection.hpp"

namespace eventsource::core::postgres {

// Of a new connection, for as long as the process that serves it is its own. Parameter: the process id that was shown to
// libpq. Reads need no BEGIN afterwards. A process with another id is somebody else's in the next transaction: it keeps
// nothing of this.
[[nodiscard]] StatementView session_settings();

// Of one transaction. Parameter: lock_timeout in milliseconds, as text. Without a session of its own it has to set what a
// session would keep.
[[nodiscard]] StatementView transaction_settings(Access access, bool has_session);

}  // namespace eventsource::core::postgres
