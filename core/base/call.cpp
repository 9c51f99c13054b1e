#include "core/base/call.hpp"

#include <algorithm>
#include <utility>

namespace eventsource::core {
namespace {

std::int64_t after(std::int64_t start_us, std::int64_t ms) {
  if (ms < 0 || ms > (Call::kNever - start_us) / 1'000) return Call::kNever;
  return start_us + ms * 1'000;
}

Error cancelled() {
  return Error(ES_CANCELLED, "the call was cancelled; nothing was written");
}

}  // namespace

Call::Call(Environment& environment, const CallOptions& options, std::int64_t busy_timeout_ms)
    : environment_(environment),
      cancel_(options.cancel),
      token_(options.token),
      scheduler_(options.scheduler),
      has_timeout_(options.timeout_ms.has_value()),
      waits_(options.timeout_ms != 0) {
  const std::int64_t now_us = environment.steady_us();
  start_us_ = options.start_us.value_or(now_us);
  deadline_us_ = options.timeout_ms ? after(start_us_, *options.timeout_ms) : kNever;
  lock_deadline_us_ = options.timeout_ms ? deadline_us_ : after(now_us, busy_timeout_ms);
  // "Do not wait", not "do nothing": its work has a time of its own.
  if (!waits_) deadline_us_ = after(now_us, kWorkWithoutWaitingMs);
}

Call Call::on_this_thread() const {
  Call call = *this;
  call.scheduler_ = nullptr;
  return call;
}

Call Call::for_several(std::shared_ptr<CancelFlag> cancel, std::int64_t deadline_us, std::int64_t lock_us) const {
  Call call = *this;
  call.cancel_ = std::move(cancel);
  call.has_timeout_ = false;
  call.waits_ = true;
  call.start_us_ = environment_.steady_us();
  call.deadline_us_ = std::max(deadline_us, call.start_us_);
  call.lock_deadline_us_ = std::min(call.deadline_us_, lock_deadline_us_);
  call.lock_limit_us_ = lock_us;
  return call;
}

Call Call::with_lock_limit(std::int64_t lock_us) const {
  Call call = *this;
  call.lock_limit_us_ = lock_us;
  return call;
}

std::int64_t Call::time_left_us() const {
  if (deadline_us_ == kNever) return kNever;
  return std::max<std::int64_t>(0, deadline_us_ - environment_.steady_us());
}

Status Call::check() const {
  if (is_cancelled()) return cancelled();
  if (deadline_us_ == kNever || environment_.steady_us() < deadline_us_) return {};
  const std::int64_t ms = waits_ ? (deadline_us_ - start_us_) / 1'000 : kWorkWithoutWaitingMs;
  const std::string whose = waits_ ? "its " : "what one with timeout 0 has for its work, ";
  return Error(ES_TIMEOUT, "the call took longer than " + whose + std::to_string(ms) + " ms; nothing was written")
      .retryable();
}

bool Call::may_wait() const {
  return wait_left_us() > 0;
}

std::int64_t Call::wait_left_us() const {
  if (is_cancelled()) return 0;
  if (lock_deadline_us_ == kNever) return kNever;
  return std::max<std::int64_t>(0, lock_deadline_us_ - environment_.steady_us());
}

Error Call::busy(const std::string& what) const {
  if (is_cancelled()) return cancelled();
  const std::int64_t ms = (environment_.steady_us() - start_us_) / 1'000;
  return Error(ES_BUSY, what + " is held by somebody else: gave up after " + std::to_string(ms) +
                            " ms, nothing was written. Try again, or allow a longer timeout")
      .retryable();
}

}  // namespace eventsource::core
