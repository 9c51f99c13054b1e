// A call that was started: what an AsyncStore (async_store.hpp) gives back at once. Its result is heard of in one of three
// ways, on the thread that drains the queue:
//
//     async.head().then([](Result<std::int64_t> head) { … });   // a callback
//     Result<std::int64_t> head = co_await async.head();        // a coroutine, of any type
//     Result<std::int64_t> head = queue.get(async.head());      // or here and now, draining the queue meanwhile
//
// The call is under way from the start, so that several can be started before the first is awaited. A Started is used by
// one thread at a time, which need not be the one that drains. One that is dropped leaves its call under way. A result is given
// once: whoever asks for it again, or of a Started that was moved from, gets ES_INVALID_ARGUMENT.
//
// GCC 12 destroys a Call, Read or Filter that is written inside of a co_await expression twice. Give it a name before:
//
//     const Call call{.timeout = std::chrono::seconds(2)};
//     co_await async.head(call);
#pragma once

#include <condition_variable>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include "eventsource/cpp/append_result.hpp"
#include "eventsource/cpp/handle.hpp"
#include "eventsource/cpp/index.hpp"
#include "eventsource/cpp/inspect.hpp"
#include "eventsource/cpp/page.hpp"
#include "eventsource/cpp/result.hpp"
#include "eventsource/cpp/snapshot.hpp"
#include "eventsource/cpp/store.hpp"
#include "eventsource/queue.h"

namespace eventsource {

class AsyncStore;
class CompletionQueue;

namespace detail {

// What an argument is that is not given: an object and no temporary, for the sake of GCC 12. Never destroyed.
template <class T>
const T& default_of() {
  alignas(T) static std::byte place[sizeof(T)];
  static const T& value = *new (place) T();
  return value;
}

// What a completion holds, as a result of the C++ API.
template <class T>
Result<T> result_of(es_completion* done) {
  if (const es_status status = es_completion_status(done)) return Error(status, es_completion_take_error(done));
  if constexpr (std::is_void_v<T>) {
    return {};
  } else if constexpr (std::is_same_v<T, std::int64_t>) {
    return es_completion_number(done);
  } else if constexpr (std::is_same_v<T, bool>) {
    return es_completion_number(done) != 0;
  } else if constexpr (std::is_same_v<T, AppendResult>) {
    return AppendResult(es_completion_take_append_result(done));
  } else if constexpr (std::is_same_v<T, Page>) {
    return Page(es_completion_take_page(done));
  } else if constexpr (std::is_same_v<T, Snapshot>) {
    return Snapshot(es_completion_take_snapshot(done));
  } else if constexpr (std::is_same_v<T, Inspection>) {
    return Inspection(es_completion_take_inspection(done));
  } else if constexpr (std::is_same_v<T, Indexes>) {
    return Indexes(es_completion_take_indexes(done));
  } else {
    static_assert(std::is_same_v<T, Store>);
    return Store(es_completion_take_store(done));
  }
}

// For whoever comes too late for a result.
inline Error given_once() noexcept {
  return {
      ES_INVALID_ARGUMENT,
      "The result of a started call is given once, and another co_await, then() or get() has it. Keep the result, not "
      "the Started."};
}

// A call between its start and its end, whatever its result.
class PendingCall {
 public:
  PendingCall() = default;
  virtual ~PendingCall() = default;
  PendingCall(const PendingCall&) = delete;
  PendingCall& operator=(const PendingCall&) = delete;

  // The call ended. First this keeps its result,
  virtual void keep(es_completion* done) = 0;
  // then it lets whoever waits for it go on.
  virtual void go_on() = 0;
};

// The mutex guards the members; nothing of the user's runs while it is held.
template <class T>
class PendingCallOf final : public PendingCall {
 public:
  void keep(es_completion* done) override { keep(result_of<T>(done)); }
  void keep(Result<T> result) {
    const std::lock_guard lock(mutex_);
    result_.emplace(std::move(result));
  }

