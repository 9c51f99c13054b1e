// Transactions on a borrowed connection: they end with the scope, whatever happens in it.
// Used by the thread that has borrowed the connection.
#pragma once

#include <cstdint>

#include "core/base/call.hpp"
#include "core/base/result.hpp"
#include "core/sqlite/connection.hpp"
#include "core/sqlite/write_lock.hpp"

namespace eventsource::core::sqlite {

// Holds the write lock from begin() to the end.
class WriteTransaction {
 public:
  WriteTransaction(Connection& connection, WriteLockWatch& watch) : connection_(connection), watch_(watch) {}
  ~WriteTransaction() { rollback(); }
  WriteTransaction(const WriteTransaction&) = delete;
  WriteTransaction& operator=(const WriteTransaction&) = delete;

  [[nodiscard]] Status begin(const Call& call);
  // Whether another process was in the way of the last begin().
  [[nodiscard]] bool had_to_wait() const { return had_to_wait_; }
  // Durable when it returns without an error. Not interruptible.
  [[nodiscard]] Status commit(const Call& call);
  void rollback();

 private:
  [[nodiscard]] Error commit_error(int code, const Call& call);

  Connection& connection_;
  WriteLockWatch& watch_;
  bool had_to_wait_ = false;
};

// One look at the store. Statements of its connection stop when the call must end.
class ReadTransaction {
 public:
  explicit ReadTransaction(Connection& connection) : connection_(connection) {}
  ~ReadTransaction();
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;

  [[nodiscard]] Status begin(const Call& call);
  // The newest position at this look; 0 when there is no event.
  [[nodiscard]] std::int64_t head() const { return head_; }

 private:
  [[nodiscard]] int try_begin();

  Connection& connection_;
  std::int64_t head_ = 0;
};

}  // namespace eventsource::core::sqlite
