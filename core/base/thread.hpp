// Threads of the library: they take no signals, so that no handler of the host runs on them, and have a name in debuggers
// and in top.
// Any thread.
#pragma once

#include <functional>
#include <thread>

#include "core/base/result.hpp"

namespace eventsource::core {

// `name` has at most 15 bytes. ES_IO_ERROR (retryable) where the system gives no thread.
[[nodiscard]] Result<std::thread> start_thread(const char* name, std::function<void()> body);

}  // namespace eventsource::core
