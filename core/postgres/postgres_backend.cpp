#include "core/postgres/postgres_backend.hpp"

#include <algorithm>

#include "core/base/out_of_memory.hpp"
#include "core/postgres/error.hpp"
#include "core/postgres/message_size.hpp"

namespace eventsource::core::postgres {
namespace {

constexpr std::size_t kMostConnections = 16;

// Between two tries to reach a server that is restarting.
constexpr std::int64_t kReconnectPauseUs = 20'000;

const Statement kIsStandby{"es_is_standby", "SELECT pg_is_in_recovery()"};

// Whether the server is one now; it was none when the store was opened.
bool is_standby(Connection& connection, const Call& call) {
  bool is_one = false;
  const Parameters none;
  const Step step{kIsStandby, none, [&is_one](const Row& row) {
                    is_one = row.boolean(0);
                    return true;
                  }};
  return connection.transact(Access::kRead, {&step, 1}, call).ok() && is_one;
}

}  // namespace

PostgresBackend::PostgresBackend(ConnectionUrl url, const StoreIdentity& identity, const Layout& layout,
                                 Environment& environment, std::unique_ptr<Connection> connection)
    : url_(std::move(url)),
      identity_(identity),
      layout_(layout),
      statements_(layout),
      environment_(environment),
      pool_(kMostConnections, "each of the " + std::to_string(kMostConnections) + " connections to " + url_.shown,
            [this](const Call& call) { return Connection::open(url_, call); }) {
  pool_.adopt(std::move(connection));
}

Status PostgresBackend::transact(Access access, std::span<const Step> steps, const Call& call,
                                 std::vector<ServerProcess>* lost) {
  for (const Step& step : steps) RETURN_IF_ERROR(check_size(step.parameters, url_.shown));
  ASSIGN_OR_RETURN(Pool::Lease connection, pool_.borrow(call));
  // Afterwards there might be no memory for it.
  if (lost != nullptr) lost->reserve(lost->size() + 1);
  Status status = connection->transact(access, steps, call);
  if (lost != nullptr && !status.ok() && status.error().outcome() == ES_OUTCOME_UNKNOWN) {
    lost->push_back(connection->process());
  }
  if (!status.ok() && access == Access::kWrite && status.error().sqlstate() == kNotSupported &&
      connection->is_usable() && is_standby(*connection, call)) {
    status = standby_error(url_.shown, kNotSupported);
  }
  if (!status.ok() && access == Access::kWrite && status.error().code() == ES_READ_ONLY) {
    // Another connection may be one to the primary.
    connection.drop();
    pool_.close();
    return status;
  }
  // What happened to one has probably happened to those that are idle.
  if (!status.ok() && status.error().code() == ES_UNAVAILABLE && !connection->is_usable()) pool_.close();
  return status;
}

Status PostgresBackend::try_again(Access access, std::span<const Step> steps, const Call& call,
                                  const std::function<void()>& forget) {
  // Whatever comes after a write that was lost, it may have been carried out.
  bool is_unknown = false;
  try {
    Status status = try_until_told(access, steps, call, forget, is_unknown);
    if (status.ok() || !is_unknown) return status;
    return std::move(status).take_error().outcome(ES_OUTCOME_UNKNOWN);
  } catch (const std::bad_alloc&) {
    if (is_unknown) throw OutcomeUnknown();
    throw;
  }
}

Status PostgresBackend::try_until_told(Access access, std::span<const Step> steps, const Call& call,
                                       const std::function<void()>& forget, bool& is_unknown) {
  for (int tries = 1;; ++tries) {
    Status status = transact(access, steps, call);
    if (status.ok()) return status;
    const Error& error = status.error();
    is_unknown = is_unknown || error.outcome() == ES_OUTCOME_UNKNOWN;
    if (tries == kTries || (error.code() != ES_UNAVAILABLE && !is_transient(error))) return status;
    RETURN_IF_ERROR(call.check());
    pause_after(tries, call);
    forget();
  }
}

void PostgresBackend::pause_after(int tries, const Call& call) {
  if (tries > 1) environment_.pause_us(std::min(kReconnectPauseUs, std::max<std::int64_t>(call.wait_left_us(), 1)));
}

Status PostgresBackend::shutdown() {
  pool_.close();
  return {};
}

}  // namespace eventsource::core::postgres
