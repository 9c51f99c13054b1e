// Which events of the log a read or a count is about. A plain value; all conditions must hold.
//
//     store.log({.filter = {.event_types = {"OrderPlaced", "OrderPaid"}}});
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "eventsource/cpp/handle.hpp"
#include "eventsource/cpp/result.hpp"
#include "eventsource/cpp/time.hpp"
#include "eventsource/cpp/uuid.hpp"
#include "eventsource/filter.h"

namespace eventsource {

struct Filter {
  // Empty: all.
  std::vector<std::string> event_types = {};
  std::vector<std::string> aggregate_types = {};
  std::optional<Uuid> tenant = {};
  // occurred_from <= occurred_at < occurred_to.
  Time occurred_from = Time::min();
  Time occurred_to = Time::max();
  // Part `first` of `second` parts: the events of one aggregate are always in the same part.
  std::optional<std::pair<std::int32_t, std::int32_t>> partition = {};

  friend bool operator==(const Filter&, const Filter&) = default;
};

// The part of n into which an aggregate falls; -1 for n < 1.
[[nodiscard]] inline std::int32_t partition_of(const Uuid& aggregate_id, std::int32_t n) noexcept {
  return es_partition(aggregate_id.data(), n);
}

namespace detail {

// A Filter in C's form. NULL when it passes everything.
class FilterHandle {
 public:
  explicit FilterHandle(const Filter& filter) {
    if (filter == Filter{}) return;
    check(error_, es_filter_new, filter_.out());
    for (const std::string& name : filter.event_types)
      check(error_, es_filter_add_event_type, filter_.get(), name.data(), name.size());
    for (const std::string& name : filter.aggregate_types)
      check(error_, es_filter_add_aggregate_type, filter_.get(), name.data(), name.size());
    if (filter.tenant) check(error_, es_filter_set_tenant_id, filter_.get(), filter.tenant->data());
    check(error_, es_filter_set_occurred, filter_.get(), to_micros(filter.occurred_from),
          to_micros(filter.occurred_to));
    if (filter.partition)
      check(error_, es_filter_set_partition, filter_.get(), filter.partition->first, filter.partition->second);
  }

  [[nodiscard]] const Error& error() const noexcept { return error_; }
  [[nodiscard]] const es_filter* get() const noexcept { return filter_.get(); }

 private:
  Handle<es_filter, es_filter_close> filter_;
  Error error_;
};

}  // namespace detail
}  // namespace eventsource
