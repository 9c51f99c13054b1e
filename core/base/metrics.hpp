// What a store counts of itself. One table gives each metric its name, its meaning and its place.
// Any thread: everything is an atomic, and nothing waits. A look at several of them is not of one moment.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace eventsource::core {

// Only rises.
class Counter {
 public:
  void add(std::int64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// How many there are now.
class Gauge {
 public:
  void add(std::int64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
  void take(std::int64_t n = 1) noexcept { value_.fetch_sub(n, std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// How long something took, in buckets of 1, 2 and 5 times each power of ten from 1 µs to 100 s.
class Histogram {
 public:
  // The highest time of each bucket but the last, which has no end.
  static constexpr std::array<std::int64_t, 25> kBoundsUs = {
      1,         2,         5,         10,         20,         50,         100,        200,     500,
      1'000,     2'000,     5'000,     10'000,     20'000,     50'000,     100'000,    200'000, 500'000,
      1'000'000, 2'000'000, 5'000'000, 10'000'000, 20'000'000, 50'000'000, 100'000'000};
  using Counts = std::array<std::int64_t, kBoundsUs.size() + 1>;

  void observe(std::int64_t us) noexcept;

  // How many there are in each bucket alone.
  [[nodiscard]] Counts counts() const noexcept;
  [[nodiscard]] std::int64_t sum_us() const noexcept { return sum_us_.load(std::memory_order_relaxed); }

 private:
  std::array<std::atomic<std::int64_t>, kBoundsUs.size() + 1> counts_{};
  std::atomic<std::int64_t> sum_us_{0};
};

// The meaning of each is in the table.
struct Metrics {
  Counter appends;
  Counter appended_events;
  Counter known_events;
  Counter conflicts;
  Counter duplicates;
  Histogram append_time;

  Counter reads;
  Counter read_events;
  Histogram read_time;

  Counter batches;
  Counter batched_appends;
  Gauge waiting_appends;

  Counter timeouts;
  Counter cancels;
  Counter busy;
  Counter unavailable;
  Counter unknown_outcomes;
  Gauge calls;
  Gauge calls_in_flight;
  Gauge waiting_completions;

  Counter retries;
  Counter resolved_outcomes;
  Counter lock_waits;

  Gauge connections;
  Gauge idle_connections;
  Gauge used_connections;
  Gauge connection_waiters;
  Counter opened_connections;
  Counter recycled_connections;
  Counter lost_connections;
};

struct MetricRow {
  const char* name;  // as Prometheus has them; texts are literals, since the C ABI hands them out
  const char* help;
  std::variant<Counter Metrics::*, Gauge Metrics::*, Histogram Metrics::*> place;
};

[[nodiscard]] std::span<const MetricRow> metric_table();

// One metric at the time of a look.
struct MetricValue {
  const MetricRow* row = nullptr;
  std::int64_t value = 0;  // of a histogram: how many were observed
  std::int64_t sum_us = 0;
  Histogram::Counts buckets{};  // how many there are up to each bound

  [[nodiscard]] bool is_histogram() const { return std::holds_alternative<Histogram Metrics::*>(row->place); }
  // The time in seconds that a part `q` (0 to 1) of the observations did not exceed, as the buckets tell it: it lies in
  // the right bucket, at a place that supposes an even spread. 0 when nothing was observed.
  [[nodiscard]] double quantile(double q) const;
};

// All of them, in the order of the table.
[[nodiscard]] std::vector<MetricValue> look_at(const Metrics& metrics);

// In Prometheus's text format 0.0.4.
[[nodiscard]] std::string exposition(std::span<const MetricValue> values);

}  // namespace eventsource::core
