#include "core/postgres/connection.hpp"

#include <algorithm>
#include <poll.h>
#include <utility>

#include "core/postgres/destination.hpp"
#include "core/postgres/error.hpp"
#include "core/postgres/exchange.hpp"
#include "core/postgres/progress.hpp"
#include "core/postgres/tls_library.hpp"

namespace eventsource::core::postgres {
namespace {

constexpr int kOldestServer = 130'000;

// The call may have no time left: a ROLLBACK has its own.
constexpr std::int64_t kRollbackMs = 5'000;

void ignore_notice(void*, const char*) {}

// A raised CancelFlag wakes nobody: whoever connects looks at it this often. False when there is nothing to do yet.
bool wait_for_socket(PGconn* connection, bool for_writing) {
  constexpr timespec kLook{0, 10'000'000};
  pollfd socket{PQsocket(connection), static_cast<short>(for_writing ? POLLIN | POLLOUT : POLLIN), 0};
  return socket.fd < 0 || ppoll(&socket, 1, &kLook, nullptr) != 0;
}

Error too_old(int version, const std::string& shown) {
  return Error(ES_NOT_A_STORE, "the server of " + shown + " is PostgreSQL " + std::to_string(version / 10'000) +
                                   ": this library needs 13 or newer");
}

// A pooler that was told to ignore them would lead to other tables than the URL names. What sets nothing may be for the
// pooler itself.
bool sets_something(std::string_view options) {
  return options.find("-c") != std::string_view::npos || options.find("--") != std::string_view::npos;
}

}  // namespace

// A child has a copy of every socket: none may be made before the connection is known.
std::unique_ptr<Connection> Connection::begin(const std::vector<Parameter>& parameters, const std::string& shown,
                                              const std::shared_ptr<Telemetry>& telemetry) {
  const NoFork no_fork;
  keep_tls_library();
  std::unique_ptr<PGconn, Finish> handle(start_connecting(parameters));
  OpenSessions::instance().add(handle.get());
  return std::unique_ptr<Connection>(new Connection(std::move(handle), shown, telemetry));
}

Result<std::unique_ptr<Connection>> Connection::open_now(const ConnectionUrl& url,
                                                         const std::shared_ptr<Telemetry>& telemetry,
                                                         const Call& call) {
  RETURN_IF_ERROR(call.check());
  ASSIGN_OR_RETURN(Destination destination, find_destination_now(url, call));
  ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                   connect_now(std::move(destination), url.shown, telemetry, call));
  if (connection->server_version() < kOldestServer) return too_old(connection->server_version(), url.shown);
  connection->opened_us_ = call.environment().steady_us();
  ASSIGN_OR_RETURN(connection->process_, server_process_now(*connection, call));
  connection->has_session_ = !connection->process_.is_shared;
  const char* const options = PQoptions(connection->connection_.get());
  if (!connection->has_session_ && options != nullptr && sets_something(options)) return lost_options(url.shown);
  connection->tell_opened();
  return connection;
}

// libpq goes on to the next address when one fails. From one that is silent it is taken away: it begins anew with the others.
Result<std::unique_ptr<Connection>> Connection::connect_now(Destination destination, const std::string& shown,
                                                            const std::shared_ptr<Telemetry>& telemetry,
                                                            const Call& call) {
  std::string silent;
  for (;;) {
    std::unique_ptr<Connection> connection = begin(destination.parameters, shown, telemetry);
    Progress progress(destination, connection->connection_.get(), call.environment());
    std::string tried = shown;
    if (!silent.empty()) tried.append(": ").append(silent);
    ASSIGN_OR_RETURN(const bool is_established, connection->establish_now(progress, tried, call));
    if (is_established) return connection;
    silent += (silent.empty() ? "" : "; ") + progress.text();
    std::vector<Address> left = progress.left();
    if (left.empty()) return connect_timeout(shown, silent);
    set_addresses(destination, std::move(left));
  }
}

Connection::~Connection() {
  if (pid_ == 0) return;
  telemetry_->metrics.connections.take();
  telemetry_->log.named(kLogger).write(LogLevel::kDebug, "connection closed", {{"pid", pid_}});
}

void Connection::tell_opened() noexcept {
  pid_ = shown_pid();
  telemetry_->metrics.connections.add();
  telemetry_->metrics.opened_connections.add();
  const char* const host = PQhost(connection_.get());
  const char* const port = PQport(connection_.get());
  telemetry_->log.named(kLogger).write(LogLevel::kDebug, "connection opened",
                                       {{"pid", pid_},
                                        {"host", host == nullptr ? "" : host},
                                        {"port", port == nullptr ? "" : port},
                                        {"server_version", server_version()},
                                        {"pooler", !has_session_}});
}

void Connection::tell_lost(const Error& error) noexcept {
  if (pid_ == 0 || was_lost_ || PQstatus(connection_.get()) == CONNECTION_OK) return;
  was_lost_ = true;
  telemetry_->metrics.lost_connections.add();
  telemetry_->log.named(kLogger).write(LogLevel::kWarning, "connection lost",
                                       {{"pid", pid_}, {"url", shown_}, {"reason", error.message()}});
}

// Each step may close the socket and open another, to the next host.
Result<bool> Connection::establish_now(Progress& progress, const std::string& tried, const Call& call) {
  PGconn* const connection = connection_.get();
  // The only way to the SQLSTATE of a refused connection is through the text.
  PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
  PQsetNoticeProcessor(connection, ignore_notice, nullptr);
  PostgresPollingStatusType state =
      PQstatus(connection) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK) {
    if (state == PGRES_POLLING_FAILED) return connect_error(connection, tried);
    if (Status status = call.check(); !status.ok()) {
      return std::move(status).take_error().in(shown_ + " has not answered yet");
    }
    if (progress.is_over()) return false;
    if (!wait_for_socket(connection, state == PGRES_POLLING_WRITING)) continue;
    {
      const NoFork no_fork;
      state = PQconnectPoll(connection);
    }
    progress.look();
  }
  PQsetErrorVerbosity(connection, PQERRORS_DEFAULT);
  if (PQsetnonblocking(connection, 1) != 0) return connect_error(connection, tried);
  return true;
}

