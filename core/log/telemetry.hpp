// What one store tells of itself: its log and its counts. Made before its backend, which keeps it as well.
// Any thread.
#pragma once

#include <memory>
#include <utility>

#include "core/base/environment.hpp"
#include "core/base/metrics.hpp"
#include "core/log/logger.hpp"

namespace eventsource::core {

struct Telemetry {
  // `to` may be empty; `environment` outlives it.
  Telemetry(std::shared_ptr<Log> to, Environment& environment) : log(std::move(to), "store", environment) {}

  // An append failed at its commit, and it is known by now whether it was stored.
  void resolved(bool was_stored) noexcept {
    metrics.resolved_outcomes.add();
    log.write(LogLevel::kInfo, "outcome found out", {{"stored", was_stored}});
  }

  const Logger log;  // of the store; a backend has log.named(…)
  Metrics metrics;
};

}  // namespace eventsource::core
