// Forks of this process: what must not be under way when one happens, and what a child lets go of.
//
// A child has one thread, the one that forked. A lock that another thread held at that moment stays held there for ever,
// and what the parent has from the system (locks on files, sessions with a server) is not the child's.
// Any thread. Nothing here is destroyed: a host may fork while its own static objects are torn down.
#pragma once

#include <cstdint>

namespace eventsource::core {

// How many forks are between this process and the one that used the library first. What was opened under another number is
// the parent's: it is left alone and never destroyed, as its mutexes may be locked for ever. Cheap: ask often.
[[nodiscard]] std::uint64_t fork_generation() noexcept;

// While one lives on any thread, a fork waits: for calls into a library that has locks of its own. Nothing inside may wait for
// another thread or process. Nested ones are nearly free: many short calls in a row have one around them all, and let a fork
// pass in between.
class NoFork {
 public:
  NoFork() noexcept;
  ~NoFork();
  NoFork(const NoFork&) = delete;
  NoFork& operator=(const NoFork&) = delete;

  // Lets a fork that is waiting happen now: between two calls, or in a callback of the library out of a long one, where it
  // holds none of its locks. Nearly free when no fork is waiting.
  static void let_fork_pass() noexcept;
};

// A part of the library that has something to do at each fork. No thread is inside of a NoFork then.
class ForkParticipant {
 public:
  ForkParticipant(const ForkParticipant&) = delete;
  ForkParticipant& operator=(const ForkParticipant&) = delete;

  // In the parent, around the fork.
  virtual void before_fork() noexcept {}
  virtual void after_fork_in_parent() noexcept {}
  // In the child, before fork returns there. It may allocate (the system's allocator is whole again by then); it may take
  // a lock only if that is never held outside of a NoFork.
  virtual void after_fork_in_child() noexcept = 0;

 protected:
  ForkParticipant() = default;
  ~ForkParticipant() = default;

  // From now on, for ever.
  void take_part() noexcept;

 private:
  friend struct ForkHandlers;
  ForkParticipant* next_ = nullptr;
};

}  // namespace eventsource::core
