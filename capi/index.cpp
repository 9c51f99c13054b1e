// index.h.
#include "eventsource/index.h"

#include "capi/guard.hpp"
#include "capi/handles.hpp"

namespace capi = eventsource::capi;
namespace core = eventsource::core;
using capi::guard;

namespace {

// nullptr for no list and past the end.
const core::OptionalIndex* index_at(const es_indexes* indexes, size_t index) noexcept {
  return index < es_indexes_count(indexes) ? &indexes->indexes[index] : nullptr;
}

}  // namespace

es_status es_store_index_list(es_store* store, const es_call* call, es_indexes** indexes, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need_place(indexes, "indexes"));
    RETURN_IF_ERROR(capi::need(store, "store"));
    auto handle = std::make_unique<es_indexes>();
    ASSIGN_OR_RETURN(handle->indexes, core::now(capi::store_of(store)->list_indexes(capi::options_of(call))));
    *indexes = handle.release();
    return {};
  });
}

es_status es_store_index_add(es_store* store, const char* name, size_t name_len, const es_call* call, int32_t* made,
                             es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(store, "store"));
    RETURN_IF_ERROR(capi::need_text(name, name_len, "name"));
    ASSIGN_OR_RETURN(const bool is_new,
                     core::now(capi::store_of(store)->add_index(capi::view(name, name_len), capi::options_of(call))));
    if (made != nullptr) *made = is_new ? 1 : 0;
    return {};
  });
}

size_t es_indexes_count(const es_indexes* indexes) ES_NOEXCEPT {
  return indexes == nullptr ? 0 : indexes->indexes.size();
}

const char* es_indexes_name(const es_indexes* indexes, size_t index) ES_NOEXCEPT {
  const core::OptionalIndex* const one = index_at(indexes, index);
  return one == nullptr ? nullptr : one->name.c_str();
}

const char* es_indexes_purpose(const es_indexes* indexes, size_t index) ES_NOEXCEPT {
  const core::OptionalIndex* const one = index_at(indexes, index);
  return one == nullptr ? nullptr : one->purpose.c_str();
}

int32_t es_indexes_state(const es_indexes* indexes, size_t index) ES_NOEXCEPT {
  const core::OptionalIndex* const one = index_at(indexes, index);
  return one == nullptr ? ES_INDEX_ABSENT : one->state;
}

int64_t es_indexes_bytes(const es_indexes* indexes, size_t index) ES_NOEXCEPT {
  const core::OptionalIndex* const one = index_at(indexes, index);
  return one == nullptr ? 0 : one->bytes;
}

void es_indexes_close(es_indexes** indexes) ES_NOEXCEPT {
  capi::close(indexes);
}
