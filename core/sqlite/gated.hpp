// How this folder calls SQLite: a fork waits until the call is over, as a child that inherits one of SQLite's mutexes in the
// middle of a call can never take it (5 of 60 children hung). Waiting for others is done between calls, not in them.
// Any thread.
#pragma once

#include "core/base/fork.hpp"

namespace eventsource::core::sqlite {

// gated<sqlite3_step>(statement) is sqlite3_step(statement). Left out where it would cost more than the call: the accessors of
// a row that neither lock nor allocate (tests/fork/test_gated_calls.py has the list).
template <auto Function, typename... Arguments>
auto gated(Arguments... arguments) {
  const NoFork no_fork;
  return Function(arguments...);
}

}  // namespace eventsource::core::sqlite
