// start.h.
#include "eventsource/start.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "capi/guard.hpp"
#include "capi/handles.hpp"
#include "core/event/append_copy.hpp"
#include "core/event/page_check.hpp"
#include "core/runtime/apart.hpp"
#include "core/store/shutdown.hpp"
#include "core/store/started_call.hpp"

namespace capi = eventsource::capi;
namespace core = eventsource::core;
using capi::guard;

namespace {

// A stream's name of its own.
struct StreamCopy {
  std::string aggregate_type;
  core::Uuid aggregate_id;

  [[nodiscard]] core::StreamName name() const { return {aggregate_type, aggregate_id}; }
};

std::unique_ptr<es_completion> completion(int64_t tag, int32_t kind) {
  return std::make_unique<es_completion>(tag, kind);
}

// A completion with the place for a result.
template <typename Handle>
std::unique_ptr<es_completion> completion(int64_t tag, int32_t kind, std::unique_ptr<Handle> es_completion::* place) {
  auto done = completion(tag, kind);
  (*done).*place = std::make_unique<Handle>();
  return done;
}

// Runs `body`, which fills the completion, and leaves there how it ended.
template <typename Body>
void finish(es_completion& done, Body&& body) noexcept {
  done.status = guard(&done.error, std::forward<Body>(body));
  if (done.status != ES_OK) done.drop_results();
}

// `body(store, options, completion)` makes the call.
template <typename Body>
class Started final : public core::StartedCall {
 public:
  Started(core::CallOptions options, std::shared_ptr<core::CompletionQueue> queue, std::unique_ptr<es_completion> done,
          Body body)
      : StartedCall(std::move(options), std::move(queue), std::move(done)), body_(std::move(body)) {}

 private:
  core::Task<core::Status> call(core::Store& store, const core::CallOptions& options,
                                core::Completion& completion) override {
    return body_(store, options, static_cast<es_completion&>(completion));
  }
  void finish(core::Completion& completion, End& end) noexcept override {
    ::finish(static_cast<es_completion&>(completion), [&] { return end.take(); });
  }

  Body body_;
};

core::Status check_queue(const es_queue* queue) {
  RETURN_IF_ERROR(capi::need(queue, "queue"));
  return queue->queue->check();
}

template <typename Body>
core::Status start(es_store* store, const es_call* call, es_queue* queue, std::unique_ptr<es_completion> done,
                   Body body) {
  RETURN_IF_ERROR(capi::need(store, "store"));
  RETURN_IF_ERROR(check_queue(queue));
  return core::Store::start(capi::store_of(store), std::make_unique<Started<Body>>(capi::options_of(call), queue->queue,
                                                                                   std::move(done), std::move(body)));
}

// The name of a stream that a call is about.
core::Status copy_stream(const char* aggregate_type, size_t aggregate_type_len, const uint8_t* aggregate_id,
                         StreamCopy& stream) {
  RETURN_IF_ERROR(capi::need_text(aggregate_type, aggregate_type_len, "aggregate_type"));
  RETURN_IF_ERROR(capi::need(aggregate_id, "aggregate_id"));
  stream = {std::string(capi::view(aggregate_type, aggregate_type_len)), capi::uuid(aggregate_id)};
  return {};
}

// A job with a thread of its own: `body(completion)` does it.
template <typename Body>
class Apart final : public core::Job {
 public:
  Apart(std::shared_ptr<core::CompletionQueue> queue, std::unique_ptr<es_completion> done, Body body)
      : queue_(std::move(queue)), done_(std::move(done)), body_(std::move(body)) {}

  void run(std::unique_ptr<core::Job> self, core::Scheduler*) noexcept override {
    const std::unique_ptr<core::Job> kept = std::move(self);
    finish(*done_, [&] { return body_(*done_); });
    queue_->post(std::move(done_));
  }

 private:
  std::shared_ptr<core::CompletionQueue> queue_;
  std::unique_ptr<es_completion> done_;
  Body body_;
};

template <typename Body>
core::Status start_apart(const char* name, es_queue* queue, std::unique_ptr<es_completion> done, Body body) {
  return core::run_apart(name, std::make_unique<Apart<Body>>(queue->queue, std::move(done), std::move(body)));
}

core::ReadOptions options_of(const es_read* read) {
  return read == nullptr ? core::ReadOptions() : read->options;
}

}  // namespace

es_status es_store_start_append(es_store* store, const es_append* append, const es_call* call, es_queue* queue,
                                int64_t tag, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(append, "append"));
    auto done = completion(tag, ES_CALL_APPEND, &es_completion::append_result);
    return start(store, call, queue, std::move(done),
                 [copy = core::AppendCopy(append->builder.input())](core::Store& of, const core::CallOptions& options,
                                                                    es_completion& into) -> core::Task<core::Status> {
                   CO_ASSIGN_OR_RETURN(into.append_result->result, co_await of.append(copy.input(), options));
                   co_return core::Status();
                 });
  });
}

