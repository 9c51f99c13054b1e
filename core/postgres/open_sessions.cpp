#include "core/postgres/open_sessions.hpp"

#include <cstddef>
#include <new>
#include <unistd.h>

#include "core/base/defect.hpp"

namespace eventsource::core::postgres {

OpenSessions& OpenSessions::instance() {
  const NoFork no_fork;
  // Never destroyed: a store may outlive the static objects of its host. In a place of its own: it is needed to close what
  // found no memory.
  alignas(OpenSessions) static std::byte place[sizeof(OpenSessions)];
  static OpenSessions& sessions = *new (&place) OpenSessions;
  return sessions;
}

void OpenSessions::add(PGconn* connection) {
  const NoFork no_fork;
  const MutexLock lock(mutex_);
  connections_.push_back(connection);
}

void OpenSessions::finish(PGconn* connection, std::uint64_t born) noexcept {
  if (born != fork_generation()) return;
  {
    const NoFork no_fork;
    const MutexLock lock(mutex_);
    std::erase(connections_, connection);
  }
  // It says goodbye to the server, which can take a while. A child made now has a copy of the socket, of a session that ends.
  PQfinish(connection);
}

void OpenSessions::after_fork_in_child() noexcept {
  const MutexLock lock(mutex_);
  if (!ES_DEFECT(fork_keeps_sessions)) {
    for (const PGconn* const connection : connections_) {
      if (const int socket = PQsocket(connection); socket >= 0) close(socket);
    }
  }
  connections_.clear();
}

}  // namespace eventsource::core::postgres
