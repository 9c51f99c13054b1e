// Where calls that were started come to their end, until their caller takes them (queue.h).
// Any thread. The mutex guards the list and its signal; nothing of anybody else is called, and no completion is freed,
// while it is held. In a child made by fork the queue is the parent's: nothing takes its mutex, which may be held there for
// ever, or reads its descriptor, whose signal is the parent's; and it is never destroyed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/base/fork.hpp"
#include "core/base/mutex.hpp"
#include "core/base/owned_list.hpp"
#include "core/base/result.hpp"
#include "core/runtime/in_flight.hpp"

namespace eventsource::core {

// The end of one call. Made when the call is started, with room for all that completing it needs, so that it completes
// without any memory.
class Completion : public Linked<Completion> {
 public:
  Completion() = default;
  virtual ~Completion() = default;
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;

  // What the call takes of its store's limit.
  InFlight::Place place;
};

using CompletionList = OwnedList<Completion>;

class CompletionQueue {
 public:
  // ES_IO_ERROR where the system gives no descriptor.
  [[nodiscard]] static Result<std::shared_ptr<CompletionQueue>> create();

  // Takes over `fd`, an eventfd at 0, unless there is no memory.
  explicit CompletionQueue(int fd) : fd_(fd) {}
  ~CompletionQueue() { close(); }
  CompletionQueue(const CompletionQueue&) = delete;
  CompletionQueue& operator=(const CompletionQueue&) = delete;

  // ES_FORKED in a child: before anything else there.
  [[nodiscard]] Status check() const;

  // Readable exactly while completions wait, until close(); -1 in a child.
  [[nodiscard]] int fd() const noexcept { return is_inherited() ? -1 : fd_; }

  // Lets a completion wait here; frees it where the queue was closed.
  void post(std::unique_ptr<Completion> completion) noexcept;

  // Up to `most` of those that wait, the oldest first. What they took of their stores' limits is given back.
  [[nodiscard]] CompletionList take(std::size_t most) noexcept;

  // Until a completion waits, at most `timeout_ms` (-1: no limit): ES_TIMEOUT, ES_CLOSED, ES_FORKED.
  [[nodiscard]] Status wait(std::int64_t timeout_ms);

  // Frees what waits and closes the descriptor; later completions are freed as they come. A child closes its descriptor.
  void close() noexcept;

 private:
  struct LeaveToParent {
    void operator()(CompletionQueue* queue) const {
      if (!queue->is_inherited()) delete queue;
    }
  };

  [[nodiscard]] bool is_inherited() const noexcept { return born_ != fork_generation(); }
  void raise_signal() const noexcept REQUIRES(mutex_);
  void lower_signal() const noexcept REQUIRES(mutex_);

  const std::uint64_t born_ = fork_generation();
  const int fd_;

  Mutex mutex_;
  Condition changed_;
  CompletionList waiting_ GUARDED_BY(mutex_);  // the descriptor is readable exactly while it is not empty
  int waiters_ GUARDED_BY(mutex_) = 0;         // threads inside of wait()
  bool closed_ GUARDED_BY(mutex_) = false;
};

}  // namespace eventsource::core
