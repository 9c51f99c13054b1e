// The library below libpq that it has for TLS, passwords and random numbers.
// Any thread.
#pragma once

namespace eventsource::core::postgres {

// Before libpq first uses it: OpenSSL stays as it is while the process exits, as connections do that other threads use then.
// It would tear itself down before anything else does, and whoever opens a connection by password or reads from one with TLS
// at that time would crash. A host that has used OpenSSL before us has decided for itself.
void keep_tls_library() noexcept;

}  // namespace eventsource::core::postgres