  void go_on() override {
    std::unique_ptr<Callback> callback;
    std::coroutine_handle<> waiting;
    {
      const std::lock_guard lock(mutex_);
      callback = std::move(callback_);
      waiting = std::exchange(waiting_, nullptr);
    }
    if (callback != nullptr) callback->call(take());
    if (waiting) waiting.resume();
  }

  [[nodiscard]] bool is_over() {
    const std::lock_guard lock(mutex_);
    return result_.has_value();
  }

  // The result, once, after is_over().
  [[nodiscard]] Result<T> take() {
    const std::lock_guard lock(mutex_);
    if (!result_.has_value() || std::exchange(is_taken_, true)) return given_once();
    return *std::move(result_);
  }

  // False when the call is over, or another one waits for it: nobody will resume the coroutine then. nullptr: nobody waits
  // any more.
  bool wait(std::coroutine_handle<> waiting) noexcept {
    const std::lock_guard lock(mutex_);
    if (waiting && (result_.has_value() || waiting_)) return false;
    waiting_ = waiting;
    return true;
  }

  template <class Function>
  void then(Function function) {
    auto callback = std::make_unique<CallbackOf<Function>>(std::move(function));
    {
      const std::lock_guard lock(mutex_);
      if (!result_.has_value()) {
        callback_ = std::move(callback);
        return;
      }
    }
    callback->call(take());
  }

 private:
  // Like std::move_only_function, which C++20 does not have.
  class Callback {
   public:
    Callback() = default;
    virtual ~Callback() = default;
    Callback(const Callback&) = delete;
    Callback& operator=(const Callback&) = delete;
    virtual void call(Result<T> result) = 0;
  };
  template <class Function>
  class CallbackOf final : public Callback {
   public:
    explicit CallbackOf(Function function) : function_(std::move(function)) {}
    void call(Result<T> result) override { function_(std::move(result)); }

   private:
    Function function_;
  };

  std::mutex mutex_;
  std::optional<Result<T>> result_;
  bool is_taken_ = false;
  std::unique_ptr<Callback> callback_;
  std::coroutine_handle<> waiting_;
};

// The calls of one queue that were started and not drained. Any thread.
class StartedCalls {
 public:
  Handle<es_queue, es_queue_close> queue;

  // The tag of the call.
  std::int64_t add(std::shared_ptr<PendingCall> call) {
    const std::lock_guard lock(mutex_);
    calls_.emplace(++last_tag_, std::move(call));
    return last_tag_;
  }

  // nullptr where it was removed already.
  std::shared_ptr<PendingCall> remove(std::int64_t tag) noexcept {
    const std::lock_guard lock(mutex_);
    return take_out(tag);
  }

  [[nodiscard]] std::size_t size() noexcept {
    const std::lock_guard lock(mutex_);
    return calls_.size();
  }

  // Ends the call whose completion came first; false when none waits.
  bool finish_one() {
    std::shared_ptr<PendingCall> call;
    if (!keep_one(call, false)) return false;
    if (call != nullptr) call->go_on();
    return true;
  }

  // What the first callback threw that advance() ran, once.
  void throw_kept() {
    std::exception_ptr first;
    {
      const std::lock_guard lock(mutex_);
      if (thrown_.empty()) return;
      first = std::move(thrown_.front());
      thrown_.pop_front();
    }
#if EVENTSOURCE_EXCEPTIONS
    std::rethrow_exception(std::move(first));
#endif
  }

  // Drains one as well, or waits until there is one or the call is over: another thread may take its completion. One thread
  // waits for completions at a time, and the others for that one, which drains theirs too: whoever took the completion that
  // the first waits for would leave it waiting. An error when the queue can't be waited for.
  template <class T>
  Error advance(PendingCallOf<T>& call) {
    Error error;
    if (std::shared_ptr<PendingCall> other; keep_one(other, true)) {
      if (other != nullptr) go_on_without_throwing(*other);
      return error;
    }
    std::unique_lock lock(mutex_);
    if (call.is_over()) return error;
    if (is_waited_for_ || ending_ != 0) {
      changed_.wait(lock);
      return error;
    }
    is_waited_for_ = true;
    lock.unlock();
    check(error, es_queue_wait, queue.get(), kLookMs);
    lock.lock();
    is_waited_for_ = false;
    changed_.notify_all();
    return error.code() == ES_TIMEOUT ? Error() : error;
  }

