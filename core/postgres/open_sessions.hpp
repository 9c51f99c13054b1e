// The connections that this process has to servers, for its children to let go of.
// Any thread.
//
// A child inherits a copy of each socket. What it would send there goes into the middle of the parent's session; PQfinish
// would end that session. As long as the copy is open, a server does not notice that the parent is gone: so each is closed
// in the child at once, by its descriptor alone, and the PGconn is never used again and never freed.
#pragma once

#include <cstdint>
#include <libpq-fe.h>
#include <vector>

#include "core/base/fork.hpp"
#include "core/base/mutex.hpp"

namespace eventsource::core::postgres {

class OpenSessions final : public ForkParticipant {
 public:
  static OpenSessions& instance();

  void add(PGconn* connection);
  // PQfinish, in the process that made the connection: `born` is its fork generation then.
  void finish(PGconn* connection, std::uint64_t born) noexcept;

  void after_fork_in_child() noexcept override;

 private:
  OpenSessions() { take_part(); }

  Mutex mutex_;  // only inside of a NoFork
  std::vector<PGconn*> connections_ GUARDED_BY(mutex_);
};

}  // namespace eventsource::core::postgres
