#include "core/runtime/completion_queue.hpp"

#include <cerrno>
#include <cstring>
#include <string>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/deadline.hpp"

namespace eventsource::core {

Result<std::shared_ptr<CompletionQueue>> CompletionQueue::create() {
  const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) {
    return Error(ES_IO_ERROR, std::string("the system gives no descriptor for a queue: ") + std::strerror(errno) +
                                  ". Close files that are not needed, or raise the limit (ulimit -n)")
        .retryable();
  }
  std::unique_ptr<CompletionQueue> queue;
  try {
    queue = std::make_unique<CompletionQueue>(fd);
  } catch (...) {
    ::close(fd);
    throw;
  }
  return std::shared_ptr<CompletionQueue>(queue.release(), LeaveToParent());
}

// Neither can fail or wait: the counter is 0 or 1, and nobody else reads or writes it.
void CompletionQueue::raise_signal() const noexcept {
  static_cast<void>(eventfd_write(fd_, 1));
}

void CompletionQueue::lower_signal() const noexcept {
  eventfd_t count = 0;
  static_cast<void>(eventfd_read(fd_, &count));
}

void CompletionQueue::post(std::unique_ptr<Completion> completion) noexcept {
  const MutexLock lock(mutex_);
  // Where it was closed, the caller's own frees it, after the mutex.
  if (closed_) return;
  if (waiting_.empty()) raise_signal();
  waiting_.push(std::move(completion));
  if (waiters_ != 0) changed_.notify_all();
}

CompletionList CompletionQueue::take(std::size_t most) noexcept {
  CompletionList taken;
  {
    const MutexLock lock(mutex_);
    if (waiting_.empty()) return taken;
    while (most-- != 0 && !waiting_.empty()) taken.push(waiting_.pop());
    if (waiting_.empty()) lower_signal();
  }
  taken.each([](Completion& completion) { completion.place = {}; });
  return taken;
}

Status CompletionQueue::check() const {
  if (!is_inherited()) return {};
  return Error(ES_FORKED,
               "the queue was made by the process that this one was forked from: make another one in this process");
}

Status CompletionQueue::wait(std::int64_t timeout_ms) {
  RETURN_IF_ERROR(check());
  if (timeout_ms < -1) return Error(ES_INVALID_ARGUMENT, "a timeout is -1, 0 or a number of milliseconds");
  const Deadline deadline(timeout_ms);
  bool is_closed = false;
  {
    const MutexLock lock(mutex_);
    ++waiters_;
    while (waiting_.empty() && !closed_) {
      const auto left = deadline.left();
      if (left.count() <= 0) break;
      static_cast<void>(changed_.wait_for(mutex_, left));
    }
    --waiters_;
    if (!waiting_.empty()) return {};
    is_closed = closed_;
  }
  if (is_closed) return Error(ES_CLOSED, "the queue was closed while it was waited for");
  return Error(ES_TIMEOUT, "no call ended within " + std::to_string(timeout_ms) + " ms").retryable();
}

void CompletionQueue::close() noexcept {
  if (is_inherited()) {
    ::close(fd_);
    return;
  }
  CompletionList dropped;
  const MutexLock lock(mutex_);
  if (closed_) return;
  closed_ = true;
  waiting_.swap(dropped);
  ::close(fd_);
  changed_.notify_all();
}

}  // namespace eventsource::core
