// Reads through plain sqlite3 calls, every value copied out. One thread.
#pragma once

#include "bench/common/arguments.hpp"

// The streams of a file, one after the other, each checked to have its length.
void sqlite_load(const Arguments& arguments);

// The whole log in keyset pages of `page` events.
void sqlite_read_all(const Arguments& arguments);
