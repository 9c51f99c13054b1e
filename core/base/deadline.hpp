// When a wait is over that was given as a number of milliseconds.
// A value.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace eventsource::core {

class Deadline {
 public:
  // From now on; -1: never.
  explicit Deadline(std::int64_t timeout_ms) {
    if (timeout_ms >= 0 && timeout_ms <= kLongestMs) at_ = Clock::now() + std::chrono::milliseconds(timeout_ms);
  }

  // How long to wait before looking again; 0 when the time has come.
  [[nodiscard]] std::chrono::microseconds left() const {
    using Microseconds = std::chrono::microseconds;
    if (!at_) return kLook;
    return std::clamp(std::chrono::ceil<Microseconds>(*at_ - Clock::now()), Microseconds(0), kLook);
  }

 private:
  using Clock = std::chrono::steady_clock;

  // Longer than any process lives; keeps the clock's arithmetic from overflowing.
  static constexpr std::int64_t kLongestMs = 1'000'000'000'000;
  static constexpr std::chrono::microseconds kLook = std::chrono::hours(1);

  std::optional<Clock::time_point> at_;
};

}  // namespace eventsource::core
