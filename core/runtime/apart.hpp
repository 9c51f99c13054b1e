// A job with a thread of its own, for what is there before a store has a loop, and after.
// Any thread.
#pragma once

#include <memory>

#include "core/runtime/job.hpp"

namespace eventsource::core {

// The thread ends with the job; `name` as of start_thread. ES_IO_ERROR.
[[nodiscard]] Status run_apart(const char* name, std::unique_ptr<Job> job);

}  // namespace eventsource::core
