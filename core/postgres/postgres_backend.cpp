#include "core/postgres/postgres_backend.hpp"

#include <algorithm>

#include "core/base/out_of_memory.hpp"
#include "core/postgres/error.hpp"

namespace eventsource::core::postgres {
namespace {

constexpr std::size_t kMostConnections = 16;

// What lost its connection takes another: the first may have been idle when the server restarted.
constexpr int kTries = 3;

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
  ASSIGN_OR_RETURN(const Pool::Lease connection, pool_.borrow(call));
  // Afterwards there might be no memory for it.
  if (lost != nullptr) lost->reserve(lost->size() + 1);
  Status status = connection->transact(access, steps, call);
  if (lost != nullptr && !status.ok() && status.error().outcome() == ES_OUTCOME_UNKNOWN) {
    lost->push_back(connection->process());
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
    forget();
  }
}

Status PostgresBackend::shutdown() {
  pool_.close();
  return {};
}

}  // namespace eventsource::core::postgres
