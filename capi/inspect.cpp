// inspect.h.
#include "eventsource/inspect.h"

#include "capi/guard.hpp"
#include "capi/handles.hpp"

namespace capi = eventsource::capi;
namespace core = eventsource::core;

namespace {

int64_t number(const es_inspection* inspection, std::int64_t core::Inspection::* member) noexcept {
  return inspection == nullptr ? 0 : inspection->inspection.*member;
}

const core::TypeCount* type_at(const es_inspection* inspection, size_t index) noexcept {
  return index < es_inspection_type_count(inspection) ? &inspection->inspection.types[index] : nullptr;
}

}  // namespace

es_status es_store_inspect(es_store* store, const es_call* call, es_inspection** inspection,
                           es_error** err) ES_NOEXCEPT {
  return capi::guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need_place(inspection, "inspection"));
    RETURN_IF_ERROR(capi::need(store, "store"));
    auto handle = std::make_unique<es_inspection>();
    ASSIGN_OR_RETURN(handle->inspection, core::now(capi::store_of(store)->inspect(capi::options_of(call))));
    *inspection = handle.release();
    return {};
  });
}

int64_t es_inspection_events(const es_inspection* inspection) ES_NOEXCEPT {
  return number(inspection, &core::Inspection::events);
}
int64_t es_inspection_streams(const es_inspection* inspection) ES_NOEXCEPT {
  return number(inspection, &core::Inspection::streams);
}
int64_t es_inspection_snapshots(const es_inspection* inspection) ES_NOEXCEPT {
  return number(inspection, &core::Inspection::snapshots);
}
int64_t es_inspection_first_position(const es_inspection* inspection) ES_NOEXCEPT {
  return number(inspection, &core::Inspection::first_position);
}
int64_t es_inspection_last_position(const es_inspection* inspection) ES_NOEXCEPT {
  return number(inspection, &core::Inspection::last_position);
}
int64_t es_inspection_file_bytes(const es_inspection* inspection) ES_NOEXCEPT {
  return number(inspection, &core::Inspection::file_bytes);
}
int64_t es_inspection_wal_bytes(const es_inspection* inspection) ES_NOEXCEPT {
  return number(inspection, &core::Inspection::wal_bytes);
}

size_t es_inspection_type_count(const es_inspection* inspection) ES_NOEXCEPT {
  return inspection == nullptr ? 0 : inspection->inspection.types.size();
}

const char* es_inspection_aggregate_type(const es_inspection* inspection, size_t index) ES_NOEXCEPT {
  const core::TypeCount* const type = type_at(inspection, index);
  return type == nullptr ? nullptr : type->aggregate_type.c_str();
}

const char* es_inspection_event_type(const es_inspection* inspection, size_t index) ES_NOEXCEPT {
  const core::TypeCount* const type = type_at(inspection, index);
  return type == nullptr ? nullptr : type->event_type.c_str();
}

int64_t es_inspection_type_events(const es_inspection* inspection, size_t index) ES_NOEXCEPT {
  const core::TypeCount* const type = type_at(inspection, index);
  return type == nullptr ? 0 : type->events;
}

void es_inspection_close(es_inspection** inspection) ES_NOEXCEPT {
  capi::close(inspection);
}
