// What a store counts of itself (metrics.h). Immutable, any thread.
//
//     const es::Metrics metrics = store.metrics().value();
//     metrics.value("eventsource_appends_total");
//     metrics.quantile("eventsource_append_seconds", 0.99);
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "eventsource/cpp/handle.hpp"
#include "eventsource/metrics.h"

namespace eventsource {

enum class MetricKind : std::int32_t {
  kCounter = ES_METRIC_COUNTER,
  kGauge = ES_METRIC_GAUGE,
  kHistogram = ES_METRIC_HISTOGRAM,
};

// One of the metrics. The texts are static.
struct Metric {
  std::string_view name;
  MetricKind kind;
  std::string_view meaning;
  std::int64_t value;  // of a histogram: how many were observed
};

class Metrics {
 public:
  // Takes over `metrics`.
  explicit Metrics(es_metrics* metrics) noexcept : metrics_(metrics) {}

  [[nodiscard]] std::size_t size() const noexcept { return es_metrics_count(metrics_.get()); }
  // `index` is below size().
  [[nodiscard]] Metric operator[](std::size_t index) const noexcept {
    const char* name = "";
    const char* meaning = "";
    std::int32_t kind = 0;
    static_cast<void>(es_metric_at(index, &name, &kind, &meaning));
    return {name, static_cast<MetricKind>(kind), meaning, es_metrics_value(metrics_.get(), index)};
  }

  // By name; 0 for a name that there is not.
  [[nodiscard]] std::int64_t value(std::string_view name) const noexcept {
    const std::int64_t index = find(name);
    return index < 0 ? 0 : es_metrics_value(metrics_.get(), static_cast<std::size_t>(index));
  }
  // The time that a part `q` of a histogram's observations did not exceed, as its buckets tell it.
  [[nodiscard]] std::chrono::duration<double> quantile(std::string_view name, double q) const noexcept {
    const std::int64_t index = find(name);
    return std::chrono::duration<double>(
        index < 0 ? 0 : es_metrics_quantile(metrics_.get(), static_cast<std::size_t>(index), q));
  }

  // Everything in Prometheus's text format.
  [[nodiscard]] std::string_view text() const noexcept {
    std::size_t length = 0;
    const char* const text = es_metrics_text(metrics_.get(), &length);
    return {text, length};
  }

  // For the C functions.
  [[nodiscard]] const es_metrics* get() const noexcept { return metrics_.get(); }

 private:
  [[nodiscard]] std::int64_t find(std::string_view name) const noexcept {
    return es_metrics_find(metrics_.get(), name.data(), name.size());
  }

  detail::Handle<es_metrics, es_metrics_close> metrics_;
};

}  // namespace eventsource
