#include "tests/conformance/session_cpp/calls.hpp"

#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include "tests/conformance/session_cpp/handle.hpp"

namespace conformance {
namespace {

constexpr std::int64_t kTag = 20'251'125;

using CompletionHandle = Handle<es_completion, es_completion_close>;

// The queue of all calls, which are made one after the other. Lives as long as the program.
es_queue* queue() {
  static es_queue* const only = [] {
    es_queue* made = nullptr;
    if (es_queue_new(&made, nullptr) != ES_OK) throw std::runtime_error("no queue");
    return made;
  }();
  return only;
}

// Waits for the one call that was started, and gives what the call that waits would return; `take` fetches its result.
template <typename Take>
es_status end(es_status started, es_error** err, std::int32_t kind, const Take& take) {
  if (started != ES_OK) return started;
  CompletionHandle done;
  std::size_t count = 0;
  if (es_queue_wait(queue(), -1, nullptr) != ES_OK || es_queue_take(queue(), done.out(), 1, &count, nullptr) != ES_OK ||
      count != 1) {
    throw std::runtime_error("a started call did not end");
  }
  if (es_completion_tag(done.get()) != kTag || es_completion_kind(done.get()) != kind ||
      es_queue_wait(queue(), 0, nullptr) != ES_TIMEOUT) {
    throw std::runtime_error("a started call ended as another, or twice");
  }
  const es_status status = es_completion_status(done.get());
  if (status == ES_OK) take(done.get());
  if (err != nullptr) *err = es_completion_take_error(done.get());
  return status;
}

// Numbers come as one type.
template <typename Number>
auto number_into(Number* place) {
  return [place](const es_completion* done) {
    if (place != nullptr) *place = static_cast<Number>(es_completion_number(done));
  };
}

template <typename Object>
auto object_into(Object** place, Object* (*take)(es_completion*) noexcept) {
  if (place != nullptr) *place = nullptr;
  return [place, take](es_completion* done) {
    if (place != nullptr) *place = take(done);
  };
}

es_status open(std::uint32_t abi, const char* url, std::size_t url_len, const es_options* options, const es_call* call,
               es_store** store, es_error** err) {
  const auto take = object_into(store, es_completion_take_store);
  return end(es_store_start_open(abi, url, url_len, options, call, queue(), kTag, err), err, ES_CALL_OPEN, take);
}

es_status shutdown(es_store* store, std::int64_t timeout_ms, es_error** err) {
  const auto nothing = [](const es_completion*) {};
  return end(es_store_start_shutdown(store, timeout_ms, queue(), kTag, err), err, ES_CALL_SHUTDOWN, nothing);
}

es_status append(es_store* store, const es_append* events, const es_call* call, es_append_result** result,
                 es_error** err) {
  const auto take = object_into(result, es_completion_take_append_result);
  return end(es_store_start_append(store, events, call, queue(), kTag, err), err, ES_CALL_APPEND, take);
}

es_status append_packed(es_store* store, const void* buffer, std::size_t size, const es_call* call,
                        es_append_result** result, es_error** err) {
  const auto take = object_into(result, es_completion_take_append_result);
  return end(es_store_start_append_packed(store, buffer, size, call, queue(), kTag, err), err, ES_CALL_APPEND, take);
}

es_status read_stream(es_store* store, const char* type, std::size_t type_len, const std::uint8_t* id,
                      const es_read* read, const es_call* call, es_page** page, es_error** err) {
  const auto take = object_into(page, es_completion_take_page);
  return end(es_store_start_read_stream(store, type, type_len, id, read, call, queue(), kTag, err), err,
             ES_CALL_READ_STREAM, take);
}

es_status read_log(es_store* store, const es_read* read, const es_call* call, es_page** page, es_error** err) {
  const auto take = object_into(page, es_completion_take_page);
  return end(es_store_start_read_log(store, read, call, queue(), kTag, err), err, ES_CALL_READ_LOG, take);
}

es_status read_event(es_store* store, const std::uint8_t* id, std::uint32_t content, const es_call* call,
                     es_page** page, es_error** err) {
  const auto take = object_into(page, es_completion_take_page);
  return end(es_store_start_read_event(store, id, content, call, queue(), kTag, err), err, ES_CALL_READ_EVENT, take);
}

es_status head(es_store* store, const es_call* call, std::int64_t* position, es_error** err) {
  return end(es_store_start_head(store, call, queue(), kTag, err), err, ES_CALL_HEAD, number_into(position));
}

es_status stream_version(es_store* store, const char* type, std::size_t type_len, const std::uint8_t* id,
                         const es_call* call, std::int64_t* version, es_error** err) {
  return end(es_store_start_stream_version(store, type, type_len, id, call, queue(), kTag, err), err,
             ES_CALL_STREAM_VERSION, number_into(version));
}

es_status count(es_store* store, const es_filter* filter, const es_call* call, std::int64_t* found, es_error** err) {
  return end(es_store_start_count(store, filter, call, queue(), kTag, err), err, ES_CALL_COUNT, number_into(found));
}

es_status save_snapshot(es_store* store, const char* type, std::size_t type_len, const std::uint8_t* id,
                        std::int64_t version, std::int32_t schema_version, const char* state, std::size_t state_len,
                        const es_call* call, std::int32_t* saved, es_error** err) {
  return end(es_store_start_save_snapshot(store, type, type_len, id, version, schema_version, state, state_len, call,
                                          queue(), kTag, err),
             err, ES_CALL_SAVE_SNAPSHOT, number_into(saved));
}

es_status load_snapshot(es_store* store, const char* type, std::size_t type_len, const std::uint8_t* id,
                        const es_call* call, es_snapshot** snapshot, es_error** err) {
  const auto take = object_into(snapshot, es_completion_take_snapshot);
  return end(es_store_start_load_snapshot(store, type, type_len, id, call, queue(), kTag, err), err,
             ES_CALL_LOAD_SNAPSHOT, take);
}

es_status delete_snapshot(es_store* store, const char* type, std::size_t type_len, const std::uint8_t* id,
                          const es_call* call, std::int32_t* deleted, es_error** err) {
  return end(es_store_start_delete_snapshot(store, type, type_len, id, call, queue(), kTag, err), err,
             ES_CALL_DELETE_SNAPSHOT, number_into(deleted));
}

es_status inspect(es_store* store, const es_call* call, es_inspection** inspection, es_error** err) {
  const auto take = object_into(inspection, es_completion_take_inspection);
  return end(es_store_start_inspect(store, call, queue(), kTag, err), err, ES_CALL_INSPECT, take);
}

}  // namespace

const Calls& direct_calls() {
  static constexpr Calls kCalls = {
      es_store_open,
      es_store_shutdown,
      es_store_append,
      es_store_append_packed,
      es_store_read_stream,
      es_store_read_log,
      es_store_read_event,
      es_store_head,
      es_store_stream_version,
      es_store_count,
      es_store_save_snapshot,
      es_store_load_snapshot,
      es_store_delete_snapshot,
      es_store_inspect,
  };
  return kCalls;
}

const Calls& started_calls() {
  static constexpr Calls kCalls = {
      open, shutdown,       append, append_packed, read_stream,   read_log,        read_event,
      head, stream_version, count,  save_snapshot, load_snapshot, delete_snapshot, inspect,
  };
  return kCalls;
}

const Calls& calls_of_this_run() {
  const char* const chosen = std::getenv("EVENTSOURCE_CONFORMANCE_CALLS");
  if (chosen == nullptr) return direct_calls();
  if (std::string_view(chosen) != "started") throw std::runtime_error("EVENTSOURCE_CONFORMANCE_CALLS is `started`");
  return started_calls();
}

}  // namespace conformance
