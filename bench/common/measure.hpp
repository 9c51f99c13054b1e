// How long the calls of one work took, and what the programs print of it: "name value" lines. Used by one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

using Clock = std::chrono::steady_clock;

class Measure {
 public:
  // The work begins, and is cut short after so many seconds: a slow disk makes figures less exact, not the bench endless.
  explicit Measure(std::size_t seconds = 3600) : start_(Clock::now()), end_(start_ + std::chrono::seconds(seconds)) {}

  [[nodiscard]] bool is_over() const { return Clock::now() >= end_; }

  void call(Clock::time_point began, Clock::time_point ended) {
    calls_.push_back(std::chrono::duration<float, std::milli>(ended - began).count());
  }
  void call(Clock::time_point began) { call(began, Clock::now()); }
  [[nodiscard]] std::size_t calls() const noexcept { return calls_.size(); }
  // Those of another thread.
  void add(const Measure& other) { calls_.insert(calls_.end(), other.calls_.begin(), other.calls_.end()); }

  // The work ends with so many things done: prints how many a second, and the median, the 99th percentile and the longest of
  // the calls.
  void report(std::size_t done);

 private:
  Clock::time_point start_;
  Clock::time_point end_;
  std::vector<float> calls_;  // in milliseconds
};
