// Reads through the synchronous API; every document is looked at. One thread.
#pragma once

#include "bench/common/arguments.hpp"

// The streams of a file, one after the other, each checked to have its length.
void load(const Arguments& arguments);

// The whole log.
void read_all(const Arguments& arguments);
