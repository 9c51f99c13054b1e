// A mutex that clang's -Wthread-safety understands, so that "guarded by" is checked and not only said.
// Any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#ifdef __clang__
#define THREAD_ATTRIBUTE_(attribute) __attribute__((attribute))
#else
#define THREAD_ATTRIBUTE_(attribute)
#endif

// A member that is touched only while `mutex` is held; a function that is called only then.
#define GUARDED_BY(mutex) THREAD_ATTRIBUTE_(guarded_by(mutex))
#define REQUIRES(mutex) THREAD_ATTRIBUTE_(requires_capability(mutex))
// A function that holds `mutex` when it has returned true.
#define TRY_ACQUIRE(mutex) THREAD_ATTRIBUTE_(try_acquire_capability(true, mutex))

namespace eventsource::core {

class THREAD_ATTRIBUTE_(capability("mutex")) Mutex {
 public:
  void lock() THREAD_ATTRIBUTE_(acquire_capability()) { mutex_.lock(); }
  [[nodiscard]] bool try_lock() THREAD_ATTRIBUTE_(try_acquire_capability(true)) { return mutex_.try_lock(); }
  void unlock() THREAD_ATTRIBUTE_(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

// Holds a mutex for a scope. Waiting on a Condition lets it go meanwhile; a guarded predicate is written as a loop around
// the wait, where the check sees that the mutex is held.
class THREAD_ATTRIBUTE_(scoped_lockable) MutexLock {
 public:
  struct Held {};
  explicit MutexLock(Mutex& mutex) THREAD_ATTRIBUTE_(acquire_capability(mutex)) : mutex_(mutex) { mutex_.lock(); }
  // Of a mutex that was locked already.
  MutexLock(Mutex& mutex, Held) REQUIRES(mutex) : mutex_(mutex) {}
  ~MutexLock() THREAD_ATTRIBUTE_(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

class Condition {
 public:
  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }
  void wait(Mutex& mutex) REQUIRES(mutex) { condition_.wait(mutex); }
  // False when the time has passed.
  bool wait_for(Mutex& mutex, std::chrono::microseconds time) REQUIRES(mutex) {
    return condition_.wait_for(mutex, time) == std::cv_status::no_timeout;
  }

 private:
  std::condition_variable_any condition_;
};

}  // namespace eventsource::core
