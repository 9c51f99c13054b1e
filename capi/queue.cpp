// queue.h.
#include "eventsource/queue.h"

#include "capi/guard.hpp"
#include "capi/handles.hpp"

namespace capi = eventsource::capi;
namespace core = eventsource::core;
using capi::guard;

es_status es_queue_new(es_queue** queue, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need_place(queue, "queue"));
    auto handle = std::make_unique<es_queue>();
    ASSIGN_OR_RETURN(handle->queue, core::CompletionQueue::create());
    *queue = handle.release();
    return {};
  });
}

es_queue* es_queue_retain(es_queue* queue) ES_NOEXCEPT {
  if (queue != nullptr) queue->references.fetch_add(1, std::memory_order_relaxed);
  return queue;
}

int32_t es_queue_fd(const es_queue* queue) ES_NOEXCEPT {
  return queue == nullptr ? -1 : queue->queue->fd();
}

es_status es_queue_wait(es_queue* queue, int64_t timeout_ms, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(queue, "queue"));
    // Its own reference: the handle may be closed while this waits.
    const std::shared_ptr<core::CompletionQueue> waited = queue->queue;
    return waited->wait(timeout_ms);
  });
}

es_status es_queue_take(es_queue* queue, es_completion** completions, size_t capacity, size_t* count,
                        es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(queue, "queue"));
    RETURN_IF_ERROR(capi::need(completions, "completions"));
    RETURN_IF_ERROR(capi::need(count, "count"));
    RETURN_IF_ERROR(queue->queue->check());
    core::CompletionList taken = queue->queue->take(capacity);
    size_t stored = 0;
    // Only es_completions are ever posted.
    for (; !taken.empty(); ++stored) completions[stored] = static_cast<es_completion*>(taken.pop().release());
    *count = stored;
    return {};
  });
}

void es_queue_close(es_queue** queue) ES_NOEXCEPT {
  if (queue == nullptr || *queue == nullptr) return;
  // Calls under way hold the queue as well: it ends with its last handle and not with them.
  if ((*queue)->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    (*queue)->queue->close();
    delete *queue;
  }
  *queue = nullptr;
}

int64_t es_completion_tag(const es_completion* completion) ES_NOEXCEPT {
  return completion == nullptr ? 0 : completion->tag;
}

int32_t es_completion_kind(const es_completion* completion) ES_NOEXCEPT {
  return completion == nullptr ? 0 : completion->kind;
}

es_status es_completion_status(const es_completion* completion) ES_NOEXCEPT {
  return completion == nullptr ? ES_OK : completion->status;
}

const es_error* es_completion_error(const es_completion* completion) ES_NOEXCEPT {
  return completion == nullptr ? nullptr : completion->error;
}

int64_t es_completion_number(const es_completion* completion) ES_NOEXCEPT {
  return completion == nullptr ? 0 : completion->number;
}

es_error* es_completion_take_error(es_completion* completion) ES_NOEXCEPT {
  return completion == nullptr ? nullptr : std::exchange(completion->error, nullptr);
}

namespace {

template <typename Handle>
Handle* take(es_completion* completion, std::unique_ptr<Handle> es_completion::* place) noexcept {
  return completion == nullptr ? nullptr : (completion->*place).release();
}

}  // namespace

es_store* es_completion_take_store(es_completion* completion) ES_NOEXCEPT {
  return take(completion, &es_completion::store);
}

es_append_result* es_completion_take_append_result(es_completion* completion) ES_NOEXCEPT {
  return take(completion, &es_completion::append_result);
}

es_page* es_completion_take_page(es_completion* completion) ES_NOEXCEPT {
  return take(completion, &es_completion::page);
}

es_snapshot* es_completion_take_snapshot(es_completion* completion) ES_NOEXCEPT {
  return take(completion, &es_completion::snapshot);
}

es_inspection* es_completion_take_inspection(es_completion* completion) ES_NOEXCEPT {
  return take(completion, &es_completion::inspection);
}

es_indexes* es_completion_take_indexes(es_completion* completion) ES_NOEXCEPT {
  return take(completion, &es_completion::indexes);
}

void es_completion_close(es_completion** completion) ES_NOEXCEPT {
  capi::close(completion);
}
