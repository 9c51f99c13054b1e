// Events in this process's memory: the reference for what a store does, written to be read rather than to be fast.
// One mutex guards everything; any thread.
#pragma once

#include <memory>

#include "core/backend/blocking_backend.hpp"
#include "core/base/environment.hpp"

namespace eventsource::core::memory {

// A new, empty store with an identity of its own.
[[nodiscard]] Result<std::unique_ptr<BlockingBackend>> open(Environment& environment, bool read_only);

}  // namespace eventsource::core::memory