  void end() noexcept {
    static_cast<void>(queue.out());
    std::unordered_map<std::int64_t, std::shared_ptr<PendingCall>> dropped;
    const std::lock_guard lock(mutex_);
    calls_.swap(dropped);
  }

 private:
  // One that drains in a loop of its own may take the completion that a thread waits for, which looks this often.
  static constexpr std::int64_t kLookMs = 20;

  // A call whose completion was taken and whose result is not there yet.
  class Ending {
   public:
    explicit Ending(StartedCalls& calls) noexcept : calls_(calls) {}
    ~Ending() {
      const std::lock_guard lock(calls_.mutex_);
      --calls_.ending_;
      calls_.changed_.notify_all();
    }
    Ending(const Ending&) = delete;
    Ending& operator=(const Ending&) = delete;

   private:
    StartedCalls& calls_;
  };

  // Takes the completion that came first, and lets its call keep the result. False when none waits.
  bool keep_one(std::shared_ptr<PendingCall>& call, bool leaves_it_to_who_waits) {
    Handle<es_completion, es_completion_close> done;
    {
      const std::lock_guard lock(mutex_);
      if (leaves_it_to_who_waits && is_waited_for_) return false;
      std::size_t count = 0;
      if (es_queue_take(queue.get(), done.out(), 1, &count, nullptr) != ES_OK || count == 0) return false;
      call = take_out(es_completion_tag(done.get()));
      ++ending_;
    }
    const Ending ending(*this);
    if (call != nullptr) call->keep(done.get());
    return true;
  }

  // For one that waits for another call: what is thrown here is not about that one.
  void go_on_without_throwing(PendingCall& call) {
#if EVENTSOURCE_EXCEPTIONS
    try {
      call.go_on();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      thrown_.push_back(std::current_exception());
    }
#else
    call.go_on();
#endif
  }

  std::shared_ptr<PendingCall> take_out(std::int64_t tag) noexcept {
    const auto found = calls_.find(tag);
    if (found == calls_.end()) return nullptr;
    std::shared_ptr<PendingCall> call = std::move(found->second);
    calls_.erase(found);
    return call;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t last_tag_ = 0;
  std::unordered_map<std::int64_t, std::shared_ptr<PendingCall>> calls_;
  std::deque<std::exception_ptr> thrown_;
  int ending_ = 0;
  bool is_waited_for_ = false;
};

}  // namespace detail

template <class T>
class [[nodiscard]] Started {
 public:
  Started(Started&&) noexcept = default;
  Started& operator=(Started&& other) noexcept {
    std::swap(call_, other.call_);
    return *this;
  }
  ~Started() {
    // A coroutine that is destroyed while it waits is not resumed.
    if (call_ != nullptr) call_->wait(nullptr);
  }

  // Calls `callback(Result<T>)` exactly once: while the queue is drained, or here and now when the call could not be
  // started or was drained already. Not when the queue ends before (CompletionQueue).
  template <class Callback>
  void then(Callback callback) && {
    auto call = std::exchange(call_, nullptr);
    if (call == nullptr) {
      call = std::make_shared<detail::PendingCallOf<T>>();
      call->keep(detail::given_once());
    }
    call->then(std::move(callback));
  }

  // For co_await.
  [[nodiscard]] bool await_ready() const { return call_ == nullptr || call_->is_over(); }
  bool await_suspend(std::coroutine_handle<> waiting) const noexcept { return call_->wait(waiting); }
  [[nodiscard]] Result<T> await_resume() const {
    return call_ == nullptr ? Result<T>(detail::given_once()) : call_->take();
  }

 private:
  friend class AsyncStore;
  friend class CompletionQueue;

  explicit Started(std::shared_ptr<detail::PendingCallOf<T>> call) noexcept : call_(std::move(call)) {}

  std::shared_ptr<detail::PendingCallOf<T>> call_;
};

}  // namespace eventsource
