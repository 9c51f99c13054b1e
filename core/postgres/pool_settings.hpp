// How many connections a store may have, and how long they are used.
// Values.
#pragma once

#include <cstdint>

namespace eventsource::core::postgres {

// As the pools of SQLAlchemy name it.
struct PoolSettings {
  std::int64_t size = 5;                // connections that are kept
  std::int64_t overflow = 10;           // more of them while they are needed
  std::int64_t timeout_ms = 30'000;     // how long a call without a timeout of its own waits for one
  std::int64_t recycle_ms = 1'800'000;  // an older one is replaced when it is next needed; 0: never
  bool pre_ping = true;                 // one that may have been lost while it was idle is tried first
};

}  // namespace eventsource::core::postgres
