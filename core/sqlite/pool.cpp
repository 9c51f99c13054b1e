#include "core/sqlite/pool.hpp"

#include <algorithm>
#include <chrono>

namespace eventsource::core::sqlite {
namespace {

// A raised CancelFlag wakes nobody: whoever waits looks at it this often.
constexpr std::int64_t kLookUs = 5'000;

}  // namespace

Pool::Pool(std::size_t most, std::string what, Open open)
    : most_(most), what_(std::move(what)), open_(std::move(open)) {
  idle_.reserve(most_);
}

Result<Pool::Lease> Pool::borrow(const Call& call) {
  std::unique_ptr<Connection> connection;
  RETURN_IF_ERROR(take_turn(call, connection));
  Lease lease(*this, std::move(connection));
  if (lease.connection_ == nullptr) RETURN_IF_ERROR(lease.open_again(call));
  return lease;
}

Status Pool::Lease::open_again(const Call& call) {
  connection_.reset();
  ASSIGN_OR_RETURN(connection_, pool_->open_(call));
  return {};
}

// Leaves `connection` empty when there is room for one more: it is counted already.
Status Pool::take_turn(const Call& call, std::unique_ptr<Connection>& connection) {
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

void Pool::queue(Ticket& ticket) noexcept {
  Ticket** end = &first_;
  while (*end != nullptr) end = &(*end)->behind;
  *end = &ticket;
}

// Whoever is first now must look again.
void Pool::leave(Ticket& ticket) noexcept {
  Ticket** place = &first_;
  while (*place != &ticket) place = &(*place)->behind;
  *place = ticket.behind;
  if (first_ != nullptr) changed_.notify_all();
}

void Pool::adopt(std::unique_ptr<Connection> connection) noexcept {
  const MutexLock lock(mutex_);
  ++count_;
  idle_.push_back(std::move(connection));
}

// Nothing to give back (it could not be opened): makes room.
void Pool::give_back(std::unique_ptr<Connection> connection) noexcept {
  const MutexLock lock(mutex_);
  if (connection == nullptr) {
    --count_;
  } else {
    idle_.push_back(std::move(connection));
  }
  if (first_ != nullptr) changed_.notify_all();
}

void Pool::close() {
  const MutexLock lock(mutex_);
  count_ -= idle_.size();
  idle_.clear();
}

}  // namespace eventsource::core::sqlite
