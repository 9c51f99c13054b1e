#include "core/postgres/connection_pool.hpp"

#include <algorithm>
#include <string>

namespace eventsource::core::postgres {
namespace {

// One that was used this lately is taken for alive, unless its socket has something to say.
constexpr std::int64_t kTrustedUs = 30'000'000;

// Between two tries to reach a server that refused the last one: from the shortest, doubled each time, to the longest.
constexpr std::int64_t kShortestPauseUs = 10'000;
constexpr std::int64_t kLongestPauseUs = 1'000'000;
constexpr int kMostDoublings = 7;

}  // namespace

ConnectionPool::ConnectionPool(const ConnectionUrl& url, const PoolSettings& settings,
                               std::shared_ptr<Telemetry> telemetry)
    : url_(url),
      settings_(settings),
      telemetry_(std::move(telemetry)),
      most_(static_cast<std::size_t>(settings.size + settings.overflow)) {
  idle_.reserve(most_);
}

// A place in the queue, left with the scope; what was given to it meanwhile goes to the next.
class ConnectionPool::Turn {
 public:
  Turn(ConnectionPool& pool, Ticket& ticket) : pool_(pool), ticket_(ticket) {}
  ~Turn() {
    if (is_taken_) return;
    {
      const MutexLock lock(pool_.mutex_);
      if (!ticket_.is_served) {
        pool_.leave(ticket_);
        return;
      }
    }
    pool_.give_back(std::move(ticket_.connection));
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  [[nodiscard]] bool take() {
    const MutexLock lock(pool_.mutex_);
    return is_taken_ = ticket_.is_served;
  }

 private:
  ConnectionPool& pool_;
  Ticket& ticket_;
  bool is_taken_ = false;
};

Task<Result<ConnectionPool::Lease>> ConnectionPool::borrow(const Call& call) {
  Ticket ticket;
  CO_RETURN_IF_ERROR(co_await wait_turn(ticket, call));
  Lease lease(*this, std::move(ticket.connection));
  CO_RETURN_IF_ERROR(co_await make_ready(lease, call));
  co_return lease;
}

// First come, first served: who gives one back and asks again would win every time otherwise.
Task<Status> ConnectionPool::wait_turn(Ticket& ticket, const Call& call) {
  {
    const MutexLock lock(mutex_);
    if (first_ == nullptr && serve(ticket)) co_return Status();
    queue(ticket);
  }
  Turn turn(*this, ticket);
  const std::int64_t end_us = call.environment().steady_us() + settings_.timeout_ms * 1'000;
  while (!turn.take()) {
    // A call for several callers ends with one of them, and has no timeout of its own.
    const std::int64_t left_us = call.has_timeout()
                                     ? call.wait_left_us()
                                     : std::min(end_us - call.environment().steady_us(), call.time_left_us());
    if (left_us <= 0 || call.is_cancelled()) co_return exhausted(call);
    co_await Wait(call, ticket.wake, left_us);
  }
  co_return Status();
}

Task<Status> ConnectionPool::make_ready(Lease& lease, const Call& call) {
  if (lease.connection_ != nullptr) {
    const std::int64_t age_us = call.environment().steady_us() - lease->opened_us();
    const bool is_old = settings_.recycle_ms > 0 && age_us > settings_.recycle_ms * 1'000;
    const bool is_good = co_await is_alive(*lease, call);
    if (is_old && is_good) telemetry_->metrics.recycled_connections.add();
    if (is_old || !is_good) lease.drop();
  }
  if (lease.connection_ == nullptr) co_return co_await open(lease, call);
  co_return Status();
}

// A server that ends a session says so on its socket, which costs no round trip to look at. A network that has dropped it
// says nothing.
Task<bool> ConnectionPool::is_alive(Connection& connection, const Call& call) {
  if (!settings_.pre_ping) co_return true;
  const std::int64_t idle_us = call.environment().steady_us() - connection.used_us();
  if (idle_us < kTrustedUs && !connection.has_input()) co_return true;
  const Status status = co_await connection.transact(Access::kRead, {}, call);
  co_return status.ok();
}

Task<Status> ConnectionPool::open(Lease& lease, const Call& call) {
  const std::int64_t pause_us = std::min(wait_before_open_us(call.environment()), call.wait_left_us());
  if (pause_us > 0) CO_RETURN_IF_ERROR(co_await pause(call, pause_us));
  const std::function<Status(const Call&)> work = [&](const Call& blocking) -> Status {
    ASSIGN_OR_RETURN(lease.connection_, Connection::open_now(url_, telemetry_, blocking));
    return {};
  };
  Status status = co_await aside(call, Scheduler::Errand::kConnect, work);
  note_opened(status.ok() || status.error().code() != ES_UNAVAILABLE, call.environment());
  co_return status;
}

std::int64_t ConnectionPool::wait_before_open_us(Environment& environment) {
  const MutexLock lock(mutex_);
  if (failures_ == 0) return 0;
  const std::int64_t pause_us = std::min(kShortestPauseUs << std::min(failures_ - 1, kMostDoublings), kLongestPauseUs);
  return failed_us_ + pause_us - environment.steady_us();
}

void ConnectionPool::note_opened(bool was_opened, Environment& environment) {
  const MutexLock lock(mutex_);
  failures_ = was_opened ? 0 : failures_ + 1;
  failed_us_ = environment.steady_us();
}

Error ConnectionPool::exhausted(const Call& call) const {
  if (call.is_cancelled()) return call.check().take_error();
  return Error(ES_TIMEOUT, url_.shown + ": connection pool exhausted: none of its " + std::to_string(most_) +
                               " connections came free in time, and nothing was written. Try again, or raise options "
                               "pool_size and max_overflow")
      .retryable();
}

// A place, and an idle connection if there is one: the one that was used last.
bool ConnectionPool::serve(Ticket& ticket) noexcept {
  if (!idle_.empty()) {
    ticket.connection = std::move(idle_.back());
    idle_.pop_back();
    telemetry_->metrics.idle_connections.take();
  } else if (count_ < most_) {
    ++count_;
  } else {
    return false;
  }
  ticket.is_served = true;
  telemetry_->metrics.used_connections.add();
  return true;
}

void ConnectionPool::queue(Ticket& ticket) noexcept {
  Ticket** end = &first_;
  while (*end != nullptr) end = &(*end)->behind;
  *end = &ticket;
  telemetry_->metrics.connection_waiters.add();
}

void ConnectionPool::leave(Ticket& ticket) noexcept {
  Ticket** place = &first_;
  while (*place != &ticket) place = &(*place)->behind;
  *place = ticket.behind;
  telemetry_->metrics.connection_waiters.take();
}

void ConnectionPool::adopt(std::unique_ptr<Connection> connection) noexcept {
  const MutexLock lock(mutex_);
  ++count_;
  idle_.push_back(std::move(connection));
  telemetry_->metrics.idle_connections.add();
}

// The next call gets it, or its place.
void ConnectionPool::give_back(std::unique_ptr<Connection> connection) noexcept {
  if (connection != nullptr && !connection->is_usable()) connection.reset();
  const MutexLock lock(mutex_);
  if (first_ != nullptr) {
    Ticket& ticket = *first_;
    leave(ticket);
    ticket.connection = std::move(connection);
    ticket.is_served = true;
    ticket.wake.raise();
    return;
  }
  telemetry_->metrics.used_connections.take();
  if (connection != nullptr && idle_.size() < static_cast<std::size_t>(settings_.size)) {
    idle_.push_back(std::move(connection));
    telemetry_->metrics.idle_connections.add();
  } else {
    --count_;
  }
}

void ConnectionPool::close() {
  std::vector<std::unique_ptr<Connection>> closed;
  closed.reserve(most_);
  const MutexLock lock(mutex_);
  count_ -= idle_.size();
  telemetry_->metrics.idle_connections.take(std::ssize(idle_));
  closed.swap(idle_);
  idle_.reserve(most_);
}

}  // namespace eventsource::core::postgres
