// filter.h.
#include "eventsource/filter.h"

#include <algorithm>

#include "capi/guard.hpp"
#include "capi/handles.hpp"
#include "core/event/partition.hpp"
#include "core/store/prepare.hpp"

namespace capi = eventsource::capi;
namespace core = eventsource::core;
using capi::guard;

namespace {

constexpr int32_t kMaxPartitions = 65536;

core::Status add_name(std::vector<std::string>& list, std::string_view name, const char* field) {
  RETURN_IF_ERROR(core::check_name(name, field));
  if (std::find(list.begin(), list.end(), name) != list.end()) return {};
  if (list.size() >= ES_FILTER_NAMES_MAX) {
    return core::Error(ES_LIMIT_EXCEEDED,
                       "a filter has at most " + std::to_string(ES_FILTER_NAMES_MAX) + " names of a kind")
        .detail("field", field)
        .detail("limit", int64_t{ES_FILTER_NAMES_MAX});
  }
  list.emplace_back(name);
  return {};
}

}  // namespace

es_status es_filter_new(es_filter** filter, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need_place(filter, "filter"));
    *filter = new es_filter;
    return {};
  });
}

es_status es_filter_add_event_type(es_filter* filter, const char* name, size_t name_len, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(filter, "filter"));
    RETURN_IF_ERROR(capi::need_text(name, name_len, "name"));
    return add_name(filter->filter.event_types, capi::view(name, name_len), "event_type");
  });
}

es_status es_filter_add_aggregate_type(es_filter* filter, const char* name, size_t name_len,
                                       es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(filter, "filter"));
    RETURN_IF_ERROR(capi::need_text(name, name_len, "name"));
    return add_name(filter->filter.aggregate_types, capi::view(name, name_len), "aggregate_type");
  });
}

es_status es_filter_set_tenant_id(es_filter* filter, const uint8_t* tenant_id, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(filter, "filter"));
    filter->filter.tenant_id.reset();
    if (tenant_id != nullptr) filter->filter.tenant_id = capi::uuid(tenant_id);
    return {};
  });
}

es_status es_filter_set_occurred(es_filter* filter, int64_t from, int64_t to, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(filter, "filter"));
    if (from > to) return core::Error(ES_INVALID_ARGUMENT, "the range of occurred_at ends before it starts");
    filter->filter.occurred_from = from;
    filter->filter.occurred_to = to;
    return {};
  });
}

es_status es_filter_set_partition(es_filter* filter, int32_t k, int32_t n, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(filter, "filter"));
    if (k < 0 || k >= n || n > kMaxPartitions) {
      return core::Error(ES_INVALID_ARGUMENT, "there is no part " + std::to_string(k) + " of " + std::to_string(n) +
                                                  ": 0 <= k < n <= " + std::to_string(kMaxPartitions));
    }
    filter->filter.partition = k;
    filter->filter.partitions = n;
    return {};
  });
}

void es_filter_close(es_filter** filter) ES_NOEXCEPT {
  capi::close(filter);
}

int32_t es_partition(const uint8_t aggregate_id[16], int32_t n) ES_NOEXCEPT {
  if (aggregate_id == nullptr || n < 1) return -1;
  return core::partition_of(capi::uuid(aggregate_id), n);
}
