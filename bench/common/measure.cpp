#include "bench/common/measure.hpp"

#include <algorithm>
#include <cstdio>

void Measure::report(std::size_t done) {
  const std::chrono::duration<double> seconds = Clock::now() - start_;
  std::printf("rate %.1f\n", static_cast<double>(done) / seconds.count());
  if (calls_.empty()) return;
  std::ranges::sort(calls_);
  std::printf("p50_ms %.4f\n", static_cast<double>(calls_[calls_.size() / 2]));
  std::printf("p99_ms %.4f\n", static_cast<double>(calls_[calls_.size() * 99 / 100]));
  std::printf("max_ms %.4f\n", static_cast<double>(calls_.back()));
}
