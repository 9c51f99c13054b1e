// read.h.
#include "eventsource/read.h"

#include "capi/guard.hpp"
#include "capi/handles.hpp"

namespace capi = eventsource::capi;
namespace core = eventsource::core;
using capi::guard;

namespace {

core::Error invalid(const std::string& what) {
  return core::Error(ES_INVALID_ARGUMENT, what);
}

core::Status check_limit(const char* what, int64_t value, int64_t lowest, int64_t highest) {
  if (value >= lowest && value <= highest) return {};
  return core::Error(ES_LIMIT_EXCEEDED, std::string(what) + " is " + std::to_string(value) + ", it can be " +
                                            std::to_string(lowest) + " to " + std::to_string(highest))
      .detail("field", what)
      .detail("limit", value < lowest ? lowest : highest);
}

core::ReadOptions options_of(const es_read* read) {
  return read == nullptr ? core::ReadOptions() : read->options;
}

// Puts what a read gave into a new handle.
core::Status give(core::Result<std::shared_ptr<const core::Page>> result, es_page** page) {
  auto handle = std::make_unique<es_page>();
  ASSIGN_OR_RETURN(handle->page, std::move(result));
  *page = handle.release();
  return {};
}

}  // namespace

es_status es_read_new(es_read** read, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need_place(read, "read"));
    *read = new es_read;
    return {};
  });
}

es_status es_read_set_direction(es_read* read, int32_t direction, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(read, "read"));
    if (direction != ES_FORWARD && direction != ES_BACKWARD) return invalid("a direction is ES_FORWARD or ES_BACKWARD");
    read->options.backward = direction == ES_BACKWARD;
    return {};
  });
}

es_status es_read_set_content(es_read* read, uint32_t content, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(read, "read"));
    RETURN_IF_ERROR(core::check_content(content));
    read->options.content = content;
    return {};
  });
}

es_status es_read_set_page_events(es_read* read, int64_t events, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(read, "read"));
    RETURN_IF_ERROR(check_limit("page_events", events, 1, ES_PAGE_EVENTS_MAX));
    read->options.page_events = events;
    return {};
  });
}

es_status es_read_set_page_bytes(es_read* read, int64_t bytes, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(read, "read"));
    RETURN_IF_ERROR(check_limit("page_bytes", bytes, ES_PAGE_BYTES_MIN, ES_PAGE_BYTES_MAX));
    read->options.page_bytes = bytes;
    return {};
  });
}

es_status es_read_set_after(es_read* read, int64_t position, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(read, "read"));
    if (position < ES_POSITION_END) return invalid("there is no position " + std::to_string(position));
    read->options.after = position;
    return {};
  });
}

es_status es_read_set_through(es_read* read, int64_t position, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(read, "read"));
    if (position < 0) return invalid("a read can't end at position " + std::to_string(position));
    read->options.through = position;
    return {};
  });
}

es_status es_read_set_versions(es_read* read, int64_t from, int64_t to, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(read, "read"));
    if (from < 1 || from > to) return invalid("versions are read from at least 1, up to at least the same");
    read->options.versions = {from, to};
    return {};
  });
}

es_status es_read_set_filter(es_read* read, const es_filter* filter, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(read, "read"));
    std::optional<core::Filter> copy;
    if (filter != nullptr) copy = filter->filter;
    read->options.filter = std::move(copy);
    return {};
  });
}

void es_read_close(es_read** read) ES_NOEXCEPT {
  capi::close(read);
}

es_status es_store_read_stream(es_store* store, const char* aggregate_type, size_t aggregate_type_len,
                               const uint8_t aggregate_id[16], const es_read* read, const es_call* call, es_page** page,
                               es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need_place(page, "page"));
    RETURN_IF_ERROR(capi::need(store, "store"));
    RETURN_IF_ERROR(capi::need_text(aggregate_type, aggregate_type_len, "aggregate_type"));
    RETURN_IF_ERROR(capi::need(aggregate_id, "aggregate_id"));
    const core::StreamName stream{capi::view(aggregate_type, aggregate_type_len), capi::uuid(aggregate_id)};
    return give(core::now(capi::store_of(store)->read_stream(stream, options_of(read), capi::options_of(call))), page);
  });
}

es_status es_store_read_log(es_store* store, const es_read* read, const es_call* call, es_page** page,
                            es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need_place(page, "page"));
    RETURN_IF_ERROR(capi::need(store, "store"));
    return give(core::now(capi::store_of(store)->read_log(options_of(read), capi::options_of(call))), page);
  });
}

es_status es_store_read_event(es_store* store, const uint8_t event_id[16], uint32_t content, const es_call* call,
                              es_page** page, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need_place(page, "page"));
    RETURN_IF_ERROR(capi::need(store, "store"));
    RETURN_IF_ERROR(capi::need(event_id, "event_id"));
    return give(core::now(capi::store_of(store)->read_event(capi::uuid(event_id), content, capi::options_of(call))),
                page);
  });
}

es_status es_store_head(es_store* store, const es_call* call, int64_t* position, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(store, "store"));
    RETURN_IF_ERROR(capi::need(position, "position"));
    ASSIGN_OR_RETURN(*position, core::now(capi::store_of(store)->head(capi::options_of(call))));
    return {};
  });
}

es_status es_store_stream_version(es_store* store, const char* aggregate_type, size_t aggregate_type_len,
                                  const uint8_t aggregate_id[16], const es_call* call, int64_t* version,
                                  es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(store, "store"));
    RETURN_IF_ERROR(capi::need_text(aggregate_type, aggregate_type_len, "aggregate_type"));
    RETURN_IF_ERROR(capi::need(aggregate_id, "aggregate_id"));
    RETURN_IF_ERROR(capi::need(version, "version"));
    const core::StreamName stream{capi::view(aggregate_type, aggregate_type_len), capi::uuid(aggregate_id)};
    ASSIGN_OR_RETURN(*version, core::now(capi::store_of(store)->stream_version(stream, capi::options_of(call))));
    return {};
  });
}

es_status es_store_count(es_store* store, const es_filter* filter, const es_call* call, int64_t* count,
                         es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(store, "store"));
    RETURN_IF_ERROR(capi::need(count, "count"));
    const core::Filter everything;
    const core::Filter& wanted = filter == nullptr ? everything : filter->filter;
    ASSIGN_OR_RETURN(*count, core::now(capi::store_of(store)->count(wanted, capi::options_of(call))));
    return {};
  });
}
