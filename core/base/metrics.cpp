#include "core/base/metrics.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace eventsource::core {
namespace {

constexpr MetricRow kMetrics[] = {
    {"eventsource_appends_total", "Appends that succeeded, also those that found their events stored already.",
     &Metrics::appends},
    {"eventsource_appended_events_total", "Events that were stored.", &Metrics::appended_events},
    {"eventsource_known_events_total", "Events of successful appends that were stored already.",
     &Metrics::known_events},
    {"eventsource_append_conflicts_total", "Appends refused because a stream was not at the expected version.",
     &Metrics::conflicts},
    {"eventsource_append_duplicates_total", "Appends refused because an event id was known already.",
     &Metrics::duplicates},
    {"eventsource_append_seconds", "How long appends took, whatever became of them.", &Metrics::append_time},
    {"eventsource_reads_total", "Pages read of streams and of the log, and events read by their id.", &Metrics::reads},
    {"eventsource_read_events_total", "Events on these pages.", &Metrics::read_events},
    {"eventsource_read_seconds", "How long these reads took, whatever became of them.", &Metrics::read_time},
    {"eventsource_batches_total", "Batches of gathered appends, also of one append alone.", &Metrics::batches},
    {"eventsource_batched_appends_total", "Appends in these batches.", &Metrics::batched_appends},
    {"eventsource_waiting_appends", "Appends that wait for the next batch.", &Metrics::waiting_appends},
    {"eventsource_timeouts_total", "Calls that ended with ES_TIMEOUT.", &Metrics::timeouts},
    {"eventsource_cancels_total", "Calls that ended with ES_CANCELLED.", &Metrics::cancels},
    {"eventsource_busy_total", "Calls that ended with ES_BUSY.", &Metrics::busy},
    {"eventsource_unavailable_total", "Calls that ended with ES_UNAVAILABLE.", &Metrics::unavailable},
    {"eventsource_unknown_outcomes_total", "Calls of which it stayed unknown whether they were carried out.",
     &Metrics::unknown_outcomes},
    {"eventsource_calls", "Calls under way.", &Metrics::calls},
    {"eventsource_calls_in_flight", "Started calls whose completion was not taken: max_in_flight limits them.",
     &Metrics::calls_in_flight},
    {"eventsource_waiting_completions", "Completions that wait in their queues.", &Metrics::waiting_completions},
    {"eventsource_retries_total", "PostgreSQL: transactions made again after a serialization failure or a deadlock.",
     &Metrics::retries},
    {"eventsource_resolved_outcomes_total", "Appends that failed at their commit and whose outcome was found out.",
     &Metrics::resolved_outcomes},
    {"eventsource_lock_waits_total", "SQLite: transactions of appends that found the file locked by somebody else.",
     &Metrics::lock_waits},
    {"eventsource_connections", "PostgreSQL: open connections.", &Metrics::connections},
    {"eventsource_connections_idle", "PostgreSQL: connections that nobody uses.", &Metrics::idle_connections},
    {"eventsource_connections_in_use", "PostgreSQL: places in the pool that calls have.", &Metrics::used_connections},
    {"eventsource_connection_waiters", "PostgreSQL: calls that wait for a connection.", &Metrics::connection_waiters},
    {"eventsource_connections_opened_total", "PostgreSQL: connections that were opened.", &Metrics::opened_connections},
    {"eventsource_connections_recycled_total", "PostgreSQL: connections that were replaced for their age.",
     &Metrics::recycled_connections},
    {"eventsource_connections_lost_total", "PostgreSQL: connections that the server or the network ended.",
     &Metrics::lost_connections},
};

// Cumulative, as the formats have it.
MetricValue look(const MetricRow& row, const Histogram& histogram) {
  MetricValue value;
  value.row = &row;
  // The sum first: every time in it is then in a bucket, or nearly so. The rest is the price of not waiting.
  value.sum_us = histogram.sum_us();
  value.buckets = histogram.counts();
  for (std::size_t i = 1; i < value.buckets.size(); ++i) value.buckets[i] += value.buckets[i - 1];
  value.value = value.buckets.back();
  return value;
}

template <typename One>
MetricValue look(const MetricRow& row, const One& one) {
  MetricValue value;
  value.row = &row;
  value.value = one.value();
  return value;
}

double seconds(std::int64_t us) {
  return static_cast<double>(us) / 1e6;
}

// Without an exponent, and with no more digits than it needs.
void append_seconds(std::string& out, std::int64_t us) {
  char text[64];
  out.append(&text[0], std::to_chars(&text[0], &text[sizeof text], seconds(us), std::chars_format::fixed).ptr);
}

void append_line(std::string& out, const char* name, const char* suffix, std::int64_t value) {
  out.append(name).append(suffix).append(" ").append(std::to_string(value)).append("\n");
}

void append_histogram(std::string& out, const MetricValue& value) {
  const char* const name = value.row->name;
  for (std::size_t i = 0; i < value.buckets.size(); ++i) {
    out.append(name).append("_bucket{le=\"");
    if (i < Histogram::kBoundsUs.size()) {
      append_seconds(out, Histogram::kBoundsUs[i]);
    } else {
      out.append("+Inf");
    }
    out.append("\"} ").append(std::to_string(value.buckets[i])).append("\n");
  }
  out.append(name).append("_sum ");
  append_seconds(out, value.sum_us);
  out.append("\n");
  append_line(out, name, "_count", value.value);
}

const char* type_of(const MetricRow& row) {
  constexpr const char* kTypes[] = {"counter", "gauge", "histogram"};
  return kTypes[row.place.index()];
}

}  // namespace

