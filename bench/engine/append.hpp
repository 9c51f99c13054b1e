// Appends through the synchronous API.
#pragma once

#include "bench/common/arguments.hpp"

// `callers` threads, each appending one event after the other to streams of its own. `first` (0) is the number of the
// first: several processes that append to one store have numbers of their own.
void append_threads(const Arguments& arguments);

// Batches of `batch` events, each to a new stream. One thread.
void append_batches(const Arguments& arguments);

// One event after the other to streams that are there, in turn. One thread.
void append_known(const Arguments& arguments);
