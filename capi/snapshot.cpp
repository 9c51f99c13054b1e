// snapshot.h.
#include "eventsource/snapshot.h"

#include "capi/guard.hpp"
#include "capi/handles.hpp"

namespace capi = eventsource::capi;
namespace core = eventsource::core;
using capi::guard;

namespace {

// The arguments that all calls about one stream's snapshot share.
core::Status check(const es_store* store, const char* aggregate_type, size_t aggregate_type_len,
                   const uint8_t* aggregate_id, core::StreamName& stream) {
  RETURN_IF_ERROR(capi::need(store, "store"));
  RETURN_IF_ERROR(capi::need_text(aggregate_type, aggregate_type_len, "aggregate_type"));
  RETURN_IF_ERROR(capi::need(aggregate_id, "aggregate_id"));
  stream = {capi::view(aggregate_type, aggregate_type_len), capi::uuid(aggregate_id)};
  return {};
}

}  // namespace

es_status es_store_save_snapshot(es_store* store, const char* aggregate_type, size_t aggregate_type_len,
                                 const uint8_t aggregate_id[16], int64_t version, int32_t schema_version,
                                 const char* state, size_t state_len, const es_call* call, int32_t* saved,
                                 es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    core::StreamName stream;
    RETURN_IF_ERROR(check(store, aggregate_type, aggregate_type_len, aggregate_id, stream));
    RETURN_IF_ERROR(capi::need_text(state, state_len, "state"));
    ASSIGN_OR_RETURN(const bool replaced,
                     core::now(capi::store_of(store)->save_snapshot(
                         stream, version, schema_version, capi::view(state, state_len), capi::options_of(call))));
    if (saved != nullptr) *saved = replaced ? 1 : 0;
    return {};
  });
}

es_status es_store_load_snapshot(es_store* store, const char* aggregate_type, size_t aggregate_type_len,
                                 const uint8_t aggregate_id[16], const es_call* call, es_snapshot** snapshot,
                                 es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    core::StreamName stream;
    RETURN_IF_ERROR(capi::need_place(snapshot, "snapshot"));
    RETURN_IF_ERROR(check(store, aggregate_type, aggregate_type_len, aggregate_id, stream));
    auto handle = std::make_unique<es_snapshot>();
    ASSIGN_OR_RETURN(handle->snapshot, core::now(capi::store_of(store)->load_snapshot(stream, capi::options_of(call))));
    *snapshot = handle.release();
    return {};
  });
}

es_status es_store_delete_snapshot(es_store* store, const char* aggregate_type, size_t aggregate_type_len,
                                   const uint8_t aggregate_id[16], const es_call* call, int32_t* deleted,
                                   es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    core::StreamName stream;
    RETURN_IF_ERROR(check(store, aggregate_type, aggregate_type_len, aggregate_id, stream));
    ASSIGN_OR_RETURN(const bool was_there,
                     core::now(capi::store_of(store)->delete_snapshot(stream, capi::options_of(call))));
    if (deleted != nullptr) *deleted = was_there ? 1 : 0;
    return {};
  });
}

int64_t es_snapshot_version(const es_snapshot* snapshot) ES_NOEXCEPT {
  return snapshot == nullptr ? 0 : snapshot->snapshot.version;
}

int32_t es_snapshot_schema_version(const es_snapshot* snapshot) ES_NOEXCEPT {
  return snapshot == nullptr ? 0 : snapshot->snapshot.schema_version;
}

int64_t es_snapshot_created_at(const es_snapshot* snapshot) ES_NOEXCEPT {
  return snapshot == nullptr ? 0 : snapshot->snapshot.created_at;
}

const char* es_snapshot_state(const es_snapshot* snapshot, size_t* length) ES_NOEXCEPT {
  if (length != nullptr) *length = snapshot == nullptr ? 0 : snapshot->snapshot.state.size();
  return snapshot == nullptr ? nullptr : snapshot->snapshot.state.data();
}

void es_snapshot_close(es_snapshot** snapshot) ES_NOEXCEPT {
  capi::close(snapshot);
}
