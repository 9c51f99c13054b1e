// The statements that append: they look at the head of each stream and write, or do nothing where one is not as expected.
// Values; any thread may read them.
#pragma once

#include "core/postgres/connection.hpp"
#include "core/postgres/recognise.hpp"

namespace eventsource::core::postgres {

// Each returns position and version of every event that it stored, in any order, or no row: refused. The parameters are
// made by insertion.cpp.
struct AppendStatements {
  explicit AppendStatements(const Layout& layout);

  Statement event;    // one event
  Statement stream;   // events of one stream
  Statement streams;  // events of several streams
};

}  // namespace eventsource::core::postgres
