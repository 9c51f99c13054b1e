// What libpq is told to connect to.
#pragma once

#include <cstdint>
#include <libpq-fe.h>
#include <vector>

#include "core/base/call.hpp"
#include "core/base/result.hpp"
#include "core/postgres/url.hpp"

namespace eventsource::core::postgres {

struct Destination {
  std::vector<Parameter> parameters;  // of those with one keyword the last holds
  std::int64_t deadline_us;           // when to give up connecting
};

// Those of the URL, with the addresses of the hosts that it or the environment names. libpq would look the names up itself:
// on the thread that connects, for as long as the resolver takes, and while a fork waits for it. This waits no longer than
// the call may and connect_timeout says, and not for all names where some host can be tried. Blocks the thread.
// ES_UNAVAILABLE when no host has an address.
[[nodiscard]] Result<Destination> find_destination_now(const ConnectionUrl& url, const Call& call);

// PQconnectStartParams. Throws std::bad_alloc.
[[nodiscard]] PGconn* start_connecting(const std::vector<Parameter>& parameters);

}  // namespace eventsource::core::postgres
