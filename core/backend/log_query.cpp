#include "core/backend/log_query.hpp"

#include <algorithm>

#include "eventsource/limits.h"

#include "core/base/defect.hpp"
#include "core/event/partition.hpp"

namespace eventsource::core {
namespace {

bool names(const std::vector<std::string>& list, std::string_view name) {
  return list.empty() || std::find(list.begin(), list.end(), name) != list.end();
}

}  // namespace

bool Filter::passes_everything() const {
  return event_types.empty() && aggregate_types.empty() && !tenant_id && partitions == 1 &&
         occurred_from == std::numeric_limits<std::int64_t>::min() &&
         occurred_to == std::numeric_limits<std::int64_t>::max();
}

bool Filter::passes(const EventRow& row) const {
  if (row.occurred_at < occurred_from) return false;
  // An open end takes what is beyond every time ("infinity") as well.
  if (occurred_to != std::numeric_limits<std::int64_t>::max() &&
      row.occurred_at >= occurred_to + (ES_DEFECT(closed_time_range) ? 1 : 0))
    return false;
  if (tenant_id && row.tenant_id != tenant_id && !(ES_DEFECT(tenantless_pass) && !row.tenant_id)) return false;
  if (!ES_DEFECT(partition_ignored) && partitions > 1 && partition_of(row.aggregate_id, partitions) != partition)
    return false;
  return names(event_types, row.event_type) && names(aggregate_types, row.aggregate_type);
}

bool LogWalk::may_look() const {
  return (ES_DEFECT(scan_to_the_end) || passed_over_ < ES_PAGE_SCAN_EVENTS) && !past_through_;
}

bool LogWalk::wants(const EventRow& row) {
  if (query_.through != 0 && row.position > query_.through - (ES_DEFECT(through_excluded) ? 1 : 0)) {
    past_through_ = true;
    return false;
  }
  if (query_.filter.passes(row)) return true;
  looked_through_ = row.position;
  ++passed_over_;
  return false;
}

bool LogWalk::add(const EventRow& row) {
  if (!page_.add(row)) {
    // What was passed over before it is looked at again: a backend that filters in SQL has not seen it.
    looked_through_ = added_through_;
    return false;
  }
  looked_through_ = added_through_ = row.position;
  return true;
}

ReadEnd LogWalk::end(bool exhausted, std::int64_t head) const {
  ReadEnd end;
  end.is_end = exhausted || past_through_;
  end.seen = head;
  if (looked_through_ != 0) {
    end.scanned_through = looked_through_;
  } else if (query_.after_end && !query_.backward) {
    end.scanned_through = head;
  } else {
    end.scanned_through = query_.after.value_or(0);
  }
  if (query_.backward && end.is_end) end.scanned_through = 0;
  return end;
}

}  // namespace eventsource::core
