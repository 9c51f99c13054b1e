// What one call may do: how long it may take, how long it may wait for a lock, and whether somebody stopped it; and how it
// waits (wait.hpp).
// Built when the call starts; used by the thread that makes the call. A CancelFlag may be raised from any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "core/base/environment.hpp"
#include "core/base/fork.hpp"
#include "core/base/mutex.hpp"
#include "core/base/result.hpp"

namespace eventsource::core {

class Scheduler;
class Wake;

class CancelFlag {
 public:
  // What is raised with the flag: a call that waits, or another flag. That outlives the listening.
  struct Listener {
    Wake* wake = nullptr;
    CancelFlag* flag = nullptr;
    Listener* before = nullptr;
    Listener* behind = nullptr;
  };

  void raise();
  [[nodiscard]] bool is_raised() const { return raised_.load(std::memory_order_acquire); }

  // Raises `wake` when the flag is raised, at once if it is already.
  void listen(Listener& listener, Wake& wake);
  // The same for a flag. Nobody may make a ring of flags.
  void listen(Listener& listener, CancelFlag& flag);
  void forget(Listener& listener) noexcept;

 private:
  void add(Listener& listener, const Listener& what) REQUIRES(mutex_);
  // Those who listen in the parent have no thread in a child.
  void forget_parents_listeners() REQUIRES(mutex_);

  std::atomic<bool> raised_{false};
  // Held inside of a NoFork only: a child may go on with a flag of its parent.
  Mutex mutex_;
  std::uint64_t generation_ GUARDED_BY(mutex_) = fork_generation();
  Listener* first_ GUARDED_BY(mutex_) = nullptr;
};

// What the caller said (call.h).
struct CallOptions {
  std::optional<std::int64_t> timeout_ms;  // -1: no limit
  std::string token;
  std::shared_ptr<CancelFlag> cancel;
  // Of a call that was started: what puts it aside while it waits, when that was, by the clock for deadlines; and that its
  // store counted it then, so that it runs although the store was shut down since.
  Scheduler* scheduler = nullptr;
  std::optional<std::int64_t> start_us = std::nullopt;
  bool is_admitted = false;
};

class Call {
 public:
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

  // How long the work of a call with a timeout of 0 may take, from when it begins: a server that hangs would hold it for ever.
  static constexpr std::int64_t kWorkWithoutWaitingMs = 5'000;

  // Starts the clock, unless a start set it. Without a timeout of its own the call waits for locks `busy_timeout_ms` and then runs to its end.
  Call(Environment& environment, const CallOptions& options, std::int64_t busy_timeout_ms);

  [[nodiscard]] Environment& environment() const { return environment_; }
  [[nodiscard]] const std::string& token() const { return token_; }
  // nullptr: the call waits on the thread that makes it.
  [[nodiscard]] Scheduler* scheduler() const { return scheduler_; }
  // The same call, for a thread that it may block.
  [[nodiscard]] Call on_this_thread() const;
  // A call on behalf of this one and of others: it ends by `deadline_us` or with `cancel` (nullptr: nobody cancels it), and no
  // statement of it waits longer than `lock_us` for a lock. For a connection it waits like a call without a timeout.
  [[nodiscard]] Call for_several(std::shared_ptr<CancelFlag> cancel, std::int64_t deadline_us,
                                 std::int64_t lock_us) const;
  // The same call, no statement of which waits longer than `lock_us` for a lock.
  [[nodiscard]] Call with_lock_limit(std::int64_t lock_us) const;
  [[nodiscard]] std::int64_t deadline_us() const { return deadline_us_; }

  // ES_CANCELLED or ES_TIMEOUT once the call must end. Cheap: ask often.
  [[nodiscard]] Status check() const;
  // Microseconds until check() says ES_TIMEOUT; kNever where it never does.
  [[nodiscard]] std::int64_t time_left_us() const;
  // Whether the caller has said how long it may take.
  [[nodiscard]] bool has_timeout() const { return has_timeout_; }
  // nullptr: nobody can cancel it.
  [[nodiscard]] CancelFlag* cancel() const { return cancel_.get(); }
  [[nodiscard]] bool is_cancelled() const { return cancel_ != nullptr && cancel_->is_raised(); }

  // True while the call may still wait for a lock.
  [[nodiscard]] bool may_wait() const;
  // Microseconds that it may still wait; 0 when it may not.
  [[nodiscard]] std::int64_t wait_left_us() const;
  // The same for one statement.
  [[nodiscard]] std::int64_t lock_left_us() const { return std::min(wait_left_us(), lock_limit_us_); }
  // ES_CANCELLED, or ES_BUSY about `what` ("the store's write lock").
  [[nodiscard]] Error busy(const std::string& what) const;

 private:
  Environment& environment_;
  std::shared_ptr<CancelFlag> cancel_;
  std::string token_;
  Scheduler* scheduler_;
  bool has_timeout_;
  bool waits_;  // false: the timeout is 0
  std::int64_t start_us_;
  std::int64_t deadline_us_;             // of the whole call
  std::int64_t lock_deadline_us_;        // of waiting for a lock
  std::int64_t lock_limit_us_ = kNever;  // of one wait for a lock
};

}  // namespace eventsource::core
