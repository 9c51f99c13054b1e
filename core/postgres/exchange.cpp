#include "core/postgres/exchange.hpp"

#include <algorithm>
#include <string>

#include "core/base/fork.hpp"
#include "core/base/out_of_memory.hpp"
#include "core/base/wait.hpp"
#include "core/postgres/cancel.hpp"
#include "core/postgres/error.hpp"
#include "core/postgres/transaction_settings.hpp"

namespace eventsource::core::postgres {
namespace {

// How long a server may take to answer after it was asked to cancel.
constexpr std::int64_t kCancelGraceUs = 5'000'000;

// Rows that nobody wants are read to their end up to this size: cheaper than a second connection that cancels.
constexpr std::size_t kSkipBytes = 8U << 20U;

constexpr StatementView kBeginRead{"es_begin_read", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"};
constexpr StatementView kBeginWrite{"es_begin_write", "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"};
constexpr StatementView kCommit{"es_commit", "COMMIT"};

// In milliseconds; 0 means no limit to the server. It ends shortly before the call does, so that the server is the one to
// say that it was a lock.
std::int64_t lock_timeout(const Call& call) {
  const std::int64_t left = call.lock_left_us() / 1'000;
  constexpr std::int64_t kMostMs = 2'147'483'647;
  constexpr std::int64_t kMostEarlyMs = 50;
  if (left > kMostMs) return 0;
  return std::max<std::int64_t>(left - std::min(left / 8, kMostEarlyMs), 1);
}

// Whether a session's limit will do: it need not be set anew for a difference that nobody notices.
bool is_near(std::int64_t is_ms, std::int64_t wanted_ms) {
  if (is_ms <= 0 || wanted_ms == 0) return is_ms == wanted_ms;
  return std::abs(is_ms - wanted_ms) <= wanted_ms / 16;
}

// The server refused the statement. libpq's own errors, and those that end the connection, are others.
bool is_plain_error(const PGresult* result) {
  const char* const severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  return severity != nullptr && std::string_view(severity) == "ERROR";
}

}  // namespace

// To whoever asks for the outcome a lack of memory is a lost connection: the same batch again tells.
Task<Status> Connection::Exchange::run(std::span<const Step> steps) {
  try {
    co_return co_await run_pipeline(steps);
  } catch (const std::bad_alloc&) {
    if (access_ == Access::kRead || !is_commit_sent_ || is_refused_) throw;
  }
  try {
    co_return Error(ES_UNAVAILABLE,
                    connection_.shown_ + ": memory ran out before the server's answer was read. Try again")
        .retryable()
        .outcome(ES_OUTCOME_UNKNOWN);
  } catch (const std::bad_alloc&) {
    throw OutcomeUnknown();
  }
}

Task<Status> Connection::Exchange::run_pipeline(std::span<const Step> steps) {
  if (PQenterPipelineMode(handle_) != 1 || !send_all(steps)) co_return lost();
  const bool was_read = co_await read_answers();
  const bool has_ended = was_read && PQexitPipelineMode(handle_) == 1;
  if (!has_ended && (!is_committed_ || error_)) co_return lost();
  is_clean_ = has_ended && !is_cancelling_;
  if (is_committed_ && new_lock_timeout_ms_) connection_.lock_timeout_ms_ = *new_lock_timeout_ms_;
  if (error_) co_return std::move(*error_);
  co_return Status();
}

bool Connection::Exchange::send(StatementView statement, const Parameters& parameters, const Step* step) {
  // Where the next transaction may have another process nothing is kept: the statement without a name is for this exchange.
  const char* const name = connection_.has_session_ ? statement.name : "";
  if (*name == '\0' || !connection_.prepared_.contains(name)) {
    if (PQsendPrepare(handle_, name, statement.text, 0, nullptr) != 1) return false;
    answers_.push_back({nullptr, name, false});
  }
  const int count = parameters.count();
  std::vector<const char*> values;
  std::vector<int> sizes;
  const std::vector<int> formats(static_cast<std::size_t>(count), 1);
  for (int i = 0; i < count; ++i) {
    values.push_back(parameters.data(i));
    sizes.push_back(parameters.size(i));
  }
  answers_.push_back({step, nullptr, false});
  return PQsendQueryPrepared(handle_, name, count, values.data(), sizes.data(), formats.data(), 1) == 1;
}

bool Connection::Exchange::send_settings() {
  const std::int64_t limit_ms = lock_timeout(call_);
  if (access_ == Access::kRead && connection_.has_session_) {
    if (is_near(connection_.lock_timeout_ms_, limit_ms)) return true;
    new_lock_timeout_ms_ = limit_ms;
  }
  Parameters parameters;
  parameters.add(std::to_string(limit_ms));
  return send(transaction_settings(access_, connection_.has_session_), parameters, nullptr);
}

bool Connection::Exchange::send_all(std::span<const Step> steps) {
  const NoFork no_fork;
  const Parameters none;
  // Where its settings are the session's, a read begins and ends with what is sent: two statements less. A look whether the
  // server is there has to be answered by it.
  const bool is_bare = access_ == Access::kRead && connection_.has_session_ && !steps.empty();
  if (!is_bare && !send(access_ == Access::kWrite ? kBeginWrite : kBeginRead, none, nullptr)) return false;
  // What a pooler has found a connection for shows at once, and not with the last answer.
  if (!connection_.has_session_ && PQsendFlushRequest(handle_) != 1) return false;
  if (!send_settings()) return false;
  for (const Step& step : steps) {
    if (!send(step.statement, step.parameters, &step)) return false;
  }
  // Whatever becomes of it: libpq may have taken it.
  is_commit_sent_ = true;
  if (!is_bare) {
    if (!send(kCommit, none, nullptr)) return false;
    answers_.back().is_commit = true;
  }
  return PQpipelineSync(handle_) == 1;
}

bool Connection::Exchange::is_ready() {
  const NoFork no_fork;
  return PQflush(handle_) == 0 && PQisBusy(handle_) == 0;
}

// What reads and sends closes a socket that has failed: a fork, whose child closes it by its number, is not in the middle.
int Connection::Exchange::flush() {
  const NoFork no_fork;
  return PQflush(handle_);
}

bool Connection::Exchange::consume() {
  const NoFork no_fork;
  return PQconsumeInput(handle_) == 1;
}

Task<bool> Connection::Exchange::wait() {
  for (;;) {
    const int unsent = flush();
    if (unsent < 0) co_return false;
    if (unsent == 0 && PQisBusy(handle_) == 0) co_return true;
    if (Status status = call_.check(); !status.ok() && !stopped_) {
      stopped_ = std::move(status).take_error();
      stop_statement();
    }
    if (call_.environment().steady_us() >= give_up_us_) co_return false;
    const Wait::Socket socket = unsent == 1 ? Wait::Socket::kWritable : Wait::Socket::kReadable;
    if (PQsocket(handle_) >= 0) co_await Wait(call_, PQsocket(handle_), socket, may_wait_us(), !stopped_);
    // Without anything to read this does nothing.
    if (!consume()) co_return false;
  }
}

// Until the call ends, or until the server has had its time to answer after that.
std::int64_t Connection::Exchange::may_wait_us() const {
  if (give_up_us_ == Call::kNever) return std::max<std::int64_t>(call_.time_left_us(), 1);
  return std::max<std::int64_t>(give_up_us_ - call_.environment().steady_us(), 1);
}

// The server is asked on a connection of its own; it answers on this one.
void Connection::Exchange::stop_statement() {
  is_cancelling_ = true;
  // What still waits in a pooler is nobody's to cancel: it goes with the connection.
  if (!connection_.has_session_ && !has_begun_) {
    give_up_us_ = call_.environment().steady_us();
    return;
  }
  give_up_us_ = call_.environment().steady_us() + kCancelGraceUs;
  ask_to_cancel(handle_);
}

// Each answer ends with a null pointer, the whole with that of the synchronisation.
Task<bool> Connection::Exchange::read_answers() {
  for (const Answer& answer : answers_) {
    wants_rows_ = true;
    skipped_bytes_ = 0;
    // Before anything of the answer is looked at: what is parsed by then is gathered as a whole.
    if (answer.step != nullptr && answer.step->streamed) static_cast<void>(PQsetSingleRowMode(handle_));
    const bool was_read = co_await read_answer(answer);
    if (!was_read || PQstatus(handle_) != CONNECTION_OK) co_return false;
  }
  if (!is_ready()) {
    const bool has_come = co_await wait();
    if (!has_come) co_return false;
  }
  const ResultPointer sync(PQgetResult(handle_));
  if (sync == nullptr || PQresultStatus(sync.get()) != PGRES_PIPELINE_SYNC) co_return false;
  // What was sent without a COMMIT ends here.
  is_committed_ = is_committed_ || !error_;
  co_return true;
}

Task<bool> Connection::Exchange::read_answer(const Answer& answer) {
  for (;;) {
    if (!is_ready()) {
      const bool has_come = co_await wait();
      if (!has_come) co_return false;
    }
    const ResultPointer result(PQgetResult(handle_));
    if (result == nullptr) co_return true;
    take(answer, result.get());
  }
}

void Connection::Exchange::take(const Answer& answer, const PGresult* result) {
  has_begun_ = true;
  switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_SINGLE_TUPLE:
      if (answer.prepared != nullptr && *answer.prepared != '\0') connection_.prepared_.emplace(answer.prepared);
      if (answer.is_commit) is_committed_ = true;
      if (answer.step != nullptr && answer.step->see) take_rows(*answer.step, result);
      return;
    case PGRES_PIPELINE_ABORTED:
      return;
    default:
      break;
  }
  // After the COMMIT only the connection can fail.
  if (is_committed_ || error_ || (is_cut_short_ && is_cancelled(result))) return;
  if (stopped_ && is_cancelled(result)) {
    is_cancelled_ = true;
    error_ = Error(*stopped_).in(connection_.shown_);
  } else {
    error_ = statement_error(result, connection_.shown_);
  }
  is_refused_ = !answer.is_commit && is_plain_error(result);
}

void Connection::Exchange::take_rows(const Step& step, const PGresult* result) {
  for (int i = 0; i < PQntuples(result); ++i) {
    if (wants_rows_) {
      wants_rows_ = step.see(Row(result, i));
    } else {
      skip_rest(result);
    }
  }
}

void Connection::Exchange::skip_rest(const PGresult* result) {
  skipped_bytes_ += PQresultMemorySize(result);
  if (access_ == Access::kWrite || is_cut_short_ || skipped_bytes_ < kSkipBytes) return;
  is_cut_short_ = true;
  stop_statement();
}

// Everything was sent with its COMMIT: what became of a write is not known here, unless the server has said so. It passes
// over the COMMIT once it has refused something before.
Error Connection::Exchange::lost() {
  if (is_refused_) return std::move(*error_);
  Error error = lost_reason();
  if (access_ == Access::kWrite && !is_committed_) return std::move(error).outcome(ES_OUTCOME_UNKNOWN);
  return error;
}

Error Connection::Exchange::lost_reason() {
  if (stopped_ && access_ == Access::kWrite) {
    return Error(stopped_->code(), connection_.shown_ +
                                       ": the call ended before the server had answered, so that it is not known "
                                       "whether it took effect: look, or make it again")
        .retryable();
  }
  if (stopped_) return std::move(*stopped_).in(connection_.shown_);
  if (error_) return std::move(*error_);
  return lost_error(handle_, connection_.shown_);
}

Task<Status> Connection::Exchange::run_alone(const char* statement) {
  if (PQsendQuery(handle_, statement) != 1) co_return lost();
  const Answer answer;
  const bool was_read = co_await read_answer(answer);
  if (!was_read || PQstatus(handle_) != CONNECTION_OK) co_return lost();
  // A cancel that has hit this hits nothing else.
  is_clean_ = !is_cancelling_ || is_cancelled_;
  if (error_) co_return std::move(*error_);
  co_return Status();
}

}  // namespace eventsource::core::postgres
