// How the programs measure and tell: "name value unit" lines.
#pragma once

#include <chrono>
#include <cstdio>

using Clock = std::chrono::steady_clock;

inline void report(const char* name, std::size_t count, Clock::time_point start) {
  const std::chrono::duration<double> seconds = Clock::now() - start;
  std::printf("%s %.0f events/s\n", name, static_cast<double>(count) / seconds.count());
}
