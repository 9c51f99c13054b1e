// A completion queue: where the calls of an AsyncStore (async_store.hpp) end, and where their callbacks and coroutines go on.
//
//     auto queue = CompletionQueue::create().value();
//     const AsyncStore async(store, queue);
//     async.head().then([](Result<std::int64_t> head) { … });
//     while (queue.size() != 0) {      // or, in an event loop: when queue.fd() is readable, queue.drain()
//       queue.wait().value();
//       queue.drain();
//     }
//
// Any thread. Callbacks and coroutines run on the thread that calls drain(), inside of it, and nowhere else: with one
// draining thread they need no locks among themselves.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "eventsource/cpp/handle.hpp"
#include "eventsource/cpp/result.hpp"
#include "eventsource/cpp/started.hpp"
#include "eventsource/queue.h"

namespace eventsource {

class CompletionQueue {
 public:
  static Result<CompletionQueue> create() {
    auto calls = std::make_shared<detail::StartedCalls>();
    Error error;
    detail::check(error, es_queue_new, calls->queue.out());
    if (error.code() != ES_OK) return error;
    return CompletionQueue(std::move(calls));
  }

  // Ends the queue. Calls under way run to their end and nobody hears of them: their callbacks are destroyed without
  // having been called, and coroutines that wait for them never go on. To hear of them, drain until size() is 0 first.
  // A callback or coroutine that drain() or get() runs may end the queue, and they return then (get() with
  // ES_INVALID_ARGUMENT). Otherwise no thread may be inside of one of its functions.
  ~CompletionQueue() {
    if (calls_ != nullptr) calls_->end();
  }
  CompletionQueue(CompletionQueue&&) noexcept = default;
  CompletionQueue& operator=(CompletionQueue&& other) noexcept {
    std::swap(calls_, other.calls_);
    return *this;
  }

  // Readable while completions wait (level-triggered). Watch it for reading only, until the queue's end.
  [[nodiscard]] int fd() const noexcept { return es_queue_fd(calls_->queue.get()); }

  // Calls that were started with this queue and not drained yet.
  [[nodiscard]] std::size_t size() const noexcept { return calls_->size(); }

  // Waits until a completion waits. False when none came in `timeout` (-1 ms: no limit).
  Result<bool> wait(std::chrono::milliseconds timeout = std::chrono::milliseconds(-1)) const {
    Error error;
    detail::check(error, es_queue_wait, calls_->queue.get(), std::int64_t{timeout.count()});
    if (error.code() == ES_TIMEOUT) return false;
    if (error.code() != ES_OK) return error;
    return true;
  }

  // Takes the completions that wait, at most `most` so that a busy queue can't hold a loop up, and runs what waits for
  // them. Never waits. Gives their number. What a callback throws comes out here; the other completions wait on. So
  // does, first and one a drain, what a callback threw inside of get().
  std::size_t drain(std::size_t most = 1'000) const {
    // What runs may end this queue.
    const std::shared_ptr<detail::StartedCalls> calls = calls_;
    calls->throw_kept();
    std::size_t drained = 0;
    while (drained < most && calls->finish_one()) ++drained;
    return drained;
  }

  // Drains until this call has ended, and gives its result. Callbacks of other calls run meanwhile; what they throw would
  // lose that result, and so is kept for the next drain(). Several threads may do so at once, and another one drain.
  template <class T>
  Result<T> get(Started<T> call) const {
    const std::shared_ptr<detail::StartedCalls> calls = calls_;
    while (!call.await_ready()) {
      if (Error error = calls->advance(*call.call_); error.code() != ES_OK) return error;
    }
    return call.await_resume();
  }

  // For the C functions.
  [[nodiscard]] es_queue* get() const noexcept { return calls_->queue.get(); }

 private:
  friend class AsyncStore;

  explicit CompletionQueue(std::shared_ptr<detail::StartedCalls> calls) noexcept : calls_(std::move(calls)) {}

  std::shared_ptr<detail::StartedCalls> calls_;
};

}  // namespace eventsource
