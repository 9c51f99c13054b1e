// The statements that append: they look at the head of each stream and write, or do nothing where one is not as expected.
// Values; any thread may read them.
#pragma once

#include <string_view>

#include "core/postgres/connection.hpp"
#include "core/postgres/recognise.hpp"

namespace eventsource::core::postgres {

// In the message of a statement that fails because a trigger or a rule of the table has kept back events.
inline constexpr std::string_view kKeptBack = "events were kept back";

// Each returns position, version and id (not `event`) of every event that it stored, in any order; the others were refused. The
// parameters are made by insertion.cpp.
struct AppendStatements {
  struct Forms {
    Forms(const Layout& layout, bool are_whole);

    // One event.
    Statement event;
    // Events of one stream; they are all stored, or it fails with kKeptBack.
    Statement stream;
    // Events of several streams, or of appends that are accepted or refused each by itself; the same.
    Statement streams;
    // Events of streams and appends apart.
    Statement singles;
  };
  explicit AppendStatements(const Layout& layout);

  Forms halves;  // a document comes as what stands before and behind the version
  Forms whole;   // it comes with the version, for streams of which an exact one is expected
};

}  // namespace eventsource::core::postgres
