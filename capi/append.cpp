// append.h.
#include "eventsource/append.h"

#include <algorithm>
#include <numeric>

#include "capi/guard.hpp"
#include "capi/handles.hpp"
#include "core/base/time_text.hpp"
#include "core/event/page_check.hpp"
#include "core/store/prepare.hpp"

namespace capi = eventsource::capi;
namespace core = eventsource::core;
using capi::guard;

es_status es_append_new(es_append** append, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need_place(append, "append"));
    *append = new es_append;
    return {};
  });
}

es_status es_append_stream(es_append* append, const char* aggregate_type, size_t aggregate_type_len,
                           const uint8_t aggregate_id[16], int64_t expected_version, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(append, "append"));
    RETURN_IF_ERROR(capi::need_text(aggregate_type, aggregate_type_len, "aggregate_type"));
    RETURN_IF_ERROR(capi::need(aggregate_id, "aggregate_id"));
    return append->builder.choose_stream({capi::view(aggregate_type, aggregate_type_len), capi::uuid(aggregate_id)},
                                         expected_version);
  });
}

es_status es_append_event(es_append* append, const char* event_type, size_t event_type_len, const char* data,
                          size_t data_len, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(append, "append"));
    RETURN_IF_ERROR(capi::need_text(event_type, event_type_len, "event_type"));
    RETURN_IF_ERROR(capi::need_text(data, data_len, "data"));
    return append->builder.add_event(capi::view(event_type, event_type_len), capi::view(data, data_len));
  });
}

namespace {

// Runs `change` on the event added last.
template <typename Change>
es_status change_last(es_append* append, es_error** err, Change&& change) noexcept {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(append, "append"));
    core::EventInput* const event = append->builder.last();
    if (event == nullptr) return core::Error(ES_INVALID_ARGUMENT, "the append has no event yet: add one first");
    return change(*event);
  });
}

es_status set_id(es_append* append, const uint8_t* id, const char* field,
                 std::optional<core::Uuid> core::EventInput::* member, es_error** err) noexcept {
  return change_last(append, err, [&](core::EventInput& event) -> core::Status {
    RETURN_IF_ERROR(capi::need(id, field));
    event.*member = capi::uuid(id);
    return {};
  });
}

}  // namespace

es_status es_append_set_event_id(es_append* append, const uint8_t event_id[16], es_error** err) ES_NOEXCEPT {
  return change_last(append, err, [&](core::EventInput& event) -> core::Status {
    RETURN_IF_ERROR(capi::need(event_id, "event_id"));
    const core::Uuid id = capi::uuid(event_id);
    if (id.is_nil()) return core::Error(ES_INVALID_ID, "event_id is the nil UUID").detail("field", "event_id");
    event.event_id = id;
    return {};
  });
}

es_status es_append_set_event_version(es_append* append, int32_t event_version, es_error** err) ES_NOEXCEPT {
  return change_last(append, err, [&](core::EventInput& event) -> core::Status {
    RETURN_IF_ERROR(core::check_event_version(event_version));
    event.event_version = event_version;
    return {};
  });
}

es_status es_append_set_occurred_at(es_append* append, int64_t occurred_at, es_error** err) ES_NOEXCEPT {
  return change_last(append, err, [&](core::EventInput& event) -> core::Status {
    if (!core::time_in_range(occurred_at)) {
      return core::Error(ES_INVALID_TIME, "occurred_at is outside of the years 1 to 9999")
          .detail("field", "occurred_at");
    }
    event.occurred_at = occurred_at;
    return {};
  });
}

es_status es_append_set_tenant_id(es_append* append, const uint8_t tenant_id[16], es_error** err) ES_NOEXCEPT {
  return set_id(append, tenant_id, "tenant_id", &core::EventInput::tenant_id, err);
}

es_status es_append_set_correlation_id(es_append* append, const uint8_t correlation_id[16],
                                       es_error** err) ES_NOEXCEPT {
  return set_id(append, correlation_id, "correlation_id", &core::EventInput::correlation_id, err);
}

es_status es_append_set_causation_id(es_append* append, const uint8_t causation_id[16], es_error** err) ES_NOEXCEPT {
  return set_id(append, causation_id, "causation_id", &core::EventInput::causation_id, err);
}

es_status es_append_set_actor_id(es_append* append, const char* actor_id, size_t actor_id_len,
                                 es_error** err) ES_NOEXCEPT {
  return change_last(append, err, [&](core::EventInput& event) -> core::Status {
    RETURN_IF_ERROR(capi::need_text(actor_id, actor_id_len, "actor_id"));
    event.actor_id = append->builder.keep(capi::view(actor_id, actor_id_len));
    return {};
  });
}

es_status es_append_set_metadata(es_append* append, const char* metadata, size_t metadata_len,
                                 es_error** err) ES_NOEXCEPT {
  return change_last(append, err, [&](core::EventInput& event) -> core::Status {
    RETURN_IF_ERROR(capi::need_text(metadata, metadata_len, "metadata"));
    event.metadata = append->builder.keep(capi::view(metadata, metadata_len));
    return {};
  });
}

