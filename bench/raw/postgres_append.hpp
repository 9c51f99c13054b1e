// Appends through plain libpq calls, each with a version check inside of its statement. One thread.
#pragma once

#include "bench/common/arguments.hpp"

// `callers` of them, each waiting for its own append, over `links` connections. With a connection for each caller every
// append is a statement; with fewer, those that share one are gathered into an unnest batch, and each batch is refilled as
// it commits. settings=1: in the transaction that the engine must make; 0: autocommit.
void postgres_append_callers(const Arguments& arguments);

// Batches of `batch` events, each to a new stream.
void postgres_append_batches(const Arguments& arguments);
