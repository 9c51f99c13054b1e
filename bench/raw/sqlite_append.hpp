// Appends through plain sqlite3 calls, each with a version check. One thread.
#pragma once

#include "bench/common/arguments.hpp"

// One event of each of `callers` streams in a transaction: with one caller, each event by itself.
void sqlite_append_callers(const Arguments& arguments);

// Batches of `batch` events, each to a new stream.
void sqlite_append_batches(const Arguments& arguments);
