// Connections that block their thread, lent to one each, in the order in which they asked.
// Any thread. The mutex is held only to borrow and to give back, never while a connection is used.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/call.hpp"
#include "core/base/mutex.hpp"
#include "core/base/result.hpp"

namespace eventsource::core {

template <typename Connection>
class Pool {
 public:
  using Open = std::function<Result<std::unique_ptr<Connection>>(const Call&)>;

  // Opens connections on demand, at most `most` at a time.
  Pool(std::size_t most, std::string what, Open open);

  // A borrowed connection; its place in the pool goes back at the end of the scope, whatever became of it.
  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<Connection> connection) noexcept
        : pool_(&pool), connection_(std::move(connection)) {}
    ~Lease() {
      if (pool_ != nullptr) pool_->give_back(std::move(connection_));
    }
    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), connection_(std::move(other.connection_)) {}
    Lease& operator=(Lease&&) = delete;

    [[nodiscard]] Connection& operator*() const { return *connection_; }
    [[nodiscard]] Connection* operator->() const { return connection_.get(); }

    // Closes the connection, if there is one, and opens another. After an error there is none.
    [[nodiscard]] Status open_again(const Call& call);

   private:
    friend class Pool;

    Pool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  // Waits its turn as long as the call may.
  [[nodiscard]] Result<Lease> borrow(const Call& call);
  // Takes a connection that was opened elsewhere. There is room for it.
  void adopt(std::unique_ptr<Connection> connection) noexcept;
  // Closes the connections that nobody has borrowed.
  void close();

 private:
  // A raised CancelFlag wakes nobody: whoever waits looks at it this often.
  static constexpr std::int64_t kLookUs = 5'000;

  // Somebody who waits, on that thread's stack: waiting needs no memory.
  struct Ticket {
    Ticket* behind = nullptr;
  };

  void give_back(std::unique_ptr<Connection> connection) noexcept;
  [[nodiscard]] Status take_turn(const Call& call, std::unique_ptr<Connection>& connection);
  void queue(Ticket& ticket) noexcept REQUIRES(mutex_);
  void leave(Ticket& ticket) noexcept REQUIRES(mutex_);
  [[nodiscard]] bool is_free() const REQUIRES(mutex_) { return !idle_.empty() || count_ < most_; }

  const std::size_t most_;
  const std::string what_;  // for ES_BUSY
  const Open open_;

  Mutex mutex_;
  Condition changed_;
  std::vector<std::unique_ptr<Connection>> idle_ GUARDED_BY(mutex_);  // never grows beyond what it has reserved
  std::size_t count_ GUARDED_BY(mutex_) = 0;                          // idle and borrowed ones
  Ticket* first_ GUARDED_BY(mutex_) = nullptr;
};

template <typename Connection>
Pool<Connection>::Pool(std::size_t most, std::string what, Open open)
    : most_(most), what_(std::move(what)), open_(std::move(open)) {
  idle_.reserve(most_);
}

template <typename Connection>
Result<typename Pool<Connection>::Lease> Pool<Connection>::borrow(const Call& call) {
  std::unique_ptr<Connection> connection;
  RETURN_IF_ERROR(take_turn(call, connection));
  Lease lease(*this, std::move(connection));
  if (lease.connection_ == nullptr) RETURN_IF_ERROR(lease.open_again(call));
  return lease;
}

template <typename Connection>
Status Pool<Connection>::Lease::open_again(const Call& call) {
  connection_.reset();
  ASSIGN_OR_RETURN(connection_, pool_->open_(call));
  return {};
}

// Leaves `connection` empty when there is room for one more: it is counted already.
template <typename Connection>
Status Pool<Connection>::take_turn(const Call& call, std::unique_ptr<Connection>& connection) {
  const MutexLock lock(mutex_);
  Ticket ticket;
  queue(ticket);
  // First come, first served: a thread that gives back and asks again would win every time otherwise.
  while (first_ != &ticket || !is_free()) {
    const std::int64_t left = call.wait_left_us();
    if (left <= 0) {
      leave(ticket);
      return call.busy(what_);
    }
    changed_.wait_for(mutex_, std::chrono::microseconds(std::min(left, kLookUs)));
  }
  leave(ticket);
  if (idle_.empty()) {
    ++count_;
  } else {
    connection = std::move(idle_.back());
    idle_.pop_back();
  }
  return {};
}

template <typename Connection>
void Pool<Connection>::queue(Ticket& ticket) noexcept {
  Ticket** end = &first_;
  while (*end != nullptr) end = &(*end)->behind;
  *end = &ticket;
}

// Whoever is first now must look again.
template <typename Connection>
void Pool<Connection>::leave(Ticket& ticket) noexcept {
  Ticket** place = &first_;
  while (*place != &ticket) place = &(*place)->behind;
  *place = ticket.behind;
  if (first_ != nullptr) changed_.notify_all();
}

template <typename Connection>
void Pool<Connection>::adopt(std::unique_ptr<Connection> connection) noexcept {
  const MutexLock lock(mutex_);
  ++count_;
  idle_.push_back(std::move(connection));
}

// Nothing to give back (it could not be opened): makes room.
template <typename Connection>
void Pool<Connection>::give_back(std::unique_ptr<Connection> connection) noexcept {
  const MutexLock lock(mutex_);
  if (connection == nullptr) {
    --count_;
  } else {
    idle_.push_back(std::move(connection));
  }
  if (first_ != nullptr) changed_.notify_all();
}

template <typename Connection>
void Pool<Connection>::close() {
  const MutexLock lock(mutex_);
  count_ -= idle_.size();
  idle_.clear();
}

}  // namespace eventsource::core