es_status es_store_start_append_packed(es_store* store, const void* buffer, size_t size, const es_call* call,
                                       es_queue* queue, int64_t tag, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need_text(buffer, size, "buffer"));
    const auto* const bytes = static_cast<const std::byte*>(buffer);
    auto done = completion(tag, ES_CALL_APPEND, &es_completion::append_result);
    return start(store, call, queue, std::move(done),
                 [copy = std::vector<std::byte>(bytes, bytes + size)](core::Store& of, const core::CallOptions& options,
                                                                      es_completion& into) -> core::Task<core::Status> {
                   CO_ASSIGN_OR_RETURN(const core::AppendInput input, core::read_packed(copy));
                   CO_ASSIGN_OR_RETURN(into.append_result->result, co_await of.append(input, options));
                   co_return core::Status();
                 });
  });
}

es_status es_store_start_read_stream(es_store* store, const char* aggregate_type, size_t aggregate_type_len,
                                     const uint8_t aggregate_id[16], const es_read* read, const es_call* call,
                                     es_queue* queue, int64_t tag, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    StreamCopy stream;
    RETURN_IF_ERROR(copy_stream(aggregate_type, aggregate_type_len, aggregate_id, stream));
    return start(store, call, queue, completion(tag, ES_CALL_READ_STREAM, &es_completion::page),
                 [stream = std::move(stream), how = options_of(read)](core::Store& of, const core::CallOptions& options,
                                                                      es_completion& into) -> core::Task<core::Status> {
                   CO_ASSIGN_OR_RETURN(into.page->page, co_await of.read_stream(stream.name(), how, options));
                   co_return core::Status();
                 });
  });
}

es_status es_store_start_read_log(es_store* store, const es_read* read, const es_call* call, es_queue* queue,
                                  int64_t tag, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    return start(store, call, queue, completion(tag, ES_CALL_READ_LOG, &es_completion::page),
                 [how = options_of(read)](core::Store& of, const core::CallOptions& options,
                                          es_completion& into) -> core::Task<core::Status> {
                   CO_ASSIGN_OR_RETURN(into.page->page, co_await of.read_log(how, options));
                   co_return core::Status();
                 });
  });
}

es_status es_store_start_read_event(es_store* store, const uint8_t event_id[16], uint32_t content, const es_call* call,
                                    es_queue* queue, int64_t tag, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(event_id, "event_id"));
    return start(store, call, queue, completion(tag, ES_CALL_READ_EVENT, &es_completion::page),
                 [id = capi::uuid(event_id), content](core::Store& of, const core::CallOptions& options,
                                                      es_completion& into) -> core::Task<core::Status> {
                   CO_ASSIGN_OR_RETURN(into.page->page, co_await of.read_event(id, content, options));
                   co_return core::Status();
                 });
  });
}

es_status es_store_start_head(es_store* store, const es_call* call, es_queue* queue, int64_t tag,
                              es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    return start(
        store, call, queue, completion(tag, ES_CALL_HEAD),
        [](core::Store& of, const core::CallOptions& options, es_completion& into) -> core::Task<core::Status> {
          CO_ASSIGN_OR_RETURN(into.number, co_await of.head(options));
          co_return core::Status();
        });
  });
}

es_status es_store_start_stream_version(es_store* store, const char* aggregate_type, size_t aggregate_type_len,
                                        const uint8_t aggregate_id[16], const es_call* call, es_queue* queue,
                                        int64_t tag, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    StreamCopy stream;
    RETURN_IF_ERROR(copy_stream(aggregate_type, aggregate_type_len, aggregate_id, stream));
    return start(store, call, queue, completion(tag, ES_CALL_STREAM_VERSION),
                 [stream = std::move(stream)](core::Store& of, const core::CallOptions& options,
                                              es_completion& into) -> core::Task<core::Status> {
                   CO_ASSIGN_OR_RETURN(into.number, co_await of.stream_version(stream.name(), options));
                   co_return core::Status();
                 });
  });
}

es_status es_store_start_count(es_store* store, const es_filter* filter, const es_call* call, es_queue* queue,
                               int64_t tag, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    return start(
        store, call, queue, completion(tag, ES_CALL_COUNT),
        [wanted = filter == nullptr ? core::Filter() : filter->filter](
            core::Store& of, const core::CallOptions& options, es_completion& into) -> core::Task<core::Status> {
          CO_ASSIGN_OR_RETURN(into.number, co_await of.count(wanted, options));
          co_return core::Status();
        });
  });
}

es_status es_store_start_save_snapshot(es_store* store, const char* aggregate_type, size_t aggregate_type_len,
                                       const uint8_t aggregate_id[16], int64_t version, int32_t schema_version,
                                       const char* state, size_t state_len, const es_call* call, es_queue* queue,
                                       int64_t tag, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    StreamCopy stream;
    RETURN_IF_ERROR(copy_stream(aggregate_type, aggregate_type_len, aggregate_id, stream));
    RETURN_IF_ERROR(capi::need_text(state, state_len, "state"));
    return start(
        store, call, queue, completion(tag, ES_CALL_SAVE_SNAPSHOT),
        [stream = std::move(stream), version, schema_version, text = std::string(capi::view(state, state_len))](
            core::Store& of, const core::CallOptions& options, es_completion& into) -> core::Task<core::Status> {
          CO_ASSIGN_OR_RETURN(into.number,
                              co_await of.save_snapshot(stream.name(), version, schema_version, text, options));
          co_return core::Status();
        });
  });
}