void Histogram::observe(std::int64_t us) noexcept {
  const auto bound = std::lower_bound(kBoundsUs.begin(), kBoundsUs.end(), us);
  counts_[static_cast<std::size_t>(bound - kBoundsUs.begin())].fetch_add(1, std::memory_order_relaxed);
  sum_us_.fetch_add(us, std::memory_order_relaxed);
}

Histogram::Counts Histogram::counts() const noexcept {
  Counts counts{};
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = counts_[i].load(std::memory_order_relaxed);
  return counts;
}

std::span<const MetricRow> metric_table() {
  return kMetrics;
}

double MetricValue::quantile(double q) const {
  if (value == 0) return 0;
  const double rank = std::clamp(q, 0.0, 1.0) * static_cast<double>(value);
  std::size_t i = 0;
  while (i + 1 < buckets.size() && static_cast<double>(buckets[i]) < rank) ++i;
  // Of what lies beyond the last bound nothing more is known.
  if (i == Histogram::kBoundsUs.size()) return seconds(Histogram::kBoundsUs.back());
  const double below = i == 0 ? 0 : static_cast<double>(buckets[i - 1]);
  const double inside = static_cast<double>(buckets[i]) - below;
  const double low = i == 0 ? 0 : seconds(Histogram::kBoundsUs[i - 1]);
  const double high = seconds(Histogram::kBoundsUs[i]);
  return inside == 0 ? low : low + (high - low) * (rank - below) / inside;
}

std::vector<MetricValue> look_at(const Metrics& metrics) {
  std::vector<MetricValue> values;
  values.reserve(std::size(kMetrics));
  for (const MetricRow& row : kMetrics) {
    values.push_back(std::visit([&](auto place) { return look(row, metrics.*place); }, row.place));
  }
  return values;
}

std::string exposition(std::span<const MetricValue> values) {
  std::string out;
  for (const MetricValue& value : values) {
    out.append("# HELP ").append(value.row->name).append(" ").append(value.row->help).append("\n");
    out.append("# TYPE ").append(value.row->name).append(" ").append(type_of(*value.row)).append("\n");
    if (value.is_histogram()) {
      append_histogram(out, value);
    } else {
      append_line(out, value.row->name, "", value.value);
    }
  }
  return out;
}

}  // namespace eventsource::core
