#include "core/sqlite/pool.hpp"

#include <algorithm>
#include <chrono>

namespace eventsource::core::sqlite {
namespace {

// A raised CancelFlag wakes nobody: whoever waits looks at it this often.
constexpr std::int64_t kLookUs = 5'000;

}  // namespace

Result<Pool::Lease> Pool::borrow(const Call& call) {
  std::unique_ptr<Connection> connection;
  RETURN_IF_ERROR(take_turn(call, connection));
  if (connection == nullptr) {
    Result<std::unique_ptr<Connection>> opened = open_(call);
    if (!opened.ok()) {
      give_back(nullptr);
      return std::move(opened).status();
    }
    connection = std::move(opened).value();
  }
  return Lease(*this, std::move(connection));
}

// Leaves `connection` empty when there is room for one more: it is counted already.
Status Pool::take_turn(const Call& call, std::unique_ptr<Connection>& connection) {
  std::unique_lock lock(mutex_);
  const void* const ticket = &connection;
  waiting_.push_back(ticket);
  // First come, first served: a thread that gives back and asks again would win every time otherwise.
  while (waiting_.front() != ticket || !is_free()) {
    const std::int64_t left = call.wait_left_us();
    if (left <= 0) {
      std::erase(waiting_, ticket);
      changed_.notify_all();
      return call.busy(what_);
    }
    changed_.wait_for(lock, std::chrono::microseconds(std::min(left, kLookUs)));
  }
  waiting_.pop_front();
  if (idle_.empty()) {
    ++count_;
  } else {
    connection = std::move(idle_.back());
    idle_.pop_back();
  }
  if (!waiting_.empty()) changed_.notify_all();
  return {};
}

void Pool::adopt(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock(mutex_);
  ++count_;
  idle_.push_back(std::move(connection));
}

// Nothing to give back (it could not be opened): makes room.
void Pool::give_back(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock(mutex_);
  if (connection == nullptr) {
    --count_;
  } else {
    idle_.push_back(std::move(connection));
  }
  if (!waiting_.empty()) changed_.notify_all();
}

void Pool::close() {
  const std::lock_guard lock(mutex_);
  count_ -= idle_.size();
  idle_.clear();
}

}  // namespace eventsource::core::sqlite
