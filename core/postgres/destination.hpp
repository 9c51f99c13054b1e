// What libpq is told to connect to.
#pragma once

#include <cstdint>
#include <libpq-fe.h>
#include <string>
#include <vector>

#include "core/base/call.hpp"
#include "core/base/result.hpp"
#include "core/postgres/url.hpp"

namespace eventsource::core::postgres {

// One of those that libpq tries, one after the other.
struct Address {
  std::string host;    // a name, the folder of a socket, or empty
  std::string number;  // the IP address; empty: of a socket
  std::string port;
};

struct Destination {
  std::vector<Parameter> parameters;  // of those with one keyword the last holds
  std::vector<Address> addresses;     // as they are in the parameters; none where libpq refuses the lists, and says why
  std::int64_t timeout_us = 0;        // what each address may take to let us in; Call::kNever
};

// The parameters of the URL, with the addresses of the hosts that it or the environment names. libpq would look the names up
// itself: on the thread that connects, for as long as the resolver takes, and while a fork waits for it. This waits no longer
// than the call may and connect_timeout says for each host, and not for all names where some host can be tried. Blocks the
// thread. ES_UNAVAILABLE when no host has an address.
[[nodiscard]] Result<Destination> find_destination_now(const ConnectionUrl& url, const Call& call);

// From now on these alone are to be tried. There is one at least.
void set_addresses(Destination& destination, std::vector<Address> addresses);

// PQconnectStartParams. Throws std::bad_alloc.
[[nodiscard]] PGconn* start_connecting(const std::vector<Parameter>& parameters);

}  // namespace eventsource::core::postgres
