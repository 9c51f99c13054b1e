// metrics.h.
#include "eventsource/metrics.h"

#include <algorithm>
#include <cmath>

#include "capi/guard.hpp"
#include "capi/handles.hpp"

namespace capi = eventsource::capi;
namespace core = eventsource::core;

namespace {

static_assert(ES_METRIC_COUNTER == 0 && ES_METRIC_GAUGE == 1 && ES_METRIC_HISTOGRAM == 2, "the order in MetricRow");

// nullptr past the end.
const core::MetricValue* value_at(const es_metrics* metrics, size_t index) noexcept {
  return index < es_metrics_count(metrics) ? &metrics->values[index] : nullptr;
}

// nullptr past the end, and for what is no histogram.
const core::MetricValue* histogram_at(const es_metrics* metrics, size_t index) noexcept {
  const core::MetricValue* const value = value_at(metrics, index);
  return value != nullptr && value->is_histogram() ? value : nullptr;
}

}  // namespace

int32_t es_metric_at(size_t index, const char** name, int32_t* kind, const char** meaning) ES_NOEXCEPT {
  const auto table = core::metric_table();
  if (index >= table.size()) return 0;
  const core::MetricRow& row = table[index];
  if (name != nullptr) *name = row.name;
  if (kind != nullptr) *kind = static_cast<int32_t>(row.place.index());
  if (meaning != nullptr) *meaning = row.help;
  return 1;
}

es_status es_store_metrics(const es_store* store, es_metrics** metrics, es_error** err) ES_NOEXCEPT {
  return capi::guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need_place(metrics, "metrics"));
    RETURN_IF_ERROR(capi::need(store, "store"));
    auto handle = std::make_unique<es_metrics>();
    handle->values = core::look_at(capi::store_of(store)->metrics());
    handle->text = core::exposition(handle->values);
    *metrics = handle.release();
    return {};
  });
}

size_t es_metrics_count(const es_metrics* metrics) ES_NOEXCEPT {
  return metrics == nullptr ? 0 : metrics->values.size();
}

int64_t es_metrics_find(const es_metrics* metrics, const char* name, size_t name_len) ES_NOEXCEPT {
  if (metrics == nullptr || name == nullptr) return -1;
  const auto has_name = [wanted = std::string_view(name, name_len)](const core::MetricValue& value) {
    return value.row->name == wanted;
  };
  const auto found = std::find_if(metrics->values.begin(), metrics->values.end(), has_name);
  return found == metrics->values.end() ? -1 : found - metrics->values.begin();
}

int64_t es_metrics_value(const es_metrics* metrics, size_t index) ES_NOEXCEPT {
  const core::MetricValue* const value = value_at(metrics, index);
  return value == nullptr ? 0 : value->value;
}

double es_metrics_sum(const es_metrics* metrics, size_t index) ES_NOEXCEPT {
  const core::MetricValue* const value = value_at(metrics, index);
  return value == nullptr ? 0 : static_cast<double>(value->sum_us) / 1e6;
}

double es_metrics_quantile(const es_metrics* metrics, size_t index, double q) ES_NOEXCEPT {
  const core::MetricValue* const value = histogram_at(metrics, index);
  return value == nullptr ? 0 : value->quantile(q);
}

size_t es_metrics_bucket_count(const es_metrics* metrics, size_t index) ES_NOEXCEPT {
  const core::MetricValue* const value = histogram_at(metrics, index);
  return value == nullptr ? 0 : value->buckets.size();
}

int32_t es_metrics_bucket_at(const es_metrics* metrics, size_t index, size_t bucket, double* upper_bound,
                             int64_t* count) ES_NOEXCEPT {
  const core::MetricValue* const value = histogram_at(metrics, index);
  if (value == nullptr || bucket >= value->buckets.size()) return 0;
  const auto& bounds = core::Histogram::kBoundsUs;
  if (upper_bound != nullptr)
    *upper_bound = bucket < bounds.size() ? static_cast<double>(bounds[bucket]) / 1e6 : HUGE_VAL;
  if (count != nullptr) *count = value->buckets[bucket];
  return 1;
}

const char* es_metrics_text(const es_metrics* metrics, size_t* length) ES_NOEXCEPT {
  if (length != nullptr) *length = metrics == nullptr ? 0 : metrics->text.size();
  return metrics == nullptr ? nullptr : metrics->text.c_str();
}

void es_metrics_close(es_metrics** metrics) ES_NOEXCEPT {
  capi::close(metrics);
}
