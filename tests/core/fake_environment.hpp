// Time and randomness that a test sets. One thread at a time.
#pragma once

#include <algorithm>

#include "core/base/environment.hpp"

namespace eventsource::core {

class FakeEnvironment final : public Environment {
 public:
  std::int64_t wall = 1'700'000'000'000'000;
  std::int64_t steady = 1'000'000;
  std::int64_t paused = 0;
  std::uint8_t next_random = 1;

  std::int64_t wall_us() override { return wall; }
  std::int64_t steady_us() override { return steady; }
  Status random(std::span<std::uint8_t> bytes) override {
    std::generate(bytes.begin(), bytes.end(), [&] { return next_random++; });
    return {};
  }
  // Time passes only here.
  void pause_us(std::int64_t us) override {
    paused += us;
    steady += us;
  }
};

}  // namespace eventsource::core