bool Connection::is_usable() const {
  return !broken_ && PQstatus(connection_.get()) == CONNECTION_OK &&
         PQtransactionStatus(connection_.get()) == PQTRANS_IDLE;
}

bool Connection::has_input() const {
  constexpr timespec kNoTime{};
  pollfd socket{PQsocket(connection_.get()), POLLIN, 0};
  return socket.fd < 0 || ppoll(&socket, 1, &kNoTime, nullptr) != 0;
}

std::string Connection::address() const {
  const auto text = [](const char* value) { return std::string(value == nullptr ? "" : value); };
  const PGconn* const connection = connection_.get();
  return text(PQhost(connection)) + " " + text(PQhostaddr(connection)) + " " + text(PQport(connection));
}

Task<Status> Connection::transact(Access access, std::span<const Step> steps, const Call& call) {
  CO_RETURN_IF_ERROR(call.check());
  // Until the end has come: an exception on the way leaves answers to be read.
  broken_ = true;
  Exchange exchange(*this, access, call);
  Status status = co_await exchange.run(steps);
  used_us_ = call.environment().steady_us();
  if (!status.ok()) tell_lost(status.error());
  if (!exchange.is_clean()) co_return status;
  // The pipeline has ended; a transaction that failed in it has not.
  const bool is_open = PQtransactionStatus(connection_.get()) != PQTRANS_IDLE;
  broken_ = is_open && !(co_await roll_back(call));
  co_return status;
}

Status Connection::transact_now(Access access, std::span<const Step> steps, const Call& call) {
  return now(transact(access, steps, call));
}

Status Connection::run_alone_now(const std::string& statement, const Call& call) {
  RETURN_IF_ERROR(call.check());
  // The caller sets what it needs for this; the next read sets its own.
  lock_timeout_ms_ = -1;
  broken_ = true;
  Exchange exchange(*this, Access::kWrite, call);
  Status status = now(exchange.run_alone(statement.c_str()));
  broken_ = !exchange.is_clean();
  return status;
}

Task<bool> Connection::roll_back(const Call& call) {
  CallOptions options;
  options.timeout_ms = kRollbackMs;
  options.scheduler = call.scheduler();
  const Call own(call.environment(), options, kRollbackMs);
  Exchange exchange(*this, Access::kRead, own);
  const Status status = co_await exchange.run_alone("ROLLBACK");
  co_return status.ok() && exchange.is_clean();
}

}  // namespace eventsource::core::postgres
