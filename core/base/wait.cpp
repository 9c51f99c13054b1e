#include "core/base/wait.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <memory>
#include <new>
#include <poll.h>

namespace eventsource::core {
namespace {

// A thread that waits for a socket, or lets time pass, is not woken by a CancelFlag: it looks at it this often.
constexpr std::int64_t kLookUs = 10'000;

// Longer than any process lives; keeps the clock's arithmetic from overflowing.
constexpr std::int64_t kLongestUs = 1'000'000'000'000'000;

void wait_for_socket(int descriptor, Wait::Socket socket, std::int64_t us) {
  pollfd polled{descriptor, static_cast<short>(socket == Wait::Socket::kWritable ? POLLIN | POLLOUT : POLLIN), 0};
  const timespec limit{us / 1'000'000, us % 1'000'000 * 1'000};
  // Whatever comes of it, also a signal: the caller looks.
  static_cast<void>(ppoll(&polled, 1, &limit, nullptr));
}

}  // namespace

void CancelFlag::forget_parents_listeners() {
  if (generation_ == fork_generation()) return;
  first_ = nullptr;
  generation_ = fork_generation();
}

void CancelFlag::raise() {
  const NoFork no_fork;
  const MutexLock lock(mutex_);
  forget_parents_listeners();
  raised_.store(true, std::memory_order_release);
  // A flag's mutex is taken while that of the flag it listens to is held, never the other way round.
  for (const Listener* listener = first_; listener != nullptr; listener = listener->behind) {
    listener->wake != nullptr ? listener->wake->raise() : listener->flag->raise();
  }
}

void CancelFlag::listen(Listener& listener, Wake& wake) {
  const NoFork no_fork;
  const MutexLock lock(mutex_);
  add(listener, {.wake = &wake});
  if (is_raised()) wake.raise();
}

void CancelFlag::listen(Listener& listener, CancelFlag& flag) {
  const NoFork no_fork;
  const MutexLock lock(mutex_);
  add(listener, {.flag = &flag});
  if (is_raised()) flag.raise();
}

void CancelFlag::add(Listener& listener, const Listener& what) {
  forget_parents_listeners();
  listener = what;
  listener.behind = first_;
  if (first_ != nullptr) first_->before = &listener;
  first_ = &listener;
}

void CancelFlag::forget(Listener& listener) noexcept {
  const NoFork no_fork;
  const MutexLock lock(mutex_);
  (listener.before != nullptr ? listener.before->behind : first_) = listener.behind;
  if (listener.behind != nullptr) listener.behind->before = listener.before;
  listener = {};
}

void Wake::raise() noexcept {
  const std::lock_guard lock(mutex_);
  if (is_raised_) return;
  is_raised_ = true;
  if (wait_ != nullptr) {
    scheduler_->wake(*wait_);
  } else {
    changed_.notify_one();
  }
}

bool Wake::attach(Scheduler& scheduler, Wait& wait) noexcept {
  const std::lock_guard lock(mutex_);
  if (is_raised_) return false;
  scheduler_ = &scheduler;
  wait_ = &wait;
  return true;
}

void Wake::detach() noexcept {
  const std::lock_guard lock(mutex_);
  scheduler_ = nullptr;
  wait_ = nullptr;
  is_raised_ = false;
}

void Wake::wait_here(std::int64_t us) {
  std::unique_lock lock(mutex_);
  const auto is_raised = [this] { return is_raised_; };
  if (us == Call::kNever) {
    changed_.wait(lock, is_raised);
  } else {
    changed_.wait_for(lock, std::chrono::microseconds(std::min(us, kLongestUs)), is_raised);
  }
}

Wait::Wait(const Call& call, Wake& wake, std::int64_t us, bool heeds_cancel)
    : call_(call), wake_(wake), us_(us), heeds_cancel_(heeds_cancel && call.cancel() != nullptr) {}

Wait::Wait(const Call& call, int descriptor, Socket socket, std::int64_t us, bool heeds_cancel)
    : call_(call),
      wake_(own_),
      descriptor_(descriptor),
      socket_(socket),
      us_(us),
      heeds_cancel_(heeds_cancel && call.cancel() != nullptr) {}

Wait::~Wait() {
  if (listener_.wake != nullptr) call_.cancel()->forget(listener_);
}

bool Wait::await_ready() {
  if (us_ <= 0) return true;
  if (call_.scheduler() != nullptr) return false;
  wait_here();
  return true;
}

void Wait::wait_here() {
  if (socket_ != Socket::kNone) {
    const bool looks = heeds_cancel_ && !call_.cancel()->is_raised();
    wait_for_socket(descriptor_, socket_, std::min(us_, looks ? kLookUs : kLongestUs));
    return;
  }
  if (heeds_cancel_) call_.cancel()->listen(listener_, wake_);
  wake_.wait_here(us_);
}

// It is put aside first, which may want memory: what was not put aside must not be woken.
void Wait::await_suspend(std::coroutine_handle<> awaiting) {
  awaiting_ = awaiting;
  Scheduler& scheduler = *call_.scheduler();
  const std::int64_t now_us = call_.environment().steady_us();
  until_us_ = us_ > Call::kNever - now_us ? Call::kNever : now_us + us_;
  scheduler.put_aside(*this);
  if (!wake_.attach(scheduler, *this)) scheduler.wake(*this);
  if (heeds_cancel_) call_.cancel()->listen(listener_, wake_);
}

// The flag is forgotten first: it must raise nothing that is given up.
void Wait::await_resume() noexcept {
  if (listener_.wake != nullptr) call_.cancel()->forget(listener_);
  wake_.detach();
}

Task<Status> pause(const Call& call, std::int64_t us) {
  if (call.scheduler() != nullptr) {
    Wake wake;
    co_await Wait(call, wake, us);
    co_return Status();
  }
  const std::int64_t look_us = call.cancel() == nullptr ? us : kLookUs;
  for (std::int64_t left_us = us; left_us > 0 && !call.is_cancelled(); left_us -= look_us) {
    call.environment().pause_us(std::min(left_us, look_us));
  }
  co_return Status();
}

Task<Status> aside(const Call& call, Scheduler::Errand kind, const std::function<Status(const Call&)>& work) {
  if (call.scheduler() == nullptr) co_return work(call);
  // Of this call, and of the thread that does it while it does it, which must not find this call gone.
  struct Errand {
    std::mutex mutex;
    Wake wake;
    bool has_begun = false;
    bool is_given_up = false;
    bool is_done = false;
    Status status;
    std::exception_ptr exception;
  };
  const auto errand = std::make_shared<Errand>();
  const Call blocking = call.on_this_thread();
  std::function<void()> run = [owner = std::weak_ptr<Errand>(errand), &work, &blocking] {
    const std::shared_ptr<Errand> held = owner.lock();
    if (held == nullptr) return;
    {
      const std::lock_guard lock(held->mutex);
      if (held->is_given_up) return;
      held->has_begun = true;
    }
    Status status;
    std::exception_ptr exception;
    try {
      status = work(blocking);
    } catch (...) {
      exception = std::current_exception();
    }
    const std::lock_guard lock(held->mutex);
    held->status = std::move(status);
    held->exception = exception;
    held->is_done = true;
    held->wake.raise();
  };
  call.scheduler()->run_aside(kind, std::move(run), errand);
  for (;;) {
    bool has_begun = false;
    {
      const std::lock_guard lock(errand->mutex);
      if (errand->is_done) break;
      has_begun = errand->has_begun;
      if (!has_begun) {
        // An error wants memory: without it this frame goes as well, and what uses it must not begin.
        errand->is_given_up = true;
        Status status = call.check();
        if (!status.ok()) co_return status;
        errand->is_given_up = false;
      }
    }
    // What has begun heeds the call's end itself.
    const std::int64_t us = has_begun ? Call::kNever : std::max<std::int64_t>(call.time_left_us(), 1);
    try {
      co_await Wait(call, errand->wake, us, !has_begun);
    } catch (const std::bad_alloc&) {
      // One that has begun uses what is in this frame; waiting for its end needs no memory.
      const std::lock_guard lock(errand->mutex);
      errand->is_given_up = !errand->has_begun;
      if (errand->is_given_up) throw;
    }
  }
  if (errand->exception) std::rethrow_exception(errand->exception);
  co_return std::move(errand->status);
}

}  // namespace eventsource::core
