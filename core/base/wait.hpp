// How a call waits: on the thread that makes it, or put aside by a Scheduler, which goes on with it later.
// A Wake may be raised from any thread. A Wait belongs to the coroutine that awaits it.
#pragma once

#include <condition_variable>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

#include "core/base/call.hpp"
#include "core/base/task.hpp"

namespace eventsource::core {

class Wait;

// Goes on with calls that wait: the I/O loop of a store.
class Scheduler {
 public:
  virtual ~Scheduler() = default;

  // On the scheduler's own thread: puts `wait` aside until it is woken, its socket is ready, or its time has passed.
  virtual void put_aside(Wait& wait) = 0;
  // Any thread: it is to go on soon. Nothing happens to one that is about to go on already.
  virtual void wake(Wait& wait) noexcept = 0;

  // Runs work that blocks, on a thread of its kind, in the order in which it came. Work whose owner is gone before it has
  // begun may be dropped.
  enum class Errand { kConnect, kLong, kWrite, kRead };
  virtual void run_aside(Errand kind, std::function<void()> work, std::weak_ptr<const void> owner) = 0;
};

// Wakes one call, at once or when it comes to wait. It stays raised until somebody has waited.
class Wake {
 public:
  Wake() = default;
  Wake(const Wake&) = delete;
  Wake& operator=(const Wake&) = delete;

  // Call it while holding the lock under which the waiting side gives up its Wake: it must live until this is over.
  void raise() noexcept;

 private:
  friend class Wait;

  // False when it is raised already: nobody need wait.
  [[nodiscard]] bool attach(Scheduler& scheduler, Wait& wait) noexcept;
  void detach() noexcept;
  void wait_here(std::int64_t us);

  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_raised_ = false;
  Scheduler* scheduler_ = nullptr;
  Wait* wait_ = nullptr;
};

// co_await it. Whoever waits looks afterwards what has become of that for which it waited: it may also have been woken for
// nothing.
class [[nodiscard]] Wait {
 public:
  enum class Socket { kNone, kReadable, kWritable };

  // Until `wake` is raised or, where `heeds_cancel`, the call is cancelled; at most `us` microseconds (Call::kNever).
  Wait(const Call& call, Wake& wake, std::int64_t us, bool heeds_cancel = true);
  // Until the socket is ready as well. A writable one is also one that can be read.
  Wait(const Call& call, int descriptor, Socket socket, std::int64_t us, bool heeds_cancel = true);
  ~Wait();
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;

  [[nodiscard]] bool await_ready();
  void await_suspend(std::coroutine_handle<> awaiting);
  void await_resume() noexcept;

  // For the scheduler.
  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] Socket socket() const { return socket_; }
  [[nodiscard]] std::int64_t until_us() const { return until_us_; }
  void go_on() { awaiting_.resume(); }

  // What a scheduler notes about a wait that it has put aside.
  struct Place {
    Wait* next_woken = nullptr;
    bool is_woken = false;
    std::size_t index = 0;  // among those with a socket
  };
  Place place;

 private:
  void wait_here();

  const Call& call_;
  Wake own_;
  Wake& wake_;
  const int descriptor_ = -1;
  const Socket socket_ = Socket::kNone;
  const std::int64_t us_;
  std::int64_t until_us_ = 0;
  const bool heeds_cancel_;
  CancelFlag::Listener listener_;
  std::coroutine_handle<> awaiting_;
};

// Lets time pass; no more of it once the call is cancelled.
[[nodiscard]] Task<Status> pause(const Call& call, std::int64_t us);

// Runs `work`, which blocks, where it holds up no other call, and waits for its end; not for its beginning, once the call must
// end. It gets the call as one that waits on the thread that makes it.
[[nodiscard]] Task<Status> aside(const Call& call, Scheduler::Errand kind,
                                 const std::function<Status(const Call&)>& work);

}  // namespace eventsource::core
