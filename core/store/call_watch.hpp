// One call of a store's user: counts it, takes its time, and tells of it in the log.
// Used by the thread that goes on with the call.
#pragma once

#include <cstdint>

#include "core/base/environment.hpp"
#include "core/base/result.hpp"
#include "core/log/telemetry.hpp"

namespace eventsource::core {

class CallWatch {
 public:
  // Which call: its name in the log, and where its time goes (nullptr: nowhere). Literals.
  struct Kind {
    const char* name;
    Histogram Metrics::* time = nullptr;
  };

  // Since `start_us` of the environment's steady clock. What takes `slow_us` or longer is told as slow; 0: nothing is.
  CallWatch(Telemetry& telemetry, Environment& environment, Kind kind, std::int64_t start_us, std::int64_t slow_us)
      : telemetry_(telemetry), environment_(environment), kind_(kind), start_us_(start_us), slow_us_(slow_us) {
    telemetry_.metrics.calls.add();
  }
  ~CallWatch() { telemetry_.metrics.calls.take(); }
  CallWatch(const CallWatch&) = delete;
  CallWatch& operator=(const CallWatch&) = delete;

  // How it ended. A call that ends otherwise has run out of memory.
  template <typename T>
  void ended(const Result<T>& result) noexcept {
    ended(result.ok() ? nullptr : &result.error());
  }

 private:
  void ended(const Error* error) noexcept;
  void count(const Error& error) noexcept;
  void tell(std::int64_t took_us, const Error* error) const noexcept;

  Telemetry& telemetry_;
  Environment& environment_;
  const Kind kind_;
  const std::int64_t start_us_;
  const std::int64_t slow_us_;
};

}  // namespace eventsource::core
