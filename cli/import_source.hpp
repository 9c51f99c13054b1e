// Where imported events come from: lines of NDJSON, or another SQLite store.
// Thread rule: used by one thread.
#pragma once

#include <string>

#include "cli/importer.hpp"
#include "cli/input.hpp"
#include "cli/progress.hpp"

namespace eventsource::cli {

constexpr std::string_view kSqliteMagic{"SQLite format 3\0", 16};

// Both give every event to `importer` and flush it; when a signal came (Interrupt) they return early and drop what is
// not stored. They throw Failure about a line, a position or the file, with all events before it stored, and Exception
// when the store that is written to can't do it now.
void import_lines(Input& input, Importer& importer, Progress& progress);
void import_sqlite(const std::string& path, Importer& importer, Progress& progress);

}  // namespace eventsource::cli