es_status es_store_start_load_snapshot(es_store* store, const char* aggregate_type, size_t aggregate_type_len,
                                       const uint8_t aggregate_id[16], const es_call* call, es_queue* queue,
                                       int64_t tag, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    StreamCopy stream;
    RETURN_IF_ERROR(copy_stream(aggregate_type, aggregate_type_len, aggregate_id, stream));
    return start(store, call, queue, completion(tag, ES_CALL_LOAD_SNAPSHOT, &es_completion::snapshot),
                 [stream = std::move(stream)](core::Store& of, const core::CallOptions& options,
                                              es_completion& into) -> core::Task<core::Status> {
                   CO_ASSIGN_OR_RETURN(into.snapshot->snapshot, co_await of.load_snapshot(stream.name(), options));
                   co_return core::Status();
                 });
  });
}

es_status es_store_start_delete_snapshot(es_store* store, const char* aggregate_type, size_t aggregate_type_len,
                                         const uint8_t aggregate_id[16], const es_call* call, es_queue* queue,
                                         int64_t tag, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    StreamCopy stream;
    RETURN_IF_ERROR(copy_stream(aggregate_type, aggregate_type_len, aggregate_id, stream));
    return start(store, call, queue, completion(tag, ES_CALL_DELETE_SNAPSHOT),
                 [stream = std::move(stream)](core::Store& of, const core::CallOptions& options,
                                              es_completion& into) -> core::Task<core::Status> {
                   CO_ASSIGN_OR_RETURN(into.number, co_await of.delete_snapshot(stream.name(), options));
                   co_return core::Status();
                 });
  });
}

es_status es_store_start_inspect(es_store* store, const es_call* call, es_queue* queue, int64_t tag,
                                 es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    return start(
        store, call, queue, completion(tag, ES_CALL_INSPECT, &es_completion::inspection),
        [](core::Store& of, const core::CallOptions& options, es_completion& into) -> core::Task<core::Status> {
          CO_ASSIGN_OR_RETURN(into.inspection->inspection, co_await of.inspect(options));
          co_return core::Status();
        });
  });
}

es_status es_store_start_index_list(es_store* store, const es_call* call, es_queue* queue, int64_t tag,
                                    es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    return start(
        store, call, queue, completion(tag, ES_CALL_INDEX_LIST, &es_completion::indexes),
        [](core::Store& of, const core::CallOptions& options, es_completion& into) -> core::Task<core::Status> {
          CO_ASSIGN_OR_RETURN(into.indexes->indexes, co_await of.list_indexes(options));
          co_return core::Status();
        });
  });
}

es_status es_store_start_index_add(es_store* store, const char* name, size_t name_len, const es_call* call,
                                   es_queue* queue, int64_t tag, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need_text(name, name_len, "name"));
    return start(store, call, queue, completion(tag, ES_CALL_INDEX_ADD),
                 [wanted = std::string(capi::view(name, name_len))](core::Store& of, const core::CallOptions& options,
                                                                    es_completion& into) -> core::Task<core::Status> {
                   CO_ASSIGN_OR_RETURN(into.number, co_await of.add_index(wanted, options));
                   co_return core::Status();
                 });
  });
}

es_status es_store_start_open(uint32_t abi, const char* url, size_t url_len, const es_options* options,
                              const es_call* call, es_queue* queue, int64_t tag, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need_text(url, url_len, "url"));
    RETURN_IF_ERROR(capi::check_abi(abi));
    RETURN_IF_ERROR(check_queue(queue));
    core::CallOptions limits = capi::options_of(call);
    limits.start_us = core::system_environment().steady_us();
    return start_apart("es-open", queue, completion(tag, ES_CALL_OPEN, &es_completion::store),
                       [where = std::string(capi::view(url, url_len)),
                        settings = options == nullptr ? core::Settings() : options->settings,
                        limits = std::move(limits)](es_completion& into) -> core::Status {
                         ASSIGN_OR_RETURN(into.store->store,
                                          core::Store::open(where, settings, limits, core::system_environment()));
                         return {};
                       });
  });
}

es_status es_store_start_shutdown(es_store* store, int64_t timeout_ms, es_queue* queue, int64_t tag,
                                  es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(store, "store"));
    RETURN_IF_ERROR(check_queue(queue));
    RETURN_IF_ERROR(store->store->check_shutdown(timeout_ms));
    const auto ending = std::make_shared<core::ShutdownCall>(capi::store_of(store), timeout_ms);
    RETURN_IF_ERROR(start_apart("es-shutdown", queue, completion(tag, ES_CALL_SHUTDOWN),
                                [ending](es_completion&) { return ending->finish(); }));
    ending->refuse_calls();
    return {};
  });
}
