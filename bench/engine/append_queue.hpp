// Appends through the asynchronous API.
#pragma once

#include "bench/common/arguments.hpp"

// `callers` of them on one thread, each starting its next append where its last one has ended.
void append_queue(const Arguments& arguments);
