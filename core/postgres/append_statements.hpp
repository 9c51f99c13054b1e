// The statements that append: they look at the head of each stream and write, or do nothing where one is not as expected.
// Values; any thread may read them.
#pragma once

#include <string_view>

#include "core/postgres/connection.hpp"
#include "core/postgres/recognise.hpp"

namespace eventsource::core::postgres {

// In the message of a statement that fails because a trigger or a rule of the table has kept back events.
inline constexpr std::string_view kKeptBack = "events were kept back";

// Each returns position and version of every event that it stored, in any order, or no row: refused. The parameters are
// made by insertion.cpp.
struct AppendStatements {
  explicit AppendStatements(const Layout& layout);

  Statement event;   // one event
  Statement stream;  // events of one stream; they are all stored, or it fails with kKeptBack
  // Events of several streams, or appends; the same. Also a row 0, -n for each part n, counted from 1, that was refused.
  Statement streams;
};

}  // namespace eventsource::core::postgres
