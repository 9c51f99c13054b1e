// Time and randomness as the core sees them, so that a test can inject its own.
// Implementations may be used by any number of threads.
#pragma once

#include <cstdint>
#include <span>

#include "core/base/result.hpp"

namespace eventsource::core {

class Environment {
 public:
  // Microseconds since 1970 UTC; may jump.
  [[nodiscard]] virtual std::int64_t wall_us() = 0;
  // Microseconds of a clock that only rises; for deadlines.
  [[nodiscard]] virtual std::int64_t steady_us() = 0;
  // Unpredictable bytes.
  virtual Status random(std::span<std::uint8_t> bytes) = 0;
  // Lets time pass between two tries of something that another process holds up.
  virtual void pause_us(std::int64_t us) = 0;

 protected:
  // Nobody destroys one by its interface; so the machine's needs no destruction at all.
  ~Environment() = default;
};

// The machine's own.
[[nodiscard]] Environment& system_environment();

}  // namespace eventsource::core
