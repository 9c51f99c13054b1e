// Reads through plain libpq calls: prepared, binary, autocommit, every value copied out. One thread.
#pragma once

#include "bench/common/arguments.hpp"

// The streams of a file, one after the other, each checked to have its length.
void postgres_load(const Arguments& arguments);

// The whole log in keyset pages of `page` events.
void postgres_read_all(const Arguments& arguments);
