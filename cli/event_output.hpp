// Events on standard output, as a table or as full export lines.
// Thread rule: used by one thread.
#pragma once

#include <cstdint>

#include "eventsource/eventsource.hpp"

#include "cli/arguments.hpp"
#include "cli/command.hpp"

namespace eventsource::cli {

// --format and --json, and which of the two forms they ask for.
Option format_option();
bool wants_lines(const Arguments& arguments);

// What the form needs of each event.
Content content_of(bool lines);

// Writes at most `limit` events; how many there were. Throws as the range and Output.
std::int64_t write_events(EventRange& events, bool lines, std::int64_t limit);

}  // namespace eventsource::cli
