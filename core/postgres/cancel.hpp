// Asks a server to stop what it does on a connection.
#pragma once

#include <libpq-fe.h>

namespace eventsource::core::postgres {

// Returns at once, on the thread that uses the connection. The request goes over a connection of its own and from a thread of
// its own, as libpq waits for the server's answer to it, without limit: a server that hangs keeps that thread until it goes
// on. Those threads are few: a connection asks twice at most, and is never used again after that.
// Where there is no memory or no thread for it, nothing is asked.
void ask_to_cancel(PGconn* connection) noexcept;

}  // namespace eventsource::core::postgres
