#include "core/store/call_watch.hpp"

#include "eventsource/status.h"

namespace eventsource::core {

void CallWatch::ended(const Error* error) noexcept {
  const std::int64_t took_us = environment_.steady_us() - start_us_;
  if (kind_.time != nullptr) (telemetry_.metrics.*kind_.time).observe(took_us);
  if (error != nullptr) count(*error);
  tell(took_us, error);
}

void CallWatch::count(const Error& error) noexcept {
  Metrics& metrics = telemetry_.metrics;
  if (error.outcome() == ES_OUTCOME_UNKNOWN) metrics.unknown_outcomes.add();
  switch (error.code()) {
    case ES_VERSION_CONFLICT:
      metrics.conflicts.add();
      break;
    case ES_DUPLICATE_EVENT:
      metrics.duplicates.add();
      break;
    case ES_TIMEOUT:
      metrics.timeouts.add();
      break;
    case ES_CANCELLED:
      metrics.cancels.add();
      break;
    case ES_BUSY:
      metrics.busy.add();
      break;
    case ES_UNAVAILABLE:
      metrics.unavailable.add();
      break;
    default:
      break;
  }
}

// The error itself is the caller's, and only told at level trace. That a file is damaged or a lock gone concerns more than
// this one caller.
void CallWatch::tell(std::int64_t took_us, const Error* error) const noexcept {
  const Logger& log = telemetry_.log;
  const std::int64_t status = error == nullptr ? ES_OK : error->code();
  if (error != nullptr && (error->code() == ES_UNSAFE_STORE || error->code() == ES_CORRUPT_STORE)) {
    log.write(LogLevel::kWarning, "store is not safe", {{"status", status}, {"reason", error->message()}});
  }
  if (slow_us_ > 0 && took_us >= slow_us_) {
    log.write(LogLevel::kWarning, "slow call",
              {{"call", kind_.name}, {"took_ms", took_us / 1'000}, {"status", status}});
  } else if (log.wants(LogLevel::kTrace)) {
    const std::string_view reason = error == nullptr ? std::string_view() : error->message();
    log.write(LogLevel::kTrace, "call",
              {{"call", kind_.name}, {"took_us", took_us}, {"status", status}, {"reason", reason}});
  }
}

}  // namespace eventsource::core