es_status es_append_set_on_duplicate(es_append* append, int32_t on_duplicate, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(append, "append"));
    if (on_duplicate != ES_ON_DUPLICATE_ERROR && on_duplicate != ES_ON_DUPLICATE_SKIP) {
      return core::Error(ES_INVALID_ARGUMENT, "on_duplicate is ES_ON_DUPLICATE_ERROR or ES_ON_DUPLICATE_SKIP");
    }
    append->builder.skip_duplicates(on_duplicate == ES_ON_DUPLICATE_SKIP);
    return {};
  });
}

size_t es_append_count(const es_append* append) ES_NOEXCEPT {
  return append == nullptr ? 0 : append->builder.input().events.size();
}

const uint8_t* es_append_event_id(const es_append* append, size_t index) ES_NOEXCEPT {
  if (index >= es_append_count(append)) return nullptr;
  return append->builder.input().events[index].event_id->bytes.data();
}

void es_append_clear(es_append* append) ES_NOEXCEPT {
  if (append != nullptr) append->builder.clear();
}

void es_append_close(es_append** append) ES_NOEXCEPT {
  capi::close(append);
}

namespace {

// The result's place is made before the store is asked: what is written is always reported.
core::Status append_input(es_store* store, const core::AppendInput& input, const es_call* call,
                          es_append_result** result) {
  auto handle = std::make_unique<es_append_result>();
  ASSIGN_OR_RETURN(handle->result, core::now(capi::store_of(store)->append(input, capi::options_of(call))));
  if (result != nullptr) *result = handle.release();
  return {};
}

}  // namespace

es_status es_store_append(es_store* store, const es_append* append, const es_call* call, es_append_result** result,
                          es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    if (result != nullptr) *result = nullptr;
    RETURN_IF_ERROR(capi::need(store, "store"));
    RETURN_IF_ERROR(capi::need(append, "append"));
    return append_input(store, append->builder.input(), call, result);
  });
}

es_status es_store_append_packed(es_store* store, const void* buffer, size_t size, const es_call* call,
                                 es_append_result** result, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    if (result != nullptr) *result = nullptr;
    RETURN_IF_ERROR(capi::need(store, "store"));
    RETURN_IF_ERROR(capi::need_text(buffer, size, "buffer"));
    ASSIGN_OR_RETURN(const core::AppendInput input, core::read_packed({static_cast<const std::byte*>(buffer), size}));
    return append_input(store, input, call, result);
  });
}

namespace {

template <typename T>
const T* array(const std::vector<T>& values) noexcept {
  return values.empty() ? nullptr : values.data();
}

}  // namespace

size_t es_append_result_count(const es_append_result* result) ES_NOEXCEPT {
  return result == nullptr ? 0 : result->result.event_ids.size();
}

size_t es_append_result_known_count(const es_append_result* result) ES_NOEXCEPT {
  if (result == nullptr) return 0;
  const auto& known = result->result.outcome.known;
  return std::accumulate(known.begin(), known.end(), size_t{0});
}

int64_t es_append_result_first_position(const es_append_result* result) ES_NOEXCEPT {
  if (es_append_result_count(result) == 0) return 0;
  return *std::ranges::min_element(result->result.outcome.positions);
}

int64_t es_append_result_last_position(const es_append_result* result) ES_NOEXCEPT {
  if (es_append_result_count(result) == 0) return 0;
  return *std::ranges::max_element(result->result.outcome.positions);
}

const uint8_t* es_append_result_event_ids(const es_append_result* result) ES_NOEXCEPT {
  if (es_append_result_count(result) == 0) return nullptr;
  static_assert(sizeof(core::Uuid) == 16);
  return result->result.event_ids.front().bytes.data();
}

const int64_t* es_append_result_positions(const es_append_result* result) ES_NOEXCEPT {
  return result == nullptr ? nullptr : array(result->result.outcome.positions);
}

const int64_t* es_append_result_versions(const es_append_result* result) ES_NOEXCEPT {
  return result == nullptr ? nullptr : array(result->result.outcome.versions);
}

const uint8_t* es_append_result_known(const es_append_result* result) ES_NOEXCEPT {
  return result == nullptr ? nullptr : array(result->result.outcome.known);
}

size_t es_append_result_stream_count(const es_append_result* result) ES_NOEXCEPT {
  return result == nullptr ? 0 : result->result.outcome.stream_versions.size();
}

const int64_t* es_append_result_stream_versions(const es_append_result* result) ES_NOEXCEPT {
  return result == nullptr ? nullptr : array(result->result.outcome.stream_versions);
}

const int32_t* es_append_result_event_streams(const es_append_result* result) ES_NOEXCEPT {
  return result == nullptr ? nullptr : array(result->result.event_streams);
}

const char* es_append_result_token(const es_append_result* result) ES_NOEXCEPT {
  return result == nullptr ? nullptr : result->result.token.c_str();
}

void es_append_result_close(es_append_result** result) ES_NOEXCEPT {
  capi::close(result);
}
