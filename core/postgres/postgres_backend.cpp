#include "core/postgres/postgres_backend.hpp"

#include <algorithm>
#include <utility>

#include "core/base/out_of_memory.hpp"
#include "core/base/wait.hpp"
#include "core/postgres/error.hpp"
#include "core/postgres/message_size.hpp"

namespace eventsource::core::postgres {
namespace {

// Between two tries to reach a server that is restarting.
constexpr std::int64_t kReconnectPauseUs = 20'000;

constexpr StatementView kIsStandby{"es_is_standby", "SELECT pg_is_in_recovery()"};

// Whether the server is one now; it was none when the store was opened.
Task<bool> is_standby(Connection& connection, const Call& call) {
  bool is_one = false;
  const Parameters none;
  const Step step{kIsStandby, none, [&is_one](const Row& row) {
                    is_one = row.boolean(0);
                    return true;
                  }};
  const Status status = co_await connection.transact(Access::kRead, {&step, 1}, call);
  co_return status.ok() && is_one;
}

PoolSettings control_settings(const PoolSettings& settings) {
  PoolSettings control = settings;
  control.size = 1;
  control.overflow = 0;
  return control;
}

}  // namespace

PostgresBackend::PostgresBackend(ConnectionUrl url, const StoreIdentity& identity, const Layout& layout,
                                 const Settings& settings, std::unique_ptr<Connection> connection)
    : url_(std::move(url)),
      telemetry_(settings.telemetry),
      identity_(identity),
      layout_(layout),
      statements_(layout),
      pool_(url_, settings.pool, telemetry_),
      control_(url_, control_settings(settings.pool), telemetry_) {
  pool_.adopt(std::move(connection));
}

Task<Status> PostgresBackend::transact(Access access, std::span<const Step> steps, const Call& call,
                                       std::vector<ServerProcess>* lost) {
  for (const Step& step : steps) CO_RETURN_IF_ERROR(check_size(step.parameters, url_.shown));
  CO_ASSIGN_OR_RETURN(ConnectionPool::Lease connection, co_await pool_.borrow(call));
  // Afterwards there might be no memory for it.
  ServerProcess process;
  if (lost != nullptr) {
    lost->reserve(lost->size() + 1);
    process = connection->process();
  }
  Status status = co_await connection->transact(access, steps, call);
  if (lost != nullptr && !status.ok() && status.error().outcome() == ES_OUTCOME_UNKNOWN) {
    lost->push_back(std::move(process));
  }
  if (!status.ok() && access == Access::kWrite && status.error().sqlstate() == kNotSupported &&
      connection->is_usable()) {
    const bool is_one = co_await is_standby(*connection, call);
    if (is_one) status = standby_error(url_.shown, kNotSupported);
  }
  if (!status.ok() && access == Access::kWrite && status.error().code() == ES_READ_ONLY) {
    // Another connection may be one to the primary.
    connection.drop();
    pool_.close();
    co_return status;
  }
  // What happened to one has probably happened to those that are idle.
  if (!status.ok() && status.error().code() == ES_UNAVAILABLE && !connection->is_usable()) pool_.close();
  co_return status;
}

Task<Status> PostgresBackend::try_again(Access access, std::span<const Step> steps, const Call& call,
                                        const std::function<void()>& forget) {
  // Whatever comes after a write that was lost, it may have been carried out.
  bool is_unknown = false;
  try {
    Status status = co_await try_until_told(access, steps, call, forget, is_unknown);
    if (status.ok() || !is_unknown) co_return status;
    co_return std::move(status).take_error().outcome(ES_OUTCOME_UNKNOWN);
  } catch (const std::bad_alloc&) {
    if (is_unknown) throw OutcomeUnknown();
    throw;
  }
}

Task<Status> PostgresBackend::try_until_told(Access access, std::span<const Step> steps, const Call& call,
                                             const std::function<void()>& forget, bool& is_unknown) {
  for (int tries = 1;; ++tries) {
    Status status = co_await transact(access, steps, call);
    if (status.ok()) co_return status;
    const Error& error = status.error();
    is_unknown = is_unknown || error.outcome() == ES_OUTCOME_UNKNOWN;
    if (tries == kTries || (error.code() != ES_UNAVAILABLE && !is_transient(error))) co_return status;
    CO_RETURN_IF_ERROR(call.check());
    CO_RETURN_IF_ERROR(co_await pause_after(tries, call));
    tell_again(error);
    forget();
  }
}

void PostgresBackend::tell_again(const Error& error) const noexcept {
  if (is_transient(error)) telemetry_->metrics.retries.add();
  telemetry_->log.named(kLogger).write(LogLevel::kDebug, "made again",
                                       {{"sqlstate", error.sqlstate()}, {"reason", error.message()}});
}

Task<Status> PostgresBackend::pause_after(int tries, const Call& call) {
  if (tries <= 1) co_return Status();
  co_return co_await pause(call, std::min(kReconnectPauseUs, std::max<std::int64_t>(call.wait_left_us(), 1)));
}

Status PostgresBackend::shutdown() {
  pool_.close();
  control_.close();
  return {};
}

}  // namespace eventsource::core::postgres
