// A function of the core that may be put aside while it waits, and goes on later: a coroutine that gives a T.
// It runs from its call to its first wait at once, and belongs to one thread at a time: the caller's, or that of the
// scheduler that goes on with it (wait.hpp). Where nothing is put aside it is over when the call returns.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include "core/base/result.hpp"

namespace eventsource::core {

template <typename T>
class [[nodiscard]] Task {
 public:
  struct promise_type;
  using Handle = std::coroutine_handle<promise_type>;

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  // co_await gives the value, or throws what the task has thrown.
  [[nodiscard]] bool await_ready() const noexcept { return handle_.done(); }
  void await_suspend(std::coroutine_handle<> awaiting) noexcept { handle_.promise().awaiting = awaiting; }
  T await_resume() { return take(); }

  // Of a task that is over.
  [[nodiscard]] T take() {
    promise_type& promise = handle_.promise();
    if (promise.exception) std::rethrow_exception(std::move(promise.exception));
    return std::move(*promise.value);
  }

 private:
  explicit Task(Handle handle) : handle_(handle) {}

  Handle handle_;
};

template <typename T>
struct Task<T>::promise_type {
  // Whoever waits for the task goes on when it is over. It may end the task's life by that.
  struct Final {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(Handle handle) const noexcept {
      if (handle.promise().awaiting) handle.promise().awaiting.resume();
    }
    void await_resume() const noexcept {}
  };

  Task get_return_object() { return Task(Handle::from_promise(*this)); }
  [[nodiscard]] std::suspend_never initial_suspend() const noexcept { return {}; }
  [[nodiscard]] Final final_suspend() const noexcept { return {}; }
  template <typename Value>
  void return_value(Value&& given) {
    value.emplace(std::forward<Value>(given));
  }
  void unhandled_exception() noexcept { exception = std::current_exception(); }

  std::optional<T> value;
  std::exception_ptr exception;
  std::coroutine_handle<> awaiting;
};

// The value of a task that nothing has put aside: of a call that waits on the caller's own thread.
template <typename T>
[[nodiscard]] T now(Task<T> task) {
  return task.take();
}

}  // namespace eventsource::core

// As RETURN_IF_ERROR and ASSIGN_OR_RETURN, in a coroutine. `expression` may be a co_await.
#define CO_RETURN_IF_ERROR(expression)                                                                   \
  do {                                                                                                   \
    if (::eventsource::core::Status status_ = (expression); !status_.ok()) co_return std::move(status_); \
  } while (false)

#define CO_ASSIGN_OR_RETURN(target, expression) \
  CO_ASSIGN_OR_RETURN_NAMED_(target, expression, RESULT_JOIN_(result_, __LINE__))
#define CO_ASSIGN_OR_RETURN_NAMED_(target, expression, name) \
  auto name = (expression);                                  \
  if (!name.ok()) co_return std::move(name).status();        \
  target = std::move(name).value()
