// The connections of one store to its server, lent to one call each, in the order in which they asked.
// Any thread. The mutex is held only to borrow and to give back, never while a connection is used, opened or closed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "core/base/call.hpp"
#include "core/base/mutex.hpp"
#include "core/base/result.hpp"
#include "core/base/task.hpp"
#include "core/base/wait.hpp"
#include "core/postgres/connection.hpp"
#include "core/postgres/pool_settings.hpp"
#include "core/postgres/url.hpp"

namespace eventsource::core::postgres {

class ConnectionPool {
 public:
  // Opens connections on demand.
  ConnectionPool(const ConnectionUrl& url, const PoolSettings& settings, std::shared_ptr<Telemetry> telemetry);

  // A borrowed connection; its place in the pool goes back at the end of the scope, whatever became of it. A connection
  // that can't be used again is closed.
  class Lease {
   public:
    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), connection_(std::move(other.connection_)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (pool_ != nullptr) pool_->give_back(std::move(connection_));
    }

    [[nodiscard]] Connection& operator*() const { return *connection_; }
    [[nodiscard]] Connection* operator->() const { return connection_.get(); }

    // Closes the connection: what comes back is only its place.
    void drop() noexcept { connection_.reset(); }

   private:
    friend class ConnectionPool;
    Lease(ConnectionPool& pool, std::unique_ptr<Connection> connection) noexcept
        : pool_(&pool), connection_(std::move(connection)) {}

    ConnectionPool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  // Waits its turn as long as the call may; ES_TIMEOUT says that the pool is exhausted.
  [[nodiscard]] Task<Result<Lease>> borrow(const Call& call);
  // Takes a connection that was opened elsewhere. There is room for it.
  void adopt(std::unique_ptr<Connection> connection) noexcept;
  // Closes the connections that nobody has borrowed.
  void close();

 private:
  // A call that waits, on its stack or in its frame: waiting needs no memory.
  struct Ticket {
    Wake wake;
    Ticket* behind = nullptr;
    bool is_served = false;
    std::unique_ptr<Connection> connection;  // none: a place for one
  };
  class Turn;

  [[nodiscard]] Task<Status> wait_turn(Ticket& ticket, const Call& call);
  // Leaves in `lease` a connection that works.
  [[nodiscard]] Task<Status> make_ready(Lease& lease, const Call& call);
  [[nodiscard]] Task<bool> is_alive(Connection& connection, const Call& call);
  [[nodiscard]] Task<Status> open(Lease& lease, const Call& call);
  [[nodiscard]] std::int64_t wait_before_open_us(Environment& environment);
  void note_opened(bool was_opened, Environment& environment);
  [[nodiscard]] Error exhausted(const Call& call) const;

  void give_back(std::unique_ptr<Connection> connection) noexcept;
  [[nodiscard]] bool serve(Ticket& ticket) noexcept REQUIRES(mutex_);
  void queue(Ticket& ticket) noexcept REQUIRES(mutex_);
  void leave(Ticket& ticket) noexcept REQUIRES(mutex_);

  const ConnectionUrl& url_;
  const PoolSettings settings_;
  const std::shared_ptr<Telemetry> telemetry_;
  const std::size_t most_;

  Mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_ GUARDED_BY(mutex_);  // never grows beyond what it has reserved
  std::size_t count_ GUARDED_BY(mutex_) = 0;                          // idle and borrowed ones
  Ticket* first_ GUARDED_BY(mutex_) = nullptr;
  int failures_ GUARDED_BY(mutex_) = 0;  // to open one, in a row
  std::int64_t failed_us_ GUARDED_BY(mutex_) = 0;
};

}  // namespace eventsource::core::postgres
