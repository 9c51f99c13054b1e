// Connections of one kind, lent to one thread each, in the order in which they asked.
// Any thread. The mutex is held only to borrow and to give back, never during a call to SQLite.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/call.hpp"
#include "core/base/mutex.hpp"
#include "core/base/result.hpp"
#include "core/sqlite/connection.hpp"

namespace eventsource::core::sqlite {

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
  // Closes every connection. None is borrowed.
  void close();

 private:
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

}  // namespace eventsource::core::sqlite
