// Connections of one kind, lent to one thread each, in the order in which they asked.
// Any thread. The mutex is held only to borrow and to give back, never during a call to SQLite.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/call.hpp"
#include "core/base/result.hpp"
#include "core/sqlite/connection.hpp"

namespace eventsource::core::sqlite {

class Pool {
 public:
  using Open = std::function<Result<std::unique_ptr<Connection>>(const Call&)>;

  // Opens connections on demand, at most `most` at a time.
  Pool(std::size_t most, std::string what, Open open) : most_(most), what_(std::move(what)), open_(std::move(open)) {}

  // A borrowed connection; goes back at the end of the scope.
  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<Connection> connection) : pool_(&pool), connection_(std::move(connection)) {}
    ~Lease() {
      if (connection_ != nullptr) pool_->give_back(std::move(connection_));
    }
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;

    [[nodiscard]] Connection& operator*() const { return *connection_; }
    [[nodiscard]] Connection* operator->() const { return connection_.get(); }

   private:
    Pool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  // Waits its turn as long as the call may.
  [[nodiscard]] Result<Lease> borrow(const Call& call);
  // Takes a connection that was opened elsewhere.
  void adopt(std::unique_ptr<Connection> connection);
  // Closes every connection. None is borrowed.
  void close();

 private:
  void give_back(std::unique_ptr<Connection> connection);
  [[nodiscard]] Status take_turn(const Call& call, std::unique_ptr<Connection>& connection);
  [[nodiscard]] bool is_free() const { return !idle_.empty() || count_ < most_; }

  const std::size_t most_;
  const std::string what_;  // for ES_BUSY
  const Open open_;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::vector<std::unique_ptr<Connection>> idle_;
  std::size_t count_ = 0;  // idle and borrowed ones
  std::deque<const void*> waiting_;
};

}  // namespace eventsource::core::sqlite
