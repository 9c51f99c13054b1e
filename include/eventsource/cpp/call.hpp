// How long one call may take, what it must have seen, and who may stop it. Plain values: write what differs.
//
//     store.head({.timeout = std::chrono::seconds(2), .token = result.token()});
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "eventsource/call.h"
#include "eventsource/cpp/handle.hpp"
#include "eventsource/cpp/result.hpp"

namespace eventsource {

// Stops the calls that were given it. Copies are the same handle; any thread.
class Cancel {
 public:
  // Stops nothing.
  Cancel() noexcept = default;

  static Result<Cancel> create() {
    es_cancel* cancel = nullptr;
    Error error;
    detail::check(error, es_cancel_new, &cancel);
    if (error.code() != ES_OK) return error;
    return Cancel(cancel);
  }

  // Every call made with this handle, now and from now on, ends with ES_CANCELLED. Not from a signal handler.
  void fire() const noexcept { es_cancel_fire(cancel_.get()); }

  [[nodiscard]] es_cancel* get() const noexcept { return cancel_.get(); }

 private:
  explicit Cancel(es_cancel* cancel) : cancel_(cancel, [](es_cancel* owned) { es_cancel_close(&owned); }) {}

  std::shared_ptr<es_cancel> cancel_;
};

struct Call {
  // The longest that the call may take; -1 ms is without limit. 0 waits for nobody, and has five seconds for its work (call.h).
  // Unset: it waits for locks as long as option busy_timeout_ms says, on PostgreSQL for a connection as long as
  // pool_timeout_ms says, and then runs to its end.
  std::optional<std::chrono::milliseconds> timeout = {};
  // The token of an append or a page that the call must have seen. Empty: none.
  std::string token = {};
  Cancel cancel = {};
};

namespace detail {

// A Call in C's form, for the time of a call. Without anything said it is NULL and costs nothing.
class CallHandle {
 public:
  explicit CallHandle(const Call& call) {
    if (!call.timeout && call.token.empty() && call.cancel.get() == nullptr) return;
    check(error_, es_call_new, call_.out());
    if (call.timeout) check(error_, es_call_set_timeout, call_.get(), std::int64_t{call.timeout->count()});
    if (!call.token.empty()) check(error_, es_call_set_token, call_.get(), call.token.data(), call.token.size());
    if (call.cancel.get() != nullptr) check(error_, es_call_set_cancel, call_.get(), call.cancel.get());
  }

  [[nodiscard]] const Error& error() const noexcept { return error_; }
  [[nodiscard]] const es_call* get() const noexcept { return call_.get(); }

 private:
  Handle<es_call, es_call_close> call_;
  Error error_;
};

}  // namespace detail
}  // namespace eventsource
