// What one store tells of itself: its log. Made before its backend, which keeps it as well.
// Any thread.
#pragma once

#include <memory>
#include <utility>

#include "core/base/environment.hpp"
#include "core/log/logger.hpp"

namespace eventsource::core {

struct Telemetry {
  // `to` may be empty; `environment` outlives it.
  Telemetry(std::shared_ptr<Log> to, Environment& environment) : log(std::move(to), "store", environment) {}

  const Logger log;  // of the store; a backend has log.named(…)
};

}  // namespace eventsource::core
